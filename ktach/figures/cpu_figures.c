// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "ktach/figures/cpu_figures.h"
#include "lib/wire/wire_schema.h"

/* The states that share a CPU's time; guest is part of user and nice. */
#define STATES (WIRE_CPU_GUEST_NS - WIRE_CPU_USER_NS)

/* Busy and idle, which share it, too. */
#define EXACT_TIMES (WIRE_CPU_COLUMNS - WIRE_CPU_EXACT_BUSY_NS)

/* A tenth of a percent. */
#define SHARE_TENTH (SHARE_ONE / 1000)

_Static_assert((int)STATE_IOWAIT == (int)STATE_IDLE + 1, "idle states");

/* 2^64 ns are 584 years, but counts times 10^12 need more than 64 bits. */
uint64_t rate_of(uint64_t count, uint64_t unit_ns, uint64_t interval_ns)
{
	if (!interval_ns)
		return 0;
	return (uint64_t)(((unsigned __int128)count * unit_ns +
			   interval_ns / 2) /
			  interval_ns);
}

static uint64_t part_of(uint64_t value, uint64_t whole, uint64_t sum,
			uint64_t *rest)
{
	unsigned __int128 parts = (unsigned __int128)value * whole;

	*rest = (uint64_t)(parts % sum);
	return (uint64_t)(parts / sum);
}

/* What each value is of the sum of all, which is worth @whole: what rounding cuts off goes
 * to those that lost most by it, so that the parts add up. Zeroes if all values are.
 */
