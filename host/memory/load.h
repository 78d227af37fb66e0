/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_HOST_MEMORY_LOAD_H
#define KTACH_HOST_MEMORY_LOAD_H

#include "host/numbers.h"

/**
 * struct loadavg - /proc/loadavg
 * @load: over 1, 5 and 15 minutes, in 1/100
 * @running: threads that can run now
 * @threads: all of them
 */
struct loadavg {
	uint64_t load[3];
	uint64_t running;
	uint64_t threads;
};

/* Return 0, or -EINVAL for another text. */
int loadavg_parse(const char *text, struct loadavg *l);

/* Take in /proc/loadavg. Return 0, or -EINVAL if it is not that: nothing of it
 * was taken.
 */
int load_parse(const char *text, struct numbers *n);

#endif /* KTACH_HOST_MEMORY_LOAD_H */
