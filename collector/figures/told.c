// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>

#include "collector/figures/told.h"
#include "collector/figures/cpu.h"
#include "lib/wire/wire_schema.h"

/* A row, as formulas see it. */
struct row_view {
	struct book_row book;
	uint32_t kind;
	const struct samples *s;
	const struct samples_row *row;
};

static double row_value(const struct book_row *r, uint32_t column)
{
	const struct row_view *v = (const struct row_view *)r;
	uint64_t value = samples_cell(v->s, v->row, column);

	return value == WIRE_ABSENT ? NAN : (double)(int64_t)value;
}

/* The kernel does not count while a CPU is off: time passes, and no state has it. Nor
 * is anything known where no state grew.
 */
static bool was_off(const struct row_view *v)
{
	uint32_t i;

	if (v->kind != WIRE_CPU)
		return false;
	if (!(samples_base(v->s, v->row, WIRE_CPU_FLAGS) & WIRE_CPU_ONLINE))
		return true;
	for (i = WIRE_CPU_USER_NS; i <= WIRE_CPU_STEAL_NS; i++)
		if (v->row->cells[i] != samples_base(v->s, v->row, i))
			return false;
	return true;
}

static double row_rate(const struct book_row *r, uint32_t column)
{
	const struct row_view *v = (const struct row_view *)r;

	if (v->s->copies == 1 || column >= v->s->columns || was_off(v))
		return NAN;
	return samples_rate(v->s, v->row, column);
}

static struct row_view view_row(const struct book_entry *e,
				const struct samples *s,
				const struct samples_row *row)
{
	return (struct row_view){ { row_value, row_rate }, e->kind, s, row };
}

bool told_now(const struct book_entry *e)
{
	const struct wire_schema *schema = wire_schema(e->kind);
	uint32_t columns, i;

	if (e->group || e->what == BOOK_OF_NODE)
		return true;
	columns = samples_columns(e->kind);
	if (e->type == WIRE_COUNTER)
		return e->column < columns;
	for (i = 0; i < e->count; i++)
		if (schema->types[e->inputs[i].column] == WIRE_COUNTER &&
		    e->inputs[i].column >= columns)
			return false;
	return true;
}

bool told_row_counts(const struct book_entry *e, const struct samples *s,
		     const struct samples_row *row)
{
	if (e->kind == WIRE_CPU || e->kind == WIRE_SOFTIRQ)
		return cpu_online(s, row);
	if (e->adds == BOOK_WRITABLE &&
	    row->cells[WIRE_MOUNT_FLAGS] & WIRE_MOUNT_READ_ONLY)
		return false;
	return samples_current(s, row);
}

double told_value(const struct book_entry *e, const struct samples *s,
		  const struct samples_row *row)
{
	struct row_view v = view_row(e, s, row);

	return book_value(e, &v.book);
}

double told_metric(const struct book_entry *e, const struct samples *s,
		   const struct samples_row *row)
{
	struct row_view v = view_row(e, s, row);

	return book_now(e, &v.book);
}

static bool is_largest(const struct book_entry *e)
{
	return e->adds == BOOK_MAX || e->adds == BOOK_WRITABLE;
}

/* A row that has none yet doesn't take the others' away. */
double told_of_rows(const struct book_entry *e, const struct samples *s)
{
	double all = NAN;
	size_t i, count = 0;

	for (i = 0; i < s->count; i++) {
		const struct samples_row *row = s->rows[i];
		double value;

		if (!told_row_counts(e, s, row) ||
		    (row->stacked && !is_largest(e)))
			continue;
		value = told_metric(e, s, row);
		if (isnan(value))
			continue;
		if (!count++)
			all = value;
		else if (!is_largest(e))
			all += value;
		else if (value > all)
			all = value;
	}
	return e->adds == BOOK_MEAN ? all / (double)count : all;
}

/* Values with names, as formulas see them. */
struct values_view {
	struct book_row book;
	const struct gauges *gauges;
	const struct counters *counters;
};

static double gauge(const struct book_row *r, uint32_t key)
{
	const struct values_view *v = (const struct values_view *)r;
	uint64_t value = v->gauges->value[key];

	return value == WIRE_ABSENT ? NAN : (double)(int64_t)value;
}

static double growth(const struct book_row *r, uint32_t key)
{
	const struct values_view *v = (const struct values_view *)r;

	return counters_rate(v->counters, key);
}

double told_of_values(const struct book_entry *e, const struct gauges *g,
		      const struct counters *c)
{
	const struct values_view v = { { gauge, growth }, g, c };

	return book_now(e, &v.book);
}
