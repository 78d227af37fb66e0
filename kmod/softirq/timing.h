/* SPDX-License-Identifier: GPL-2.0-only */
/* How long softirqs run, measured where they begin and end. */
#ifndef KTACH_SOFTIRQ_TIMING_H
#define KTACH_SOFTIRQ_TIMING_H

struct ktach_softirq_timing;

/* Measure from now on, until uninit. May sleep. 0, -ENOENT or -ENOMEM. */
int ktach_softirq_timing_init(void);
void ktach_softirq_timing_uninit(void);

/* Bring @times of a CPU up to date, if it is measured. Hard interrupt. */
void ktach_softirq_timing_read(struct ktach_softirq_timing *times, int cpu);

#endif /* KTACH_SOFTIRQ_TIMING_H */
