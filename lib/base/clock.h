/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_LIB_BASE_CLOCK_H
#define KTACH_LIB_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Wall clock, ns since 1970. */
static inline uint64_t clock_real_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

/* Time since boot without suspend, ns: the kernel's time of a sample. */
static inline uint64_t clock_mono_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* How far CLOCK_TAI is ahead of the wall clock, which it is by whole seconds. */
static inline uint64_t clock_tai_ahead_ns(void)
{
	uint64_t ns = clock_ns(CLOCK_TAI) - clock_real_ns();

	return (ns + 500000000) / 1000000000 * 1000000000;
}

#endif /* KTACH_LIB_BASE_CLOCK_H */
