// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "ktach/figures/cpu_figures.h"
#include "lib/wire/wire_schema.h"

/* The states that share a CPU's time; guest is part of user and nice. */
#define STATES (WIRE_CPU_GUEST_NS - WIRE_CPU_USER_NS)

/* 2^64 ns are 584 years, but counts times 10^12 need more than 64 bits. */
uint64_t rate_of(uint64_t count, uint64_t unit_ns, uint64_t interval_ns)
{
	if (!interval_ns)
		return 0;
	return (uint64_t)(((unsigned __int128)count * unit_ns +
			   interval_ns / 2) /
			  interval_ns);
}

static const uint64_t *row_at(const struct reading_table *m, uint32_t i)
{
	return m->rows.cells + (size_t)i * wire_schema(m->rows.kind)->columns;
}

/* Both are sorted by CPU: the row of @cpu at or after *at, or NULL. */
static const uint64_t *find_cpu(const struct reading_table *m, uint64_t cpu,
				uint32_t *at)
{
	for (; *at < m->rows.count; (*at)++) {
		const uint64_t *cells = row_at(m, *at);

		if (cells[0] >= cpu)
			return cells[0] == cpu ? cells : NULL;
	}
	return NULL;
}

/* What the values of a CPU grew by; zeroes, that is none, for one that @before
 * lacks, or of which a value fell.
 */
static bool deltas(const uint64_t *before, const uint64_t *now, uint64_t *delta)
{
	bool known = before;
	int i;

	for (i = 0; i < CPU_TABLE_VALUES; i++)
		known = known && now[2 + i] >= before[2 + i];
	for (i = 0; i < CPU_TABLE_VALUES; i++)
		delta[i] = known ? now[2 + i] - before[2 + i] : 0;
	return known;
}

static void wrapping_deltas(const uint64_t *before, const uint64_t *now,
			    uint64_t *delta)
{
	int i;

	for (i = 0; i < CPU_TABLE_VALUES; i++)
		delta[i] = before ? (uint32_t)(now[2 + i] - before[2 + i]) : 0;
}

static void rates(const uint64_t *delta, uint64_t unit, uint64_t interval_ns,
		  uint64_t *rate)
{
	int i;

	for (i = 0; i < CPU_TABLE_VALUES; i++)
		rate[i] = rate_of(delta[i], unit, interval_ns);
}

/* Columns of exact times that are shown: busy and idle, or a vector's each. */
static uint32_t exact_columns(const struct reading_table *m)
{
	uint32_t more = wire_schema(m->rows.kind)->columns - CPU_TABLE_COLUMNS;

	return more < CPU_TABLE_VALUES ? more : CPU_TABLE_VALUES;
}

static bool has_exact(const struct reading_table *m)
{
	return m->rows.count && row_at(m, 0)[CPU_TABLE_COLUMNS] != WIRE_ABSENT;
}

static int begin_figures(const struct reading_table *a,
			 const struct reading_table *b, struct cpu_figures *f)
{
	f->span = (struct span){
		.origin = b->origin,
		.real_ns = b->real_ns,
		.mono_ns = b->mono_ns,
		.sample = b->sample,
		.lost = b->lost,
		.missed = b->missed,
	};
	if (a->origin == b->origin && b->mono_ns > a->mono_ns)
		f->span.interval_ns = b->mono_ns - a->mono_ns;
	f->rows = b->rows.count;
	f->online = 0;
	f->has_exact = f->span.interval_ns && has_exact(a) && has_exact(b);
	memset(f->total, 0, sizeof(f->total));
	memset(f->total_exact, 0, sizeof(f->total_exact));
	return cpu_figures_room(f, f->rows);
}

static void begin_row(struct cpu_figures *f, uint32_t i, const uint64_t *now)
{
	f->row[i].cpu = (uint32_t)now[0];
	f->row[i].flags = (uint32_t)now[1];
	memset(f->row[i].exact, 0, sizeof(f->row[i].exact));
	f->online += now[1] & WIRE_CPU_ONLINE ? 1 : 0;
}

static void add_values(uint64_t *total, const uint64_t *values)
{
	int i;

	for (i = 0; i < CPU_TABLE_VALUES; i++)
		total[i] += values[i];
}

/* The shares of a row's exact times; what they grew by is added to @all. */
static void exact_shares(struct cpu_figures *f, uint32_t i, uint32_t columns,
			 const uint64_t *before, const uint64_t *now,
			 uint64_t *all)
{
	struct cpu_row *row = &f->row[i];
	uint32_t e;

	for (e = 0; f->has_exact && e < columns; e++) {
		uint64_t ns = now[CPU_TABLE_COLUMNS + e];
		uint64_t old = before ? before[CPU_TABLE_COLUMNS + e] : ns;

		ns = ns > old ? ns - old : 0;
		row->exact[e] = rate_of(ns, SHARE_ONE, f->span.interval_ns);
		if (row->flags & WIRE_CPU_ONLINE)
			all[e] += ns;
	}
}

int cpu_between(const struct reading_table *a, const struct reading_table *b,
		struct cpu_figures *f)
{
	uint64_t delta[CPU_TABLE_VALUES], all[CPU_TABLE_VALUES] = { 0 };
	uint64_t exact[CPU_TABLE_VALUES] = { 0 };
	const bool times = b->rows.kind == WIRE_CPU;
	const uint64_t unit = times ? SHARE_ONE : RATE_ONE * 1000000000ULL;
	uint32_t i, at = 0, known = 0;

	if (begin_figures(a, b, f))
		return -ENOMEM;
	for (i = 0; i < b->rows.count; i++) {
		const uint64_t *now = row_at(b, i);
		const uint64_t *before = find_cpu(a, now[0], &at);
		bool online = now[1] & WIRE_CPU_ONLINE;

		begin_row(f, i, now);
		if (!times && b->origin == ORIGIN_PROC)
			wrapping_deltas(before, now, delta);
		else
			known += deltas(before, now, delta) && online;
		rates(delta, unit, f->span.interval_ns, f->row[i].values);
		exact_shares(f, i, exact_columns(b), before, now, exact);
		if (online || !times)
			add_values(times ? all : f->total,
				   times ? delta : f->row[i].values);
	}
	/* Those of which nothing is known are not idle: they are left out. */
	if (times)
		rates(all, unit, f->span.interval_ns * known, f->total);
	rates(exact, SHARE_ONE, f->span.interval_ns * f->online,
	      f->total_exact);
	return 0;
}
