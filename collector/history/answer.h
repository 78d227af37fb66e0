/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What samples and rollups become on a query's grid of steps. */
#ifndef KTACH_COLLECTOR_HISTORY_ANSWER_H
#define KTACH_COLLECTOR_HISTORY_ANSWER_H

#include <stdbool.h>

#include "collector/history/block.h"
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

/**
 * struct answer_row - a row's steps
 * @key: its key
 * @text: its first text
 * @known: a value of the counter came before
 * @value: that value
 * @mono_ns: when
 * @cells: one a step
 */
struct answer_row {
	uint64_t key;
	char text[WIRE_TEXT_MAX + 1];
	bool known;
	uint64_t value;
	uint64_t mono_ns;
	struct answer_cell *cells;
};

/**
 * struct answer - to a query
 * @q: the query
 * @counter: the metric is one
 * @steps: of each row
 * @count: of rows
 * @rows: in the order of their keys
 * @values: scratch, one a step
 */
struct answer {
	const struct history_query *q;
	bool counter;
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
 * @b: samples with one column; or rollups with the metric's four
 * @bucket_ns: of rollups; 0 for samples
 *
 * Blocks come in the order of time. Return 0 or -ENOMEM.
 */
int answer_add(struct answer *a, const struct block *b, uint64_t bucket_ns);

/* The value of a step. */
double answer_value(const struct answer *a, const struct answer_cell *c);

#endif /* KTACH_COLLECTOR_HISTORY_ANSWER_H */
