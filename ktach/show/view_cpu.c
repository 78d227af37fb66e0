// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdlib.h>

#include "ktach/figures/cpu_figures.h"
#include "ktach/figures/format.h"
#include "ktach/show/views.h"

enum {
	TABLE_BAR = 14, /* columns of the table's bars */
	CELL_LABEL = 4, /* " 12 " before a bar in columns */
	CELL_SHARE = 6, /* "100.0 " behind it */
	CELL_MIN = 18, /* a narrower bar says too little */
	CELL_MAX = 60,
	TREND_CELL_MIN = 40, /* from here on a trend has half of the cell */
	HEAT_LABEL = 8, /* "  0-63  " */
};

/* Columns of the table. */
static const struct {
	enum state state;
	const char *title;
} columns[] = {
	{ STATE_USER, "user" },	    { STATE_NICE, "nice" },
	{ STATE_SYSTEM, "system" }, { STATE_IOWAIT, "iowait" },
	{ STATE_IRQ, "irq" },	    { STATE_SOFTIRQ, "softirq" },
	{ STATE_STEAL, "steal" },   { STATE_GUEST, "guest" },
};

enum {
	COLUMNS = sizeof(columns) / sizeof(columns[0]),
};

/* Nothing was counted: idle since its sample, offline, or the first sample. */
static bool is_blank(const uint64_t *values)
{
	return !cpu_sum(values);
}

static uint64_t cpu_weight(const void *arg, uint32_t i)
{
	const struct cpu_figures *f = arg;

	return f->row[i].flags & WIRE_CPU_ONLINE &&
			       !is_blank(f->row[i].values) ?
		       cpu_busy(f->row[i].values) :
		       0;
}

static enum style busy_style(uint64_t busy)
{
	if (busy >= 9000)
		return STYLE_BAD;
	return busy >= 7000 ? STYLE_WARN : STYLE_PLAIN;
}

static void bar(struct paper *p, int width, const uint64_t *v)
{
	const struct bar_part parts[] = {
		{ v[STATE_USER] + v[STATE_NICE], STYLE_USER },
		{ v[STATE_SYSTEM], STYLE_SYSTEM },
		{ v[STATE_IRQ] + v[STATE_SOFTIRQ], STYLE_IRQ },
		{ v[STATE_STEAL], STYLE_STEAL },
		{ v[STATE_IOWAIT], STYLE_IOWAIT },
	};

	paper_bar(p, width, parts, sizeof(parts) / sizeof(parts[0]));
}

static char *format_known(char text[FORMAT_SIZE], uint32_t flags,
			  const uint64_t *shares, enum state state)
{
	return format_share(text, cpu_state_known(flags, (int)state) ?
					  shares[state] :
					  FIGURE_UNKNOWN);
}

void view_cpu_total(struct paper *p, const struct cpu_figures *f)
{
	/* Those that add up to it, and what is left of the CPUs' time. */
	static const enum state shown[] = { STATE_USER,	   STATE_NICE,
					    STATE_SYSTEM,  STATE_IRQ,
					    STATE_SOFTIRQ, STATE_STEAL,
					    STATE_GUEST,   STATE_IOWAIT };
	uint64_t v[CPU_TABLE_VALUES], busy;
	char text[FORMAT_SIZE];
	size_t i;

	paper_put(p, STYLE_TITLE, "%-9s", "cpu");
	if (is_blank(f->total)) {
		paper_put(p, STYLE_DIM, "no figures yet");
		paper_line(p);
		return;
	}
	cpu_shown(f->total, v);
	busy = cpu_shown_busy(v);
	paper_put(p, busy_style(busy), "%5s %% busy", format_share(text, busy));
	if (f->has_exact && !is_blank(f->total_exact))
		paper_pair(p, "exact", format_share(text, f->total_exact[0]));
	for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		if (shown[i] == STATE_GUEST && !v[STATE_GUEST])
			continue;
		if (!paper_pair(p, state_name((int)shown[i]),
				format_known(text, f->flags, v, shown[i])))
			break;
	}
	paper_line(p);
}

static void table_title(struct paper *p, const struct cpu_figures *f)
{
	int i;

	paper_put(p, STYLE_TITLE, "%-5s", "cpu");
	paper_pad(p, 5 + TABLE_BAR + 1);
	paper_put(p, STYLE_TITLE, "%6s", "busy");
	for (i = 0; i < COLUMNS; i++)
		paper_put(p, STYLE_TITLE, " %*s", i == 5 ? 7 : 6,
			  columns[i].title);
	if (f->has_exact)
		paper_put(p, STYLE_TITLE, "  exact");
	paper_line(p);
}

static void table_row(struct paper *p, const char *label, uint32_t flags,
		      const uint64_t *shares, const uint64_t *exact)
{
	uint64_t v[CPU_TABLE_VALUES], busy;
	char text[FORMAT_SIZE];
	int i;

	paper_put(p, STYLE_PLAIN, "%-5s", label);
	bar(p, TABLE_BAR, shares);
	if (is_blank(shares)) {
		paper_put(p, STYLE_DIM, " %6s", "-");
		paper_line(p);
		return;
	}
	cpu_shown(shares, v);
	busy = cpu_shown_busy(v);
	paper_put(p, busy_style(busy), " %6s", format_share(text, busy));
	for (i = 0; i < COLUMNS; i++) {
		uint64_t share = v[columns[i].state];

		paper_put(p, share ? STYLE_PLAIN : STYLE_DIM, " %*s",
			  i == 5 ? 7 : 6,
			  format_known(text, flags, v, columns[i].state));
	}
	if (exact)
		paper_put(p, STYLE_PLAIN, " %6s",
			  format_share(text, is_blank(exact) ? FIGURE_UNKNOWN :
							       exact[0]));
	paper_line(p);
}

