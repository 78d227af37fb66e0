// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/query/range.h"

#define S UINT64_C(1000000000)
#define RANGE_MAX (3660 * RANGE_STEP_MAX_NS)
/* What a chart can show, when nobody asks for a step. */
#define STEPS_WANTED 600

/* Round steps, as long as a day divides by them. */
static uint64_t choose_step(uint64_t range_ns)
{
	static const uint64_t steps_s[] = { 1,	  2,	 5,	10,
					    15,	  30,	 60,	120,
					    300,  600,	 1800,	3600,
					    7200, 14400, 43200, 86400 };
	size_t i;

	for (i = 0; i < sizeof(steps_s) / sizeof(steps_s[0]) - 1; i++)
		if (range_ns / (steps_s[i] * S) <= STEPS_WANTED)
			break;
	return steps_s[i] * S;
}

const char *range_settle(struct range *range)
{
	if (range->from_ns >= range->to_ns)
		return "from: a time before that of 'to' is expected";
	if (range->to_ns - range->from_ns > RANGE_MAX)
		return "from: at most 3660 days before 'to' are allowed";
	if (!range->step_ns)
		range->step_ns = choose_step(range->to_ns - range->from_ns);
	range->from_ns -= range->from_ns % range->step_ns;
	if (range_steps(range) > RANGE_STEPS_MAX)
		return "step: at most 11000 points are allowed; a longer step, or a shorter time, is expected";
	return NULL;
}

size_t range_steps(const struct range *range)
{
	return (size_t)((range->to_ns - range->from_ns - 1) / range->step_ns +
			1);
}
