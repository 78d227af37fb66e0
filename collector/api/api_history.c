// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "collector/api/api.h"
#include "collector/query/range.h"
#include "lib/base/node_id.h"
#include "tables/book.h"

#define S UINT64_C(1000000000)
#define DAY (86400 * S)

struct answer {
	struct document w;
	size_t points;
	bool full;
};

static void write_series(void *context, const struct history_series *s)
{
	struct answer *a = context;
	size_t i;

	a->points += s->count;
	if (a->points > RANGE_VALUES_MAX) {
		a->full = true;
		return;
	}
	json_open(&a->w, '{');
	json_key_count(&a->w, "key", s->key);
	json_key_text(&a->w, "text", s->text);
	json_key(&a->w, "values");
	json_open(&a->w, '[');
	for (i = 0; i < s->count; i++)
		json_number(&a->w, s->values[i]);
	json_close(&a->w, ']');
	json_close(&a->w, '}');
}

static bool settle(struct range *range, struct reply *r)
{
	const char *problem = range_settle(range);

	if (problem)
		reply_refuse(r, 400, problem);
	return !problem;
}

/* @shift_ns: what the answer's clock is behind the samples'. */
static void ask(const struct api *api, const struct history_query *q,
		int64_t shift_ns, struct reply *r)
{
	struct answer a = { .points = 0 };
	char name[BOOK_NAME_SIZE];
	struct history_query asked = *q;
	bool more = false;
	int ret;

	asked.more = &more;
	json_open(&a.w, '{');
	json_key_text(&a.w, "metric", book_metric(q->metric, name));
	json_key_text(&a.w, "aggregate", history_aggregate_name(q->aggregate));
	json_key_count(&a.w, "from_ns", q->from_ns - (uint64_t)shift_ns);
	json_key_count(&a.w, "step_ns", q->step_ns);
	json_key(&a.w, "series");
	json_open(&a.w, '[');
	ret = history_query(api->history, &asked, write_series, &a);
	json_close(&a.w, ']');
	json_key_bool(&a.w, "more", more);
	json_close(&a.w, '}');
	reply_json(r, 200, document_done(&a.w));
	if (ret >= 0 && !a.full)
		return;
	reply_release(r);
	if (ret == -EOPNOTSUPP)
		reply_refuse(
			r, 400,
			"aggregate: there is no sum or rate of a metric that is made of several values");
	else if (ret == -E2BIG)
		reply_refuse(
			r, 400,
			"from: these are too many samples for a percentile; a shorter time is expected");
	else if (ret < 0)
		reply_refuse(
			r, 500,
			"the history cannot be read; the collector's log says why");
	else
		reply_refuse(
			r, 400,
			"key: all rows together have more than 500000 points; ask for one, or a longer step");
}

/**
 * struct past - a node of the history that is asked for
 * @text: by this name or id
 * @id: which it is
 * @name: its name
 * @ahead_ns: how far its samples' times are ahead of ours, as far as is known
 * @matches: how many there are
 */
struct past {
	const char *text;
	uint8_t id[WIRE_ID_SIZE];
	char id_text[NODE_ID_TEXT_SIZE];
	char name[NODE_NAME_SIZE];
	int64_t ahead_ns;
	size_t matches;
};

static void match(void *context, const struct history_node *n)
{
	struct past *p = context;
	char id_text[NODE_ID_TEXT_SIZE];

	node_id_format(n->id, id_text);
	if (strcmp(n->name, p->text) && strcmp(id_text, p->text))
		return;
	p->matches++;
	memcpy(p->id, n->id, sizeof(p->id));
	memcpy(p->id_text, id_text, sizeof(p->id_text));
	snprintf(p->name, sizeof(p->name), "%s", n->name);
}

/* A node that is there now, or that only the history knows; false: @r says that
 * there is none, or several.
 */
static bool find_past(const struct api *api, struct past *p, struct reply *r)
{
	size_t matches;
	const struct node *node = visit_find(api->visit, p->text, &matches);

	visit_leave(api->visit);
	if (!matches && api->history)
		history_nodes(api->history, match, p);
	if (p->matches == 1)
		return true;
	if (p->matches > 1)
		reply_refuse(
			r, 409,
			"several nodes of the history have this name; ask for an id");
	else
		node = api_find(api, p->text, r);
	if (p->matches || !node)
		return false;
	memcpy(p->id, node->id, sizeof(p->id));
	memcpy(p->id_text, node->id_text, sizeof(p->id_text));
	memcpy(p->name, node->name, sizeof(p->name));
	if (clock_known(&node->clock) && !node->redated_ns)
		p->ahead_ns = node->clock.offset_ns;
	visit_leave(api->visit);
	return true;
}

