// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The latest tables of a node as frames. A rate needs two samples: the one that
 * it is against goes before the newest. Rows have times of their own, so that
 * there is a table for each time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/nodes/texts.h"
#include "collector/state/state.h"
#include "lib/wire/wire_schema.h"

/**
 * struct pen - frames under way
 * @to: where they go: a size, then a frame
 * @encoder: of the present one
 * @frame: its bytes
 * @cells: of a table under way
 * @text: likewise
 * @moments: of a kind's rows
 * @failed: memory is short
 */
struct pen {
	struct buffer *to;
	struct wire_encoder encoder;
	uint8_t frame[WIRE_FRAME_MAX];
	struct buffer cells;
	struct buffer text;
	struct buffer moments;
	bool failed;
};

/* A row as it was at a time: its newest values, or those they are against. */
struct moment {
	uint64_t at_ns;
	const struct samples_row *row;
	bool base;
};

static void begin_frame(struct pen *p)
{
	wire_begin(&p->encoder, p->frame, sizeof(p->frame), 1);
}

static void finish_frame(struct pen *p)
{
	const struct wire_sender nobody = { .session = 1 };
	uint32_t size;

	if (wire_empty(&p->encoder))
		return;
	size = (uint32_t)wire_finish(&p->encoder, &nobody, 1);
	if (buffer_put(p->to, &size, sizeof(size)) ||
	    buffer_put(p->to, p->frame, size))
		p->failed = true;
}

static void put_table(struct pen *p, const struct wire_table *t)
{
	uint32_t first = 0, rows;

	while (first < t->rows && !p->failed) {
		rows = wire_put(&p->encoder, t, first);
		first += rows;
		if (rows)
			continue;
		if (wire_empty(&p->encoder))
			return; /* a row that fits into no frame cannot have come in one */
		finish_frame(p);
		begin_frame(p);
	}
}

static void add_cells(struct pen *p, const uint64_t *cells, size_t count)
{
	if (buffer_put(&p->cells, cells, count * sizeof(*cells)))
		p->failed = true;
}

static void add_text(struct pen *p, const char *text)
{
	const struct wire_text t = { text, strlen(text) };

	if (buffer_put(&p->text, &t, sizeof(t)))
		p->failed = true;
}

/* What was added as rows of @t. */
static void put_added(struct pen *p, struct wire_table *t)
{
	t->schema = wire_schema(t->kind)->schema;
	t->cells = (const uint64_t *)p->cells.data;
	t->text = t->texts ? (const struct wire_text *)p->text.data : NULL;
	t->rows = (uint32_t)(p->cells.used / sizeof(uint64_t) / t->columns);
	if (t->rows && !p->failed)
		put_table(p, t);
	p->cells.used = 0;
	p->text.used = 0;
}

static bool has_base(const struct samples *s, const struct samples_row *row)
{
	return s->copies == 3 && row->base_ns != row->now_ns;
}

static void add_moment(struct pen *p, const struct samples_row *row, bool base)
{
	const struct moment m = { base ? row->base_ns : row->now_ns, row,
				  base };

	if (buffer_put(&p->moments, &m, sizeof(m)))
		p->failed = true;
}

