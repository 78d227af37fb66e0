// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "collector/history/frames/frame_log.h"
#include "collector/history/engines/engines.h"
#include "collector/history/write/writer.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum writer_limits {
	MERGE_PART =
		6, /* of all memory: merging takes three times what is merged */
	PARTS_MAX = 16, /* of an hour, before they are merged */
	LOG_SHARE =
		4, /* times the memory of open frames; nodes alike need two */
	COMMIT_BYTES_KEPT = 64 << 10,
};

#define WORK_NS UINT64_C(100000000)
#define LOOK_EVERY_NS UINT64_C(5000000000)
/* A node's frames are folded when the first one is so old, or OPEN_FULL is reached: more
 * would not pack any better.
 */
#define FOLD_NS UINT64_C(300000000000)
/* Frames of an hour that is over may be on their way for so long. */
#define GRACE_NS UINT64_C(120000000000)

static void know(void *context, const struct engine_node *n)
{
	struct writer *w = context;
	struct open_node *node = open_get(&w->open, n->id);

	if (node && n->folded > node->folded)
		node->folded = n->folded;
}

static int replay(void *context, uint64_t id, const void *data, size_t size)
{
	struct writer *w = context;

	return open_log(&w->open, id, data, size, clock_mono_ns(),
			&w->trouble.frames);
}

/* Rows of the log that are not folded yet; those whose pages can't be read are
 * left where they are.
 */
static int read_log(struct writer *w)
{
	int err = aside_retry(w);

	if (!err)
		err = w->e->ops->logs(w->e, replay, w);
	if (w->trouble.frames)
		log_error(
			"history: %llu frames of the log are damaged and lost; the others are kept",
			(unsigned long long)w->trouble.frames);
	if (w->e->lost)
		log_error(
			"history: history.db-wal was damaged: what %llu commits or more had written last is lost",
			(unsigned long long)w->e->lost);
	w->trouble.frames += w->e->lost;
	return err;
}

const char *writer_problem(const struct writer *w)
{
	return w->short_of_memory ? "memory is short" :
				    w->e->ops->problem(w->e);
}

int writer_open(struct writer *w, const char *folder,
		const struct store_policy *policy)
{
	int err = engines_open(&w->e, folder, policy->fleet);

	if (err)
		return err;
	w->policy = *policy;
	w->now_ns = clock_real_ns();
	open_init(&w->open);
	err = fold_init(&w->fold);
	w->fold.merge_max = policy->memory_limit / MERGE_PART;
	if (policy->groups > 1)
		w->fold.merge_max /= policy->groups;
	if (!err)
		return 0;
	log_error("history: cannot be read: %s", strerror(-err));
	writer_close(w);
	return err;
}

int writer_recover(struct writer *w)
{
	int err = w->e->ops->nodes(w->e, know, w);

	if (!err)
		err = read_log(w);
	if (err)
		log_error("history: cannot be read: %s",
			  err == -ENOMEM ? strerror(-err) : writer_problem(w));
	return err;
}

void writer_close(struct writer *w)
{
	fold_exit(&w->fold);
	outbox_clear(&w->out);
	open_exit(&w->open);
	buffer_free(&w->log);
	buffer_free(&w->marks);
	buffer_free(&w->slots);
	buffer_free(&w->states);
	buffer_free(&w->repack.keys);
	w->e->ops->close(w->e);
}

struct queued *queued_next(uint8_t **at, const uint8_t *end)
{
	struct queued *r = (struct queued *)*at;

	if (*at == end)
		return NULL;
	*at += sizeof(*r) + whole_words(r->frame.size) +
	       whole_words(r->account_size);
	return r;
}

static void refuse_one(struct queued *r)
{
	r->mark.kept = false;
	r->mark.stored = 0;
}

/* Of a node's frames only the newest one's account is written. */
static void find_newest(struct writer *w, struct buffer *queue)
{
	uint8_t *at = queue->data;
	struct queued *r;

	while ((r = queued_next(&at, queue->data + queue->used)))
		if (r->account_size)
			open_note(&w->open, r->frame.node, r);
}

static int put_account(struct writer *w, const struct queued *r)
{
	const uint8_t *data = (const uint8_t *)(r + 1);
	const struct store_node n = {
		.node = r->frame.node,
		.real_ns = r->real_ns,
		.account = data + whole_words(r->frame.size),
		.account_size = r->account_size,
	};

	if (!r->account_size ||
	    open_noted(&w->open, r->frame.node) != (const void *)r)
		return 0;
	return buffer_put(&w->states, &n, sizeof(n));
}

