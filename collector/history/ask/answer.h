/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What samples and rollups become on a query's grid of steps. */
#ifndef KTACH_COLLECTOR_HISTORY_ASK_ANSWER_H
#define KTACH_COLLECTOR_HISTORY_ASK_ANSWER_H

#include <stdbool.h>

#include "collector/history/chunk/block.h"
#include "collector/history/history.h"

/**
 * struct answer_cell - a step of a row
 * @value: the least, most or last so far, NAN without; or the sum of averages,
 *         each times its weight
 * @weight: of an average
 */
struct answer_cell {
	double value;
	double weight;
};

/* The last value of a column, which its growth is against. */
struct answer_before {
	bool known;
	uint64_t value;
	uint64_t mono_ns;
};

/**
 * struct answer_row - a row's steps
 * @key: its key
 * @text: its first text
 * @aggregate: how its values of a step become one
 * @before: of each column that is read
 * @cells: one a step
 */
struct answer_row {
	uint64_t key;
	char text[WIRE_TEXT_MAX + 1];
	enum history_aggregate aggregate;
	struct answer_before *before;
	struct answer_cell *cells;
};

/**
 * struct answer - to a query
 * @q: the query
 * @first: the first column that it takes
 * @columns: how many, one after the other
 * @steps: of each row
 * @count: of rows
 * @rows: in the order of their keys
 * @values: scratch, one a step
 */
struct answer {
	const struct history_query *q;
	uint32_t first;
	uint32_t columns;
	size_t steps;
	size_t count;
	struct answer_row **rows;
	double *values;
};

/* Return 0, -EINVAL or -ENOMEM. */
int answer_init(struct answer *a, const struct history_query *q);
void answer_exit(struct answer *a);

/**
 * answer_add() - add a block
 * @a: the answer
 * @b: samples with @a's columns; or rollups with four for each of them
 * @bucket_ns: of rollups; 0 for samples
 *
 * Blocks come in the order of time. Return 0 or -ENOMEM.
 */
int answer_add(struct answer *a, const struct block *b, uint64_t bucket_ns);

/* Whether samples tell more than rollups do: extremes of what is made of several
 * columns follow from those only where the book says so.
 */
bool answer_wants_samples(const struct answer *a);

/* Tell each row's values. Return how many rows there are. */
size_t answer_tell(struct answer *a,
		void (*series)(void *context, const struct history_series *s),
		void *context);

#endif /* KTACH_COLLECTOR_HISTORY_ASK_ANSWER_H */
