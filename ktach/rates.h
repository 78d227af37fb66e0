/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From counters at two moments to figures. No I/O. */
#ifndef KTACH_KTACH_RATES_H
#define KTACH_KTACH_RATES_H

#include "ktach/figures.h"

/**
 * struct cpu_moment - the counters of all CPUs at one moment
 * @origin: enum origin; 0 for a moment that was not read yet
 * @real_ns: CLOCK_REALTIME
 * @mono_ns: CLOCK_MONOTONIC
 * @sample: number in the ring, or 0
 * @rows: CPUs at @cells
 * @columns: of a row: CPU_TABLE_COLUMNS, or more with exact times
 * @cells: rows, by CPU
 */
struct cpu_moment {
	uint32_t origin;
	uint64_t real_ns;
	uint64_t mono_ns;
	uint64_t sample;
	uint32_t rows;
	uint32_t columns;
	uint64_t *cells;
};

/**
 * shares_between() - each CPU's time by state
 * @a: the earlier moment
 * @b: the later one, of the same origin
 * @f: filled but for the span's losses; has room for @b->rows
 *
 * A state's share is its part of the time between the two, as in the kernel's
 * combined samples: where ticks are lost or booked late, shares don't add up to
 * 1, but idle time is right. A state that ran backwards, as iowait in /proc does,
 * counts as 0. A CPU that @a lacks has no shares. Exact shares are there if both
 * moments have exact times.
 */
void shares_between(const struct cpu_moment *a, const struct cpu_moment *b,
		    struct cpu_figures *f);

/* The same for softirqs per second. The counts in /proc are 32 bits and wrap. */
void rates_between(const struct cpu_moment *a, const struct cpu_moment *b,
		   struct cpu_figures *f);

/* Counts per @interval_ns as a rate per @unit_ns, rounded; 0 without interval. */
uint64_t rate_of(uint64_t count, uint64_t unit_ns, uint64_t interval_ns);

#endif /* KTACH_KTACH_RATES_H */
