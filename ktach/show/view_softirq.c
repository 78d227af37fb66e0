// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdlib.h>

#include "ktach/figures/format.h"
#include "ktach/show/views.h"

enum {
	HEAT_LABEL = 20, /* "net_rx    1.25k/s   " */
	HEAT_EXACT = 8, /* "  12.5 %" in it, with exact times */
	TABLE_LABEL = 5,
	TABLE_COLUMN = 9,
};

static uint64_t cpu_weight(const void *arg, uint32_t i)
{
	const struct cpu_figures *f = arg;

	return cpu_sum(f->row[i].values);
}

static uint64_t vector_weight(const void *arg, uint32_t vector)
{
	const struct cpu_figures *f = arg;

	return f->total[vector];
}

void view_softirq_total(struct paper *p, const struct cpu_figures *f)
{
	uint32_t *numbers =
		order_rows(CPU_TABLE_VALUES, ORDER_ACTIVITY, vector_weight, f);
	char text[FORMAT_SIZE];
	int i;

	paper_put(p, STYLE_TITLE, "%-9s", "softirqs");
	paper_put(p, STYLE_PLAIN, "%5s/s",
		  format_rate(text, cpu_sum(f->total)));
	for (i = 0; numbers && i < CPU_TABLE_VALUES; i++)
		if (!f->total[numbers[i]] ||
		    !paper_pair(p, vector_name((int)numbers[i]),
				format_rate(text, f->total[numbers[i]])))
			break;
	paper_line(p);
	free(numbers);
}

/* Bits of the vectors that have a column: all, or where that is too wide those
 * that ran.
 */
static unsigned int table_vectors(const struct paper *p,
				  const struct cpu_figures *f)
{
	unsigned int ran = 0, all = (1U << CPU_TABLE_VALUES) - 1;
	int i;

	for (i = 0; i < CPU_TABLE_VALUES; i++)
		ran |= f->total[i] ? 1U << i : 0;
	return TABLE_LABEL + (1 + CPU_TABLE_VALUES) * TABLE_COLUMN >
			       p->columns ?
		       ran :
		       all;
}

static void table_cell(struct paper *p, enum style style, const char *text)
{
	paper_put(p, style, " %*s", TABLE_COLUMN - 1, text);
}

static void table_title(struct paper *p, unsigned int vectors)
{
	int i;

	paper_put(p, STYLE_TITLE, "%-*s", TABLE_LABEL, "cpu");
	table_cell(p, STYLE_TITLE, "all/s");
	for (i = 0; i < CPU_TABLE_VALUES; i++)
		if (vectors & 1U << i)
			table_cell(p, STYLE_TITLE, vector_name(i));
	paper_line(p);
}

static void table_row(struct paper *p, const char *label,
		      const uint64_t *values, unsigned int vectors)
{
	char text[FORMAT_SIZE];
	int i;

	paper_put(p, STYLE_PLAIN, "%-*s", TABLE_LABEL, label);
	table_cell(p, STYLE_PLAIN, format_rate(text, cpu_sum(values)));
	for (i = 0; i < CPU_TABLE_VALUES; i++)
		if (vectors & 1U << i)
			table_cell(p, values[i] ? STYLE_PLAIN : STYLE_DIM,
				   values[i] ? format_rate(text, values[i]) :
					       "-");
	paper_line(p);
}

/* Only with exact times: how much of the CPUs' time each vector took. */
static void time_row(struct paper *p, const struct cpu_figures *f,
		     unsigned int vectors)
{
	char text[FORMAT_SIZE];
	int i;

	if (!f->has_exact)
		return;
	paper_put(p, STYLE_DIM, "%-*s", TABLE_LABEL, "% cpu");
	table_cell(p, STYLE_DIM, format_share(text, cpu_sum(f->total_exact)));
	for (i = 0; i < CPU_TABLE_VALUES; i++)
		if (vectors & 1U << i)
			table_cell(p, STYLE_DIM,
				   format_share(text, f->total_exact[i]));
	paper_line(p);
}

