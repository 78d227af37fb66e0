// SPDX-License-Identifier: GPL-2.0-or-later
/* What collector/history/engine.h promises, of the engine that HISTORY_SERVERS names, or of
 * SQLite.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "collector/history/frames/frame_log.h"
#include "lib/base/clock.h"
#include "tests/unit/history_place.h"
#include "tests/unit/scratch.h"

enum {
	HOUR_A = 400000,
	NODES = 40,
};

static char folder[64];
static struct engine *e;
static struct buffer row;

static int setup(void **state)
{
	if (!scratch_folder(folder))
		return -1;
	choose_place(folder);
	return engines_open(&e, place, false);
}

static int teardown(void **state)
{
	char command[128];

	if (e)
		e->ops->close(e);
	buffer_free(&row);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static void open_again(void)
{
	struct engine_aside left;

	e->ops->close(e);
	e = NULL;
	assert_int_equal(engines_open(&e, place, false), 0);
	assert_int_equal(e->ops->retry(e, 1 << 20, &left), 0);
}

/* Nodes with any last byte are in different places of an engine that has several. */
static const uint8_t *node(unsigned int i)
{
	static uint8_t ids[256][WIRE_ID_SIZE];

	ids[i][0] = 0x42;
	ids[i][WIRE_ID_SIZE - 1] = (uint8_t)i;
	return ids[i];
}

/* A row of the log with a frame of each of so many nodes. */
static struct engine_blob make_row(unsigned int nodes)
{
	struct kept_frame f = { .size = 5 };
	unsigned int i;

	assert_int_equal(frame_log_begin(&row), 0);
	for (i = 0; i < nodes; i++) {
		memcpy(f.node, node(i), WIRE_ID_SIZE);
		f.time = i;
		assert_int_equal(frame_log_put(&row, &f, "bytes"), 0);
	}
	assert_int_equal(frame_log_finish(&row), 0);
	return (struct engine_blob){ row.data, row.used };
}

struct rows {
	unsigned int frames;
	uint64_t last;
	bool rises;
	unsigned int of[256];
};

static int count_frames(void *context, uint64_t number, const void *data,
			size_t size)
{
	const struct kept_frame *f;
	struct rows *r = context;
	struct frame_walk walk;

	r->rises = r->rises && number >= r->last;
	r->last = number;
	frame_walk_begin(&walk, data, size);
	while ((f = frame_walk_next(&walk))) {
		r->frames++;
		r->of[f->node[WIRE_ID_SIZE - 1]]++;
	}
	return 0;
}

static struct rows rows(void)
{
	struct rows r = { .rises = true };

	assert_int_equal(e->ops->logs(e, count_frames, &r), 0);
	assert_true(r.rises);
	return r;
}

static int commit_mark(unsigned int i, uint64_t session, uint64_t sequence,
		       bool known, uint64_t before, bool log)
{
	struct engine_mark m = { .session = session,
				 .sequence = sequence,
				 .known = known,
				 .before = before };
	struct engine_commit c = { .real_ns = clock_real_ns(),
				   .marks = &m,
				   .mark_count = 1 };

	memcpy(m.node, node(i), WIRE_ID_SIZE);
	if (log)
		c.log = make_row(1);
	return e->ops->commit(e, &c);
}

static uint64_t mark_of(unsigned int i, uint64_t session)
{
	uint64_t stored = 0;
	int err = e->ops->mark(e, node(i), session, &stored);

	assert_true(!err || err == -ENOENT);
	return err ? 0 : stored;
}

static void marks(void **state)
{
	assert_int_equal(mark_of(0, 7), 0);
	assert_int_equal(commit_mark(0, 7, 1, false, 0, true), 0);
	assert_int_equal(mark_of(0, 7), 1);
	assert_int_equal(mark_of(1, 7), 0);
	/* It is known by now; it is not the one before; it is not known. */
	assert_int_equal(commit_mark(0, 7, 2, false, 0, true), -EAGAIN);
	assert_int_equal(commit_mark(0, 7, 3, true, 2, true), -EAGAIN);
	assert_int_equal(commit_mark(0, 8, 3, true, 2, true), -EAGAIN);
	assert_int_equal(mark_of(0, 7), 1);
	assert_int_equal(rows().frames, 1);
	assert_int_equal(commit_mark(0, 7, UINT64_MAX, true, 1, true), 0);
	assert_true(mark_of(0, 7) == UINT64_MAX);
	open_again();
	assert_true(mark_of(0, 7) == UINT64_MAX);
	assert_int_equal(rows().frames, 2);
}

