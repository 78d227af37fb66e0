// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "lib/wire/pack.h"
#include "lib/wire/scale.h"
#include "lib/wire/wire.h"
#include "lib/wire/wire_format.h"
#include "lib/wire/wire_schema.h"

/* The part of a series that goes into one table. */
struct part {
	const struct wire_table *tables;
	uint32_t samples;
	uint32_t first; /* row */
	uint32_t rows;
	uint64_t changed[WIRE_COLUMNS_MAX]; /* bits that are not the same in all */
};

/* Columns that one instruction compares. */
enum {
	PAIR = 2
};
typedef uint64_t pair __attribute__((vector_size(PAIR * sizeof(uint64_t)),
				     aligned(8), may_alias));

static void compare_four(const uint64_t *a, const uint64_t *b, size_t columns,
			 const uint64_t *end, uint64_t *changed)
{
	pair left = { 0 }, right = { 0 };

	for (; a < end; a += columns, b += columns) {
		left |= *(const pair *)a ^ *(const pair *)b;
		right |= *(const pair *)(a + PAIR) ^ *(const pair *)(b + PAIR);
	}
	*(pair *)changed |= left;
	*(pair *)(changed + PAIR) |= right;
}

static uint64_t compare_one(const uint64_t *a, const uint64_t *b,
			    size_t columns, const uint64_t *end)
{
	uint64_t changed = 0;

	for (; a < end; a += columns, b += columns)
		changed |= *a ^ *b;
	return changed;
}

/* From one sample to the next. */
static void compare_two(struct part *p, const struct wire_table *a,
			const struct wire_table *b)
{
	size_t columns = a->columns, first = p->first * columns, i;
	const uint64_t *x = a->cells + first, *y = b->cells + first;
	const uint64_t *end = x + p->rows * columns;

	for (i = 0; i + 2 * PAIR <= columns; i += 2 * PAIR)
		compare_four(x + i, y + i, columns, end, &p->changed[i]);
	for (; i < columns; i++)
		p->changed[i] |= compare_one(x + i, y + i, columns, end);
}

/* Most columns of a series are the same in all samples. */
static void compare_samples(struct part *p)
{
	uint32_t i;

	for (i = 1; i < p->samples; i++)
		compare_two(p, &p->tables[i - 1], &p->tables[i]);
}

/* The steps of a row from a sample on. Returns where the next row's go. */
static uint64_t *put_steps(const struct wire_table *t,
			   const struct wire_table *end, size_t at,
			   uint64_t *steps)
{
	uint64_t last = t[-1].cells[at], a, b, c, d;

	/* Four at a time: half of what they cost is the loop. */
	for (; end - t >= 4; t += 4, steps += 4) {
		a = t[0].cells[at];
		b = t[1].cells[at];
		c = t[2].cells[at];
		d = t[3].cells[at];
		steps[0] = a - last;
		steps[1] = b - a;
		steps[2] = c - b;
		steps[3] = d - c;
		last = d;
	}
	for (; t < end; t++) {
		a = t->cells[at];
		*steps++ = a - last;
		last = a;
	}
	return steps;
}

/* All first values of a column, row by row, then all steps, row by row. Returns
 * how many values there are; of steps that are all 0 the first one will do.
 */
static size_t gather(const struct part *p, uint32_t column, uint64_t *values)
{
	const struct wire_table *end = p->tables + p->samples;
	size_t columns = p->tables->columns, row;
	const uint64_t *first = p->tables->cells + p->first * columns + column;
	uint64_t *steps = values + p->rows;

	for (row = 0; row < p->rows; row++)
		values[row] = first[row * columns];
	if (!column || p->samples == 1)
		return p->rows;
	if (!p->changed[column]) {
		*steps = 0;
		return p->rows + 1;
	}
	for (row = 0; row < p->rows; row++)
		steps = put_steps(p->tables + 1, end,
				  (p->first + row) * columns + column, steps);
	return (size_t)(steps - values);
}

static enum wire_type type_of(const struct wire_schema *schema, uint32_t column)
{
	return schema && column < schema->columns ?
		       (enum wire_type)schema->types[column] :
		       WIRE_GAUGE;
}

static void put_column(struct pen *pen, const struct part *p, uint32_t number,
		       enum wire_type type, uint64_t *values)
{
	size_t count = gather(p, number, values);
	uint64_t *steps = values + p->rows, scale = scale_of(values, count);
	enum wire_code code, steps_code;

	scale_down(values, count, scale);
	count -= p->rows;
	code = pack_choose(values, p->rows);
	steps_code = pack_choose(steps, count);
	pen_byte(pen, (uint8_t)(type | code << COLUMN_FIRST_SHIFT |
				steps_code << COLUMN_STEPS_SHIFT |
				(scale == 1 ? 0 : COLUMN_SCALED)));
	if (scale != 1)
		pen_varint(pen, scale);
	pack_put(pen, code, values, p->rows);
	pack_put(pen, steps_code, steps, count);
}

static void put_texts(struct pen *pen, const struct part *p, uint32_t number)
{
	const struct wire_table *t = p->tables;
	uint32_t row;

	for (row = p->first; row < p->first + p->rows; row++) {
		const struct wire_text *text =
			&t->text[(size_t)row * t->texts + number];
		size_t size = text->size < WIRE_TEXT_MAX ? text->size :
							   WIRE_TEXT_MAX;

		pen_varint(pen, size);
		pen_bytes(pen, text->data, size);
	}
}

