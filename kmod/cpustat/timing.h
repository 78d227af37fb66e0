/* SPDX-License-Identifier: GPL-2.0-only */
/* How long CPUs are busy, measured where they turn to and from the idle task. */
#ifndef KTACH_CPUSTAT_TIMING_H
#define KTACH_CPUSTAT_TIMING_H

#include <linux/types.h>

struct ktach_cpustat_timing;

/* Measure from now on, until uninit. May sleep. 0 or -errno. */
int ktach_cpustat_timing_init(void);
void ktach_cpustat_timing_uninit(void);

/*
 * A CPU's times as of now. False if it is not measured, or was just being
 * written; then *@times is left alone. Hard interrupt.
 */
bool ktach_cpustat_timing_read(struct ktach_cpustat_timing *times, int cpu);

#endif /* KTACH_CPUSTAT_TIMING_H */
