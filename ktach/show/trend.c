// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "ktach/show/trend.h"

static void set(const struct trends *t, struct trend *one, uint64_t value)
{
	one->value[t->taken % TREND_SAMPLES] = value;
}

static uint64_t value_at(const struct trends *t, const struct trend *one,
			 int back)
{
	/* The newest is the one before the place of the next. */
	return one->value[(t->taken + TREND_SAMPLES - 1 - back) % TREND_SAMPLES];
}

/* --- a sample ----------------------------------------------------------- */

static void cpus_room(struct trends *t, uint32_t cpus)
{
	struct trend *cpu;

	if (cpus <= t->cpus)
		return;
	cpu = reallocarray(t->cpu, cpus, sizeof(*cpu));
	if (!cpu)
		return;
	memset(cpu + t->cpus, 0, (cpus - t->cpus) * sizeof(*cpu));
	t->cpu = cpu;
	t->cpus = cpus;
}

/* Where there is nothing to compare with, nothing is drawn. */
static uint64_t busy_of(const struct cpu_figures *f, const uint64_t *values)
{
	return f->span.interval_ns && cpu_sum(values) ? cpu_busy(values) : 0;
}

static void add_cpus(struct trends *t, const struct cpu_figures *f)
{
	uint32_t i;

	set(t, &t->busy, busy_of(f, f->total));
	cpus_room(t, f->rows ? f->row[f->rows - 1].cpu + 1 : 0);
	for (i = 0; i < t->cpus; i++)
		set(t, &t->cpu[i], 0);
	for (i = 0; i < f->rows; i++)
		if (f->row[i].flags & WIRE_CPU_ONLINE &&
		    f->row[i].cpu < t->cpus)
			set(t, &t->cpu[f->row[i].cpu],
			    busy_of(f, f->row[i].values));
}

/* Interfaces seldom change, so most are where they were. */
static const struct net_trend *find_trend(const struct trends *t,
					  const char *name, uint32_t near)
{
	uint32_t i;

	if (near < t->nets && !strcmp(t->net[near].name, name))
		return &t->net[near];
	for (i = 0; i < t->nets; i++)
		if (!strcmp(t->net[i].name, name))
			return &t->net[i];
	return NULL;
}

static void add_nets(struct trends *t, const struct net_figures *f)
{
	struct net_trend *net = calloc(f->rows + 1, sizeof(*net));
	uint32_t i;

	for (i = 0; net && i < f->rows; i++) {
		const struct net_traffic *traffic = f->row[i].traffic;
		const struct net_trend *old = find_trend(t, f->row[i].name, i);

		if (old)
			net[i] = *old;
		else
			memcpy(net[i].name, f->row[i].name, IF_NAMESIZE);
		set(t, &net[i].bytes, net_both(traffic));
	}
	free(t->net);
	t->net = net;
	t->nets = net ? f->rows : 0;
}

void trends_add(struct trends *t, const struct figures *f)
{
	int i;

	add_cpus(t, &f->cpu);
	for (i = 0; i < CPU_TABLE_VALUES; i++)
		set(t, &t->vector[i], f->softirq.total[i]);
	add_nets(t, &f->net);
	t->taken++;
}

void trends_free(struct trends *t)
{
	free(t->cpu);
	free(t->net);
	memset(t, 0, sizeof(*t));
}

const struct trend *trend_of_cpu(const struct trends *t, uint32_t cpu)
{
	return cpu < t->cpus ? &t->cpu[cpu] : NULL;
}

const struct trend *trend_of_net(const struct trends *t, const char *name)
{
	const struct net_trend *net = find_trend(t, name, 0);

	return net ? &net->bytes : NULL;
}

uint64_t trend_largest(const struct trends *t, const struct trend *one,
		       int samples)
{
	uint64_t max = 0;
	int i;

	for (i = 0; i < samples && i < TREND_SAMPLES; i++)
		if (value_at(t, one, i) > max)
			max = value_at(t, one, i);
	return max;
}

/* --- on paper ----------------------------------------------------------- */

static enum style share_style(uint64_t share)
{
	if (share >= 9000)
		return STYLE_BAD;
	return share >= 7000 ? STYLE_WARN : STYLE_GOOD;
}

/* Eighths of @height cells; what is more than nothing is seen. */
static int eighths(uint64_t value, uint64_t max, int height)
{
	uint64_t n;

	if (!value || !max)
		return 0;
	if (value > max)
		value = max;
	n = (uint64_t)((unsigned __int128)value * (unsigned int)height * 8 /
		       max);
	return n ? (int)n : 1;
}

void view_share_trend(struct paper *p, const struct trends *t,
		      const struct trend *one, int width)
{
	int back;

	for (back = width - 1; back >= 0; back--) {
		uint64_t value = one && back < TREND_SAMPLES ?
					 value_at(t, one, back) :
					 0;

		paper_fill(p, share_style(value), eighths(value, SHARE_ONE, 1));
	}
}

void view_rate_trend(struct paper *p, const struct trends *t,
		     const struct trend *one, int width, enum style style)
{
	uint64_t max = one ? trend_largest(t, one, width) : 0;
	int back;

	for (back = width - 1; back >= 0; back--)
		paper_fill(p, style,
			   one && back < TREND_SAMPLES ?
				   eighths(value_at(t, one, back), max, 1) :
				   0);
}

/* A row's colour is that of the shares that reach its upper edge. */
static void graph_row(struct paper *p, const struct trends *t, int row,
		      int rows)
{
	uint64_t edge = (uint64_t)(row + 1) * SHARE_ONE / (unsigned int)rows;
	int back;

	paper_put(p, STYLE_DIM, "%5s ",
		  row == rows - 1 ? "100 %" :
		  row		  ? "" :
				    "0 %");
	for (back = paper_width(p) - p->column - 1; back >= 0; back--) {
		int n = 0;

		if (back < TREND_SAMPLES)
			n = eighths(value_at(t, &t->busy, back), SHARE_ONE,
				    rows) -
			    row * 8;
		paper_fill(p, share_style(edge), n < 0 ? 0 : n > 8 ? 8 : n);
	}
	paper_line(p);
}

void view_busy_graph(struct paper *p, const struct trends *t, int rows)
{
	int row;

	for (row = rows - 1; row >= 0; row--)
		graph_row(p, t, row, rows);
}
