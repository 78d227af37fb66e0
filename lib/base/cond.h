/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_LIB_BASE_COND_H
#define KTACH_LIB_BASE_COND_H

#include <pthread.h>
#include <time.h>

/* Its waits with a time limit go by CLOCK_MONOTONIC: a wall clock that is set neither ends
 * them nor makes them last. Return 0 or -errno.
 */
static inline int cond_init(pthread_cond_t *c)
{
	pthread_condattr_t attributes;
	int err;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	err = pthread_cond_init(c, &attributes);
	pthread_condattr_destroy(&attributes);
	return -err;
}

#endif /* KTACH_LIB_BASE_COND_H */