static int three_way(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_moments(const void *a, const void *b)
{
	const struct moment *x = a, *y = b;
	int order = three_way(x->at_ns, y->at_ns);

	return order ? order : three_way(x->row->key, y->row->key);
}

/* In the order of their times, as one is a table each. Returns how many. */
static size_t find_moments(struct pen *p, const struct samples *s)
{
	size_t i;

	p->moments.used = 0;
	for (i = 0; i < s->count; i++) {
		if (!samples_current(s, s->rows[i]))
			continue;
		add_moment(p, s->rows[i], false);
		if (has_base(s, s->rows[i]))
			add_moment(p, s->rows[i], true);
	}
	i = p->moments.used / sizeof(struct moment);
	if (i)
		qsort(p->moments.data, i, sizeof(struct moment),
		      compare_moments);
	return i;
}

static void add_row(struct pen *p, const struct samples *s,
		    const struct samples_row *row, bool base, uint32_t texts)
{
	uint32_t i;

	add_cells(p, row->cells + (base ? 2 * s->columns : 0), s->columns);
	add_cells(p, row->cells + s->copies * s->columns, s->optional);
	for (i = 0; i < texts; i++)
		add_text(p, texts_at(row->texts, i));
}

static void put_samples(struct pen *p, uint32_t kind, const struct samples *s)
{
	uint32_t texts = wire_schema(kind)->texts;
	size_t count = find_moments(p, s), i = 0;
	const struct moment *m = (const struct moment *)p->moments.data;

	while (i < count && !p->failed) {
		uint64_t at_ns = m[i].at_ns;
		struct wire_table t = { .kind = kind,
					.origin = s->origin,
					.sample = s->sample,
					.mono_ns = at_ns,
					.lost = s->lost,
					.columns = s->columns + s->optional,
					.texts = texts };

		t.real_ns = s->real_ns + at_ns - s->mono_ns;
		for (; i < count && m[i].at_ns == at_ns; i++)
			add_row(p, s, m[i].row, m[i].base, texts);
		put_added(p, &t);
	}
}

/* Values of one time are one table. */
static void add_value(struct pen *p, struct wire_table *t, uint64_t key,
		      uint64_t value, uint64_t mono_ns)
{
	const uint64_t cells[] = { key, value };

	if (value == WIRE_ABSENT || !mono_ns)
		return;
	if (t->mono_ns != mono_ns)
		put_added(p, t);
	t->mono_ns = mono_ns;
	add_cells(p, cells, 2);
}

static void put_values(struct pen *p, const struct node *node)
{
	struct wire_table t = { .kind = WIRE_GAUGES,
				.origin = WIRE_ORIGIN_PROC,
				.real_ns = node->last_seen.real_ns,
				.columns = 2 };
	const struct counter *c = node->counters.list;
	uint64_t key;

	for (key = 0; key < WIRE_GAUGE_KEYS; key++)
		add_value(p, &t, key, node->gauges.value[key],
			  node->gauges.now_ns[key]);
	put_added(p, &t);
	t.kind = WIRE_COUNTERS;
	for (key = 0; key < WIRE_COUNTER_KEYS; key++)
		if (c[key].base_ns < c[key].now_ns)
			add_value(p, &t, key, c[key].base, c[key].base_ns);
	put_added(p, &t);
	for (key = 0; key < WIRE_COUNTER_KEYS; key++)
		add_value(p, &t, key, c[key].now, c[key].now_ns);
	put_added(p, &t);
}

/* Those of one time are one table: each replaces the older ones of its key. */
static void put_facts(struct pen *p, const struct facts *f)
{
	const struct fact *fact = f->first;

	while (fact) {
		struct wire_table t = { .kind = WIRE_FACTS,
					.origin = WIRE_ORIGIN_PROC,
					.mono_ns = fact->mono_ns,
					.columns = 1,
					.texts = 1 };

		for (; fact && fact->mono_ns == t.mono_ns; fact = fact->next) {
			const uint64_t key = fact->key;

			add_cells(p, &key, 1);
			add_text(p, fact->text);
		}
		put_added(p, &t);
	}
}

static void put_all(struct pen *p, const struct node *node)
{
	uint32_t kind;

	put_facts(p, &node->facts);
	put_values(p, node);
	for (kind = WIRE_CPU; kind < WIRE_KINDS; kind++) {
		const struct samples *s = node_samples(node, kind);

		if (s)
			put_samples(p, kind, s);
	}
}

int state_values(const struct node *node, struct buffer *to)
{
	struct pen *p = calloc(1, sizeof(*p));
	bool failed = true;

	if (!p)
		return -ENOMEM;
	p->to = to;
	begin_frame(p);
	put_all(p, node);
	finish_frame(p);
	failed = p->failed;
	buffer_free(&p->cells);
	buffer_free(&p->text);
	buffer_free(&p->moments);
	free(p);
	return failed ? -ENOMEM : 0;
}

static void read_frame(struct nodes *nodes, struct node *node,
		       struct wire_frame *frame, struct wire_room *room)
{
	struct wire_table t;

	while (wire_next(frame, &t, room) == 1)
		node_take(nodes, node, &t);
}

void state_restore_values(struct nodes *nodes, struct node *node,
			  const void *data, size_t size)
{
	const uint8_t *at = data, *end = at + size;
	struct wire_frame frame;
	struct wire_room room;
	uint32_t length;

	if (!wire_room_open(&room)) {
		while ((size_t)(end - at) > sizeof(length)) {
			memcpy(&length, at, sizeof(length));
			at += sizeof(length);
			if (length > (size_t)(end - at) ||
			    wire_open(&frame, at, length))
				break;
			read_frame(nodes, node, &frame, &room);
			at += length;
		}
	}
	node_forget_large(node);
	node_mark_stacked(node, 0);
	wire_room_close(&room);
}
