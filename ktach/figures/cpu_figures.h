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
 * A state's share is its part of what all states grew by, so shares add up to 1,
 * and those of all CPUs are sums over sums: ticks may be lost or booked late, and
 * the clock says another time. A CPU that @a lacks, of which a time fell or of which
 * none grew has no shares. Exact shares are there if both tables have exact times;
 * with tables of two origins there are no shares at all.
 * The counts of softirqs in /proc are 32 bits and wrap.
 *
 * Return: 0 or -ENOMEM.
 */
int cpu_between(const struct reading_table *a, const struct reading_table *b,
		struct cpu_figures *f);

/**
 * cpu_shown() - a CPU's shares in tenths of a percent, which add up to 100
 * @shares: as of cpu_between()
 * @shown: filled, in 1/10000 as well: each time is in one state, so user and nice
 *         are without that of guests, which is in guest together
 */
void cpu_shown(const uint64_t *shares, uint64_t *shown);

/* How busy the CPU is, to the nearest tenth: the states that are no idle ones add up
 * to it.
 */
uint64_t cpu_shown_busy(const uint64_t *shown);

/* Whether a row with @flags tells of a state: of user without guests only if of them. */
bool cpu_state_known(uint32_t flags, int state);

/* Counts per @interval_ns as a rate per @unit_ns, rounded; 0 without interval. */
uint64_t rate_of(uint64_t count, uint64_t unit_ns, uint64_t interval_ns);

#endif /* KTACH_KTACH_FIGURES_CPU_FIGURES_H */
