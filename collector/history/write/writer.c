// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "collector/history/frames/frame_log.h"
#include "collector/history/write/writer.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum writer_limits {
	MERGE_PART =
		6, /* of all memory: merging takes three times what is merged */
	PARTS_MAX = 16, /* of an hour, before they are merged */
	LOG_BYTES_KEPT = 1 << 20,
	NODES_AT_ONCE = 64, /* folded in one transaction */
};

#define WORK_NS UINT64_C(100000000)
#define LOOK_EVERY_NS UINT64_C(5000000000)
/* A node's frames are folded when the first one is so old, or OPEN_FULL is reached: more
 * would not pack any better.
 */
#define FOLD_NS UINT64_C(300000000000)
/* Frames of an hour that is over may be on their way for so long. */
#define GRACE_NS UINT64_C(120000000000)

static void know(void *context, const struct database_node *n)
{
	struct writer *w = context;
	struct open_node *node = open_get(&w->open, n->uid);

	if (!node)
		return;
	node->id = n->id;
	node->folded = n->folded;
}

static int replay(void *context, int64_t id, const void *data, size_t size)
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
		err = database_logs(w->d, replay, w);
	w->last_log = database_number(w->d, schema_sql[SCHEMA_LAST_LOG]);
	if (w->trouble.frames)
		log_error(
			"history: %llu frames of the log are damaged and lost; the others are kept",
			(unsigned long long)w->trouble.frames);
	if (w->d->lost)
		log_error(
			"history: history.db-wal was damaged: what %llu commits or more had written last is lost",
			(unsigned long long)w->d->lost);
	w->trouble.frames += w->d->lost;
	return err ? err : w->last_log < 0 ? -EIO : 0;
}

int writer_open(struct writer *w, const char *folder,
		const struct store_policy *policy)
{
	int err = database_open(&w->d, folder);

	if (err)
		return err;
	w->folder = folder;
	w->policy = *policy;
	w->scrub.id = INT64_MIN;
	w->now_ns = clock_real_ns();
	open_init(&w->open);
	err = fold_init(&w->fold, w->d);
	w->fold.merge_max = policy->memory_limit / MERGE_PART;
	w->last_log = database_number(w->d, schema_sql[SCHEMA_LAST_LOG]);
	if (!err && w->last_log < 0)
		err = -EIO;
	if (!err)
		return 0;
	log_error("history: cannot be read: %s",
		  err == -EIO ? database_problem(w->d) : strerror(-err));
	writer_close(w);
	return err;
}

int writer_recover(struct writer *w)
{
	int err = database_nodes(w->d, know, w);

	if (!err)
		err = read_log(w);
	if (err)
		log_error("history: cannot be read: %s",
			  err == -ENOMEM ? strerror(-err) :
					   database_problem(w->d));
	return err;
}

