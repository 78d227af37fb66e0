/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading the history: which nodes and metrics there are, and a metric's values
 * over a time. Where and how they are kept is behind this interface; so is
 * which tier (samples, 1 min, 5 min) answers.
 */
#ifndef KTACH_COLLECTOR_HISTORY_HISTORY_H
#define KTACH_COLLECTOR_HISTORY_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktach/wire.h>

#include "collector/base/loss.h"

struct history;
struct book_entry;
struct store;

enum history_limits {
	HISTORY_POINTS_MAX = 20000,	/* of a series */
	HISTORY_ROWS_MAX = 1024,	/* series of an answer */
	HISTORY_CELLS_MAX = 1 << 21,	/* of 16 bytes, that a question takes */
};

/* What becomes of all that falls into a step. Sums (but those of counters) and
 * percentiles are made of samples: where there are only rollups left, they are not known.
 */
enum history_aggregate {
	HISTORY_AVG,
	HISTORY_MIN,
	HISTORY_MAX,
	HISTORY_LAST,
	HISTORY_SUM,	/* of a counter: what it grew by */
	HISTORY_RATE,	/* growth a second, against the step before */
	HISTORY_P50,	/* the value that half of the samples don't exceed */
	HISTORY_P95,
	HISTORY_P99,
	HISTORY_AGGREGATES
};

/* "avg", "min", "max", "last", ...; NULL ends them. */
extern const char *const history_aggregate_names[HISTORY_AGGREGATES + 1];
const char *history_aggregate_name(enum history_aggregate a);

/**
 * struct history_row - a row that may be asked for
 * @key: its key
 * @texts: how many of @text there are
 * @text: as the history has them
 */
struct history_row {
	uint64_t key;
	uint32_t texts;
	const char *text[WIRE_TEXTS_MAX];
};

/**
 * struct history_query - a question
 * @node: whose
 * @metric: from book_find() (tables/book.h)
 * @one: only the row with @key; else all rows, a series each
 * @key: CPU, ifindex, ...; a metric without rows needs none
 * @from_ns: real time, included
 * @to_ns: real time, excluded
 * @step_ns: at least 1; (@to_ns - @from_ns) / @step_ns, rounded up, is at most
 *           HISTORY_POINTS_MAX
 * @aggregate: how values of a step become one
 * @as_it_is: of a counter its value, not its growth, and when each value was; a rollup's is
 *            of its bucket's end. By LAST, or, of what is no counter, by AVG, MIN and MAX
 * @wants: whether a row is to be told; NULL: each is
 * @choice: for @wants
 * @first_key: rows with smaller keys are not
 * @rows_max: the first ones only; 0: HISTORY_ROWS_MAX
 * @more: set if there are rows behind those that were told; may be NULL
 * @until_ns: when to give up, CLOCK_MONOTONIC; 0: never
 *
 * Of a metric without rows the last six but @until_ns say nothing.
 */
struct history_query {
	uint8_t node[WIRE_ID_SIZE];
	const struct book_entry *metric;
	int one;
	uint64_t key;
	uint64_t from_ns;
	uint64_t to_ns;
	uint64_t step_ns;
	enum history_aggregate aggregate;
	bool as_it_is;
	bool (*wants)(const void *choice, const struct history_row *row);
	const void *choice;
	uint64_t first_key;
	size_t rows_max;
	bool *more;
	uint64_t until_ns;
};

/**
 * struct history_series - one row's answer
 * @key: the row
 * @text: its first text (an interface's name), "" without
 * @texts: how many of @all_texts there are
 * @all_texts: as they were last
 * @aggregate: what @values are
 * @count: of @values
 * @values: of from + i * step; NAN where nothing is known. Of a counter: its
 *          growth a second. Not more exact than 1/512 for a MIN or MAX of a
 *          counter that comes from a rollup. In the units of the book.
 * @after_ns: how long after the question's begin each of @values was; NULL, unless they
 *            are as they are
 */
struct history_series {
	uint64_t key;
	const char *text;
	uint32_t texts;
	const char *const *all_texts;
	enum history_aggregate aggregate;
	size_t count;
	const double *values;
	const double *after_ns;
};

/**
 * history_query() - ask
 * @h: the history
 * @q: the question
 * @series: told each row's answer, in the order of keys
 * @context: for @series
 *
 * Return: how many series there were, or -errno: -EINVAL for a question outside
 * the limits above, -EOPNOTSUPP for a sum or a rate of what is made of several values,
 * -E2BIG if even one row is too much, -ETIME if @until_ns came, -EIO if the history
 * can't be read.
 */
int history_query(struct history *h, const struct history_query *q,
		  void (*series)(void *context,
				 const struct history_series *s),
		  void *context);

/* The same of several aggregates, which are read together: those of the first one are
 * told first. None are told twice, and rows are the same of each.
 */
int history_query_several(struct history *h, const struct history_query *q,
			  const enum history_aggregate *aggregates,
			  size_t count,
			  void (*series)(void *context,
					 const struct history_series *s),
			  void *context);

/* Times are real, ns; the strings are valid during the call. */
struct history_node {
	uint8_t id[WIRE_ID_SIZE];
	const char *name;
	const char *version;
	uint64_t first_ns;
	uint64_t last_ns;
};

/* All nodes that the history has. Return 0 or -EIO. */
int history_nodes(struct history *h,
		  void (*found)(void *context, const struct history_node *n),
		  void *context);

/* Told each one's id; nothing of @data may be kept. */
typedef void history_state(void *context, const uint8_t *id, const void *data,
			   size_t size);

/* What store_put() and store_put_node() were given of nodes: the accounts of those
 * that were heard last, in the order of ids; values of those after an id, likewise.
 * Return 0 or -EIO.
 */
int history_accounts(struct history *h, size_t count, history_state *found,
		     void *context);
int history_values(struct history *h, const uint8_t *after, size_t count,
		   history_state *found, void *context);

/* Losses are kept by the minute. */
#define HISTORY_LOSS_STEP_NS	UINT64_C(60000000000)

/**
 * struct history_losses_query - what did a node lose?
 * @node: which
 * @from_ns: real time, included
 * @to_ns: real time, excluded
 * @step_ns: a multiple of HISTORY_LOSS_STEP_NS; steps are counted from 1970
 */
struct history_losses_query {
	uint8_t node[WIRE_ID_SIZE];
	uint64_t from_ns;
	uint64_t to_ns;
	uint64_t step_ns;
};

/**
 * struct history_loss - a step in which it did
 * @real_ns: its begin
 * @count: by enum loss_cause; LOSS_RECEIVED of minutes with losses only
 */
struct history_loss {
	uint64_t real_ns;
	int64_t count[LOSS_CAUSES];
};

/* Tell the steps with losses, in order. Return 0, -EINVAL, or -EIO. */
int history_losses(struct history *h, const struct history_losses_query *q,
		   void (*found)(void *context, const struct history_loss *l),
		   void *context);

/**
 * history_open() - read a history
 * @history: set
 * @folder: where it is
 * @store: the store that writes it, in this process: what it has not folded
 *         yet is in the answers, too; NULL: only what is in the file
 *
 * To be used by one thread at a time. Return: 0, or -errno after a message.
 */
int history_open(struct history **history, const char *folder,
		 struct store *store);
void history_close(struct history *h);

#endif /* KTACH_COLLECTOR_HISTORY_HISTORY_H */
