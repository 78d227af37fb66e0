// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdlib.h>

#include "ktach/format.h"
#include "ktach/views.h"

enum {
	HEAT_LABEL = 20, /* "net_rx    1.25k/s   " */
	TABLE_COLUMN = 8,
};

static uint64_t weight(const void *arg, uint32_t i)
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
	for (i = 0; numbers && i < CPU_TABLE_VALUES; i++) {
		if (!f->total[numbers[i]])
			break;
		paper_put(p, STYLE_DIM, "  %s", vector_names[numbers[i]]);
		paper_put(p, STYLE_PLAIN, " %s",
			  format_rate(text, f->total[numbers[i]]));
	}
	paper_line(p);
	free(numbers);
}

static void table_row(struct paper *p, const char *label,
		      const uint64_t *values)
{
	char text[FORMAT_SIZE];
	int i;

	paper_put(p, STYLE_PLAIN, "%-5s", label);
	paper_put(p, STYLE_PLAIN, "%7s", format_rate(text, cpu_sum(values)));
	for (i = 0; i < CPU_TABLE_VALUES; i++)
		paper_put(p, values[i] ? STYLE_PLAIN : STYLE_DIM, " %*s",
			  TABLE_COLUMN - 1,
			  values[i] ? format_rate(text, values[i]) : "-");
	paper_line(p);
}

/* Only with exact times: how much of the CPUs' time each vector took. */
static void time_row(struct paper *p, const struct cpu_figures *f)
{
	char text[FORMAT_SIZE];
	int i;

	if (!f->has_exact)
		return;
	paper_put(p, STYLE_DIM, "%-5s", "% cpu");
	paper_put(p, STYLE_DIM, "%7s",
		  format_share(text, cpu_sum(f->total_exact)));
	for (i = 0; i < CPU_TABLE_VALUES; i++)
		paper_put(p, STYLE_DIM, " %*s", TABLE_COLUMN - 1,
			  format_share(text, f->total_exact[i]));
	paper_line(p);
}

void view_softirq_table(struct paper *p, const struct cpu_figures *f,
			enum order order)
{
	uint32_t *numbers = order_rows(f->rows, order, weight, f), i;
	char label[16];
	int v;

	paper_put(p, STYLE_TITLE, "%-5s%7s", "cpu", "all/s");
	for (v = 0; v < CPU_TABLE_VALUES; v++)
		paper_put(p, STYLE_TITLE, "%*s", TABLE_COLUMN, vector_names[v]);
	paper_line(p);
	table_row(p, "all", f->total);
	time_row(p, f);
	for (i = 0; numbers && i < f->rows; i++) {
		const struct cpu_row *row = &f->row[numbers[i]];

		snprintf(label, sizeof(label), "%" PRIu32, row->cpu);
		table_row(p, label, row->values);
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

static void heat_line(struct paper *p, const struct cpu_figures *f, int vector)
{
	uint64_t max = largest(f, vector, 0, f->rows);
	int left = paper_width(p) - HEAT_LABEL - 1;
	uint32_t room = left > 0 ? (uint32_t)left : 1;
	uint32_t group = (f->rows + room - 1) / room, i;
	char text[FORMAT_SIZE];

	paper_put(p, STYLE_PLAIN, "%-9s", vector_names[vector]);
	paper_put(p, STYLE_PLAIN, "%7s/s", format_rate(text, f->total[vector]));
	paper_pad(p, HEAT_LABEL);
	for (i = 0; i < f->rows; i += group)
		paper_heat(p, largest(f, vector, i, i + group), max);
	paper_line(p);
}

int view_softirq_heat(struct paper *p, const struct cpu_figures *f, int rows)
{
	uint32_t *numbers =
		order_rows(CPU_TABLE_VALUES, ORDER_ACTIVITY, vector_weight, f);
	int i, lines = 0;

	for (i = 0; numbers && i < CPU_TABLE_VALUES && lines < rows; i++) {
		if (!f->total[numbers[i]])
			break;
		heat_line(p, f, (int)numbers[i]);
		lines++;
	}
	free(numbers);
	return lines;
}