static int put_queued(struct writer *w, struct queued *r, uint64_t *frames)
{
	int ret = put_account(w, r);

	if (ret)
		return ret;
	if (r->withdrawn || !writer_has(w, r->frame.node)) {
		refuse_one(r);
		return 0;
	}
	ret = r->marked ? marks_take(w, &r->mark) : 1;
	if (ret != 1 || !r->frame.size)
		return ret < 0 ? ret : 0;
	++*frames;
	return frame_log_put(&w->log, &r->frame, r + 1);
}

/* What is committed must be folded: without memory for that, a new start reads
 * it from the log.
 */
static void hold(struct writer *w)
{
	uint64_t missing = 0;

	if (frame_log_empty(&w->log))
		return;
	if (!open_log(&w->open, w->e->last_log, w->log.data, w->log.used,
		      clock_mono_ns(), &missing))
		return;
	log_error("history: memory is short; nothing is lost, start again");
	abort();
}

/* Memory of a rush is given back once it is over. */
static void shrink_commit(struct writer *w)
{
	struct buffer *const all[] = { &w->log, &w->marks, &w->slots,
				       &w->states };
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i]->room > COMMIT_BYTES_KEPT)
			buffer_free(all[i]);
}

static void refuse(struct buffer *queue)
{
	uint8_t *at = queue->data;
	struct queued *r;

	while ((r = queued_next(&at, queue->data + queue->used)))
		refuse_one(r);
}

/* All that is queued becomes one commit. */
static int put_all(struct writer *w, struct buffer *queue, uint64_t *frames)
{
	uint8_t *at = queue->data;
	struct queued *r;
	int err = frame_log_begin(&w->log);

	*frames = 0;
	w->marks.used = w->states.used = 0;
	while (!err && (r = queued_next(&at, queue->data + queue->used)))
		err = put_queued(w, r, frames);
	if (!err && !frame_log_empty(&w->log))
		err = frame_log_finish(&w->log);
	return err;
}

static int commit(struct writer *w)
{
	const struct engine_commit c = {
		.real_ns = clock_real_ns(),
		.marks = (const struct engine_mark *)w->marks.data,
		.mark_count = w->marks.used / sizeof(*c.marks),
		.states = (const struct store_node *)w->states.data,
		.state_count = w->states.used / sizeof(*c.states),
		.log = { w->log.data,
			 frame_log_empty(&w->log) ? 0 : w->log.used },
	};

	return w->e->ops->commit(w->e, &c);
}

/* Of a commit that failed there may be something: its frames are not taken again, and are to
 * be folded, too.
 */
static int settle(struct writer *w)
{
	int err;

	if (!w->e->unsettled)
		return 0;
	err = w->e->ops->settle(w->e, replay, w);
	if (w->e->slices)
		open_leave(&w->open, w->e->slices);
	return err;
}

int writer_claim(struct writer *w, uint64_t epoch, const bool *slices)
{
	const struct engine_claim c = { .epoch = epoch,
					.slices = slices,
					.node = know,
					.log = replay,
					.context = w };
	int tries, err = settle(w);

	if (err)
		return -EIO;
	open_leave(&w->open, slices);
	for (tries = 0, err = -EAGAIN; err == -EAGAIN && tries < 2; tries++) {
		err = w->e->ops->claim(w->e, &c);
		open_leave(&w->open, w->e->slices);
	}
	return err ? -EIO : 0;
}

/* Once more if marks were not what they were known to be. */
static int write_queue(struct writer *w, struct buffer *queue, uint64_t *frames)
{
	int tries, err = -EAGAIN;

	for (tries = 0; err == -EAGAIN && tries < 2; tries++) {
		err = settle(w);
		if (!err)
			err = put_all(w, queue, frames);
		w->short_of_memory = err == -ENOMEM;
		if (!err)
			err = commit(w);
		if (err)
			marks_forget(w);
	}
	return err;
}

int writer_write(struct writer *w, struct buffer *queue, uint64_t *frames)
{
	int err;

	*frames = 0;
	if (!queue->used) {
		shrink_commit(w);
		return settle(w);
	}
	find_newest(w, queue);
	err = write_queue(w, queue, frames);
	if (!err) {
		hold(w);
		return 0;
	}
	refuse(queue);
	*frames = 0;
	return err == -ENOENT ? err : -EIO;
}

