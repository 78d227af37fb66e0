// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "collector/query/ask.h"
#include "collector/query/groups.h"
#include "collector/query/out.h"
#include "collector/query/top.h"
#include "lib/base/clock.h"

/**
 * struct asking - a page under way
 * @q: the question
 * @history: that is asked
 * @visit: of all nodes
 * @nodes: those that are asked for
 * @until_ns: time is over then, monotonic
 * @metric: which one is asked
 * @node: of whom
 * @key: from which row on
 * @whole: all before this place has been told
 * @last_key: of a row that came
 * @told: rows that came
 * @groups: those that become one
 * @top: the largest, of each aggregate
 * @out: what is written
 * @err: what went wrong among series
 */
struct asking {
	const struct query *q;
	struct history *history;
	struct visit *visit;
	const struct asked_nodes *nodes;
	uint64_t until_ns;
	size_t metric;
	size_t node;
	uint64_t key;
	struct query_place whole;
	uint64_t last_key;
	size_t told;
	struct groups groups;
	struct top top[HISTORY_AGGREGATES];
	struct out out;
	int err;
};

/* Left out of sums: rows that lie on another one, whose values have theirs,
 * and file systems that cannot be written to.
 */
static bool is_counted_twice(struct asking *a, const struct query_series *s)
{
	const struct book_entry *e = s->metric;
	const struct samples_row *row;
	const struct node *node;
	bool twice = false;

	if (!s->node->live || (e->adds != BOOK_OWN && e->adds != BOOK_WRITABLE))
		return false;
	node = visit_hold(a->visit, s->node->live);
	row = samples_find(node_samples(node, e->kind), s->key);
	if (row && e->adds == BOOK_OWN)
		twice = row->stacked;
	else if (row)
		twice = row->cells[WIRE_MOUNT_FLAGS] & WIRE_MOUNT_READ_ONLY;
	visit_leave(a->visit);
	return twice;
}

static void write_series(void *context, const struct query_series *s)
{
	struct asking *a = context;

	out_series(&a->out, s);
}

static void take_whole(void *context, const struct query_series *s)
{
	struct asking *a = context;
	size_t i = 0;

	if (!a->q->top) {
		out_series(&a->out, s);
		return;
	}
	while (a->q->aggregates[i] != s->aggregate)
		i++;
	top_offer(&a->top[i], s);
}

static const char *name_group(const struct asking *a,
			      const struct query_series *s)
{
	switch (a->q->by) {
	case QUERY_BY_NODE:
		return s->node->name;
	case QUERY_BY_NAME:
		return s->row;
	case QUERY_BY_LABEL:
		return s->node->label ? s->node->label : "";
	default:
		return "";
	}
}

static void take_series(void *context, const struct history_series *h)
{
	struct asking *a = context;
	const struct query_series s = { .metric = a->q->metrics[a->metric],
					.aggregate = h->aggregate,
					.node = &a->nodes->list[a->node],
					.key = h->key,
					.row = h->text,
					.of = 1,
					.count = h->count,
					.values = h->values };

	a->told++;
	a->last_key = h->key > a->last_key ? h->key : a->last_key;
	if (a->err)
		return;
	if (a->q->by == QUERY_BY_ROW)
		take_whole(a, &s);
	else if (!is_counted_twice(a, &s))
		a->err = groups_add(&a->groups, &s, name_group(a, &s),
				    a->q->by == QUERY_BY_NODE);
}

/* Whether what was told so far is whole behind each row, or node. */
static bool is_whole_by(const struct asking *a, enum query_by by)
{
	return !a->q->top && a->q->by <= by;
}

static void note_place(struct asking *a)
{
	a->whole = (struct query_place){ .metric = a->metric, .key = a->key };
	if (a->node < a->nodes->count)
		memcpy(a->whole.node, a->nodes->list[a->node].id,
		       sizeof(a->whole.node));
}

static void end_metric(struct asking *a)
{
	size_t i;

	groups_tell(&a->groups, take_whole, a);
	for (i = 0; i < a->q->aggregate_count; i++) {
		a->err = a->err ? a->err : a->top[i].failed ? -ENOMEM : 0;
		top_tell(&a->top[i], write_series, a);
	}
	a->node = 0;
	a->metric++;
	note_place(a);
}

static void end_node(struct asking *a)
{
	a->key = 0;
	a->node++;
	if (a->q->by == QUERY_BY_NODE)
		groups_tell(&a->groups, take_whole, a);
	if (a->node == a->nodes->count)
		end_metric(a);
	else if (is_whole_by(a, QUERY_BY_NODE))
		note_place(a);
}

