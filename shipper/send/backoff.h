/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long to wait before the next attempt: longer each time, and by chance,
 * so that many hosts don't come back in the same moment.
 */
#ifndef KTACH_SHIPPER_SEND_BACKOFF_H
#define KTACH_SHIPPER_SEND_BACKOFF_H

#include <stdint.h>

#define BACKOFF_FIRST_NS UINT64_C(250000000)
#define BACKOFF_MAX_NS UINT64_C(30000000000)

/* Zeroed: no attempt failed yet. */
struct backoff {
	unsigned int failures;
};

/* An attempt failed: how long to wait, ns; half of it is left to chance. */
static inline uint64_t backoff_next_ns(struct backoff *b, uint32_t chance)
{
	uint64_t ns = BACKOFF_FIRST_NS << (b->failures < 7 ? b->failures : 7);

	if (ns > BACKOFF_MAX_NS)
		ns = BACKOFF_MAX_NS;
	b->failures++;
	return ns / 2 + (uint64_t)((double)ns / 2 * chance / UINT32_MAX);
}

static inline void backoff_reset(struct backoff *b)
{
	b->failures = 0;
}

#endif /* KTACH_SHIPPER_SEND_BACKOFF_H */