int writer_put_losses(struct writer *w, const struct buffer *losses)
{
	const struct engine_commit c = {
		.losses = (const struct store_loss *)losses->data,
		.loss_count = losses->used / sizeof(*c.losses),
	};

	return c.loss_count ? w->e->ops->commit(w->e, &c) : 0;
}

static int put_state(struct buffer *to, const struct stored_node *from)
{
	const uint8_t *data = (const uint8_t *)(from + 1);
	const struct store_node n = {
		.node = from->uid,
		.real_ns = from->real_ns,
		.account = data,
		.account_size = from->account_size,
		.values = data + from->account_size,
		.values_size = from->values_size,
	};

	return buffer_put(to, &n, sizeof(n));
}

int writer_put_nodes(struct writer *w, const struct buffer *nodes)
{
	const uint8_t *at = nodes->data, *end = at + nodes->used;
	struct engine_commit c = { .state_count = 0 };
	int err = 0;

	w->states.used = 0;
	while (!err && at < end) {
		const struct stored_node *n = (const struct stored_node *)at;

		err = put_state(&w->states, n);
		at += stored_node_size(n);
	}
	c.states = (const struct store_node *)w->states.data;
	c.state_count = w->states.used / sizeof(*c.states);
	return err || !c.state_count ? err : w->e->ops->commit(w->e, &c);
}

/* @left: bytes of open frames. Also due is one whose few frames hold a long log, which others
 * filled after them.
 */
static bool is_due(const struct writer *w, const struct open_node *n,
		   uint64_t left, uint64_t now_ns)
{
	return left > w->policy.memory_max || now_ns - n->since_ns >= FOLD_NS ||
	       open_is_apart(n, now_ns) ||
	       open_held(&w->open, n) / LOG_SHARE > w->policy.memory_max;
}

static bool any_due(const struct writer *w)
{
	const struct open_table *t = &w->open;
	uint64_t now_ns = clock_mono_ns();

	return (t->oldest && is_due(w, t->oldest, t->bytes, now_ns)) ||
	       open_count_apart(t, now_ns);
}

/* Rows of slices that were taken over have lower numbers than older ones here. */
static int trim_log(struct writer *w)
{
	uint64_t first = w->e->last_log + 1;
	const struct open_node *n;

	for (n = w->open.oldest; n; n = w->e->slices ? n->younger : NULL)
		first = n->first_log < first ? n->first_log : first;
	return w->e->ops->trim(w->e, first);
}

/* What a node has that can't be folded is set aside. */
static int fold_one(struct writer *w, const struct open_node *n)
{
	struct engine *e = w->e;
	struct engine_fold made = { .part_count = 0 };
	int err = -ELOOP;

	if (e->ops->begin(e, n->uid, -1) <= ENGINE_TRIES_MAX)
		err = fold_node(&w->fold, n, e->last_log, &made);
	e->ops->end(e);
	if (err) {
		outbox_free_fold(&made);
		fold_clear(&w->fold);
		fold_shrink(&w->fold);
		err = aside_frames(w, n, err, &made);
	}
	if (err)
		outbox_free_fold(&made);
	else
		outbox_put_fold(&w->out, &made);
	return err;
}

static bool is_of_item(int err)
{
	return err == -ENOMEM || err == -E2BIG;
}

/* All at once; if one of them can't be kept, each by itself, to tell which. */
static int keep_folds(struct writer *w, struct open_node **nodes)
{
	struct engine *e = w->e;
	struct engine_fold aside;
	size_t i;
	int err = e->ops->fold(e, w->out.folds, w->out.fold_count);

	if (!is_of_item(err))
		return err;
	for (i = 0, err = 0; !err && i < w->out.fold_count; i++) {
		err = e->ops->fold(e, &w->out.folds[i], 1);
		if (!is_of_item(err))
			continue;
		err = aside_frames(w, nodes[i], err, &aside);
		if (!err)
			err = e->ops->fold(e, &aside, 1);
		outbox_free_fold(&aside);
	}
	return err;
}

