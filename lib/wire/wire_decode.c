// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>
#include <string.h>

#include "lib/wire/cursor.h"
#include "lib/wire/pack.h"
#include "lib/wire/wire.h"
#include "lib/wire/wire_format.h"
#include "lib/wire/wire_schema.h"

/* A table that is being read. */
struct reading {
	struct cursor body;
	const struct wire_schema *schema;
	const struct wire_room *room;
	struct wire_table table; /* columns and texts as sent */
	uint32_t samples;
	uint32_t keep; /* columns that are handed out */
};

static void get_head(struct reading *r)
{
	struct wire_table *t = &r->table;

	t->origin = cursor_bounded(&r->body, UINT32_MAX);
	t->columns = cursor_bounded(&r->body, WIRE_COLUMNS_MAX);
	t->texts = cursor_bounded(&r->body, WIRE_TEXTS_MAX);
	t->rows = cursor_bounded(&r->body, WIRE_ROWS_MAX);
	r->samples = cursor_bounded(&r->body, WIRE_SAMPLES_MAX);
	if (!r->samples || t->columns < r->schema->required ||
	    t->texts < r->schema->texts)
		r->body.broken = true;
	r->keep = t->columns < r->schema->columns ? t->columns :
						    r->schema->columns;
}

/* The rows of all samples must fit what the format and the caller allow. */
static bool has_room(const struct reading *r)
{
	const struct wire_table *t = &r->table;
	uint64_t cells = (uint64_t)t->rows * r->samples * t->columns;

	return cells <= WIRE_CELLS_MAX && cells <= r->room->cells_max &&
	       (size_t)t->rows * r->schema->texts <= r->room->text_max;
}

static void get_guessed(struct cursor *c, uint64_t *v, uint64_t *last,
			uint64_t *step, uint32_t sample)
{
	*v = *last + *step + unzigzag(cursor_varint(c));
	*step = sample ? *v - *last : 0;
	*last = *v;
}

static void get_stamps(struct reading *r, uint64_t time)
{
	struct wire_stamp last = { .real_ns = time }, step = { 0 };
	struct cursor *c = &r->body;
	uint32_t i;

	for (i = 0; i < r->samples; i++) {
		struct wire_stamp *s = &r->room->stamps[i];

		get_guessed(c, &s->sample, &last.sample, &step.sample, i);
		get_guessed(c, &s->real_ns, &last.real_ns, &step.real_ns, i);
		get_guessed(c, &s->mono_ns, &last.mono_ns, &step.mono_ns, i);
		get_guessed(c, &s->lost, &last.lost, &step.lost, i);
	}
}

/* A cell among those of all samples; columns past those kept have none. */
static uint64_t *cell(const struct reading *r, uint32_t sample, uint32_t row,
		      uint32_t column)
{
	size_t at = (size_t)sample * r->table.rows + row;

	return &r->room->cells[at * r->keep + column];
}

static void get_first(struct reading *r, uint32_t column, enum wire_code code)
{
	uint64_t *at = cell(r, 0, 0, column);
	struct pack_reader values;
	uint32_t row;

	pack_begin(&values, &r->body, code, r->table.rows);
	for (row = 0; row < r->table.rows && !r->body.broken; row++) {
		*at = pack_next(&values);
		at += r->keep;
	}
}

/* A row's values lie as far from each other as a sample is long. */
static void get_steps(struct reading *r, uint32_t column, enum wire_code code)
{
	size_t length = (size_t)r->table.rows * r->keep;
	uint32_t row, sample, rows = r->table.rows;
	struct pack_reader values;

	pack_begin(&values, &r->body, code, (size_t)rows * (r->samples - 1));
	for (row = 0; row < rows && !r->body.broken; row++) {
		uint64_t *at = cell(r, 0, row, column), value = *at;

		for (sample = 1; sample < r->samples; sample++) {
			value += pack_next(&values);
			at += length;
			*at = value;
		}
	}
}

/* The same key in all samples. */
static void copy_keys(struct reading *r)
{
	size_t length = (size_t)r->table.rows * r->keep, at;
	uint64_t *cells = r->room->cells;
	uint32_t sample;

	for (sample = 1; sample < r->samples; sample++)
		for (at = 0; at < length; at += r->keep)
			cells[sample * length + at] = cells[at];
}

static void scale_up(struct reading *r, uint32_t column, uint64_t scale)
{
	size_t rows = (size_t)r->samples * r->table.rows, row;
	uint64_t *at = cell(r, 0, 0, column);

	for (row = 0; row < rows; row++, at += r->keep)
		*at *= scale;
}

