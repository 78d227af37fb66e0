/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The history's series by the names and labels that /metrics gives them. For each family of
 * the book, of each node, the rows that fit are asked for; a counter's values are told as
 * they are, as a scrape has them. How close together samples are follows from what the
 * query is for: an expression over months looks at rollups.
 */
#ifndef KTACH_COLLECTOR_REMOTE_SEARCH_H
#define KTACH_COLLECTOR_REMOTE_SEARCH_H

#include "collector/history/history.h"
#include "collector/nodes/visit.h"
#include "collector/query/asked_nodes.h"
#include "collector/remote/found.h"
#include "collector/remote/matchers.h"

/**
 * struct search_hints - what a query is for; 0 is not known
 * @step_ns: between the times that an expression is evaluated at; 0 if @given: at one
 * @range_ns: that it looks back at, as of rate(x[5m])
 * @given: there are hints
 * @function: that is made of the samples, "" without
 */
struct search_hints {
	uint64_t step_ns;
	uint64_t range_ns;
	bool given;
	const char *function;
};

/**
 * struct search_range - which samples
 * @from_ns: our time, included
 * @to_ns: our time, excluded
 * @step_ns: one each
 * @over: what becomes of those of a step, of what is no counter
 */
struct search_range {
	uint64_t from_ns;
	uint64_t to_ns;
	uint64_t step_ns;
	enum history_aggregate over;
};

/* Set @step_ns and @over. */
void search_settle(struct search_range *range,
		   const struct search_hints *hints);

/**
 * struct search_source - where to look
 * @history: there
 * @visit: of all nodes
 * @nodes: of the history, and those that are there
 * @job: value of a label "job" that series get; "": none
 * @until_ns: time is over then, monotonic
 */
struct search_source {
	struct history *history;
	struct visit *visit;
	const struct asked_nodes *nodes;
	const char *job;
	uint64_t until_ns;
};

/* Add what fits. Return 0, -ETIME, -E2BIG, -ENOMEM, or as history_query(). */
int search_series(const struct search_source *source, struct matchers *m,
		  const struct search_range *range, struct found *found);

#endif /* KTACH_COLLECTOR_REMOTE_SEARCH_H */