/* Of many nodes at once. */
static void many(void **state)
{
	struct engine_mark m[NODES] = { 0 };
	struct engine_commit c = { .marks = m, .mark_count = NODES };
	struct rows r;
	unsigned int i, k;

	for (k = 1; k <= 3; k++) {
		for (i = 0; i < NODES; i++) {
			memcpy(m[i].node, node(i), WIRE_ID_SIZE);
			m[i].session = 1;
			m[i].known = k > 1;
			m[i].before = m[i].sequence;
			m[i].sequence = k;
		}
		c.real_ns = k;
		c.log = make_row(NODES);
		assert_int_equal(e->ops->commit(e, &c), 0);
		assert_int_equal(e->last_log, k);
	}
	assert_int_equal(e->ops->trim(e, 3), 0);
	c = (struct engine_commit){ .log = make_row(NODES) };
	assert_int_equal(e->ops->commit(e, &c), 0);
	r = rows();
	assert_int_equal(r.frames, 2 * NODES);
	for (i = 0; i < NODES; i++) {
		assert_int_equal(r.of[i], 2);
		assert_int_equal(mark_of(i, 1), 3);
	}
	open_again();
	assert_int_equal(e->last_log, 4);
	assert_int_equal(rows().frames, 2 * NODES);
}

/* --- parts and chunks ---------------------------------------------------- */

static void fold(unsigned int i, uint64_t log, uint64_t hour, const char *bytes)
{
	const struct engine_part part = { hour, { bytes, strlen(bytes) } };
	struct engine_fold f = { .log = log,
				 .name = "name",
				 .version = "1",
				 .first_ns = hour * TIER_HOUR_NS + 1,
				 .last_ns = hour * TIER_HOUR_NS + 2,
				 .parts = &part,
				 .part_count = 1,
				 .real_ns = 5 };

	memcpy(f.node, node(i), WIRE_ID_SIZE);
	assert_int_equal(e->ops->fold(e, &f, 1), 0);
}

static char found_text[256];

static int append(void *context, const void *data, size_t size)
{
	strncat(found_text, data, size);
	strcat(found_text, " ");
	return 0;
}

static const char *parts(unsigned int i, uint64_t hour)
{
	struct engine_key key = { .hour = hour };

	memcpy(key.node, node(i), WIRE_ID_SIZE);
	found_text[0] = '\0';
	assert_int_equal(e->ops->parts(e, &key, append, NULL), 0);
	return found_text;
}

static const char *chunk(enum tier tier, unsigned int i, uint64_t hour)
{
	struct engine_key key = { .hour = hour };
	int err;

	memcpy(key.node, node(i), WIRE_ID_SIZE);
	found_text[0] = '\0';
	err = e->ops->chunk(e, tier, &key, append, NULL);
	assert_true(!err || err == -ENOENT);
	return found_text;
}

static void merge(unsigned int i, uint64_t hour, const char *raw,
		  const char *five, size_t gone)
{
	struct engine_merge m = { .key.hour = hour, .parts = gone };

	memcpy(m.key.node, node(i), WIRE_ID_SIZE);
	m.chunks[TIER_RAW] = (struct engine_blob){ raw, strlen(raw) };
	m.chunks[TIER_FIVE] = (struct engine_blob){ five, strlen(five) };
	assert_int_equal(e->ops->merge(e, &m, 1), 0);
}

static uint64_t largest(unsigned int *whose)
{
	uint8_t id[WIRE_ID_SIZE];
	uint64_t bytes = 0;
	int err = e->ops->largest(e, id, &bytes);

	assert_true(!err || err == -ENOENT);
	*whose = id[WIRE_ID_SIZE - 1];
	return err ? 0 : bytes;
}

