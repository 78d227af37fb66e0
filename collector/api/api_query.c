// SPDX-License-Identifier: GPL-2.0-or-later
/* Many series in one answer: the parameters of collector/query/query.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/api/api.h"
#include "collector/nodes/labels.h"
#include "collector/query/ask.h"
#include "lib/base/globs.h"

#define MS UINT64_C(1000000)
#define HOUR UINT64_C(3600000000000)

/**
 * struct asked - parameters as they came
 * @q: what they make
 * @metrics: names and globs
 * @nodes: the same
 * @rows: the same
 * @labels: NAME=GLOB, that nodes have
 * @by: a word, or label.NAME
 * @aggregates: names
 * @page: of the page
 * @clock: 1: ours
 * @since_ns: instead of the range's begin
 * @top: how many
 * @limit: of series
 * @since_given: it was; the others likewise
 */
struct asked {
	struct query q;
	char metrics[PARAMETERS_SIZE];
	char nodes[PARAMETERS_SIZE];
	char rows[PARAMETERS_SIZE];
	char labels[PARAMETERS_SIZE];
	char by[PARAMETER_TEXT_SIZE];
	char aggregates[PARAMETERS_SIZE];
	char page[PARAMETER_TEXT_SIZE];
	unsigned int combine;
	unsigned int rank;
	unsigned int order;
	unsigned int form;
	unsigned int clock;
	uint64_t since_ns;
	uint64_t top;
	uint64_t limit;
	int since_given;
	int from_given;
	int combine_given;
	int rank_given;
	int order_given;
};

static bool parse(struct asked *a, const struct request *request,
		  struct reply *r)
{
	static const char *const ranks[] = { "auto", "avg", "sum",
					     "min",  "max", NULL };
	static const char *const orders[] = { "largest", "smallest", NULL };
	static const char *const clocks[] = { "node", "collector", NULL };
	const struct parameter specs[] = {
		{ "metric", PARAMETER_TEXTS, a->metrics },
		{ "node", PARAMETER_TEXTS, a->nodes },
		{ "row", PARAMETER_TEXTS, a->rows },
		{ "label", PARAMETER_TEXTS, a->labels },
		{ "from", PARAMETER_TIME, &a->q.range.from_ns,
		  .given = &a->from_given },
		{ "to", PARAMETER_TIME, &a->q.range.to_ns },
		{ "since", PARAMETER_TIME, &a->since_ns,
		  .given = &a->since_given },
		{ "step", PARAMETER_DURATION, &a->q.range.step_ns, MS,
		  RANGE_STEP_MAX_NS },
		{ "aggregate", PARAMETER_TEXTS, a->aggregates },
		{ "by", PARAMETER_TEXT, a->by },
		{ "combine", PARAMETER_CHOICE, &a->combine,
		  .choices = query_combine_names, .given = &a->combine_given },
		{ "top", PARAMETER_NUMBER, &a->top, 1, QUERY_TOP_MAX },
		{ "rank", PARAMETER_CHOICE, &a->rank, .choices = ranks,
		  .given = &a->rank_given },
		{ "order", PARAMETER_CHOICE, &a->order, .choices = orders,
		  .given = &a->order_given },
		{ "limit", PARAMETER_NUMBER, &a->limit, 1, QUERY_SERIES_MAX },
		{ "page", PARAMETER_TEXT, a->page },
		{ "format", PARAMETER_CHOICE, &a->form,
		  .choices = query_form_names },
		{ "clock", PARAMETER_CHOICE, &a->clock, .choices = clocks },
		{ 0 }
	};

	return api_parse(specs, request, r);
}

static bool is_asked_already(const struct query *q, const struct book_entry *e)
{
	size_t i;

	for (i = 0; i < q->metric_count; i++)
		if (q->metrics[i] == e)
			return true;
	return false;
}

/* False: there are too many. */
static bool add_metric(struct query *q, const struct book_entry *e)
{
	if (is_asked_already(q, e))
		return true;
	if (q->metric_count == QUERY_METRICS_MAX)
		return false;
	q->metrics[q->metric_count++] = e;
	return true;
}

