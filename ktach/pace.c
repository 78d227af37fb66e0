// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <time.h>

#include "ktach/pace.h"
#include "lib/base/clock.h"

static volatile sig_atomic_t ended;

static void note_end(int signal)
{
	ended = 1;
}

/* No SA_RESTART: the sleep ends, too. */
void pace_catch(void)
{
	const struct sigaction action = { .sa_handler = note_end };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

bool pace_ended(void)
{
	return ended;
}

bool pace_until(uint64_t mono_ns)
{
	const struct timespec at = {
		.tv_sec = (time_t)(mono_ns / 1000000000),
		.tv_nsec = (long)(mono_ns % 1000000000),
	};

	while (!ended && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at,
					 NULL) == EINTR)
		;
	return !ended;
}

uint64_t pace_next(uint64_t last_ns, uint64_t interval_ns)
{
	uint64_t now_ns = clock_mono_ns(), next_ns = last_ns + interval_ns;

	if (next_ns <= now_ns && interval_ns)
		next_ns += ((now_ns - next_ns) / interval_ns + 1) * interval_ns;
	return next_ns;
}