static void folds(void **state)
{
	struct engine_node n;
	unsigned int whose;

	fold(1, 10, HOUR_A, "one");
	fold(1, 10, HOUR_A, "again"); /* done already */
	fold(1, 11, HOUR_A, "two");
	fold(1, 12, HOUR_A + 1, "other");
	fold(2, 12, HOUR_A, "of 2");
	assert_string_equal(parts(1, HOUR_A), "one two ");
	assert_string_equal(parts(1, HOUR_A + 1), "other ");
	assert_string_equal(parts(2, HOUR_A), "of 2 ");
	assert_string_equal(parts(3, HOUR_A), "");
	assert_int_equal(e->ops->find(e, node(1), &n), 0);
	assert_int_equal(n.folded, 12);
	assert_true(n.first_ns == HOUR_A * TIER_HOUR_NS + 1);
	assert_true(n.last_ns == (HOUR_A + 1) * TIER_HOUR_NS + 2);
	assert_int_equal(e->ops->find(e, node(3), &n), -ENOENT);
	assert_int_equal(kept_nodes(), 2);
	assert_int_equal(largest(&whose), 3 + 3 + 5);
	assert_int_equal(whose, 1);
	open_again();
	assert_true(e->last_log >= 12);
	assert_string_equal(parts(1, HOUR_A), "one two ");
}

static void merges(void **state)
{
	unsigned int whose;

	fold(1, 1, HOUR_A, "one");
	fold(1, 2, HOUR_A, "two");
	fold(1, 3, HOUR_A, "three");
	merge(1, HOUR_A, "chunk", "", 2);
	assert_string_equal(parts(1, HOUR_A), "three ");
	assert_string_equal(chunk(TIER_RAW, 1, HOUR_A), "chunk ");
	assert_string_equal(chunk(TIER_FIVE, 1, HOUR_A), "");
	assert_int_equal(largest(&whose), 5 + 5);
	merge(1, HOUR_A, "", "rollup", SIZE_MAX);
	assert_string_equal(parts(1, HOUR_A), "");
	assert_string_equal(chunk(TIER_RAW, 1, HOUR_A), "chunk ");
	assert_string_equal(chunk(TIER_FIVE, 1, HOUR_A), "rollup ");
	merge(1, HOUR_A, "new chunk", "", 0);
	assert_string_equal(chunk(TIER_RAW, 1, HOUR_A), "new chunk ");
	assert_int_equal(largest(&whose), 9 + 6);
	merge(9, HOUR_A, "of nobody", "", SIZE_MAX);
	assert_string_equal(chunk(TIER_RAW, 9, HOUR_A), "");
}

static int ripe(uint64_t hour, unsigned int count, struct engine_key *keys)
{
	return e->ops->ripe(e, hour, count, keys, 4);
}

static void ripens(void **state)
{
	struct engine_aside left;
	struct engine_key keys[4];
	unsigned int i;

	fold(1, 1, HOUR_A + 2, "one");
	fold(2, 1, HOUR_A, "two");
	fold(3, 1, HOUR_A + 1, "three");
	for (i = 2; i < 9; i++)
		fold(3, i, HOUR_A + 9, "many");
	assert_int_equal(ripe(HOUR_A, 8, keys), 0);
	assert_int_equal(ripe(HOUR_A + 2, 8, keys), 2);
	assert_int_equal(keys[0].hour, HOUR_A);
	assert_int_equal(keys[1].hour, HOUR_A + 1);
	assert_memory_equal(keys[1].node, node(3), WIRE_ID_SIZE);
	assert_int_equal(ripe(HOUR_A + 1, 7, keys), 2);
	assert_memory_equal(keys[0].node, node(2), WIRE_ID_SIZE);
	assert_int_equal(keys[1].hour, HOUR_A + 9);
	assert_int_equal(ripe(UINT64_MAX, 1, keys), 4);

	assert_int_equal(e->ops->set_aside(e, &keys[0]), 0);
	assert_string_equal(parts(2, HOUR_A), "");
	assert_int_equal(ripe(HOUR_A + 1, 100, keys), 0);
	fold(2, 2, HOUR_A, "late");
	assert_string_equal(parts(2, HOUR_A), "late ");
	assert_int_equal(kept_chunks(ENGINE_PARTS), 3 + 7 + 1);
	e->ops->close(e);
	assert_int_equal(engines_open(&e, place, false), 0);
	assert_int_equal(e->ops->retry(e, 1 << 20, &left), 0);
	assert_int_equal(left.count, 0);
	assert_int_equal(left.tried, 1);
	assert_string_equal(parts(2, HOUR_A), "two late ");
	assert_int_equal(ripe(HOUR_A + 1, 100, keys), 1);
	assert_int_equal(e->ops->set_aside(e, &keys[0]), 0);
	assert_int_equal(e->ops->retry(e, 1 << 20, &left), 0);
	assert_int_equal(left.count, 1); /* once */
	assert_memory_equal(left.node, node(2), WIRE_ID_SIZE);
}