static bool is_of_history(const struct book_entry *e)
{
	return e && book_is_metric(e) && e->what != BOOK_OF_NODE;
}

/* All metrics of a glob, or one that was called so before. */
static bool take_metric(struct query *q, const char *glob, struct reply *r)
{
	const struct book_entry *e, *one = book_find(glob);
	char name[BOOK_NAME_SIZE];
	bool any = false;

	for (e = book; e < book + BOOK_ENTRIES; e++) {
		if (!is_of_history(e) ||
		    (e != one && !names_match(glob, book_metric(e, name))))
			continue;
		any = true;
		if (!add_metric(q, e))
			return reply_refuse_value(
				r, "metric", glob,
				"at most 128 metrics are expected");
	}
	return any ||
	       reply_refuse_value(
		       r, "metric", glob,
		       "the history has no such metric; /api/v1/metrics lists all");
}

static bool take_metrics(struct asked *a, struct reply *r)
{
	char *at = a->metrics, *glob;

	while ((glob = strsep(&at, ",")))
		if (*glob && !take_metric(&a->q, glob, r))
			return false;
	if (!a->q.metric_count)
		reply_refuse(
			r, 400,
			"metric: names of metrics of the history are expected, such as cpu.busy or net.*; /api/v1/metrics lists all");
	return a->q.metric_count;
}

static bool take_aggregate(struct query *q, const char *name, struct reply *r)
{
	size_t i;
	int which;

	for (which = 0; which < HISTORY_AGGREGATES; which++)
		if (!strcmp(history_aggregate_names[which], name))
			break;
	if (which == HISTORY_AGGREGATES)
		return reply_refuse_value(
			r, "aggregate", name,
			"avg, min, max, last, sum, rate, p50, p95 and p99 are expected");
	for (i = 0; i < q->aggregate_count; i++)
		if ((int)q->aggregates[i] == which)
			return reply_refuse_value(r, "aggregate", name,
						  "it is given twice");
	q->aggregates[q->aggregate_count++] = (enum history_aggregate)which;
	return true;
}

static bool take_aggregates(struct asked *a, struct reply *r)
{
	char *at = a->aggregates, *name;

	while ((name = strsep(&at, ",")))
		if (*name && !take_aggregate(&a->q, name, r))
			return false;
	if (!a->q.aggregate_count)
		a->q.aggregates[a->q.aggregate_count++] = HISTORY_AVG;
	return true;
}

/* Some table has to have what is named. */
static bool take_rows(struct asked *a, struct reply *r)
{
	size_t i;

	a->q.rows.names = a->rows;
	for (i = 0; i < a->q.metric_count; i++)
		if (asked_rows_fit(a->rows, book_table(a->q.metrics[i]->kind)))
			return true;
	return reply_refuse_value(
		r, "row", a->rows,
		"keys, names and globs of rows are expected, or NAME=GLOB of at most 16 texts that rows of the metric have");
}

static const char *label_of(const struct asked *a)
{
	return a->q.by == QUERY_BY_LABEL ? a->by + strlen("label.") : "";
}

static bool take_by(struct asked *a, struct reply *r)
{
	int by;

	for (by = 0; by < QUERY_BYS; by++)
		if (!strcmp(a->by, query_by_names[by]) && by != QUERY_BY_LABEL)
			break;
	if (by == QUERY_BYS && !strncmp(a->by, "label.", 6) && a->by[6])
		by = QUERY_BY_LABEL;
	if (by == QUERY_BYS)
		return reply_refuse_value(
			r, "by", a->by,
			"row, node, name, all or label.NAME is expected");
	a->q.by = (enum query_by)by;
	return api_labels_fit(a->labels, r);
}

static bool refuse_with(struct reply *r, bool wrong, const char *why)
{
	if (wrong)
		reply_refuse(r, 400, why);
	return !wrong;
}

