/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_LIB_BASE_TROUBLE_H
#define KTACH_LIB_BASE_TROUBLE_H

#include <stdbool.h>
#include <stdint.h>

/* Good for so long, and it is over: ns. */
#define TROUBLE_REST_NS UINT64_C(5000000000)

/**
 * struct trouble - something that fails, and works in between: a disk that is nearly full
 * takes what is small. Its log has a line when it begins and one when it is over.
 * @told: the first line was written
 * @failed_ns: when it last failed, CLOCK_MONOTONIC
 */
struct trouble {
	bool told;
	uint64_t failed_ns;
};

/* It failed. Return whether that is news. */
static inline bool trouble_begins(struct trouble *t, uint64_t now_ns)
{
	bool news = !t->told;

	t->told = true;
	t->failed_ns = now_ns;
	return news;
}

/* It worked. Return whether it is over, which is said once. */
static inline bool trouble_ends(struct trouble *t, uint64_t now_ns)
{
	if (!t->told || now_ns - t->failed_ns < TROUBLE_REST_NS)
		return false;
	t->told = false;
	return true;
}

#endif /* KTACH_LIB_BASE_TROUBLE_H */
