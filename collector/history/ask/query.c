// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "collector/history/ask/answer.h"
#include "collector/history/chunk/chunk.h"
#include "collector/history/ask/groups_reader.h"
#include "collector/history/fold/rollup.h"
#include "collector/history/frames/frame.h"
#include "lib/base/clock.h"
#include "tables/book.h"

/* A counter's first rate needs the value before. */
#define LOOK_BACK_NS UINT64_C(300000000000)

/**
 * struct history - a reader
 * @groups: its handles
 * @node: where a question's node is
 * @store: asked for what is open; may be NULL
 * @frames: of the node, not in chunks yet
 * @open: their tables, with the metric's columns only
 * @pieces: samples of one hour, from several chunks
 * @chunk: under way
 * @block: one of them
 * @room: what frames are decoded into
 * @cells: of a table, with the metric's columns only
 */
struct history {
	struct groups_reader groups;
	struct groups_node node;
	struct store *store;
	struct buffer frames;
	struct gather open;
	struct gather pieces;
	struct chunk chunk;
	struct block block;
	struct wire_room room;
	struct buffer cells;
};

const char *const history_aggregate_names[] = {
	[HISTORY_AVG] = "avg", [HISTORY_MIN] = "min",
	[HISTORY_MAX] = "max", [HISTORY_LAST] = "last",
	[HISTORY_SUM] = "sum", [HISTORY_RATE] = "rate",
	[HISTORY_P50] = "p50", [HISTORY_P95] = "p95",
	[HISTORY_P99] = "p99", [HISTORY_AGGREGATES] = NULL,
};

const char *history_aggregate_name(enum history_aggregate a)
{
	return history_aggregate_names[a];
}

int history_open(struct history **history, const char *folder,
		 struct store *store)
{
	struct history *h = calloc(1, sizeof(*h));
	int err;

	if (!h)
		return -ENOMEM;
	h->store = store;
	err = wire_room_open(&h->room);
	if (!err)
		err = groups_open(&h->groups, folder);
	if (!err) {
		*history = h;
		return 0;
	}
	history_close(h);
	return err;
}

void history_close(struct history *h)
{
	groups_close(&h->groups);
	buffer_free(&h->frames);
	buffer_free(&h->cells);
	gather_free(&h->open);
	gather_free(&h->pieces);
	chunk_close(&h->chunk);
	block_free(&h->block);
	wire_room_close(&h->room);
	free(h);
}

/* The table with no other columns than the metric's. */
static int narrow(struct history *h, const struct answer *a,
		  const struct wire_table *t)
{
	struct wire_table few = *t;
	uint32_t row, i;

	h->cells.used = 0;
	for (row = 0; row < t->rows; row++) {
		const uint64_t *from = t->cells + (size_t)row * t->columns;

		if (buffer_put(&h->cells, from, sizeof(*from)))
			return -ENOMEM;
		for (i = a->first; i < a->first + a->columns; i++) {
			uint64_t cell = i < t->columns ? from[i] : WIRE_ABSENT;

			if (buffer_put(&h->cells, &cell, sizeof(cell)))
				return -ENOMEM;
		}
	}
	few.columns = 1 + a->columns;
	few.cells = (const uint64_t *)h->cells.data;
	return gather_add(&h->open, &few);
}

/* What the store has not put into chunks yet. */
static int read_open(struct history *h, const struct answer *a)
{
	const struct kept_frame *f;
	const uint8_t *at;
	int err;

	h->frames.used = 0;
	gather_clear(&h->open);
	if (!h->store)
		return 0;
	err = store_open_frames(h->store, a->q->node, &h->frames);
	at = h->frames.data;
	while (!err && h->frames.used &&
	       (f = frame_next(&at, h->frames.data + h->frames.used))) {
		struct wire_frame frame;
		struct wire_table t;

		frame_wire(f, &frame);
		while (!err && wire_next(&frame, &t, &h->room) == 1)
			if (t.kind == a->q->metric->kind &&
			    t.real_ns <= INT64_MAX)
				err = narrow(h, a, &t);
	}
	gather_sort(&h->open);
	wire_room_empty(&h->room);
	return err;
}

/* A chunk under way into answers, or into the pieces of an hour. */
struct reading {
	struct history *h;
	struct answer *answers; /* by one aggregate each; the rest is the same */
	size_t count;
	uint64_t bucket_ns; /* of a rollup: goes to the answer at once */
	bool found; /* the hour has something */
};

static int add_block(struct reading *r, const struct block *b)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < r->count; i++)
		err = answer_add(&r->answers[i], b, r->bucket_ns);
	return err;
}

