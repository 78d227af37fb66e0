// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * LD_PRELOAD: time passes SPEED times as fast for a program that waits by ppoll()
 * and asks clock_gettime(); its own CPU time excepted. FAST_CLOCK in the
 * environment is SPEED.
 */
#include <dlfcn.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)

static int (*real_gettime)(clockid_t, struct timespec *);
static int (*real_ppoll)(struct pollfd *, nfds_t, const struct timespec *,
			 const sigset_t *);
static int64_t speed, began_ns[2]; /* by clock: real, monotonic */

static int64_t to_ns(const struct timespec *t)
{
	return t->tv_sec * NS_PER_S + t->tv_nsec;
}

static struct timespec from_ns(int64_t ns)
{
	return (struct timespec){ .tv_sec = ns / NS_PER_S,
				  .tv_nsec = ns % NS_PER_S };
}

__attribute__((constructor)) static void begin(void)
{
	struct timespec now;
	int i;

	real_gettime = (int (*)(clockid_t, struct timespec *))dlsym(
		RTLD_NEXT, "clock_gettime");
	real_ppoll = (int (*)(struct pollfd *, nfds_t, const struct timespec *,
			      const sigset_t *))dlsym(RTLD_NEXT, "ppoll");
	speed = atol(getenv("FAST_CLOCK") ?: "1");
	for (i = 0; i < 2; i++) {
		real_gettime(i, &now);
		began_ns[i] = to_ns(&now);
	}
}

_Static_assert(CLOCK_REALTIME == 0 && CLOCK_MONOTONIC == 1, "began_ns");

int clock_gettime(clockid_t clock, struct timespec *now)
{
	int err = real_gettime(clock, now);

	if (!err && (clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC))
		*now = from_ns(began_ns[clock] +
			       (to_ns(now) - began_ns[clock]) * speed);
	return err;
}

int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
	  const sigset_t *mask)
{
	struct timespec shorter;

	if (timeout)
		shorter = from_ns(to_ns(timeout) / speed);
	return real_ppoll(fds, count, timeout ? &shorter : NULL, mask);
}