void writer_close(struct writer *w)
{
	fold_exit(&w->fold);
	open_exit(&w->open);
	buffer_free(&w->log);
	database_close(w->d);
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

/* Return 1 if the frame is to be written, 0 if not, or -EIO. */
static int put_mark(struct writer *w, struct queued *r)
{
	int ret = r->marked ? marks_put(&w->d->marks, &r->mark) : 1;

	return ret < 0 ? database_failed(w->d) : ret;
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

static int put_account(struct writer *w, struct queued *r)
{
	const uint8_t *data = (const uint8_t *)(r + 1);

	if (!r->account_size ||
	    open_noted(&w->open, r->frame.node) != (const void *)r)
		return 0;
	return database_put_account(w->d, r->frame.node, r->real_ns,
				    data + whole_words(r->frame.size),
				    r->account_size);
}

static int put_queued(struct writer *w, struct queued *r, uint64_t *frames)
{
	int ret = put_account(w, r);

	if (ret)
		return ret;
	if (r->withdrawn) {
		refuse_one(r);
		return 0;
	}
	ret = put_mark(w, r);
	if (ret != 1 || !r->frame.size)
		return ret < 0 ? ret : 0;
	++*frames;
	if (!frame_log_put(&w->log, &r->frame, r + 1))
		return 0;
	snprintf(w->d->problem, sizeof(w->d->problem), "memory is short");
	return -ENOMEM;
}

static int put_log(struct writer *w)
{
	int64_t id = w->last_log + 1;

	if (frame_log_empty(&w->log))
		return 0;
	if (frame_log_finish(&w->log))
		return -ENOMEM;
	return database_step_blob(w->d, w->d->sql[SCHEMA_PUT_LOG], 1, &id,
				  w->log.data, w->log.used);
}

/* What is committed must be folded: without memory for that, a new start reads
 * it from the log.
 */
static void hold(struct writer *w)
{
	uint64_t missing = 0;

	if (frame_log_empty(&w->log))
		return;
	w->last_log++;
	if (!open_log(&w->open, w->last_log, w->log.data, w->log.used,
		      clock_mono_ns(), &missing))
		return;
	log_error("history: memory is short; nothing is lost, start again");
	abort();
}

/* Memory of a rush is given back once it is over. */
static void shrink_log(struct writer *w)
{
	if (w->log.room > LOG_BYTES_KEPT)
		buffer_free(&w->log);
}

static void refuse(struct buffer *queue)
{
	uint8_t *at = queue->data;
	struct queued *r;

	while ((r = queued_next(&at, queue->data + queue->used)))
		refuse_one(r);
}

int writer_write(struct writer *w, struct buffer *queue, uint64_t *frames)
{
	uint8_t *at = queue->data;
	struct queued *r;
	int err;

	*frames = 0;
	if (!queue->used) {
		shrink_log(w);
		return 0;
	}
	find_newest(w, queue);
	err = frame_log_begin(&w->log);
	if (!err)
		err = database_present(w->d);
	if (!err)
		err = database_begin(w->d);
	while (!err && (r = queued_next(&at, queue->data + queue->used)))
		err = put_queued(w, r, frames);
	if (!err)
		err = put_log(w);
	if (!err)
		err = database_commit(w->d);
	if (!err)
		err = database_present(w->d);
	if (!err) {
		hold(w);
		return 0;
	}
	database_rollback(w->d);
	refuse(queue);
	*frames = 0;
	return err == -ENOENT ? err : -EIO;
}

static bool is_due(const struct writer *w, const struct open_node *n,
		   uint64_t now)
{
	return n && (now - n->since_ns >= FOLD_NS || open_is_full(n) ||
		     w->open.bytes > w->policy.memory_max);
}

/* One that is full does not wait for those that are older, and not due yet. */
static bool any_due(const struct writer *w)
{
	return w->open.full || is_due(w, w->open.oldest, clock_mono_ns());
}

static int trim_log(struct writer *w)
{
	int64_t first = w->open.oldest ? w->open.oldest->first_log :
					 w->last_log + 1;

	return database_step(w->d, w->d->sql[SCHEMA_TRIM_LOG], 1, &first);
}

/* A row that was made in a transaction that failed is not there. */
static void forget_ids(struct open_node **nodes, const bool *made, int count)
{
	while (count--)
		if (made[count])
			nodes[count]->id = 0;
}

/* What a node has that can't be folded is set aside, in the same transaction. */
static int fold_one(struct writer *w, struct open_node *n)
{
	bool made = !n->id;
	int err = database_run(w->d, "SAVEPOINT node");

	if (err)
		return err;
	if (lock_begin(&w->d->lock, n->uid, -1) > LOCK_TRIES_MAX)
		err = -ELOOP;
	else
		err = fold_node(&w->fold, n, w->last_log);
	lock_end(&w->d->lock);
	if (err && err != -EIO) {
		if (made)
			n->id = 0;
		fold_clear(&w->fold);
		fold_shrink(&w->fold);
		if (!database_run(w->d, "ROLLBACK TO node"))
			err = aside_frames(w, n, err);
	}
	return err ? err : database_run(w->d, "RELEASE node");
}

/* Fold some nodes in one transaction. */
static int fold_some(struct writer *w, uint64_t until)
{
	struct open_node *nodes[NODES_AT_ONCE], *n;
	bool made[NODES_AT_ONCE];
	int count = 0, i, err = database_begin(w->d);
	unsigned int full = w->open.full;
	uint64_t left = w->open.bytes;

	for (n = w->open.oldest;
	     !err && n && count < NODES_AT_ONCE && clock_mono_ns() < until;
	     n = n->younger) {
		if (!is_due(w, n, clock_mono_ns()) &&
		    left <= w->policy.memory_max) {
			if (!full)
				break;
			continue;
		}
		nodes[count] = n;
		made[count++] = !n->id;
		err = fold_one(w, n);
		left -= n->frames.used;
		full -= open_is_full(n);
	}
	if (!err)
		err = database_commit(w->d);
	if (err) {
		database_rollback(w->d);
		forget_ids(nodes, made, count);
		return err;
	}
	for (i = 0; i < count; i++)
		open_pop(&w->open, nodes[i], w->last_log);
	return trim_log(w);
}

static uint64_t slot_before(uint64_t now_ns, uint64_t age_ns)
{
	return schema_slot(now_ns > age_ns ? now_ns - age_ns : 0);
}

static int merge_slot(struct writer *w, int64_t node, uint64_t slot,
		      bool expired)
{
	uint8_t uid[WIRE_ID_SIZE];
	int err;

	database_uid(w->d, node, uid);
	err = database_run(w->d, "SAVEPOINT hour");
	if (err)
		return err;
	if (lock_begin(&w->d->lock, uid, (int64_t)slot) > LOCK_TRIES_MAX)
		err = -ELOOP;
	else
		err = fold_merge(&w->fold, node, slot, expired);
	lock_end(&w->d->lock);
	if (err && err != -EIO) {
		fold_clear(&w->fold);
		fold_shrink(&w->fold);
		if (!database_run(w->d, "ROLLBACK TO hour"))
			err = aside_parts(w, node, slot, err);
	}
	return err ? err : database_run(w->d, "RELEASE hour");
}

/* Merge one hour of one node. Return 1 if there was one. */
static int merge_one(struct writer *w)
{
	/* Merging deletes nothing, so it need not wait for a proven clock. */
	uint64_t now_ns = w->now_ns ? w->now_ns : clock_real_ns(), slot;
	int64_t node;
	int err = database_begin(w->d);

	if (err)
		return err;
	err = database_ripe(w->d, slot_before(now_ns, GRACE_NS), PARTS_MAX,
			    &node, &slot);
	if (!err)
		err = merge_slot(
			w, node, slot,
			w->now_ns &&
				slot < slot_before(
					       now_ns,
					       w->policy.keep_ns[SCHEMA_RAW]));
	if (!err)
		err = database_commit(w->d);
	if (!err)
		return 1;
	database_rollback(w->d);
	return err == -ENOENT ? 0 : err;
}

static int look(struct writer *w, uint64_t now, uint64_t until)
{
	int ret = 1;

	while (ret == 1 && clock_mono_ns() < until)
		ret = merge_one(w);
	if (ret)
		return ret;
	ret = writer_expire(w);
	if (!ret) {
		scrub(w);
		fold_shrink(&w->fold);
		database_shrink(w->d);
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
	return now < w->next_ns ? 0 : look(w, now, until);
}