static int read_chunk(void *context, const void *data, size_t size)
{
	struct reading *r = context;
	const struct answer *a = r->answers;
	uint32_t parts = r->bucket_ns ? ROLLUP_PARTS : 1;
	int ret = chunk_again(&r->h->chunk, data, size);

	r->found = true;
	while (!ret) {
		ret = chunk_next(&r->h->chunk, &r->h->block, a->q->metric->kind,
				 (int)((a->first - 1) * parts),
				 a->columns * parts);
		if (ret != 1)
			break;
		ret = r->bucket_ns ? add_block(r, &r->h->block) :
				     gather_block(&r->h->pieces, &r->h->block);
	}
	return ret == -EBADMSG ? 0 : ret; /* damaged: a gap */
}

/* Samples in memory that are of an hour. */
static int add_open(struct history *h, uint64_t hour, size_t count, size_t *at)
{
	size_t first, end;
	int err;

	while (*at < count && tier_hour(gather_real_ns(&h->open, *at)) < hour)
		++*at;
	first = *at;
	end = first;
	while (end < count && tier_hour(gather_real_ns(&h->open, end)) == hour)
		end++;
	if (end == first)
		return 0;
	err = gather_build(&h->open, 0, first, end, &h->block);
	return err ? err : gather_block(&h->pieces, &h->block);
}

/* The tiers in the order that they are asked in. */
static const enum tier *order(uint64_t step_ns)
{
	static const enum tier orders[TIERS][TIERS] = {
		{ TIER_RAW, TIER_MINUTE, TIER_FIVE },
		{ TIER_MINUTE, TIER_RAW, TIER_FIVE },
		{ TIER_FIVE, TIER_MINUTE, TIER_RAW },
	};
	int tier = TIER_RAW;

	if (step_ns >= tier_bucket_ns[TIER_FIVE])
		tier = TIER_FIVE;
	else if (step_ns >= tier_bucket_ns[TIER_MINUTE])
		tier = TIER_MINUTE;
	return orders[tier];
}

/* The first tier that has it: an hour that moves is in two places alike. */
static int read_tier(struct reading *r, const struct engine_key *key,
		     const enum tier *tiers)
{
	const struct groups_node *n = &r->h->node;
	int i, err = -ENOENT;
	unsigned int k;

	for (i = 0; err == -ENOENT && i < TIERS; i++) {
		r->bucket_ns = tier_bucket_ns[tiers[i]];
		for (k = 0; err == -ENOENT && k < n->count; k++)
			err = n->e[k]->ops->chunk(n->e[k], tiers[i], key,
						  read_chunk, r);
	}
	return err == -ENOENT ? 0 : err;
}

/* Samples of each place: one has what came before the node was moved. */
static int read_samples(struct reading *r, const struct engine_key *key)
{
	const struct groups_node *n = &r->h->node;
	unsigned int k;
	int err = 0;

	r->bucket_ns = 0;
	for (k = 0; !err && k < n->count; k++) {
		err = n->e[k]->ops->parts(n->e[k], key, read_chunk, r);
		if (!err && n->count > 1)
			err = n->e[k]->ops->chunk(n->e[k], TIER_RAW, key,
						  read_chunk, r);
		if (err == -ENOENT)
			err = 0;
	}
	return err;
}

static bool wants_samples(const struct reading *r)
{
	bool wants = false;
	size_t i;

	for (i = 0; i < r->count; i++)
		wants = wants || answer_wants_samples(&r->answers[i]);
	return wants;
}

/*
 * An hour's samples. What is open or in parts may be in the chunk already, or be there
 * once that is read, and comes together with it so that no sample counts twice; rollups
 * can't tell.
 */
static int read_hour(struct reading *r, const struct engine_key *key,
		     size_t count, size_t *at)
{
	struct history *h = r->h;
	const enum tier *tiers =
		order(wants_samples(r) ? 0 : r->answers->q->step_ns);
	int err;

	gather_clear(&h->pieces);
	err = read_samples(r, key);
	if (!err)
		err = add_open(h, key->hour, count, at);
	if (!err && h->pieces.tables.used && h->node.count == 1)
		tiers = order(0);
	if (!err && (!h->pieces.tables.used || h->node.count == 1))
		err = read_tier(r, key, tiers);
	count = gather_sort(&h->pieces);
	r->found = r->found || count;
	if (err || !count)
		return err;
	err = gather_build(&h->pieces, 0, 0, count, &h->block);
	r->bucket_ns = 0;
	return err ? err : add_block(r, &h->block);
}