/* Rows for which there is still room. */
static size_t count_room(const struct asking *a)
{
	const struct query *q = a->q;
	size_t room = q->limit > a->out.series ? q->limit - a->out.series : 0;
	size_t steps = range_steps(&q->range), values;

	if (!is_whole_by(a, QUERY_BY_ROW))
		return 0;
	values = a->out.values < RANGE_VALUES_MAX ?
			 (RANGE_VALUES_MAX - a->out.values) / steps :
			 0;
	room = (values < room ? values : room) / q->aggregate_count;
	return room ? room : 1;
}

/* Whose times they are: the node's, or ours. */
static int64_t find_ahead(const struct asking *a, const struct asked_node *node)
{
	int64_t first = -(int64_t)a->q->range.from_ns;

	if (!a->q->our_clock)
		return 0;
	return node->ahead_ns > first ? node->ahead_ns : first;
}

/* The rows of one node, as many as there is room for. */
static int ask_node(struct asking *a)
{
	const struct asked_node *node = &a->nodes->list[a->node];
	const struct book_entry *e = a->q->metrics[a->metric];
	struct asked_rows rows = a->q->rows;
	uint64_t ahead_ns = (uint64_t)find_ahead(a, node);
	bool more = false;
	struct history_query q = {
		.metric = e,
		.from_ns = a->q->range.from_ns + ahead_ns,
		.to_ns = a->q->range.to_ns + ahead_ns,
		.step_ns = a->q->range.step_ns,
		.wants = *rows.names ? asked_rows_want : NULL,
		.choice = &rows,
		.first_key = a->key,
		.rows_max = count_room(a),
		.more = &more,
		.until_ns = a->until_ns,
	};
	int ret;

	rows.texts = book_table(e->kind)->texts;
	memcpy(q.node, node->id, sizeof(q.node));
	a->told = 0;
	a->last_key = 0;
	ret = history_query_several(a->history, &q, a->q->aggregates,
				    a->q->aggregate_count, take_series, a);
	if (ret < 0 || a->err)
		return ret < 0 ? ret : a->err;
	if (more && !a->told)
		return -E2BIG;
	if (!more || a->last_key == UINT64_MAX) {
		end_node(a);
	} else {
		a->key = a->last_key + 1;
		if (is_whole_by(a, QUERY_BY_ROW))
			note_place(a);
	}
	return a->err;
}

/* Begin where the page does, or at the next node if that one is gone. */
static void find_place(struct asking *a)
{
	const struct query_place *p = &a->q->place;

	a->metric = p->metric;
	a->key = p->key;
	while (a->node < a->nodes->count &&
	       memcmp(a->nodes->list[a->node].id, p->node, WIRE_ID_SIZE) < 0)
		a->node++;
	if (a->node < a->nodes->count &&
	    memcmp(a->nodes->list[a->node].id, p->node, WIRE_ID_SIZE))
		a->key = 0;
	a->whole = *p;
	if (a->node == a->nodes->count && a->metric < a->q->metric_count) {
		a->metric++;
		a->node = 0;
		a->key = 0;
		note_place(a);
	}
}

static bool is_full(const struct asking *a)
{
	return a->out.series >= a->q->limit ||
	       a->out.values >= RANGE_VALUES_MAX ||
	       clock_mono_ns() >= a->until_ns;
}

static bool has_told(const struct asking *a)
{
	return memcmp(&a->whole, &a->q->place, sizeof(a->whole)) != 0;
}

static int ask_page(struct asking *a)
{
	int err = 0;

	find_place(a);
	while (!err && a->metric < a->q->metric_count &&
	       !(has_told(a) && is_full(a)))
		err = ask_node(a);
	return err == -ETIME && has_told(a) ? 0 : err;
}

static void write_next(const struct asking *a, char text[QUERY_PAGE_SIZE])
{
	struct query next = *a->q;

	next.place = a->whole;
	next.oldest_ns = a->out.oldest_ns;
	query_place_write(&next, text);
}

static void free_asking(struct asking *a)
{
	size_t i;

	groups_free(&a->groups);
	for (i = 0; i < HISTORY_AGGREGATES; i++)
		top_free(&a->top[i]);
}

int query_ask(const struct query *q, struct history *h, struct visit *v,
	      const struct asked_nodes *nodes, struct query_page *page)
{
	struct asking a = { .q = q,
			    .history = h,
			    .visit = v,
			    .nodes = nodes,
			    .until_ns = clock_mono_ns() + QUERY_PAGE_NS,
			    .groups.q = q,
			    .out = { .q = q, .oldest_ns = q->oldest_ns } };
	size_t i;
	int err;

	for (i = 0; i < HISTORY_AGGREGATES; i++)
		a.top[i].q = q;
	out_begin(&a.out);
	err = ask_page(&a);
	free_asking(&a);
	*page = (struct query_page){ 0 };
	if (!err && a.whole.metric < q->metric_count)
		write_next(&a, page->next);
	page->text = out_end(&a.out, page->next);
	if (!err && !page->text)
		err = -ENOMEM;
	if (err) {
		text_put(page->text);
		page->text = NULL;
	}
	return err;
}