void view_softirq_table(struct paper *p, const struct cpu_figures *f,
			enum order order)
{
	uint32_t *numbers = order_rows(f->rows, order, cpu_weight, f), i;
	unsigned int vectors = table_vectors(p, f);
	char label[16];

	table_title(p, vectors);
	table_row(p, "all", f->total, vectors);
	time_row(p, f, vectors);
	for (i = 0; numbers && i < f->rows; i++) {
		const struct cpu_row *row = &f->row[numbers[i]];

		snprintf(label, sizeof(label), "%" PRIu32, row->cpu);
		if (row->flags & WIRE_CPU_ONLINE)
			table_row(p, label, row->values, vectors);
		else
			view_cpu_away(p, row);
	}
	free(numbers);
}

static uint64_t largest(const struct cpu_figures *f, int vector, uint32_t first,
			uint32_t end)
{
	uint64_t max = 0;
	uint32_t i;

	for (i = first; i < end && i < f->rows; i++)
		if (f->row[i].values[vector] > max)
			max = f->row[i].values[vector];
	return max;
}

/* Cells from here to the end of the line, if a trend has room there. */
static void put_trend(struct paper *p, int vector, const struct trends *trends)
{
	int width = paper_width(p) - p->column - 2;

	if (!trends || width < TREND_COLUMNS_MIN)
		return;
	paper_put(p, STYLE_PLAIN, "  ");
	view_rate_trend(p, trends, &trends->vector[vector], width, STYLE_IRQ);
}

static void heat_line(struct paper *p, const struct cpu_figures *f, int vector,
		      const struct trends *trends)
{
	uint64_t max = largest(f, vector, 0, f->rows);
	int label = HEAT_LABEL + (f->has_exact ? HEAT_EXACT : 0);
	int left = paper_width(p) - label - 1;
	uint32_t room = left > 0 ? (uint32_t)left : 1;
	uint32_t group = (f->rows + room - 1) / room, i;
	char text[FORMAT_SIZE];

	paper_put(p, STYLE_PLAIN, "%-9s", vector_name(vector));
	paper_put(p, STYLE_PLAIN, "%7s/s", format_rate(text, f->total[vector]));
	if (f->has_exact)
		paper_put(p, STYLE_PLAIN, " %5s %%",
			  format_share(text, f->total_exact[vector]));
	paper_pad(p, label);
	for (i = 0; i < f->rows; i += group)
		paper_heat(p, largest(f, vector, i, i + group), max);
	put_trend(p, vector, trends);
	paper_line(p);
}

/* One that runs now and then keeps its line, so that lines don't jump. */
static bool ran_lately(const struct cpu_figures *f, uint32_t vector,
		       const struct trends *trends)
{
	return f->total[vector] ||
	       (trends &&
		trend_largest(trends, &trends->vector[vector], TREND_SAMPLES));
}

int view_softirq_vectors(const struct cpu_figures *f,
			 const struct trends *trends)
{
	uint32_t i;
	int n = 0;

	for (i = 0; i < CPU_TABLE_VALUES; i++)
		n += ran_lately(f, i, trends);
	return n;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

int view_softirq_heat(struct paper *p, const struct cpu_figures *f,
		      enum order order, int rows, const struct trends *trends)
{
	uint32_t *numbers =
		order_rows(CPU_TABLE_VALUES, ORDER_ACTIVITY, vector_weight, f);
	uint32_t i, shown = 0;

	for (i = 0; numbers && i < CPU_TABLE_VALUES; i++)
		if ((int)shown < rows && ran_lately(f, numbers[i], trends))
			numbers[shown++] = numbers[i];
	if (numbers && order == ORDER_NUMBER)
		qsort(numbers, shown, sizeof(*numbers), by_number);
	for (i = 0; i < shown; i++)
		heat_line(p, f, (int)numbers[i], trends);
	free(numbers);
	return (int)shown;
}