/* From which to which hour there can be anything. */
static void clamp(const struct history *h, const struct history_query *q,
		  size_t count, uint64_t *first, uint64_t *last)
{
	uint64_t from = q->from_ns > LOOK_BACK_NS ? q->from_ns - LOOK_BACK_NS :
						    0;
	uint64_t low = h->node.first_ns, high = h->node.last_ns, open;

	if (count) {
		open = gather_real_ns(&h->open, 0);
		low = open < low ? open : low;
		open = gather_real_ns(&h->open, count - 1);
		high = open > high ? open : high;
	}
	*first = tier_hour(from > low ? from : low);
	*last = tier_hour(q->to_ns - 1 < high ? q->to_ns - 1 : high);
}

/* On to where anything is: after an hour without, years may follow. */
static int skip_empty(struct history *h, size_t count, size_t at,
		      struct engine_key *key)
{
	uint64_t stored, open = UINT64_MAX;
	int err = groups_next(&h->node, key, &stored);

	if (at < count)
		open = tier_hour(gather_real_ns(&h->open, at));
	key->hour = stored < open ? stored : open;
	return err;
}

static bool is_late(const struct history_query *q)
{
	return q->until_ns && clock_mono_ns() >= q->until_ns;
}

static int read_all(struct reading *r)
{
	struct history *h = r->h;
	const struct history_query *q = r->answers->q;
	size_t count = gather_sort(&h->open), at = 0;
	struct engine_key key;
	uint64_t last;
	int err = groups_find(&h->groups, q->node, &h->node);

	if (err)
		return err;
	memcpy(key.node, q->node, sizeof(key.node));
	clamp(h, q, count, &key.hour, &last);
	for (err = 0; !err && key.hour <= last;) {
		r->found = false;
		err = is_late(q) ? -ETIME : read_hour(r, &key, count, &at);
		key.hour++;
		if (!err && !r->found)
			err = skip_empty(h, count, at, &key);
	}
	return err;
}

/* What is open is read first: folded meanwhile, it is there twice, not never. */
static int read_answers(struct reading *r)
{
	int err = read_open(r->h, r->answers);

	if (!err)
		err = groups_hold(&r->h->groups);
	if (!err) {
		err = read_all(r);
		groups_let_go(&r->h->groups);
	}
	return err;
}

/* All have the rows that each has. */
static int tell_answers(struct reading *r,
			void (*series)(void *context,
				       const struct history_series *s),
			void *context)
{
	const struct history_query *q = r->answers->q;
	uint64_t below = UINT64_MAX;
	size_t i, told = 0;
	bool more = false;

	for (i = 0; i < r->count; i++) {
		if (r->answers[i].below < below)
			below = r->answers[i].below;
		more = more || r->answers[i].more;
	}
	for (i = 0; i < r->count; i++) {
		answer_cut(&r->answers[i], below);
		told += answer_tell(&r->answers[i], series, context);
	}
	if (q->more)
		*q->more = more;
	return (int)told;
}

int history_query_several(struct history *h, const struct history_query *q,
			  const enum history_aggregate *aggregates,
			  size_t count,
			  void (*series)(void *context,
					 const struct history_series *s),
			  void *context)
{
	struct answer answers[HISTORY_AGGREGATES];
	struct reading r = { .h = h, .answers = answers };
	int ret = count && count <= HISTORY_AGGREGATES ? 0 : -EINVAL;

	for (; !ret && r.count < count; r.count += !ret)
		ret = answer_init(&answers[r.count], q, aggregates[r.count],
				  HISTORY_CELLS_MAX / count);
	if (!ret)
		ret = read_answers(&r);
	if (!ret)
		ret = tell_answers(&r, series, context);
	while (r.count)
		answer_exit(&answers[--r.count]);
	return ret;
}

int history_query(struct history *h, const struct history_query *q,
		  void (*series)(void *context, const struct history_series *s),
		  void *context)
{
	return history_query_several(h, q, &q->aggregate, 1, series, context);
}

int history_nodes(struct history *h,
		  void (*found)(void *context, const struct history_node *n),
		  void *context)
{
	return groups_nodes(&h->groups, found, context);
}

int history_accounts(struct history *h, size_t count, history_state *found,
		     void *context)
{
	return groups_accounts(&h->groups, count, found, context);
}

int history_values(struct history *h, const uint8_t *after, size_t count,
		   history_state *found, void *context)
{
	return groups_latest(&h->groups, after, count, found, context);
}

int history_losses(struct history *h, const struct history_losses_query *q,
		   void (*found)(void *context, const struct history_loss *l),
		   void *context)
{
	struct engine *e = groups_own(&h->groups, q->node);

	return e->ops->losses(e, q, found, context);
}