/* A field of a sample's head, less what the two samples before make expect. */
static void put_guessed(struct pen *pen, uint64_t v, uint64_t *last,
			uint64_t *step, uint32_t sample)
{
	pen_varint(pen, zigzag(v - (*last + *step)));
	*step = sample ? v - *last : 0;
	*last = v;
}

static void put_stamps(struct pen *pen, const struct part *p, uint64_t time)
{
	struct wire_stamp last = { .real_ns = time }, step = { 0 };
	uint32_t i;

	for (i = 0; i < p->samples; i++) {
		const struct wire_table *t = &p->tables[i];

		put_guessed(pen, t->sample, &last.sample, &step.sample, i);
		put_guessed(pen, t->real_ns, &last.real_ns, &step.real_ns, i);
		put_guessed(pen, t->mono_ns, &last.mono_ns, &step.mono_ns, i);
		put_guessed(pen, t->lost, &last.lost, &step.lost, i);
	}
}

static void put_body(struct pen *pen, const struct part *p, uint64_t time,
		     uint64_t *values)
{
	const struct wire_table *t = p->tables;
	const struct wire_schema *schema = wire_schema(t->kind);
	uint32_t i;

	pen_varint(pen, t->origin);
	pen_varint(pen, t->columns);
	pen_varint(pen, t->texts);
	pen_varint(pen, p->rows);
	pen_varint(pen, p->samples);
	put_stamps(pen, p, time);
	for (i = 0; i < t->columns; i++)
		put_column(pen, p, i, type_of(schema, i), values);
	for (i = 0; i < t->texts; i++)
		put_texts(pen, p, i);
}

void wire_begin(struct wire_encoder *e, void *frame, size_t size, uint64_t time)
{
	e->frame = frame;
	e->size = size < WIRE_FRAME_MAX ? size : WIRE_FRAME_MAX;
	e->used = WIRE_HEADER_SIZE;
	e->cells = 0;
	e->time = time;
}

/* Put the body where it belongs if the table's head takes the most it can, then
 * move it up to the head. Returns the bytes it would take; none is put if they
 * are more than there is room for.
 */
static size_t try_part(struct wire_encoder *e, const struct part *p)
{
	const struct wire_table *t = p->tables;
	uint8_t *table = e->frame + e->used;
	struct pen body = { table + TABLE_HEAD_MAX,
			    e->size - e->used - TABLE_HEAD_MAX };
	struct pen head = { table, TABLE_HEAD_MAX };

	put_body(&body, p, e->time, e->values);
	if (body.used > body.room)
		return body.used;
	pen_varint(&head, t->kind);
	pen_varint(&head, t->schema);
	pen_varint(&head, body.used);
	memmove(table + head.used, body.data, body.used);
	e->used += head.used + body.used;
	e->cells += p->rows * p->samples * t->columns;
	return body.used;
}

static uint32_t rows_at_most(const struct wire_encoder *e,
			     const struct wire_table *t, uint32_t samples,
			     uint32_t first)
{
	uint32_t rows = t->rows - first;
	uint32_t left = WIRE_FRAME_CELLS_MAX - e->cells;
	uint32_t most = (left < WIRE_CELLS_MAX ? left : WIRE_CELLS_MAX) /
			(t->columns * samples);

	if (most > WIRE_ENCODER_VALUES / samples)
		most = WIRE_ENCODER_VALUES / samples;
	if (rows > most)
		rows = most;
	return rows < WIRE_ROWS_MAX ? rows : WIRE_ROWS_MAX;
}

/* How many rows to try with: those that fit if they are as long as they were. */
static uint32_t first_guess(const struct wire_encoder *e, const struct part *p,
			    size_t room)
{
	uint32_t kind = p->tables->kind;
	uint32_t bytes = kind < WIRE_KINDS ? e->row_bytes[kind] : 0;
	uint32_t rows = rows_at_most(e, p->tables, p->samples, p->first);

	if (!bytes || room / bytes >= rows)
		return rows;
	return room / bytes ? (uint32_t)(room / bytes) : 1;
}

static void learn(struct wire_encoder *e, const struct part *p, size_t used)
{
	uint32_t kind = p->tables->kind;

	if (kind < WIRE_KINDS)
		e->row_bytes[kind] = (uint32_t)((used + used / 32) / p->rows);
}

uint32_t wire_put_series(struct wire_encoder *e,
			 const struct wire_table *tables, uint32_t samples,
			 uint32_t first)
{
	struct part p = { .tables = tables,
			  .samples = samples,
			  .first = first };
	size_t room = e->size - e->used, used;

	if (room <= TABLE_HEAD_MAX || first >= tables->rows)
		return 0;
	room -= TABLE_HEAD_MAX;
	p.rows = first_guess(e, &p, room);
	compare_samples(&p);
	while (p.rows) {
		uint32_t fewer;

		used = try_part(e, &p);
		learn(e, &p, used);
		if (used <= room)
			break;
		/* Guess how many fit: rows are alike, more or less. */
		fewer = (uint32_t)(p.rows * room / (used + used / 32));
		p.rows = fewer < p.rows ? fewer : p.rows - 1;
	}
	return p.rows;
}

uint32_t wire_put(struct wire_encoder *e, const struct wire_table *table,
		  uint32_t first)
{
	return wire_put_series(e, table, 1, first);
}

bool wire_put_none(struct wire_encoder *e, const struct wire_table *table)
{
	const struct part p = { .tables = table, .samples = 1 };
	size_t room = e->size - e->used;

	return room > TABLE_HEAD_MAX &&
	       try_part(e, &p) <= room - TABLE_HEAD_MAX;
}

int wire_empty(const struct wire_encoder *e)
{
	return e->used == WIRE_HEADER_SIZE;
}
