/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What samples and rollups become on a query's grid of steps. */
#ifndef KTACH_COLLECTOR_HISTORY_ASK_ANSWER_H
#define KTACH_COLLECTOR_HISTORY_ASK_ANSWER_H

#include <stdbool.h>

#include "collector/history/ask/spread.h"
#include "collector/history/chunk/block.h"
#include "collector/history/history.h"

/**
 * struct answer_cell - a step of a row
 * @value: the least, most or last so far, NAN without; or the sum of averages,
 *         each times its weight
 * @weight: of an average, or a sum; when the last one of a rate was, ns from the begin on
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
 * @texts: of the table's rows
 * @text: its texts, as they were last
 * @aggregate: how its values of a step become one
 * @turned: a percentile is one from above
 * @before: of each column that is read
 * @cells: one a step
 * @spread: all values, of a percentile
 */
struct answer_row {
	uint64_t key;
	uint32_t texts;
	char *text[WIRE_TEXTS_MAX];
	enum history_aggregate aggregate;
	bool turned;
	struct answer_before *before;
	struct answer_cell *cells;
	struct spread spread;
};

#define ANSWER_NO_STEP SIZE_MAX

/* The step that a sample is in, or none; and how long after the first one's begin it is. */
struct answer_when {
	size_t step;
	uint64_t ns;
};

/**
 * struct answer - to a query, by one of its aggregates
 * @q: the query
 * @asked: this one
 * @aggregate: which one that is of the metric
 * @first: the first column that it takes
 * @columns: how many, one after the other
 * @plain: the metric is what one counter grew by
 * @when: of each sample of a block
 * @when_room: so many fit
 * @steps: of each row
 * @cells_max: that rows may have
 * @rows_max: of @count
 * @count: of rows
 * @rows: in the order of their keys
 * @spread: values of all rows' spreads
 * @below: rows with this key or a larger one were left out
 * @more: some were
 * @values: scratch, one a step
 * @after_ns: the same, if values are told as they are
 *
 * What is too much is left out from the last row on: so those that are there are whole,
 * whenever a row comes.
 */
struct answer {
	const struct history_query *q;
	enum history_aggregate asked;
	enum history_aggregate aggregate;
	uint32_t first;
	uint32_t columns;
	bool plain;
	struct answer_when *when;
	size_t when_room;
	size_t steps;
	size_t cells_max;
	size_t rows_max;
	size_t count;
	struct answer_row **rows;
	size_t spread;
	uint64_t below;
	bool more;
	double *values;
	double *after_ns;
};

/* @cells_max: that it may take. Return 0, -EINVAL, -EOPNOTSUPP or -ENOMEM. */
int answer_init(struct answer *a, const struct history_query *q,
		enum history_aggregate aggregate, size_t cells_max);
void answer_exit(struct answer *a);

/**
 * answer_add() - add a block
 * @a: the answer
 * @b: samples with @a's columns; or rollups with four for each of them
 * @bucket_ns: of rollups; 0 for samples
 *
 * Blocks come in the order of time. Return 0, -ENOMEM, or -E2BIG: one row is too much.
 */
int answer_add(struct answer *a, const struct block *b, uint64_t bucket_ns);

/* Whether samples tell more than rollups do: extremes of what is made of several
 * columns follow from those only where the book says so.
 */
bool answer_wants_samples(const struct answer *a);

static inline bool answer_is_percentile(const struct answer *a)
{
	return a->aggregate >= HISTORY_P50 && a->aggregate <= HISTORY_P99;
}

/* Leave rows out from this key on. */
void answer_cut(struct answer *a, uint64_t below);

/* Free a row (answer_row.c); give it its texts as they are in a block: 0 or -ENOMEM. */
void answer_free_row(struct answer *a, struct answer_row *r);
int answer_set_texts(struct answer_row *r, const struct block *b, size_t row);

/* What most questions are, of a plain answer that is an average: a row's values are added
 * without a look at anything else (answer_growth.c).
 */
void answer_growths(const struct answer *a, struct answer_row *r,
		    const struct block *b, size_t row, bool rollup);

/* One alone is what it is, whatever it weighs: an average is no less than the least. */
static inline void answer_mean(struct answer_cell *c, double value,
			       double weight)
{
	c->weight += weight;
	c->value = c->weight == weight ?
			   value :
			   c->value + (value - c->value) * (weight / c->weight);
}

/* Tell each row's values (answer_tell.c). Return how many rows there are. */
size_t answer_tell(struct answer *a,
		   void (*series)(void *context,
				  const struct history_series *s),
		   void *context);

#endif /* KTACH_COLLECTOR_HISTORY_ASK_ANSWER_H */
