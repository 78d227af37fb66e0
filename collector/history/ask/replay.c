// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/history/ask/groups_reader.h"
#include "collector/history/chunk/chunk.h"
#include "collector/history/chunk/turned.h"
#include "collector/history/fold/fold.h"
#include "collector/history/frames/open.h"
#include "collector/history/replay.h"
#include "lib/base/log.h"
#include "lib/base/resized.h"
#include "lib/wire/wire_schema.h"

#define HOUR_NS UINT64_C(3600000000000)

/* A table of a chunk, and how far it was told. */
struct piece {
	struct block block;
	struct turned turned;
};

/* A sample of one of them. */
struct moment {
	uint64_t real_ns;
	size_t piece;
	size_t sample;
};

/**
 * struct replay - under way
 * @q: what is asked for
 * @groups: where it is
 * @pieces: of an hour, or of what is in the log only
 * @count: of @pieces
 * @room: in @pieces
 * @moments: their samples
 * @cells: of the table that is told
 * @texts: the same
 * @take: is told
 * @context: for @take
 * @told: tables so far
 * @err: what went wrong first
 */
struct replay {
	const struct replay_query *q;
	struct groups_reader groups;
	struct piece *pieces;
	size_t count;
	size_t room;
	struct buffer moments;
	struct buffer cells;
	struct buffer texts;
	void (*take)(void *context, const struct wire_table *t);
	void *context;
	int64_t told;
	int err;
};

static void fail(struct replay *r, int err)
{
	r->err = r->err ? r->err : err;
}

/* The next one, to be filled; NULL without memory. */
static struct piece *add_piece(struct replay *r)
{
	struct piece *all =
		grown(r->pieces, r->count, &r->room, sizeof(*r->pieces));

	if (!all) {
		fail(r, -ENOMEM);
		return NULL;
	}
	r->pieces = all;
	all += r->count++;
	*all = (struct piece){ .block.samples = 0 };
	return all;
}

static void drop_pieces(struct replay *r)
{
	while (r->count) {
		struct piece *p = &r->pieces[--r->count];

		turned_free(&p->turned);
		block_free(&p->block);
	}
}

static int read_chunk(void *context, const void *data, size_t size)
{
	struct replay *r = context;
	struct piece *p;
	struct chunk c;
	int ret = chunk_open(&c, data, size);

	while (!ret && (p = add_piece(r))) {
		ret = chunk_next(&c, &p->block, 0, CHUNK_ALL, 0);
		if (ret != 1)
			p->block.samples = 0;
		else
			ret = 0;
		if (!p->block.samples)
			break;
	}
	chunk_close(&c);
	if (ret < 0)
		fail(r, ret);
	return 0;
}

static int compare_moments(const void *a, const void *b)
{
	const struct moment *x = a, *y = b;

	if (x->real_ns != y->real_ns)
		return x->real_ns < y->real_ns ? -1 : 1;
	if (x->piece != y->piece)
		return x->piece < y->piece ? -1 : 1;
	return x->sample < y->sample ? -1 : 1;
}

/* The same sample may be in a part and in a chunk. */
static size_t list_moments(struct replay *r)
{
	size_t i, k;

	r->moments.used = 0;
	for (i = 0; i < r->count; i++) {
		const struct block *b = &r->pieces[i].block;

		if (!(r->q->kinds & 1U << b->kind))
			continue;
		for (k = 0; k < b->samples; k++) {
			struct moment m = { b->heads[k].real_ns, i, k };

			if (buffer_put(&r->moments, &m, sizeof(m)))
				fail(r, -ENOMEM);
		}
	}
	k = r->moments.used / sizeof(struct moment);
	if (k)
		qsort(r->moments.data, k, sizeof(struct moment),
		      compare_moments);
	return k;
}

static void put_row(struct replay *r, const struct block *b, size_t row,
		    size_t value, const struct wire_schema *s)
{
	uint64_t cell = b->keys[row];
	uint32_t i;

	fail(r, buffer_put(&r->cells, &cell, sizeof(cell)));
	for (i = 0; i + 1 < s->columns; i++) {
		cell = i < b->columns ? block_column(b, i)[value] : WIRE_ABSENT;
		fail(r, buffer_put(&r->cells, &cell, sizeof(cell)));
	}
	for (i = 0; i < s->texts; i++) {
		const char *text = i < b->texts ? block_text(b, row, i) : "";
		struct wire_text t = { text, (uint32_t)strlen(text) };

		fail(r, buffer_put(&r->texts, &t, sizeof(t)));
	}
}

