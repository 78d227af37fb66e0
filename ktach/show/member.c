// SPDX-License-Identifier: GPL-2.0-or-later
/* Rows and values with names, as the book tells of them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ktach/show/field.h"
#include "lib/kernel/irq_symbol.h"

/* A row, as formulas see it. */
struct row_view {
	struct book_row book;
	const struct change *c;
};

static double row_value(const struct book_row *r, uint32_t column)
{
	uint64_t value = ((const struct row_view *)r)->c->now[column];

	return value == WIRE_ABSENT ? NAN : (double)(int64_t)value;
}

static double growth_per_s(const struct change *c, uint32_t column)
{
	uint64_t growth;

	return change_growth(c, column, &growth) ?
		       (double)growth * 1e9 / (double)c->interval_ns :
		       NAN;
}

static double row_rate(const struct book_row *r, uint32_t column)
{
	return growth_per_s(((const struct row_view *)r)->c, column);
}

static void put_real(struct value *v, double real)
{
	if (!isnan(real))
		value_real(v, real);
}

static void put_figure(struct value *v, const struct book_entry *e,
		       const struct book_row *r)
{
	double real = book_value(e, r);

	if (e->unit == BOOK_BYTES && !isnan(real))
		value_number(v, (int64_t)real);
	else
		put_real(v, real);
}

static void put_cell(struct value *v, const struct book_entry *e, uint64_t cell)
{
	const char letter[2] = { (char)cell };

	if (e->unit == BOOK_SENSOR)
		value_text(v, book_sensor(cell)->type);
	else if (e->unit == BOOK_LETTER && cell > ' ' && cell <= '~')
		value_text(v, letter);
	else if (cell == WIRE_ABSENT || e->unit == BOOK_LETTER)
		v->type = VALUE_ABSENT;
	else if (e->unit == BOOK_TRUTH)
		value_truth(v, cell);
	else if (book_unit_parts(e->unit) > 1)
		value_real(v, (double)(int64_t)cell / book_unit_parts(e->unit));
	else
		value_number(v, (int64_t)cell);
}

static void put_entry(struct value *v, const struct book_entry *e,
		      const struct change *c, bool rate)
{
	const struct row_view view = { { row_value, row_rate, NULL }, c };

	v->type = VALUE_ABSENT;
	if (!c)
		return;
	if (rate)
		put_real(v, growth_per_s(c, e->column));
	else if (e->what == BOOK_COLUMN)
		put_cell(v, e, c->now[e->column]);
	else if (e->what == BOOK_FIGURE)
		put_figure(v, e, &view.book);
	else if (c->now[e->column] != WIRE_ABSENT)
		value_truth(v, c->now[e->column] & e->bit);
}

static void put_text(struct value *v, const struct change *c, uint32_t index,
		     bool words)
{
	v->type = VALUE_ABSENT;
	v->text = (struct wire_text){ NULL, 0 };
	if (c)
		v->text = change_text(c, index);
	if (words)
		v->type = VALUE_WORDS;
	else if (v->text.size)
		v->type = VALUE_TEXT;
}

static bool is_told(const struct book_entry *e)
{
	return !e->quiet && e->unit != BOOK_HIDDEN && e->unit != BOOK_FLAGS;
}

/* What a cell tells in another way, too: an interrupt's letters, a sensor's unit. */
static const char *other_name(const struct book_entry *e)
{
	if (e->unit == BOOK_SENSOR)
		return "unit";
	return e->kind == WIRE_IRQ && e->type == WIRE_KEY ? "symbol" : NULL;
}

static void put_other(struct value *v, const struct book_entry *e,
		      const struct change *c)
{
	char text[IRQ_SYMBOL_SIZE];

	v->type = VALUE_ABSENT;
	if (c)
		value_text(v, e->unit == BOOK_SENSOR ?
				      book_sensor(c->now[e->column])->unit :
				      irq_symbol(c->now[e->column], text));
}

void row_members(const struct change *c, uint32_t kind, put_member *put,
		 void *arg)
{
	const struct book_text *texts = book_table(kind)->texts;
	const struct book_entry *e, *end = book_end(kind);
	char rate[BOOK_NAME_SIZE];
	struct value v;
	uint32_t i;

	for (i = 0; i < WIRE_TEXTS_MAX && texts[i].name; i++) {
		put_text(&v, c, i, texts[i].words);
		put(arg, texts[i].name, &v);
	}
	for (e = book_first(kind); e < end; e++) {
		if (!is_told(e))
			continue;
		put_entry(&v, e, c, false);
		put(arg, e->name, &v);
		if (e->type == WIRE_COUNTER && book_rate_name(e, rate)) {
			put_entry(&v, e, c, true);
			put(arg, rate, &v);
		}
		if (other_name(e)) {
			put_other(&v, e, c);
			put(arg, other_name(e), &v);
		}
	}
}

