// SPDX-License-Identifier: GPL-2.0-or-later
#include <malloc.h>

#include "lib/base/clean.h"
#include "collector/history/fold/fold.h"
#include "collector/nodes/samples.h"

int fold_init(struct fold *f)
{
	int i;

	memset(f, 0, sizeof(*f));
	for (i = 0; i < TIERS; i++)
		f->writers[i] = chunk_writer_new();
	if (!wire_room_open(&f->room) && f->writers[0] && f->writers[1] &&
	    f->writers[2])
		return 0;
	fold_exit(f);
	return -ENOMEM;
}

static void free_blocks(struct fold *f)
{
	int i;

	block_free(&f->block);
	for (i = 0; i < TIERS - TIER_MINUTE; i++)
		block_free(&f->sums[i]);
}

static void forget_parts(struct fold *f)
{
	const struct engine_part *parts = (struct engine_part *)f->parts.data;
	size_t i;

	for (i = 0; i < f->parts.used / sizeof(*parts); i++)
		free((void *)parts[i].data.data);
	f->parts.used = 0;
}

void fold_exit(struct fold *f)
{
	int i;

	for (i = 0; i < WIRE_KINDS; i++)
		gather_free(&f->gathers[i]);
	for (i = 0; i < TIERS; i++)
		chunk_writer_free(f->writers[i]);
	free_blocks(f);
	forget_parts(f);
	buffer_free(&f->parts);
	wire_room_close(&f->room);
}

void fold_forget_tables(struct fold *f)
{
	int i;

	for (i = 0; i < WIRE_KINDS; i++)
		gather_clear(&f->gathers[i]);
	f->bytes = 0;
}

void fold_clear(struct fold *f)
{
	fold_forget_tables(f);
	forget_parts(f);
	f->name[0] = '\0';
	f->version[0] = '\0';
	f->first_ns = INT64_MAX;
	f->last_ns = 0;
}

static size_t gather_room(const struct gather *g)
{
	return g->tables.room + g->cells.room + g->words.room + g->keys.room +
	       g->rows.room;
}

void fold_shrink(struct fold *f)
{
	size_t room = block_room(&f->block);
	int i;

	wire_room_empty(&f->room);
	for (i = 0; i < TIERS - TIER_MINUTE; i++)
		room += block_room(&f->sums[i]);
	for (i = 0; i < WIRE_KINDS; i++)
		room += gather_room(&f->gathers[i]);
	if (room <= FOLD_KEPT_MAX)
		return;
	for (i = 0; i < WIRE_KINDS; i++)
		gather_free(&f->gathers[i]);
	free_blocks(f);
	for (i = 0; i < TIERS; i++)
		chunk_writer_shrink(f->writers[i]);
	malloc_trim(0);
}

static void take_name(struct fold *f, const struct wire_table *t)
{
	if (!t->rows || t->texts < WIRE_NODE_TEXTS || !t->text)
		return;
	clean_text(f->name, sizeof(f->name), &t->text[WIRE_NODE_NAME]);
	clean_text(f->version, sizeof(f->version), &t->text[WIRE_NODE_VERSION]);
}

/* Facts are texts, and not kept, nor is what the table of nodes refuses. Of a table
 * without rows there is nothing to keep.
 */
static bool is_kept(const struct wire_table *t)
{
	return t->rows && t->kind != WIRE_FACTS && t->real_ns <= INT64_MAX &&
	       (t->kind > WIRE_NET || samples_sane(t));
}

static int gather_table(struct fold *f, const struct wire_table *t)
{
	struct gather *g = &f->gathers[t->kind];
	size_t before = gather_bytes(g);
	int err = gather_add(g, t);

	f->bytes += gather_bytes(g) - before;
	return err;
}

int fold_add(struct fold *f, const struct wire_table *t)
{
	if (!is_kept(t))
		return 0;
	if (t->kind == WIRE_NODE)
		take_name(f, t);
	if (t->real_ns < f->first_ns)
		f->first_ns = t->real_ns;
	if (t->real_ns > f->last_ns)
		f->last_ns = t->real_ns;
	return gather_table(f, t);
}