static void share_out(const uint64_t *values, int count, uint64_t whole,
		      uint64_t *parts)
{
	uint64_t rests[CPU_TABLE_VALUES], sum = 0, left = whole;
	int i, most;

	for (i = 0; i < count; i++)
		sum += values[i];
	for (i = 0; i < count; i++) {
		parts[i] = sum ? part_of(values[i], whole, sum, &rests[i]) : 0;
		left -= parts[i];
	}
	for (; sum && left; left--) {
		for (most = 0, i = 1; i < count; i++)
			if (rests[i] > rests[most])
				most = i;
		parts[most]++;
		rests[most] = 0;
	}
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
 * lacks, of which a value fell, or of which others made sense.
 */
static void deltas(const uint64_t *before, const uint64_t *now, uint64_t *delta)
{
	bool known = before && (now[1] ^ before[1]) < WIRE_CPU_NO_STEAL;
	int i;

	for (i = 0; i < CPU_TABLE_VALUES; i++)
		known = known && now[2 + i] >= before[2 + i];
	for (i = 0; i < CPU_TABLE_VALUES; i++)
		delta[i] = known ? now[2 + i] - before[2 + i] : 0;
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

/* Of a guest no more than of what it is a part of. */
static uint64_t inner_part(const uint64_t *delta, const uint64_t *share,
			   enum state inner, enum state outer)
{
	uint64_t part = delta[outer] ? rate_of(delta[inner], share[outer],
					       delta[outer]) :
				       0;

	return part < share[outer] ? part : share[outer];
}

static void shares_of(const uint64_t *delta, uint64_t *share)
{
	share_out(delta, STATES, SHARE_ONE, share);
	share[STATE_GUEST] = inner_part(delta, share, STATE_GUEST, STATE_USER);
	share[STATE_GUEST_NICE] =
		inner_part(delta, share, STATE_GUEST_NICE, STATE_NICE);
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
	f->flags = 0;
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
	if (!(now[1] & WIRE_CPU_ONLINE))
		return;
	f->flags = f->online++ ? f->flags & (uint32_t)now[1] : (uint32_t)now[1];
}

static void add_values(uint64_t *total, const uint64_t *values)
{
	int i;

	for (i = 0; i < CPU_TABLE_VALUES; i++)
		total[i] += values[i];
}

/* What a row's exact times grew by; zeroes where one fell. */
static void exact_deltas(uint32_t columns, const uint64_t *before,
			 const uint64_t *now, uint64_t *delta)
{
	bool known = before;
	uint32_t i;

	for (i = CPU_TABLE_COLUMNS; known && i < CPU_TABLE_COLUMNS + columns;
	     i++)
		known = now[i] >= before[i];
	memset(delta, 0, CPU_TABLE_VALUES * sizeof(*delta));
	for (i = 0; known && i < columns; i++)
		delta[i] = now[CPU_TABLE_COLUMNS + i] -
			   before[CPU_TABLE_COLUMNS + i];
}

/* Times: parts of both; of a vector: of the time that @cpus had. */
static void exact_shares(const struct cpu_figures *f, bool times,
			 const uint64_t *delta, uint32_t cpus, uint64_t *share)
{
	if (times)
		share_out(delta, EXACT_TIMES, SHARE_ONE, share);
	else
		rates(delta, SHARE_ONE, f->span.interval_ns * cpus, share);
}

static void take_exact(struct cpu_figures *f, uint32_t i,
		       const struct reading_table *b, const uint64_t *before,
		       const uint64_t *now, uint64_t *all)
{
	uint64_t delta[CPU_TABLE_VALUES];

	exact_deltas(exact_columns(b), before, now, delta);
	exact_shares(f, b->rows.kind == WIRE_CPU, delta, 1, f->row[i].exact);
	if (f->row[i].flags & WIRE_CPU_ONLINE)
		add_values(all, delta);
}

/* Those CPUs of which nothing is known are not idle: they add nothing. */
static void take_times(struct cpu_figures *f, uint32_t i,
		       const uint64_t *before, const uint64_t *now,
		       uint64_t *all)
{
	uint64_t delta[CPU_TABLE_VALUES];

	deltas(before, now, delta);
	shares_of(delta, f->row[i].values);
	if (f->row[i].flags & WIRE_CPU_ONLINE)
		add_values(all, delta);
}

static void take_softirqs(struct cpu_figures *f, uint32_t i,
			  const uint64_t *before, const uint64_t *now)
{
	uint64_t delta[CPU_TABLE_VALUES];

	if (f->span.origin == ORIGIN_PROC)
		wrapping_deltas(before, now, delta);
	else
		deltas(before, now, delta);
	rates(delta, RATE_ONE * 1000000000ULL, f->span.interval_ns,
	      f->row[i].values);
	add_values(f->total, f->row[i].values);
}

/* Of a share: to the nearest tenth of a percent. */
static uint64_t tenths_of(uint64_t share)
{
	return (share + SHARE_TENTH / 2) / SHARE_TENTH;
}

bool cpu_state_known(uint32_t flags, int state)
{
	return !wire_cpu_untold(flags, (uint32_t)(WIRE_CPU_USER_NS + state)) &&
	       !(state == STATE_USER && flags & WIRE_CPU_NO_GUEST) &&
	       !(state == STATE_NICE && flags & WIRE_CPU_NO_GUEST_NICE);
}

void cpu_shown(const uint64_t *shares, uint64_t *shown)
{
	enum {
		SHOWN = STATE_GUEST + 1,
	};
	uint64_t own[CPU_TABLE_VALUES] = { 0 }, idle[2], rest;
	uint64_t busy = tenths_of(cpu_busy(shares));
	int i;

	memcpy(own, shares, SHOWN * sizeof(own[0]));
	own[STATE_USER] -= shares[STATE_GUEST];
	own[STATE_NICE] -= shares[STATE_GUEST_NICE];
	own[STATE_GUEST] += shares[STATE_GUEST_NICE];
	rest = cpu_sum(own) ? SHARE_ONE / SHARE_TENTH - busy : 0;
	share_out(own + STATE_IDLE, 2, rest, idle);
	own[STATE_IDLE] = own[STATE_IOWAIT] = 0;
	share_out(own, CPU_TABLE_VALUES, busy, shown);
	memcpy(shown + STATE_IDLE, idle, sizeof(idle));
	for (i = 0; i < CPU_TABLE_VALUES; i++)
		shown[i] *= SHARE_TENTH;
}

uint64_t cpu_shown_busy(const uint64_t *shown)
{
	return cpu_sum(shown) - shown[STATE_IDLE] - shown[STATE_IOWAIT];
}

int cpu_between(const struct reading_table *a, const struct reading_table *b,
		struct cpu_figures *f)
{
	uint64_t all[CPU_TABLE_VALUES] = { 0 }, exact[CPU_TABLE_VALUES] = { 0 };
	const bool times = b->rows.kind == WIRE_CPU;
	uint32_t i, at = 0;

	if (begin_figures(a, b, f))
		return -ENOMEM;
	for (i = 0; i < b->rows.count; i++) {
		const uint64_t *now = row_at(b, i), *before = NULL;

		if (f->span.interval_ns)
			before = find_cpu(a, now[0], &at);
		begin_row(f, i, now);
		if (times)
			take_times(f, i, before, now, all);
		else
			take_softirqs(f, i, before, now);
		if (f->has_exact)
			take_exact(f, i, b, before, now, exact);
	}
	if (times)
		shares_of(all, f->total);
	if (f->has_exact)
		exact_shares(f, times, exact, f->online, f->total_exact);
	return 0;
}