void api_get_history(const struct api *api, const struct request *request,
		     struct reply *r)
{
	char node[PARAMETER_TEXT_SIZE] = "", metric[PARAMETER_TEXT_SIZE] = "";
	struct node_time now = api_now();
	struct range range = { now.real_ns - 3600 * S, now.real_ns, 0 };
	struct history_query q = { .one = 0 };
	static const char *const clocks[] = { "node", "collector", NULL };
	unsigned int aggregate = 0, clock = 0;
	struct past past = { .text = node };
	const struct parameter specs[] = {
		{ "node", PARAMETER_TEXT, node },
		{ "metric", PARAMETER_TEXT, metric },
		{ "key", PARAMETER_NUMBER, &q.key, 0, INT64_MAX,
		  .given = &q.one },
		{ "from", PARAMETER_TIME, &range.from_ns },
		{ "to", PARAMETER_TIME, &range.to_ns },
		{ "step", PARAMETER_DURATION, &range.step_ns, S, DAY },
		{ "aggregate", PARAMETER_CHOICE, &aggregate,
		  .choices = history_aggregate_names },
		{ "clock", PARAMETER_CHOICE, &clock, .choices = clocks },
		{ 0 }
	};

	if (!api_parse(specs, request, r))
		return;
	q.metric = book_find(metric);
	q.aggregate = (enum history_aggregate)aggregate;
	if (!q.metric || q.metric->what == BOOK_OF_NODE) {
		reply_refuse(
			r, 400,
			"metric: the name of a metric of the history is expected, such as cpu.user_ns; /api/v1/metrics lists all");
		return;
	}
	if (!*node) {
		reply_refuse(r, 400, "node: a name or id is expected");
		return;
	}
	if (!settle(&range, r))
		return;
	if (!find_past(api, &past, r))
		return;
	memcpy(q.node, past.id, sizeof(q.node));
	if (!clock)
		past.ahead_ns = 0;
	q.from_ns = range.from_ns + (uint64_t)past.ahead_ns;
	q.to_ns = range.to_ns + (uint64_t)past.ahead_ns;
	q.step_ns = range.step_ns;
	if (!api->history) {
		reply_refuse(r, 503, "there is no history here");
		return;
	}
	ask(api, &q, past.ahead_ns, r);
}

/* Only steps with losses: they are few. */
static void write_loss(void *context, const struct history_loss *loss)
{
	struct document *w = context;
	int i;

	json_open(w, '{');
	json_key_count(w, "time_ns", loss->real_ns);
	for (i = 0; i < LOSS_CAUSES; i++)
		json_key_number(w, loss_names[i], (double)loss->count[i]);
	json_close(w, '}');
}

static void ask_losses(const struct api *api, const struct past *node,
		       struct history_losses_query *q, struct reply *r)
{
	struct document w = { 0 };

	memcpy(q->node, node->id, sizeof(q->node));
	json_open(&w, '{');
	json_key_text(&w, "id", node->id_text);
	json_key_text(&w, "name", node->name);
	json_key_count(&w, "from_ns", q->from_ns);
	json_key_count(&w, "to_ns", q->to_ns);
	json_key_count(&w, "step_ns", q->step_ns);
	json_key(&w, "steps");
	json_open(&w, '[');
	if (history_losses(api->history, q, write_loss, &w)) {
		text_put(document_done(&w));
		reply_refuse(
			r, 500,
			"the history cannot be read; the collector's log says why");
		return;
	}
	json_close(&w, ']');
	json_close(&w, '}');
	reply_json(r, 200, document_done(&w));
}

void api_get_node_losses(const struct api *api, const struct request *request,
			 struct reply *r)
{
	struct node_time now = api_now();
	struct range range = { now.real_ns - DAY, now.real_ns, 0 };
	struct history_losses_query losses;
	struct past past = { .text = strrchr(request->path, '/') + 1 };
	const struct parameter specs[] = {
		{ "from", PARAMETER_TIME, &range.from_ns },
		{ "to", PARAMETER_TIME, &range.to_ns },
		{ "step", PARAMETER_DURATION, &range.step_ns,
		  HISTORY_LOSS_STEP_NS, DAY },
		{ 0 }
	};

	if (!api_parse(specs, request, r) || !settle(&range, r))
		return;
	if (!find_past(api, &past, r))
		return;
	if (!api->history) {
		reply_refuse(r, 503, "there is no history here");
		return;
	}
	/* Kept by the minute: steps are whole ones. */
	losses.step_ns = (range.step_ns + HISTORY_LOSS_STEP_NS - 1) /
			 HISTORY_LOSS_STEP_NS * HISTORY_LOSS_STEP_NS;
	losses.from_ns = range.from_ns - range.from_ns % losses.step_ns;
	losses.to_ns = range.to_ns;
	ask_losses(api, &past, &losses, r);
}
