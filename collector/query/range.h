/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A time that is asked for, in steps. */
#ifndef KTACH_COLLECTOR_QUERY_RANGE_H
#define KTACH_COLLECTOR_QUERY_RANGE_H

#include <stddef.h>
#include <stdint.h>

enum range_limits {
	RANGE_STEPS_MAX = 11000, /* points of a series */
	RANGE_VALUES_MAX = 500000, /* of all series of an answer */
};

#define RANGE_STEP_MAX_NS UINT64_C(86400000000000)

/**
 * struct range - from when to when
 * @from_ns: real time, included
 * @to_ns: real time, excluded
 * @step_ns: 0: to be chosen
 */
struct range {
	uint64_t from_ns;
	uint64_t to_ns;
	uint64_t step_ns;
};

/* Choose the step, and begin where one begins, counted from 1970. NULL, or what is wrong. */
const char *range_settle(struct range *range);

size_t range_steps(const struct range *range);

#endif /* KTACH_COLLECTOR_QUERY_RANGE_H */