static int drop(int tier, const uint8_t *whose, uint64_t from, uint64_t to,
		unsigned int most)
{
	const struct engine_drop d = { tier, whose, from, to, most };

	return e->ops->drop(e, &d);
}

static void drops(void **state)
{
	unsigned int i, whose;
	uint64_t first;

	for (i = 1; i <= 6; i++) {
		fold(i, 1, HOUR_A + i, "p");
		fold(i, 2, HOUR_A + i, "q");
		merge(i, HOUR_A + i, "chunk", "five", 0);
	}
	assert_int_equal(drop(TIER_RAW, NULL, 0, HOUR_A + 3, 9), 2);
	assert_string_equal(chunk(TIER_RAW, 2, HOUR_A + 2), "");
	assert_string_equal(chunk(TIER_FIVE, 2, HOUR_A + 2), "five ");
	assert_int_equal(drop(TIER_RAW, NULL, HOUR_A + 6, UINT64_MAX, 9), 1);
	assert_int_equal(drop(TIER_RAW, NULL, 0, UINT64_MAX, 1), 1);
	assert_string_equal(chunk(TIER_RAW, 3, HOUR_A + 3), "");
	assert_string_equal(chunk(TIER_RAW, 4, HOUR_A + 4), "chunk ");
	assert_int_equal(drop(TIER_RAW, node(5), 0, UINT64_MAX, 9), 1);
	assert_int_equal(drop(TIER_RAW, node(6), 0, UINT64_MAX, 9), 0);
	assert_int_equal(kept_chunks(TIER_RAW), 1);
	assert_int_equal(kept_chunks(TIER_FIVE), 6);
	assert_int_equal(largest(&whose), 2 + 5 + 4);
	assert_int_equal(whose, 4);
	assert_int_equal(drop(ENGINE_PARTS, NULL, 0, UINT64_MAX, 3), 3);
	assert_string_equal(parts(1, HOUR_A + 1), "");
	assert_string_equal(parts(2, HOUR_A + 2), "q ");
	assert_int_equal(drop(ENGINE_PARTS, node(2), 0, UINT64_MAX, 3), 1);
	assert_int_equal(kept_chunks(ENGINE_PARTS), 12 - 4);
	assert_int_equal(e->ops->next(e, node(4), HOUR_A + 4, &first), 0);
	assert_int_equal(first, HOUR_A + 4);
	assert_int_equal(e->ops->next(e, node(4), HOUR_A + 7, &first), 0);
	assert_true(first == UINT64_MAX);
}

/* --- a walk -------------------------------------------------------------- */

struct steps {
	int count;
	int stop;
	uint64_t hour;
	bool rises;
	unsigned int seen[256];
};

static int step(void *context, const struct engine_piece *p)
{
	struct steps *s = context;

	s->rises = s->rises && p->key.hour >= s->hour;
	s->hour = p->key.hour;
	s->seen[p->key.node[WIRE_ID_SIZE - 1]]++;
	assert_non_null(p->data.data);
	return ++s->count % s->stop ? 0 : 1;
}

static void walks(void **state)
{
	struct engine_walk w = { .tier = TIER_RAW };
	struct steps s = { .rises = true, .stop = 7 };
	unsigned int i;
	int ret = 1, calls = 0;

	for (i = 0; i < NODES; i++) {
		fold(i, 1, HOUR_A + i % 3, "p");
		merge(i, HOUR_A + i % 3, "chunk", "", 0);
	}
	while (ret == 1 && calls++ < NODES)
		ret = e->ops->walk(e, &w, step, &s);
	assert_int_equal(ret, 0);
	assert_int_equal(s.count, NODES);
	assert_true(s.rises);
	w = (struct engine_walk){ .tier = ENGINE_PARTS };
	for (ret = 1, calls = 0; ret == 1 && calls < NODES; calls++)
		ret = e->ops->walk(e, &w, step, &s);
	assert_int_equal(ret, 0);
	for (i = 0; i < NODES; i++)
		assert_int_equal(s.seen[i], 2);
}

/* --- what is known of nodes ---------------------------------------------- */

static void put_state(unsigned int i, uint64_t real_ns, const char *account,
		      const char *values)
{
	const struct store_node n = { .node = node(i),
				      .real_ns = real_ns,
				      .account = account,
				      .account_size = strlen(account),
				      .values = values,
				      .values_size = strlen(values) };
	const struct engine_commit c = { .states = &n, .state_count = 1 };

	assert_int_equal(e->ops->commit(e, &c), 0);
}