/* A sample out of time is read as well: its rows' next values come after it. */
static void tell(struct replay *r, const struct moment *m)
{
	struct piece *p = &r->pieces[m->piece];
	const struct block *b = &p->block;
	const struct block_head *h = &b->heads[m->sample];
	const struct wire_schema *s = wire_schema(b->kind);
	size_t i, begin = turned_begin(&p->turned, m->sample),
		  end = turned_end(&p->turned, m->sample);
	struct wire_table t = { .kind = b->kind,
				.schema = 1,
				.origin = (uint32_t)h->origin,
				.sample = h->sample,
				.real_ns = h->real_ns,
				.mono_ns = h->mono_ns,
				.lost = h->lost,
				.columns = s->columns,
				.rows = (uint32_t)(end - begin),
				.texts = s->texts };

	r->cells.used = 0;
	r->texts.used = 0;
	for (i = begin; i < end; i++) {
		size_t row = turned_row(&p->turned, i);

		put_row(r, b, row, p->turned.next[row]++, s);
	}
	if (r->err || h->real_ns < r->q->from_ns || h->real_ns >= r->q->to_ns)
		return;
	t.cells = (const uint64_t *)r->cells.data;
	t.text = (const struct wire_text *)r->texts.data;
	r->take(r->context, &t);
	r->told++;
}

static void tell_pieces(struct replay *r)
{
	size_t i, count = list_moments(r);

	for (i = 0; i < r->count; i++) {
		struct piece *p = &r->pieces[i];

		if (p->block.samples && r->q->kinds & 1U << p->block.kind)
			fail(r, turned_init(&p->turned, &p->block));
	}
	for (i = 0; !r->err && i < count; i++)
		tell(r, (const struct moment *)r->moments.data + i);
	drop_pieces(r);
}

static void read_hour(struct replay *r, const struct groups_node *n,
		      const struct engine_key *key)
{
	unsigned int k;
	int err;

	for (k = 0; k < n->count; k++) {
		struct engine *e = n->e[k];

		err = e->ops->chunk(e, TIER_RAW, key, read_chunk, r);
		if (!err || err == -ENOENT)
			err = e->ops->parts(e, key, read_chunk, r);
		fail(r, err == -ENOENT ? 0 : err);
	}
	tell_pieces(r);
}

static void read_hours(struct replay *r)
{
	struct engine_key key = { .hour = r->q->from_ns / HOUR_NS };
	struct groups_node n;
	uint64_t first;

	memcpy(key.node, r->q->node, sizeof(key.node));
	fail(r, groups_find(&r->groups, r->q->node, &n));
	while (!r->err && !groups_next(&n, &key, &first) &&
	       first <= r->q->to_ns / HOUR_NS) {
		key.hour = first;
		read_hour(r, &n, &key);
		key.hour++;
	}
}

struct log_reading {
	struct open_table open;
	uint64_t missing;
};

static int read_log(void *context, uint64_t id, const void *data, size_t size)
{
	struct log_reading *in = context;

	return open_log(&in->open, id, data, size, 0, &in->missing);
}

static int take_gathered(struct fold *f, void *context)
{
	struct replay *r = context;
	uint32_t kind;

	for (kind = 0; kind < WIRE_KINDS; kind++) {
		struct gather *g = &f->gathers[kind];
		size_t count = r->q->kinds & 1U << kind ? gather_sort(g) : 0;
		struct piece *p = count ? add_piece(r) : NULL;

		if (p)
			fail(r, gather_build(g, kind, 0, count, &p->block));
	}
	fold_forget_tables(f);
	return r->err;
}

static int fold_open(struct replay *r, struct open_node *n)
{
	struct fold f;
	int err = fold_init(&f);

	if (!err)
		err = fold_frames(&f, &n->frames, take_gathered, r);
	if (!err)
		err = take_gathered(&f, r);
	fold_exit(&f);
	return err;
}

/* What is in no chunk yet. */
static void read_open(struct replay *r)
{
	struct engine *e = groups_own(&r->groups, r->q->node);
	struct log_reading in = { .missing = 0 };
	struct engine_node known;
	struct open_node *n;

	open_init(&in.open);
	n = open_get(&in.open, r->q->node);
	if (n && !e->ops->find(e, r->q->node, &known))
		n->folded = known.folded;
	fail(r, n ? e->ops->logs(e, read_log, &in) : -ENOMEM);
	if (!r->err)
		fail(r, fold_open(r, n));
	open_exit(&in.open);
	tell_pieces(r);
}

int64_t history_replay(const struct replay_query *q,
		       void (*take)(void *context, const struct wire_table *t),
		       void *context)
{
	struct replay r = { .q = q, .take = take, .context = context };
	int err = groups_open(&r.groups, q->folder);

	if (err)
		return err;
	err = groups_hold(&r.groups);
	if (!err) {
		read_hours(&r);
		read_open(&r);
		groups_let_go(&r.groups);
		err = r.err;
	}
	groups_close(&r.groups);
	drop_pieces(&r);
	free(r.pieces);
	buffer_free(&r.moments);
	buffer_free(&r.cells);
	buffer_free(&r.texts);
	if (err)
		log_error("the history cannot be read: %s", strerror(-err));
	return err ? err : r.told;
}
