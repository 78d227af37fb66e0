/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One question about many series of the history: metrics, nodes and rows by name or by
 * globs of stars, over a time, in steps; as they are, or together; all, or the largest.
 * It is answered a page at a time, in bounded memory and time:
 *
 *   for each metric, node, so many rows:
 *     history_query_several() --> (groups.h: together) --> (top.h: the largest) --> out.h
 *
 * A page ends behind a whole series, where enough is written or time is over, and says
 * where the next one begins.
 */
#ifndef KTACH_COLLECTOR_QUERY_QUERY_H
#define KTACH_COLLECTOR_QUERY_QUERY_H

#include "collector/base/document.h"
#include "collector/history/history.h"
#include "collector/nodes/visit.h"
#include "collector/query/asked_nodes.h"
#include "collector/query/asked_rows.h"
#include "collector/query/range.h"
#include "tables/book.h"

enum query_limits {
	QUERY_METRICS_MAX = 128,
	QUERY_SERIES_MAX = 10000, /* of a page */
	QUERY_TOP_MAX = 1000,
	QUERY_PAGE_SIZE = 192,
	QUERY_CURSOR_SIZE = 32,
	QUERY_GROUPS_MAX = 10000,
};

/* Time that a page may take. */
#define QUERY_PAGE_NS UINT64_C(10000000000)

/* What is one series. */
enum query_by {
	QUERY_BY_ROW, /* a row of a node */
	QUERY_BY_NODE, /* all rows of a node together */
	QUERY_BY_NAME, /* rows of one name, of all nodes */
	QUERY_BY_ALL, /* everything */
	QUERY_BY_LABEL, /* nodes that have the same label */
	QUERY_BYS
};

/* How values of a step become one, of several series. */
enum query_combine {
	QUERY_AUTO, /* as the book adds it up; else their average */
	QUERY_AVG,
	QUERY_SUM,
	QUERY_MIN,
	QUERY_MAX,
	QUERY_COUNT, /* how many have one */
	QUERY_P50,
	QUERY_P95,
	QUERY_P99,
	QUERY_COMBINES
};

enum query_form {
	QUERY_JSON,
	QUERY_NDJSON,
	QUERY_CSV,
};

/* Each ends with NULL. */
extern const char *const query_by_names[];
extern const char *const query_combine_names[];
extern const char *const query_form_names[];

/**
 * struct query_place - where a page begins
 * @metric: number of the metric
 * @node: the first node, by its id; zeroes: of all
 * @key: its first row
 */
struct query_place {
	size_t metric;
	uint8_t node[WIRE_ID_SIZE];
	uint64_t key;
};

/**
 * struct query - the question
 * @metrics: @metric_count of them
 * @rows: which ones
 * @range: from when to when, settled
 * @aggregates: over time, @aggregate_count of them
 * @by: what is one series
 * @combine: of several
 * @top: so many only, the best of each metric and aggregate; 0: all
 * @smallest: not the largest
 * @rank: they are ranked by this one of their values
 * @our_clock: the range is of our time, not of each node's
 * @limit: series of a page
 * @form: how it is written
 * @place: where it begins
 * @oldest_ns: of the pages before it, as in out.h
 * @goes_on: it is not the first page of a stream: without its head
 */
struct query {
	const struct book_entry *metrics[QUERY_METRICS_MAX];
	size_t metric_count;
	struct asked_rows rows;
	struct range range;
	enum history_aggregate aggregates[HISTORY_AGGREGATES];
	size_t aggregate_count;
	enum query_by by;
	enum query_combine combine;
	size_t top;
	bool smallest;
	enum query_combine rank;
	bool our_clock;
	size_t limit;
	enum query_form form;
	struct query_place place;
	uint64_t oldest_ns;
	bool goes_on;
};

/**
 * struct query_series - a series on its way
 * @metric: whose
 * @aggregate: over time
 * @node: whose row it is; NULL: of several
 * @key: the row
 * @row: its name; NULL: of several
 * @group: what those that it is made of have in common; NULL: it is made of one
 * @of: so many
 * @count: of @values
 * @values: NAN where nothing is known
 */
struct query_series {
	const struct book_entry *metric;
	enum history_aggregate aggregate;
	const struct asked_node *node;
	uint64_t key;
	const char *row;
	const char *group;
	size_t of;
	size_t count;
	const double *values;
};

/* The place, the range and what else is of all pages as a text, and back: false if it is
 * none.
 */
void query_place_write(const struct query *q, char text[QUERY_PAGE_SIZE]);
bool query_place_read(const char *text, struct query *q);

#endif /* KTACH_COLLECTOR_QUERY_QUERY_H */
