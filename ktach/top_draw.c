// SPDX-License-Identifier: GPL-2.0-or-later
#include "ktach/top.h"

enum {
	FIXED_ROWS = 6, /* title, cpu, load, memory, softirqs, keys */
	NOTE_ROWS = 3, /* at most, of what is missing */
	ROOMY = 32, /* rows from which on sections stand apart */
	GRAPH_ROWS_MIN = 2,
	GRAPH_ROWS_MAX = 10,
	BELOW_ROWS_MIN = 8, /* lines that are left, for subjects and a graph */
};

static const char *const help[] = {
	"",
	"  q        quit",
	"  p space  pause, and go on",
	"  s        sort by number, or by activity",
	"  + -      longer or shorter interval between two samples",
	"  up down  the interfaces that have no room; by ten: PgUp PgDn; Home End",
	"  Tab 0-6  processes, disks, mounts, pressure, links, sensors; 0 all",
	"           there: / filter, s or < > sort by another column, r the other",
	"           way, up down choose a row, Enter all that it tells, Esc back",
	"  h ?      this help",
	"",
	"  A CPU's bar: # user  = system  % irq and softirq  x steal  ~ iowait",
	"  (blocks of other shades where the terminal has them).",
	"  Softirqs: a cell a CPU, or a group of CPUs; the darker, the nearer to",
	"  the busiest one. o is a CPU that is offline.",
	"  With exact times: how busy all CPUs were by them, and a softirq's share.",
	"  Right of a bar, a heat or a row is its course, the newest on the right:",
	"  of CPUs up to 100 %, of softirqs and bytes up to the most of that time.",
	"  Burst: the largest 1 ms of the last second, as bytes per second.",
};

static void draw_keys(const struct top *t, struct paper *p)
{
	char interval[32];

	paper_put(p, STYLE_DIM, "q quit  p pause  ");
	if (t->ended)
		paper_put(p, STYLE_WARN, "end of the recording  ");
	else if (t->paused)
		paper_put(p, STYLE_WARN, "PAUSED  ");
	if (t->parts.page == PAGE_ALL)
		paper_put(p, STYLE_DIM, "s sort: %s  ",
			  t->order == ORDER_NUMBER ? "number" : "activity");
	else
		paper_put(p, STYLE_DIM, "s r sort  / filter  Enter all  ");
	if (t->feed->live) {
		duration_format(t->interval_ns, interval, sizeof(interval));
		paper_put(p, STYLE_DIM, "+- interval: %s  ", interval);
	}
	paper_put(p, STYLE_DIM, "h help%s", t->parts.host ? "  Tab more" : "");
}

static void draw_help(struct paper *p)
{
	size_t i;

	for (i = 0; i < sizeof(help) / sizeof(help[0]); i++) {
		paper_put(p, STYLE_PLAIN, "%s", help[i]);
		paper_line(p);
	}
}

/* Lines that the notes take when nothing is wrapped away. */
static int note_rows(const struct figures *f, const struct paper *p)
{
	int i, rows = 0;

	for (i = 0; i < SECTIONS; i++) {
		const struct span *s = figures_span(f, i);

		rows += s->lost || s->missed;
	}
	for (i = 0; i < f->notes; i++)
		rows += 1 + (text_columns(f->note[i]) - 1) /
				    (p->columns > 2 ? p->columns - 2 : 1);
	return rows;
}

/* Lines for each part: what one does not need is another's. */
struct plan {
	int graph;
	int cpus;
	int vectors;
	int interfaces;
	int notes;
	int below;
	bool roomy;
};

static struct plan make_plan(const struct top *t, const struct paper *p)
{
	const struct figures *f = &t->f;
	int want_vectors = view_softirq_vectors(&f->softirq, &t->trends);
	int want_net = (int)f->net.rows + 1, left;
	struct plan plan = { 0 };

	plan.notes = least(note_rows(f, p), NOTE_ROWS);
	left = p->rows - FIXED_ROWS - plan.notes;
	plan.roomy = p->rows >= ROOMY;
	if (plan.roomy)
		left -= 3;
	if (left < 0)
		left = 0;
	plan.interfaces = least(want_net, left / 3);
	plan.vectors = least(want_vectors, left / 3);
	plan.cpus = view_cpu_lines(p, &f->cpu,
				   left - plan.interfaces - plan.vectors);
	left -= plan.interfaces + plan.vectors + plan.cpus;
	want_vectors = least(want_vectors - plan.vectors, left);
	plan.vectors += want_vectors;
	left -= want_vectors;
	want_net = least(want_net - plan.interfaces, left);
	plan.interfaces += want_net;
	left -= want_net;
	if (t->parts.host && left >= BELOW_ROWS_MIN) {
		plan.below = left - least(left / 3, GRAPH_ROWS_MAX);
		left -= plan.below;
	}
	/* What nobody needs shows how busy the CPUs have been. */
	if (left >= GRAPH_ROWS_MIN)
		plan.graph = least(left, GRAPH_ROWS_MAX);
	return plan;
}

static void gap(struct paper *p, bool roomy)
{
	if (roomy)
		paper_line(p);
}

/* Give the next part all lines up to @end. */
static void begin_part(struct paper *p, int end)
{
	p->rows = end > p->line ? end - p->line : 0;
}

static void end_part(struct paper *p)
{
	while (p->rows > 0)
		paper_line(p);
}

static void draw_figures(struct top *t, struct paper *p,
			 const struct plan *plan)
{
	const struct figures *f = &t->f;

	view_title(p, f);
	view_load_total(p, &f->load);
	view_mem_total(p, &f->mem);
	gap(p, plan->roomy);
	view_cpu_total(p, &f->cpu);
	view_busy_graph(p, &t->trends, plan->graph);
	view_cpu_bars(p, &f->cpu, t->order, plan->cpus, &t->trends);
	gap(p, plan->roomy);
	view_softirq_total(p, &f->softirq);
	view_softirq_heat(p, &f->softirq, t->order, plan->vectors, &t->trends);
	gap(p, plan->roomy);
	view_net_table(p, &f->net, t->order, t->first, plan->interfaces,
		       &t->trends);
	top_parts_below(&t->parts, p, plan->below);
}

static void draw_page(struct top *t, struct paper *p)
{
	view_title(p, &t->f);
	top_parts_title(&t->parts, p);
	paper_line(p);
	top_parts_draw(&t->parts, p);
}

/* What is missing stands at the foot, where the eye finds it again. */
void top_draw(struct top *t, struct paper *p)
{
	int last = p->line + p->rows - 1;
	struct plan plan = make_plan(t, p);

	t->first = view_net_first(&t->f.net, t->first, plan.interfaces);
	t->below = plan.below > 0;
	begin_part(p, last - (t->help ? 0 : plan.notes));
	if (t->help)
		draw_help(p);
	else if (*t->f.host && t->parts.page != PAGE_ALL)
		draw_page(t, p);
	else if (*t->f.host)
		draw_figures(t, p, &plan);
	else
		paper_put(p, STYLE_DIM, "waiting for the first sample ...");
	end_part(p);
	begin_part(p, last);
	view_notes(p, &t->f);
	end_part(p);
	begin_part(p, last + 1);
	draw_keys(t, p);
}