/* What says nothing without another one. */
static bool fits_together(const struct asked *a, struct reply *r)
{
	return refuse_with(
		       r, a->since_given && a->from_given,
		       "since: it stands for 'from': one of both is expected") &&
	       refuse_with(
		       r, a->combine_given && a->q.by == QUERY_BY_ROW,
		       "combine: by=node, name, all or label.NAME is expected with it") &&
	       refuse_with(r, a->rank_given && !a->top,
			   "rank: top=NUMBER is expected with it") &&
	       refuse_with(r, a->order_given && !a->top,
			   "order: top=NUMBER is expected with it");
}

static bool settle(struct asked *a, const struct request *request,
		   struct reply *r)
{
	const char *page = request->page ? request->page : a->page;
	const char *problem;
	struct query *q = &a->q;

	if (a->since_given)
		q->range.from_ns = a->since_ns;
	if (*page && !query_place_read(page, q))
		return reply_refuse_value(r, "page", page,
					  "'next' of an answer is expected");
	problem = range_settle(&q->range);
	if (problem)
		return refuse_with(r, true, problem);
	q->goes_on = request->page;
	q->combine = (enum query_combine)a->combine;
	q->rank = (enum query_combine)a->rank;
	q->smallest = a->order;
	q->form = (enum query_form)a->form;
	q->our_clock = a->clock;
	q->top = a->top;
	q->limit = a->limit;
	return refuse_with(
		r,
		q->top * q->aggregate_count * range_steps(&q->range) >
			RANGE_VALUES_MAX,
		"top: these have more than 500000 values; fewer, or a longer step, are expected");
}

static void refuse_page(struct reply *r, int err)
{
	static const struct {
		int err;
		const char *why;
	} reasons[] = {
		{ -EOPNOTSUPP,
		  "aggregate: there is no sum or rate of a metric that is made of several values" },
		{ -E2BIG,
		  "step: all values together are too many; a longer step, a shorter time, fewer nodes or rows are expected" },
		{ -ETIME,
		  "from: this takes longer than 10 s; a shorter time, a longer step, fewer nodes or metrics are expected" },
	};
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].err == err) {
			reply_refuse(r, 400, reasons[i].why);
			return;
		}
	if (err == -ENOMEM)
		reply_json(r, 503, NULL);
	else
		reply_refuse(
			r, 500,
			"the history cannot be read; the collector's log says why");
}

static void tell_page(struct reply *r, const struct query *q,
		      struct query_page *page)
{
	static const char *const types[] = {
		[QUERY_JSON] = "application/json",
		[QUERY_NDJSON] = "application/x-ndjson",
		[QUERY_CSV] = "text/csv; charset=utf-8",
	};

	reply_text(r, types[q->form], page->text);
	if (q->form != QUERY_JSON)
		snprintf(r->next, sizeof(r->next), "%s", page->next);
}

static void ask(const struct api *api, const struct asked *a, struct reply *r)
{
	struct asked_nodes nodes;
	struct query_page page;
	int err = asked_nodes_find(&nodes, api->visit, api->history,
				   *a->nodes ? a->nodes : "*", a->labels,
				   label_of(a));

	if (!err && !nodes.count)
		reply_refuse(
			r, 404,
			"no node of such a name, id or label is known; /api/v1/nodes lists all");
	if (!err && nodes.count)
		err = query_ask(&a->q, api->history, api->visit, &nodes, &page);
	if (err)
		refuse_page(r, err);
	else if (nodes.count)
		tell_page(r, &a->q, &page);
	asked_nodes_free(&nodes);
}

void api_get_query(const struct api *api, const struct request *request,
		   struct reply *r)
{
	struct asked *a = calloc(1, sizeof(*a)); /* large for a stack */
	struct node_time now = api_now();

	if (!a) {
		reply_json(r, 503, NULL);
		return;
	}
	a->q.range = (struct range){ now.real_ns - HOUR, now.real_ns, 0 };
	a->limit = 1000;
	strcpy(a->by, "row");
	if (parse(a, request, r) && take_by(a, r) && fits_together(a, r) &&
	    take_metrics(a, r) && take_aggregates(a, r) && take_rows(a, r) &&
	    settle(a, request, r)) {
		if (api->history)
			ask(api, a, r);
		else
			reply_refuse(r, 503, "there is no history here");
	}
	free(a);
}
