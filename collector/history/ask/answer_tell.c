// SPDX-License-Identifier: GPL-2.0-or-later
/* The values of each row, once all of them have come. */
#include <math.h>

#include "collector/history/ask/answer.h"
#include "tables/book.h"

/* A counter's growth is known a second, over ns. */
static double sum_of(const struct answer *a, const struct answer_cell *c)
{
	if (c->weight <= 0)
		return NAN;
	return a->q->metric->type == WIRE_COUNTER ? c->value / 1e9 : c->value;
}

static double cell_value(const struct answer *a, const struct answer_row *r,
			 size_t step)
{
	const struct answer_cell *c = &r->cells[step];

	if (r->aggregate == HISTORY_SUM)
		return sum_of(a, c);
	if (r->aggregate != HISTORY_AVG)
		return c->value;
	return c->weight > 0 ? c->value : NAN;
}

static void set_cell(void *context, uint32_t step, double value)
{
	struct answer_row *r = context;

	r->cells[step].value = value;
}

/* From the last value of a step with any to that of the next one. */
static void make_rates(const struct answer *a, struct answer_row *r)
{
	const struct answer_cell *before = NULL;
	struct answer_cell last = { 0 };
	size_t i;

	for (i = 0; i < a->steps; i++) {
		struct answer_cell *c = &r->cells[i], now = *c;

		if (isnan(now.value))
			continue;
		c->value = before && now.weight > last.weight ?
				   (now.value - last.value) /
					   ((now.weight - last.weight) / 1e9) :
				   NAN;
		last = now;
		before = &last;
	}
}

/* What is known once all values have come. */
static void finish_rows(struct answer *a)
{
	static const unsigned int percents[HISTORY_AGGREGATES] = {
		[HISTORY_P50] = 50, [HISTORY_P95] = 95, [HISTORY_P99] = 99
	};
	size_t i;

	for (i = 0; i < a->count; i++) {
		struct answer_row *r = a->rows[i];

		if (answer_is_percentile(a))
			spread_tell(&r->spread, percents[a->aggregate],
				    r->turned, set_cell, r);
		else if (a->aggregate == HISTORY_RATE)
			make_rates(a, r);
	}
}

/* Several values at a step, as formulas see them. */
struct step_view {
	struct book_row book;
	const struct answer *a;
	size_t step;
};

static double step_value(const struct book_row *r, uint32_t key)
{
	const struct step_view *v = (const struct step_view *)r;
	size_t i;

	for (i = 0; i < v->a->count; i++)
		if (v->a->rows[i]->key == key)
			return cell_value(v->a, v->a->rows[i], v->step);
	return NAN;
}

/* Of a last value: when it was; of others: the step's last moment. */
static void set_time(struct answer *a, const struct answer_row *r, size_t step)
{
	uint64_t end_ns = (step + 1) * a->q->step_ns, all_ns;

	if (!a->after_ns)
		return;
	all_ns = a->q->to_ns - a->q->from_ns;
	end_ns = end_ns < all_ns ? end_ns : all_ns;
	a->after_ns[step] = r->aggregate == HISTORY_LAST ?
				    r->cells[step].weight :
				    (double)end_ns - 1e6;
}

/* A figure of several values is one series. */
static size_t tell_together(struct answer *a,
			    void (*series)(void *context,
					   const struct history_series *s),
			    void *context)
{
	const struct book_entry *e = a->q->metric;
	struct step_view v = { { step_value, step_value, NULL }, a, 0 };
	const struct history_series s = { .text = "",
					  .aggregate = a->asked,
					  .count = a->steps,
					  .values = a->values,
					  .after_ns = a->after_ns };

	for (v.step = 0; v.step < a->steps; v.step++) {
		a->values[v.step] = e->formula(e, &v.book);
		set_time(a, a->rows[0], v.step);
	}
	series(context, &s);
	return 1;
}

size_t answer_tell(struct answer *a,
		   void (*series)(void *context,
				  const struct history_series *s),
		   void *context)
{
	const struct book_entry *e = a->q->metric;
	size_t row, i;

	finish_rows(a);
	if (a->count && e->what == BOOK_FIGURE && e->group)
		return tell_together(a, series, context);
	for (row = 0; row < a->count; row++) {
		const struct answer_row *r = a->rows[row];
		const struct history_series s = {
			.key = r->key,
			.text = r->texts ? r->text[0] : "",
			.texts = r->texts,
			.all_texts = (const char *const *)r->text,
			.aggregate = a->asked,
			.count = a->steps,
			.values = a->values,
			.after_ns = a->after_ns
		};

		for (i = 0; i < a->steps; i++) {
			a->values[i] = cell_value(a, r, i);
			set_time(a, r, i);
		}
		series(context, &s);
	}
	return a->count;
}
