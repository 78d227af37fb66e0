/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From counters at two moments to figures. No I/O. */
#ifndef KTACH_KTACH_FIGURES_CPU_FIGURES_H
#define KTACH_KTACH_FIGURES_CPU_FIGURES_H

#include "ktach/figures/figures.h"
#include "ktach/figures/reading.h"

/**
 * cpu_between() - each CPU's time by state, or softirqs per second
 * @a: the earlier table, of WIRE_CPU or of WIRE_SOFTIRQ
 * @b: the later one
 * @f: filled
 *
 * A state's share is its part of the time between the two, as in the kernel's
 * combined samples: where ticks are lost or booked late, shares don't add up to
 * 1, but idle time is right. A state that ran backwards, as iowait in /proc does,
 * counts as 0. A CPU that @a lacks has no shares. Exact shares are there if both
 * tables have exact times; with tables of two origins there are no shares at all.
 * The counts of softirqs in /proc are 32 bits and wrap.
 *
 * Return: 0 or -ENOMEM.
 */
int cpu_between(const struct reading_table *a, const struct reading_table *b,
		struct cpu_figures *f);

/* Counts per @interval_ns as a rate per @unit_ns, rounded; 0 without interval. */
uint64_t rate_of(uint64_t count, uint64_t unit_ns, uint64_t interval_ns);

#endif /* KTACH_KTACH_FIGURES_CPU_FIGURES_H */