enum unit unit_of(const struct book_entry *e, bool rate)
{
	static const enum unit units[BOOK_UNITS] = {
		[BOOK_NUMBER] = UNIT_COUNT,
		[BOOK_BYTES] = UNIT_BYTES,
		[BOOK_NS] = UNIT_NS,
		[BOOK_SHARE] = UNIT_SHARE,
		[BOOK_HUNDREDTHS] = UNIT_TENTHS,
		[BOOK_HZ] = UNIT_HZ,
		[BOOK_BITS_PER_S] = UNIT_COUNT,
		[BOOK_BYTES_PER_S] = UNIT_BYTES_SHORT,
		[BOOK_PER_S] = UNIT_COUNT,
		[BOOK_REAL] = UNIT_TENTHS,
		[BOOK_SENSOR] = UNIT_TEXT,
		[BOOK_LETTER] = UNIT_TEXT,
	};

	if (rate && e->unit == BOOK_BYTES)
		return UNIT_BYTES_SHORT;
	return units[e->unit] ? units[e->unit] : UNIT_PLAIN;
}

static bool is_rate_of(const struct book_entry *e, const char *name)
{
	size_t size = strlen(e->name);

	return e->type == WIRE_COUNTER && !strncmp(name, e->name, size) &&
	       !strcmp(name + size, "_per_s");
}

enum unit row_member(const struct change *c, uint32_t kind, const char *name,
		     struct value *v)
{
	const struct book_text *texts = book_table(kind)->texts;
	const struct book_entry *e, *end = book_end(kind);
	uint32_t i;

	for (i = 0; i < WIRE_TEXTS_MAX && texts[i].name; i++)
		if (!strcmp(texts[i].name, name)) {
			put_text(v, c, i, texts[i].words);
			return UNIT_TEXT;
		}
	for (e = book_first(kind); e < end; e++) {
		bool rate = is_rate_of(e, name);

		if (e->unit == BOOK_HIDDEN || (!rate && strcmp(e->name, name)))
			continue;
		put_entry(v, e, c, rate);
		return unit_of(e, rate);
	}
	for (e = book_first(kind); e < end; e++)
		if (other_name(e) && !strcmp(other_name(e), name))
			put_other(v, e, c);
	return UNIT_TEXT;
}

/* Values with names, as formulas see them. */
struct group_view {
	struct book_row book;
	const struct reading *now;
	const struct reading *before;
};

static double named_value(const struct book_row *r, uint32_t key)
{
	const struct group_view *v = (const struct group_view *)r;
	struct change c;

	if (!reading_find(v->now, v->before, WIRE_GAUGES, key, &c) ||
	    c.now[WIRE_VALUE] == WIRE_ABSENT)
		return NAN;
	return (double)(int64_t)c.now[WIRE_VALUE];
}

static double named_rate(const struct book_row *r, uint32_t key)
{
	const struct group_view *v = (const struct group_view *)r;
	struct change c;

	return reading_find(v->now, v->before, WIRE_COUNTERS, key, &c) ?
		       growth_per_s(&c, WIRE_VALUE) :
		       NAN;
}

/* Something was told of all that a figure is made of. */
static bool has_inputs(const struct reading *now, const struct book_entry *e)
{
	struct change c;
	uint8_t i;

	for (i = 0; i < e->count; i++)
		if (!reading_find(now, now, e->kind, e->inputs[i].column, &c))
			return false;
	return true;
}

bool group_value(const struct reading *now, const struct reading *before,
		 const struct book_entry *e, bool rate, struct value *v)
{
	const struct group_view view = { { named_value, named_rate, NULL },
					 now,
					 before };
	struct change c;

	v->type = VALUE_ABSENT;
	if (e->what == BOOK_FIGURE) {
		put_figure(v, e, &view.book);
		return has_inputs(now, e);
	}
	if (!reading_find(now, before, e->kind, e->column, &c))
		return false;
	if (rate)
		put_real(v, growth_per_s(&c, WIRE_VALUE));
	else
		put_cell(v, e, c.now[WIRE_VALUE]);
	return true;
}

void group_members(const struct reading *now, const struct reading *before,
		   enum book_group group, bool all, put_member *put, void *arg)
{
	char name[BOOK_NAME_SIZE];
	const struct book_entry *e;
	struct value v;

	for (e = book; e < book + BOOK_ENTRIES; e++) {
		if (e->group != group ||
		    (!group_value(now, before, e, false, &v) && !all))
			continue;
		put(arg, book_member(e, name), &v);
		if (e->type != WIRE_COUNTER)
			continue;
		group_value(now, before, e, true, &v);
		put(arg, book_rate_name(e, name), &v);
	}
}
