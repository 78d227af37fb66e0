/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Steps of a counter that grows about as fast as it did of late: each is written less
 * the running average of those before it, which moves an eighth of the way to each. A
 * step less the one before it, as COLUMN_STEADY has it, has the noise of both.
 *
 * Steps are counted in a unit that all of them are multiples of. The average is kept as
 * eight times itself; before the first step it is 0, and after it that step.
 */
#ifndef KTACH_COLLECTOR_HISTORY_CHUNK_COLUMN_TREND_H
#define KTACH_COLLECTOR_HISTORY_CHUNK_COLUMN_TREND_H

#include <stddef.h>
#include <stdint.h>

enum {
	TREND_SHIFT = 3,
};

/* The average, of what is kept. */
static inline uint64_t trend_step(uint64_t trend)
{
	return (uint64_t)((int64_t)trend >> TREND_SHIFT);
}

/* @steps: of a row, in units; what is left of them takes their place. */
static inline void trend_take_off(uint64_t *steps, size_t n)
{
	uint64_t trend = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		steps[i] -= trend_step(trend);
		trend += i ? steps[i] : steps[i] << TREND_SHIFT;
	}
}

/* A row's values behind the first one, by what was left of its @n - 1 steps; those may lie
 * where the values go, or later.
 */
static inline void trend_values(uint64_t *cells, size_t n, uint64_t unit,
				const uint64_t *steps)
{
	uint64_t trend = 0;
	size_t i;

	for (i = 1; i < n; i++) {
		uint64_t left = *steps++;

		cells[i] = cells[i - 1] + (left + trend_step(trend)) * unit;
		trend += i > 1 ? left : left << TREND_SHIFT;
	}
}

#endif /* KTACH_COLLECTOR_HISTORY_CHUNK_COLUMN_TREND_H */