static void tell_state(void *context, const uint8_t *id, const void *data,
		       size_t size)
{
	char text[32];

	snprintf(text, sizeof(text), "%u:%.*s ", id[WIRE_ID_SIZE - 1],
		 (int)size, (const char *)data);
	strcat(found_text, text);
}

static const char *accounts(size_t count)
{
	found_text[0] = '\0';
	assert_int_equal(e->ops->accounts(e, count, tell_state, NULL), 0);
	return found_text;
}

static const char *latest(unsigned int after, size_t count)
{
	found_text[0] = '\0';
	assert_int_equal(
		e->ops->latest(e, node(after), count, tell_state, NULL), 0);
	return found_text;
}

static void states(void **state)
{
	put_state(5, 50, "five", "v5");
	put_state(3, 70, "three", "v3");
	put_state(4, 60, "four", "v4");
	put_state(5, 55, "FIVE", "");
	assert_string_equal(accounts(9), "3:three 4:four 5:FIVE ");
	assert_string_equal(accounts(2), "3:three 4:four ");
	assert_string_equal(latest(0, 9), "3:v3 4:v4 5:v5 ");
	assert_string_equal(latest(3, 1), "4:v4 ");
	open_again();
	assert_string_equal(latest(0, 2), "3:v3 4:v4 ");
}

static void put_loss(unsigned int i, uint64_t minute, int64_t count)
{
	struct store_loss l = { .minute = minute };
	const struct engine_commit c = { .losses = &l, .loss_count = 1 };

	memcpy(l.node, node(i), WIRE_ID_SIZE);
	l.count[LOSS_NET] = count;
	l.count[LOSS_MISSING] = 1;
	assert_int_equal(e->ops->commit(e, &c), 0);
}

static void tell_loss(void *context, const struct history_loss *l)
{
	char text[64];

	snprintf(text, sizeof(text), "%d:%d,%d ",
		 (int)(l->real_ns / HISTORY_LOSS_STEP_NS),
		 (int)l->count[LOSS_NET], (int)l->count[LOSS_MISSING]);
	strcat(found_text, text);
}

static const char *losses(unsigned int i, uint64_t from, uint64_t to,
			  uint64_t minutes)
{
	struct history_losses_query q = {
		.from_ns = from * HISTORY_LOSS_STEP_NS,
		.to_ns = to * HISTORY_LOSS_STEP_NS,
		.step_ns = minutes * HISTORY_LOSS_STEP_NS,
	};

	memcpy(q.node, node(i), WIRE_ID_SIZE);
	found_text[0] = '\0';
	assert_int_equal(e->ops->losses(e, &q, tell_loss, NULL), 0);
	return found_text;
}

static void lost(void **state)
{
	put_loss(1, 101, 5);
	put_loss(1, 101, 6);
	put_loss(1, 104, 7);
	put_loss(1, 106, 8);
	put_loss(2, 104, 9);
	assert_string_equal(losses(1, 0, 1000, 1), "101:11,2 104:7,1 106:8,1 ");
	assert_string_equal(losses(1, 0, 1000, 5), "100:18,3 105:8,1 ");
	assert_string_equal(losses(1, 102, 105, 5), "100:7,1 ");
	assert_string_equal(losses(3, 0, 1000, 5), "");
}

static void forgets(void **state)
{
	const struct engine_age age = {
		.marks_ns = 100, .states_ns = 60, .minute = 102, .future = 106
	};
	struct engine_mark m = { .session = 1, .sequence = 5 };
	struct engine_commit c = { .real_ns = 99,
				   .marks = &m,
				   .mark_count = 1 };

	memcpy(m.node, node(1), WIRE_ID_SIZE);
	assert_int_equal(e->ops->commit(e, &c), 0);
	m.session = 2;
	c.real_ns = 100;
	assert_int_equal(e->ops->commit(e, &c), 0);
	put_state(1, 59, "old", "old");
	put_state(2, 60, "new", "new");
	put_loss(1, 101, 1);
	put_loss(1, 102, 2);
	put_loss(1, 106, 3);
	assert_int_equal(e->ops->forget(e, &age), 0);
	assert_int_equal(mark_of(1, 1), 0);
	assert_int_equal(mark_of(1, 2), 5);
	assert_string_equal(accounts(9), "2:new ");
	assert_string_equal(latest(0, 9), "2:new ");
	assert_string_equal(losses(1, 0, 1000, 1), "102:2,1 ");
}

