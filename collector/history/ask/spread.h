/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values by step, and which of a step's is the one that so many don't exceed. */
#ifndef KTACH_COLLECTOR_HISTORY_ASK_SPREAD_H
#define KTACH_COLLECTOR_HISTORY_ASK_SPREAD_H

#include <stdbool.h>

#include "collector/base/buffer.h"

struct spread_value {
	double value;
	uint32_t step;
};

/* All zeroes is an empty one. */
struct spread {
	struct buffer all; /* struct spread_value */
};

/* Return 0 or -ENOMEM. */
int spread_put(struct spread *s, uint32_t step, double value);

size_t spread_count(const struct spread *s);

/**
 * spread_tell() - of each step
 * @s: values, whose order changes
 * @percent: so many of a step's values are not above the one that is told
 * @turned: are not below it
 * @value: told, steps without any are left out
 * @context: for @value
 *
 * It is a value that there was: of few the largest.
 */
void spread_tell(struct spread *s, unsigned int percent, bool turned,
		 void (*value)(void *context, uint32_t step, double value),
		 void *context);

void spread_free(struct spread *s);

#endif /* KTACH_COLLECTOR_HISTORY_ASK_SPREAD_H */