/* Fold some nodes, and keep them at once. */
static int fold_some(struct writer *w, uint64_t until)
{
	struct open_node *nodes[OUTBOX_MAX], *n;
	uint64_t left = w->open.bytes, now_ns = clock_mono_ns();
	unsigned int apart = open_count_apart(&w->open, now_ns);
	size_t i;
	int err = 0;

	for (n = w->open.oldest;
	     !err && n && !outbox_full(&w->out) && clock_mono_ns() < until;
	     n = n->younger) {
		if (!is_due(w, n, left, now_ns)) {
			if (!apart)
				break;
			continue;
		}
		nodes[w->out.fold_count] = n;
		err = fold_one(w, n);
		left -= n->frames.used;
		apart -= open_is_apart(n, now_ns);
	}
	if (!err && w->out.fold_count)
		err = keep_folds(w, nodes);
	for (i = 0; !err && i < w->out.fold_count; i++)
		open_pop(&w->open, nodes[i], w->e->last_log);
	outbox_clear(&w->out);
	return err ? err : trim_log(w);
}

static uint64_t hour_before(uint64_t now_ns, uint64_t age_ns)
{
	return tier_hour(now_ns > age_ns ? now_ns - age_ns : 0);
}

/* What can't be merged is set aside. */
static int merge_one(struct writer *w, const struct engine_key *key,
		     bool expired)
{
	struct engine *e = w->e;
	struct engine_merge made = { .parts = 0 };
	int err = -ELOOP;

	if (e->ops->begin(e, key->node, (int64_t)key->hour) <= ENGINE_TRIES_MAX)
		err = fold_merge(&w->fold, e, key, expired, &made);
	e->ops->end(e);
	if (!err) {
		outbox_put_merge(&w->out, &made);
		return 0;
	}
	outbox_free_merge(&made);
	if (err == -EIO)
		return err;
	fold_clear(&w->fold);
	fold_shrink(&w->fold);
	return aside_parts(w, key, err);
}

/* As keep_folds(). */
static int keep_merges(struct writer *w)
{
	struct engine *e = w->e;
	size_t i;
	int err = e->ops->merge(e, w->out.merges, w->out.merge_count);

	for (i = 0; !err && i < w->out.merge_count; i++)
		repack_note(w, &w->out.merges[i]);
	if (!is_of_item(err))
		return err;
	for (i = 0, err = 0; !err && i < w->out.merge_count; i++) {
		err = e->ops->merge(e, &w->out.merges[i], 1);
		if (is_of_item(err))
			err = aside_parts(w, &w->out.merges[i].key, err);
	}
	return err;
}

/* Merge some hours. Return 1 if there were any. */
static int merge_some(struct writer *w, uint64_t until)
{
	/* Merging deletes nothing, so it need not wait for a proven clock. */
	uint64_t now_ns = w->now_ns ? w->now_ns : clock_real_ns();
	uint64_t gone =
		w->now_ns ? hour_before(now_ns, w->policy.keep_ns[TIER_RAW]) :
			    0;
	struct engine_key keys[OUTBOX_MAX];
	int count = w->e->ops->ripe(w->e, hour_before(now_ns, GRACE_NS),
				    PARTS_MAX, keys, OUTBOX_MAX);
	int i, err = 0;

	if (count <= 0)
		return count;
	for (i = 0; !err && i < count && !outbox_full(&w->out); i++) {
		err = merge_one(w, &keys[i], keys[i].hour < gone);
		if (clock_mono_ns() >= until)
			break;
	}
	if (!err && w->out.merge_count)
		err = keep_merges(w);
	outbox_clear(&w->out);
	return err ? err : 1;
}

static int look(struct writer *w, uint64_t now, uint64_t until)
{
	int ret = 1;

	while (ret == 1 && clock_mono_ns() < until)
		ret = merge_some(w, until);
	if (ret)
		return ret;
	ret = writer_expire(w);
	if (!ret) {
		scrub(w);
		fold_shrink(&w->fold);
		w->e->ops->shrink(w->e);
		w->next_ns = now + LOOK_EVERY_NS;
	}
	return ret;
}

int writer_work(struct writer *w)
{
	uint64_t now = clock_mono_ns(), until = now + WORK_NS;
	int err = 0;

	while (!err && any_due(w) && clock_mono_ns() < until)
		err = fold_some(w, until);
	if (err)
		return err;
	if (any_due(w))
		return 1;
	return now < w->next_ns ? repack(w) : look(w, now, until);
}