int fold_frames(struct fold *f, const struct buffer *frames,
		int (*full)(struct fold *f, void *context), void *context)
{
	const uint8_t *at = frames->data, *end = at + frames->used;
	const struct kept_frame *open;
	int err = 0;

	while (!err && (open = frame_next(&at, end))) {
		struct wire_frame frame;
		struct wire_table table;

		frame_wire(open, &frame);
		while (!err && wire_next(&frame, &table, &f->room) == 1) {
			err = fold_add(f, &table);
			if (!err && f->bytes > FOLD_GATHERED_MAX)
				err = full(f, context);
		}
	}
	return err;
}

/* The tables of one hour from @at on, as a table of a chunk. */
static int put_kind(struct fold *f, uint32_t kind, size_t *at, size_t count,
		    uint64_t hour)
{
	struct gather *g = &f->gathers[kind];
	size_t end = *at;
	int err;

	while (end < count && tier_hour(gather_real_ns(g, end)) == hour)
		end++;
	if (end == *at)
		return 0;
	err = gather_build(g, kind, *at, end, &f->block);
	*at = end;
	return err ? err : chunk_put(f->writers[TIER_RAW], &f->block);
}

static int put_part(struct fold *f, uint64_t hour)
{
	struct engine_part part = { .hour = hour };
	size_t size;
	const void *data = chunk_finish(f->writers[TIER_RAW], &size);
	int err = outbox_copy(&part.data, data, size);

	f->chunks++;
	if (!err)
		err = buffer_put(&f->parts, &part, sizeof(part));
	if (err)
		free((void *)part.data.data);
	return err;
}

static uint64_t next_hour(const struct fold *f, const size_t *at,
			  const size_t *count)
{
	uint64_t hour = UINT64_MAX, s;
	uint32_t kind;

	for (kind = 0; kind < WIRE_KINDS; kind++) {
		if (at[kind] == count[kind])
			continue;
		s = tier_hour(gather_real_ns(&f->gathers[kind], at[kind]));
		if (s < hour)
			hour = s;
	}
	return hour;
}

int fold_parts(struct fold *f)
{
	size_t at[WIRE_KINDS] = { 0 }, count[WIRE_KINDS];
	uint64_t hour;
	uint32_t kind;
	int err = 0;

	for (kind = 0; kind < WIRE_KINDS; kind++)
		count[kind] = gather_sort(&f->gathers[kind]);
	while (!err && (hour = next_hour(f, at, count)) != UINT64_MAX) {
		err = chunk_begin(f->writers[TIER_RAW], COLUMN_QUICK);
		for (kind = 0; !err && kind < WIRE_KINDS; kind++)
			err = put_kind(f, kind, &at[kind], count[kind], hour);
		if (!err)
			err = put_part(f, hour);
	}
	fold_forget_tables(f);
	return err;
}

static int put_full(struct fold *f, void *context)
{
	return fold_parts(f);
}

int fold_take(struct fold *f, struct engine_fold *to)
{
	to->parts = (struct engine_part *)f->parts.data;
	to->part_count = f->parts.used / sizeof(*to->parts);
	f->parts = (struct buffer){ 0 };
	to->name = strdup(f->name);
	to->version = strdup(f->version);
	to->first_ns = f->first_ns;
	to->last_ns = f->last_ns;
	return to->name && to->version ? 0 : -ENOMEM;
}

int fold_node(struct fold *f, const struct open_node *n, uint64_t log,
	      struct engine_fold *made)
{
	int err;

	*made = (struct engine_fold){ .log = log };
	memcpy(made->node, n->uid, WIRE_ID_SIZE);
	fold_clear(f);
	err = fold_frames(f, &n->frames, put_full, NULL);
	if (!err)
		err = fold_parts(f);
	return err ? err : fold_take(f, made);
}
