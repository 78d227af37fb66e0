/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A column of a block as bytes that compress well. Each value is written less
 * what it was expected to be; of the differences first the lowest bytes of all,
 * then the next ones and so on, so that bytes of the same kind are together:
 *
 *   byte      how values were expected: enum column_guess, and COLUMN_FIRSTS
 *   varint    of COLUMN_TREND only: the unit that its steps are counted in
 *   firsts    a row's first value less that of the row before it: planes as below
 *             (COLUMN_LIKE has none)
 *   planes    of the other values, row by row
 *
 *   planes:   byte width, of a difference
 *             varint scale, that all differences are multiples of
 *             width times a byte for each, zigzag
 *
 * Without COLUMN_FIRSTS, in chunks of version 1: width and scale of the other
 * values, a varint for each row (zigzag), the others' planes.
 */
#ifndef KTACH_COLLECTOR_HISTORY_CHUNK_COLUMN_H
#define KTACH_COLLECTOR_HISTORY_CHUNK_COLUMN_H

#include <stdbool.h>

#include "collector/base/buffer.h"
#include "lib/wire/cursor.h"

/* What a value is expected to be. */
enum column_guess {
	COLUMN_SAME, /* as in the sample before */
	COLUMN_STEADY, /* growing as it did before */
	COLUMN_CLOCK, /* growing as the monotonic clock */
	COLUMN_BASE, /* as the row's first value */
	COLUMN_LIKE, /* as the same one of the column before */
	COLUMN_TREND, /* growing as it did of late: column_trend.h */
	COLUMN_ROWS, /* as the row's own guess says: each is a column of one row */
	COLUMN_GUESSES,
	COLUMN_FIRSTS = 0x80 /* in the same byte */
};

/**
 * struct column - where its values are
 * @rows: series of values
 * @first: where a row's values begin, and where the last one's end; NULL: each
 *         row has as many
 * @count: of all values
 * @at: which sample each value is of; NULL: each row has all of them
 * @cells: values, row by row
 * @clock: of each sample
 * @like: cells of the column before, if it will be there when this one is read;
 *        else NULL
 */
struct column {
	size_t rows;
	const size_t *first;
	size_t count;
	const uint32_t *at;
	uint64_t *cells;
	const uint64_t *clock;
	const uint64_t *like;
};

/* Where a row's values begin, and those of the one before it end. */
static inline size_t column_row(const struct column *c, size_t row)
{
	return c->first ? c->first[row] : c->count / c->rows * row;
}

/* What may be spent on a column: those of parts are soon read, and written again. */
enum column_effort {
	COLUMN_QUICK,
	COLUMN_SMALL, /* any guess */
	COLUMN_SMALLEST, /* for ever: what takes longer, too */
};

/* Bits that the best guess leaves of a few of its values. UINT64_MAX: memory is short. */
uint64_t column_bits(const struct column *c, struct buffer *scratch);

/* Append a column. @scratch: used again. Return 0 or -ENOMEM. */
int column_put(struct buffer *out, const struct column *c,
	       enum column_effort effort, struct buffer *scratch);

/* The same, each row with a guess and a scale of its own. */
int column_put_rows(struct buffer *out, const struct column *c,
		    enum column_effort effort, struct buffer *scratch);

/* A row as a column. */
static inline struct column column_of_row(const struct column *c, size_t row)
{
	size_t first = column_row(c, row);

	return (struct column){ .rows = 1,
				.count = column_row(c, row + 1) - first,
				.at = c->at ? c->at + first : NULL,
				.cells = c->cells ? c->cells + first : NULL,
				.clock = c->clock,
				.like = c->like ? c->like + first : NULL };
}

/* Read one into c->cells; without cells it is only skipped. */
void column_get(struct cursor *in, const struct column *c);

#endif /* KTACH_COLLECTOR_HISTORY_CHUNK_COLUMN_H */
