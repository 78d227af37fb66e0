/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Columns that follow from others of their table, but for little: that is what is written
 * of them. A row's value is expected to be
 *
 *   DERIVE_RATE   what another column grew by a second since the row's value before; of the
 *                 first one 0
 *   DERIVE_REST   the clock, as a multiple of a unit, less the values of other columns
 *
 * as of the rates that a source makes of its counters, and of an idle CPU's time. Whatever
 * the values are, each comes back: arithmetic wraps, and is that of integers.
 */
#ifndef KTACH_COLLECTOR_HISTORY_CHUNK_DERIVE_H
#define KTACH_COLLECTOR_HISTORY_CHUNK_DERIVE_H

#include "collector/history/chunk/block.h"

enum derive_how {
	DERIVE_RATE,
	DERIVE_REST,
	DERIVE_HOWS
};

enum derive_limits {
	DERIVE_OF_MAX = 8,
	DERIVE_MAX = 8, /* of a table */
};

/**
 * struct derive - a column that follows from others
 * @column: which
 * @how: enum derive_how
 * @unit: of the clock
 * @count: of the others; none of them is derived itself
 * @of: those
 */
struct derive {
	uint32_t column;
	uint32_t how;
	uint64_t unit;
	uint32_t count;
	uint32_t of[DERIVE_OF_MAX];
};

/* Columns that may be worth it, of a table of samples; their number, at most DERIVE_MAX. */
size_t derive_find(const struct block *b, struct derive *list);

/**
 * derive_expect() - what a column's values are expected to be
 * @d: of which
 * @b: has the others
 * @first: the table's column that is the block's first
 * @clock: monotonic time of each sample
 * @out: as many as a column has
 */
void derive_expect(const struct derive *d, const struct block *b,
		   uint32_t first, const uint64_t *clock, uint64_t *out);

#endif /* KTACH_COLLECTOR_HISTORY_CHUNK_DERIVE_H */