static void get_column(struct reading *r, uint32_t column)
{
	uint8_t head = cursor_byte(&r->body);
	uint64_t scale = head & COLUMN_SCALED ? cursor_varint(&r->body) :
						UINT64_C(1);

	get_first(r, column, head >> COLUMN_FIRST_SHIFT & COLUMN_CODE_MASK);
	if (column)
		get_steps(r, column,
			  head >> COLUMN_STEPS_SHIFT & COLUMN_CODE_MASK);
	if (r->body.broken)
		return;
	if (scale != 1)
		scale_up(r, column, scale);
	if (!column)
		copy_keys(r);
}

/* Read past a column that this reader doesn't know. */
static void skip_run(struct cursor *c, enum wire_code code, size_t count)
{
	struct pack_reader values;
	size_t i;

	pack_begin(&values, c, code, count);
	for (i = 0; i < count && !c->broken; i++)
		pack_next(&values);
}

static void skip_column(struct reading *r)
{
	uint8_t head = cursor_byte(&r->body);
	uint32_t rows = r->table.rows;

	if (head & COLUMN_SCALED)
		cursor_varint(&r->body);
	skip_run(&r->body, head >> COLUMN_FIRST_SHIFT & COLUMN_CODE_MASK, rows);
	skip_run(&r->body, head >> COLUMN_STEPS_SHIFT & COLUMN_CODE_MASK,
		 (size_t)rows * (r->samples - 1));
}

static void get_texts(struct reading *r, uint32_t number)
{
	uint32_t keep = r->schema->texts, row;

	for (row = 0; row < r->table.rows && !r->body.broken; row++) {
		size_t size = cursor_bounded(&r->body, WIRE_TEXT_MAX);
		const uint8_t *data = cursor_take(&r->body, size);

		if (number < keep)
			r->room->text[(size_t)row * keep + number] =
				(struct wire_text){ (const char *)data, size };
	}
}

static bool get_body(struct reading *r, uint64_t time)
{
	uint32_t i;

	get_head(r);
	if (r->body.broken || !has_room(r))
		return false;
	get_stamps(r, time);
	for (i = 0; i < r->keep && !r->body.broken; i++)
		get_column(r, i);
	for (; i < r->table.columns && !r->body.broken; i++)
		skip_column(r);
	for (i = 0; i < r->table.texts && !r->body.broken; i++)
		get_texts(r, i);
	return !r->body.broken && r->body.at == r->body.end;
}

/* Find the next table of a known kind: 1, 0 at the end, or broken. */
static int next_known(struct cursor *c, struct reading *r)
{
	while (c->at < c->end) {
		uint64_t kind = cursor_varint(c);
		uint32_t schema = cursor_bounded(c, UINT32_MAX);
		uint64_t size = cursor_varint(c);

		if (c->broken || size > cursor_left(c))
			return -WIRE_E_TABLE;
		r->body = (struct cursor){ .at = c->at, .end = c->at + size };
		c->at += size;
		r->schema = wire_schema(kind);
		if (!r->schema)
			continue;
		r->table.kind = (uint32_t)kind;
		r->table.schema = schema;
		return 1;
	}
	return 0;
}

uint64_t wire_cells(const struct wire_frame *f)
{
	struct cursor c = { .at = f->at, .end = f->end };
	struct reading r = { 0 };
	uint64_t cells = 0;

	while (next_known(&c, &r) == 1) {
		get_head(&r);
		if (!r.body.broken)
			cells += (uint64_t)r.table.rows * r.table.columns *
				 r.samples;
	}
	return cells;
}

static int next_table(struct wire_frame *f, const struct wire_room *room)
{
	struct cursor c = { .at = f->at, .end = f->end };
	struct reading r = { .room = room };
	int ret = next_known(&c, &r);

	if (ret == 1 && !get_body(&r, f->time))
		ret = -WIRE_E_TABLE;
	f->at = ret == 1 ? c.at : f->end;
	f->samples = ret == 1 ? r.samples : 0;
	f->sample = 0;
	f->table = r.table;
	f->table.columns = r.keep;
	f->table.texts = ret == 1 ? r.schema->texts : 0;
	return ret;
}

int wire_next(struct wire_frame *f, struct wire_table *t,
	      const struct wire_room *room)
{
	const struct wire_stamp *stamp;
	int ret = 1;

	if (f->sample == f->samples)
		ret = next_table(f, room);
	if (ret != 1)
		return ret;
	stamp = &room->stamps[f->sample];
	*t = f->table;
	t->sample = stamp->sample;
	t->real_ns = stamp->real_ns;
	t->mono_ns = stamp->mono_ns;
	t->lost = stamp->lost;
	t->cells = room->cells + (size_t)f->sample * t->rows * t->columns;
	t->text = t->texts ? room->text : NULL;
	f->sample++;
	return 1;
}