void view_cpu_away(struct paper *p, const struct cpu_row *row)
{
	paper_put(p, STYLE_DIM, "%-5" PRIu32 "%s", row->cpu,
		  row->flags & WIRE_CPU_SEEN ? "offline" : "never came up");
	paper_line(p);
}

void view_cpu_table(struct paper *p, const struct cpu_figures *f,
		    enum order order)
{
	uint32_t *numbers = order_rows(f->rows, order, cpu_weight, f), i;
	char label[16];

	table_title(p, f);
	table_row(p, "all", f->flags, f->total,
		  f->has_exact ? f->total_exact : NULL);
	for (i = 0; numbers && i < f->rows; i++) {
		const struct cpu_row *row = &f->row[numbers[i]];

		snprintf(label, sizeof(label), "%" PRIu32, row->cpu);
		if (row->flags & WIRE_CPU_ONLINE) {
			table_row(p, label, row->flags, row->values,
				  f->has_exact ? row->exact : NULL);
			continue;
		}
		view_cpu_away(p, row);
	}
	free(numbers);
}

/* A bar, and behind it its course up to now, if that is known. */
static void bar_and_trend(struct paper *p, const struct cpu_row *row, int width,
			  const struct trends *trends)
{
	int trend = trends && width >= TREND_CELL_MIN ? width / 2 : 0;

	bar(p, width - trend, row->values);
	if (!trend)
		return;
	paper_put(p, STYLE_PLAIN, " ");
	view_share_trend(p, trends, trend_of_cpu(trends, row->cpu), trend - 1);
}

static void put_cell(struct paper *p, const struct cpu_row *row, int width,
		     const struct trends *trends)
{
	uint64_t v[CPU_TABLE_VALUES], busy;
	int end = p->column + width - 1;
	char text[FORMAT_SIZE];

	paper_put(p, STYLE_DIM, "%3" PRIu32 " ", row->cpu);
	if (!(row->flags & WIRE_CPU_ONLINE)) {
		paper_put(p, STYLE_DIM, "offline");
	} else if (is_blank(row->values)) {
		paper_put(p, STYLE_DIM, "-");
	} else {
		bar_and_trend(p, row, width - CELL_LABEL - CELL_SHARE - 1,
			      trends);
		cpu_shown(row->values, v);
		busy = cpu_shown_busy(v);
		paper_put(p, busy_style(busy), " %5s",
			  format_share(text, busy));
	}
	paper_pad(p, end + 1);
}

/* Lines of CPUs go down the columns, as people count. */
static void draw_cells(struct paper *p, const struct cpu_figures *f,
		       const uint32_t *numbers, int lines, int width,
		       const struct trends *trends)
{
	uint32_t i;
	int line;

	for (line = 0; line < lines; line++) {
		for (i = (uint32_t)line; i < f->rows; i += (uint32_t)lines)
			put_cell(p, &f->row[numbers[i]], width, trends);
		paper_line(p);
	}
}

/* Cells of a line of the heat map: round numbers begin the lines. */
static int heat_across(const struct paper *p)
{
	int across = paper_width(p) - HEAT_LABEL;

	return across < 8 ? 8 : across - across % 8;
}

static void draw_heat(struct paper *p, const struct cpu_figures *f,
		      const uint32_t *numbers, int lines)
{
	uint32_t across = (uint32_t)heat_across(p), i = 0, in_line;
	int line;

	for (line = 0; line < lines; line++) {
		paper_put(p, STYLE_DIM, "%5" PRIu32 " ",
			  f->row[numbers[i]].cpu);
		for (in_line = 0; in_line < across && i < f->rows; in_line++) {
			const struct cpu_row *row = &f->row[numbers[i++]];

			if (!(row->flags & WIRE_CPU_ONLINE))
				paper_put(p, STYLE_DIM, "o");
			else if (is_blank(row->values))
				paper_put(p, STYLE_DIM, "-");
			else
				paper_heat(p, cpu_busy(row->values), SHARE_ONE);
		}
		paper_line(p);
	}
}

static int lines_of(uint32_t cpus, int across)
{
	return ((int)cpus + across - 1) / across;
}

/* Columns of bars, or 0 where bars have no room and cells stand for CPUs. */
static int bars_across(const struct paper *p, uint32_t cpus, int rows)
{
	int across = lines_of(cpus, rows);

	return paper_width(p) / across >= CELL_MIN ? across : 0;
}

int view_cpu_lines(const struct paper *p, const struct cpu_figures *f, int rows)
{
	int across;

	if (rows <= 0 || !f->rows)
		return 0;
	across = bars_across(p, f->rows, rows);
	return across ? lines_of(f->rows, across) :
			least(lines_of(f->rows, heat_across(p)), rows);
}

int view_cpu_bars(struct paper *p, const struct cpu_figures *f,
		  enum order order, int rows, const struct trends *trends)
{
	int lines = view_cpu_lines(p, f, rows), across, width;
	uint32_t *numbers = order_rows(f->rows, order, cpu_weight, f);

	if (!numbers || !lines) {
		free(numbers);
		return 0;
	}
	across = bars_across(p, f->rows, rows);
	width = across ? paper_width(p) / across : 0;
	if (!across)
		draw_heat(p, f, numbers, lines);
	else
		draw_cells(p, f, numbers, lines,
			   trends ? width : least(width, CELL_MAX), trends);
	free(numbers);
	return lines;
}
