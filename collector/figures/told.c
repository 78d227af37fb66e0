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
	struct told_rates *rates; /* NULL: they are not kept */
};

static double row_value(const struct book_row *r, uint32_t column)
{
	const struct row_view *v = (const struct row_view *)r;
	uint64_t value = samples_cell(v->s, v->row, column);

	return value == WIRE_ABSENT ? NAN : (double)(int64_t)value;
}

/* The kernel does not count while a CPU is off: what it counts when that is back is of
 * another time.
 */
static bool was_off(const struct row_view *v)
{
	return v->kind == WIRE_CPU &&
	       !(samples_base(v->s, v->row, WIRE_CPU_FLAGS) & WIRE_CPU_ONLINE);
}

static double work_out_rate(const struct row_view *v, uint32_t column)
{
	if (v->s->copies == 1 || column >= v->s->columns || was_off(v))
		return NAN;
	return samples_rate(v->s, v->row, column);
}

static double row_rate(const struct book_row *r, uint32_t column)
{
	const struct row_view *v = (const struct row_view *)r;
	struct told_rates *kept = v->rates;

	if (!kept || column >= sizeof(kept->rates) / sizeof(kept->rates[0]))
		return work_out_rate(v, column);
	if (!(kept->known & UINT64_C(1) << column)) {
		kept->known |= UINT64_C(1) << column;
		kept->rates[column] = work_out_rate(v, column);
	}
	return kept->rates[column];
}

/* A state that the sender does not have is left out of the whole. */
static double row_mean(const struct book_row *r, uint32_t column)
{
	return isnan(row_value(r, column)) ? 0 : row_rate(r, column);
}

static struct row_view view_row(const struct book_entry *e,
				const struct samples *s,
				const struct samples_row *row)
{
	return (struct row_view){
		{ row_value, row_rate, row_mean }, e->kind, s, row, NULL
	};
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

double told_metric_with(const struct book_entry *e, const struct samples *s,
			const struct samples_row *row, struct told_rates *rates)
{
	struct row_view v = view_row(e, s, row);

	v.rates = rates;
	return book_now(e, &v.book);
}

static bool is_largest(const struct book_entry *e)
{
	return e->adds == BOOK_MAX || e->adds == BOOK_WRITABLE;
}

/* One value for several rows: their sum, or the largest. */
struct together {
	double all;
	double weight;
	bool any;
};

static void add_row(struct together *t, const struct book_entry *e,
		    const struct row_view *v)
{
	double value = book_now(e, &v->book);
	double weight = book_weight(e, &v->book);

	/* The time of a row counts also where its value is not known: a share is
	 * of the time of all rows.
	 */
	if (weight > 0)
		t->weight += weight;
	if (isnan(value))
		return;
	if (is_largest(e))
		t->all = t->any && t->all > value ? t->all : value;
	else
		t->all += value * weight;
	t->any = true;
}

/* A row without a value yet does not make the others' unknown. */
double told_of_rows(const struct book_entry *e, const struct samples *s)
{
	struct together t = { 0 };
	size_t i;

	for (i = 0; i < s->count; i++) {
		const struct samples_row *row = s->rows[i];
		const struct row_view v = view_row(e, s, row);

		if (told_row_counts(e, s, row) &&
		    (!row->stacked || is_largest(e)))
			add_row(&t, e, &v);
	}
	if (!t.any)
		return NAN;
	return e->adds == BOOK_MEAN ? t.all / t.weight : t.all;
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
	const struct values_view v = { { gauge, growth, NULL }, g, c };

	return book_now(e, &v.book);
}