/* --- what moves ---------------------------------------------------------- */

static int tell_small(void *context, const struct engine_commit *c)
{
	char text[96];

	snprintf(text, sizeof(text), "%zu:%d,%d %zu %d:%.*s %d", c->mark_count,
		 c->mark_count ? (int)c->marks[0].session : 0,
		 c->mark_count ? (int)c->marks[0].sequence : 0, c->loss_count,
		 (int)c->state_count, (int)c->states[0].account_size,
		 (const char *)c->states[0].account,
		 (int)c->states[0].values_size);
	strcpy(found_text, text);
	return 0;
}

static const char *small(unsigned int i)
{
	strcpy(found_text, "none");
	assert_int_equal(e->ops->small(e, node(i), tell_small, NULL), 0);
	return found_text;
}

static void count_id(void *context, const uint8_t *id)
{
	++*(int *)context;
}

static int everybody(void)
{
	int count = 0;

	assert_int_equal(e->ops->everybody(e, count_id, &count), 0);
	return count;
}

static void moves(void **state)
{
	assert_int_equal(commit_mark(1, 7, 3, false, 0, false), 0);
	assert_int_equal(commit_mark(1, 8, 4, false, 0, false), 0);
	put_state(1, 5, "account", "values");
	put_loss(1, 101, 1);
	put_loss(2, 101, 1);
	put_state(3, 5, "account", "");
	fold(4, 1, HOUR_A, "part");
	fold(1, 1, HOUR_A, "part");
	assert_int_equal(everybody(), 4);
	assert_string_equal(small(1), "2:7,3 1 1:account 6");
	assert_string_equal(small(4), "none");
	assert_int_equal(e->ops->leave(e, node(1), true), 0);
	assert_string_equal(small(1), "none");
	assert_int_equal(kept_nodes(), 2); /* it has a part */
	assert_int_equal(drop(ENGINE_PARTS, node(1), 0, UINT64_MAX, 9), 1);
	assert_int_equal(e->ops->leave(e, node(1), false), 0);
	assert_int_equal(kept_nodes(), 2);
	assert_int_equal(e->ops->leave(e, node(1), true), 0);
	assert_int_equal(kept_nodes(), 1);
	assert_int_equal(mark_of(1, 7), 0);
	assert_int_equal(everybody(), 3);
}

/* Frames that can't be folded; of all nodes so many stay. */
static void sets_frames_aside(void **state)
{
	struct engine_fold f = { .name = "",
				 .version = "",
				 .first_ns = UINT64_MAX };
	struct engine_aside left;
	unsigned int i;

	for (i = 0; i < ENGINE_ASIDE_MAX + 10; i++) {
		memcpy(f.node, node(i), WIRE_ID_SIZE);
		f.log = i + 1;
		f.real_ns = (i + 1) * UINT64_C(1000000000);
		f.aside = make_row(1);
		assert_int_equal(e->ops->fold(e, &f, 1), 0);
	}
	e->ops->close(e);
	assert_int_equal(engines_open(&e, place, false), 0);
	assert_int_equal(e->ops->retry(e, 1 << 20, &left), 0);
	assert_int_equal(left.tried, ENGINE_ASIDE_MAX);
	assert_int_equal(left.count, 0);
	assert_int_equal(rows().frames, ENGINE_ASIDE_MAX);
	assert_true(e->last_log > ENGINE_ASIDE_MAX + 10);
}

/* What was begun and not ended is known after a kill. */
static void notes_work(void **state)
{
	unsigned int i;

	for (i = 1; i <= 3; i++) {
		assert_int_equal(e->ops->begin(e, node(1), -1), i);
		open_again();
	}
	assert_int_equal(e->ops->begin(e, node(2), -1), 1);
	e->ops->end(e);
	assert_int_equal(e->ops->begin(e, node(1), -1), 4);
	e->ops->end(e);
	assert_int_equal(e->ops->begin(e, node(1), -1), 1);
	e->ops->end(e);
	open_again();
	assert_int_equal(e->ops->begin(e, node(1), -1), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(marks),	  TEST(many),	TEST(folds),
		TEST(merges),	  TEST(ripens), TEST(drops),
		TEST(walks),	  TEST(states), TEST(lost),
		TEST(forgets),	  TEST(moves),	TEST(sets_frames_aside),
		TEST(notes_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
