// SPDX-License-Identifier: GPL-2.0-or-later
/* What is not as it should be, and what was not. */
#include <stdlib.h>
#include <string.h>

#include "collector/api/api.h"
#include "collector/api/json.h"
#include "collector/alarms/warden.h"
#include "collector/figures/topk.h"
#include "lib/base/clock.h"

enum {
	PAST_MAX = WARDEN_PAST,
	REASONS_MAX = 3, /* of a node's health */
	ATTENTION_MAX = 10, /* nodes */
};

static void write_values(struct document *w, const char *severity,
			 const char *row, const char *text, double value,
			 double limit, uint64_t fired_ns)
{
	json_key_text(w, "severity", severity);
	json_key_text(w, "row", row);
	json_key_text(w, "text", text);
	json_key_number(w, "value", value);
	json_key_number(w, "limit", limit);
	json_key_count(w, "fired_ns", fired_ns);
}

static void write_time(struct document *w, const char *key, uint64_t ns)
{
	json_key(w, key);
	if (ns)
		json_count(w, ns);
	else
		json_none(w);
}

static void write_marks(struct document *w, const struct alarm *alarm)
{
	const struct alarm_marks *m = &alarm->marks;

	write_time(w, "id", alarm->id);
	write_time(w, "acknowledged_ns", m->seen_ns);
	json_key_note(w, "acknowledged_by", m->seen_ns ? m->seen_by : NULL);
	write_time(w, "silent_until_ns",
		   m->silent_until_ns > clock_real_ns() ? m->silent_until_ns :
							  0);
}

static void write_firing(struct document *w, const struct node *node,
			 const struct alarm *alarm)
{
	const struct rule *rule = alarm->rule;
	char text[RULE_TEXT_MAX];

	rule_say_alarm(node, alarm, text, sizeof(text));
	json_key_text(w, "rule", rule->name);
	write_values(w, severity_names[rule->severity], alarm->row, text,
		     alarm->value, alarm->limit, alarm->fired_ns);
	json_key(w, "cleared_ns");
	json_none(w);
	json_key_note(w, "why", rule->why);
	json_key_note(w, "look", rule->look);
	write_marks(w, alarm);
}

void json_alarms(struct document *w, const struct node *node)
{
	const struct alarm *alarm;

	json_open(w, '[');
	for (alarm = node->alarms.first; alarm; alarm = alarm->next) {
		if (!alarm->firing)
			continue;
		json_open(w, '{');
		write_firing(w, node, alarm);
		json_close(w, '}');
	}
	json_close(w, ']');
}

/* What its worst alarms say. */
static void write_reasons(struct document *w, const struct node *node)
{
	const struct alarm *alarm;
	char text[RULE_TEXT_MAX];
	int severity, left = REASONS_MAX;

	json_key(w, "reasons");
	json_open(w, '[');
	for (severity = SEVERITIES - 1; severity >= 0; severity--) {
		for (alarm = node->alarms.first; alarm && left;
		     alarm = alarm->next) {
			if (!alarm->firing ||
			    (int)alarm->rule->severity != severity)
				continue;
			left--;
			rule_say_alarm(node, alarm, text, sizeof(text));
			json_text(w, text);
		}
	}
	json_close(w, ']');
}

void json_health(struct document *w, const struct node *node)
{
	struct health h = warden_health(node);

	json_open(w, '{');
	json_key_text(w, "state", health_names[h.state]);
	json_key_count(w, "score", h.score);
	json_key_count(w, "alarms", h.alarms);
	write_reasons(w, node);
	json_close(w, '}');
}

/* The lower a score, the earlier it is shown; one that fell silent without a word is worst. */
static double attention(const struct node *node, const struct health *h)
{
	return 100 - (double)h->score + (node->state == NODE_GONE ? 101 : 0);
}

static void write_attention(struct document *w, struct visit *v,
			    struct topk *worst)
{
	size_t i;

	topk_sort(worst);
	json_key(w, "attention");
	json_open(w, '[');
	for (i = 0; i < worst->count; i++) {
		const struct node *node = visit_hold(v, worst->entries[i].node);

		json_open(w, '{');
		json_key_text(w, "id", node->id_text);
		json_key_text(w, "name", node->name);
		json_key(w, "health");
		json_health(w, node);
		json_close(w, '}');
	}
	visit_leave(v);
	json_close(w, ']');
}

void json_fleet_health(struct document *w, struct visit *v)
{
	struct topk *worst = calloc(1, sizeof(*worst)); /* large */
	size_t count[HEALTH_STATES] = { 0 };
	const struct node *node;
	int state;

	if (!worst) {
		w->failed = true;
		return;
	}
	worst->k = ATTENTION_MAX;
	for (node = visit_first(v); node; node = visit_next(v)) {
		struct health h = warden_health(node);
		struct topk_entry e = { .value = attention(node, &h),
					.node = node };

		count[h.state]++;
		if (e.value > 0)
			topk_offer(worst, &e);
	}
	json_key(w, "health");
	json_open(w, '{');
	for (state = 0; state < HEALTH_STATES; state++)
		json_key_count(w, health_names[state], count[state]);
	json_close(w, '}');
	write_attention(w, v, worst);
	free(worst);
}

static void write_node(struct document *w, const char *id, const char *name)
{
	json_key_text(w, "node", id);
	json_key_text(w, "name", name);
}

static void write_alarms(struct document *w, const struct node *node)
{
	const struct alarm *alarm;

	for (alarm = node->alarms.first; alarm; alarm = alarm->next) {
		if (!alarm->firing)
			continue;
		json_open(w, '{');
		write_node(w, node->id_text, node->name);
		write_firing(w, node, alarm);
		json_close(w, '}');
	}
}

static void write_now(struct document *w, struct visit *v, const char *name)
{
	struct node *node;

	for (node = visit_first(v); node; node = visit_next(v))
		if (!*name || !strcmp(name, node->name) ||
		    !strcmp(name, node->id_text))
			write_alarms(w, node);
	visit_leave(v);
}

static bool is_fleet(const struct api *api, const char *name)
{
	return api->warden && (!strcmp(name, api->warden->fleet->name) ||
			       !strcmp(name, api->warden->fleet->id_text));
}

/* Those about all nodes together. */
static void write_of_fleet(const struct api *api, struct document *w)
{
	struct nodes *nodes = api->ingest->feed->nodes;
	const struct node *fleet = api->warden->fleet;

	nodes_lock(nodes, fleet->id);
	write_alarms(w, fleet);
	nodes_unlock(nodes, fleet->id);
}

static void write_past(struct document *w, struct warden *warden,
		       const char *name, uint64_t most)
{
	char id[NODE_ID_TEXT_SIZE];
	uint64_t i;

	pthread_mutex_lock(&warden->past_lock);
	for (i = 0; i < warden->past_count && i < WARDEN_PAST && most; i++) {
		const struct past_alarm *p =
			&warden->past[(warden->past_count - 1 - i) %
				      WARDEN_PAST];

		node_id_format(p->node, id);
		if (*name && strcmp(name, p->name) && strcmp(name, id))
			continue;
		most--;
		json_open(w, '{');
		write_node(w, id, p->name);
		json_key_text(w, "rule", p->rule);
		write_values(w, severity_names[p->severity], p->row, p->text,
			     p->value, p->limit, p->fired_ns);
		json_key_count(w, "cleared_ns", p->cleared_ns);
		json_close(w, '}');
	}
	pthread_mutex_unlock(&warden->past_lock);
}

void api_get_alerts(const struct api *api, const struct request *request,
		    struct reply *r)
{
	char name[PARAMETER_TEXT_SIZE] = "";
	uint64_t past = 0;
	const struct parameter specs[] = { { "node", PARAMETER_TEXT, name },
					   { "past", PARAMETER_NUMBER, &past, 0,
					     PAST_MAX },
					   { 0 } };
	struct document w = { 0 };

	if (!api_parse(specs, request, r))
		return;
	if (*name && !is_fleet(api, name) && !api_find(api, name, r))
		return;
	visit_leave(api->visit);
	json_open(&w, '{');
	json_key(&w, "firing");
	json_open(&w, '[');
	write_now(&w, api->visit, name);
	if (api->warden && (!*name || is_fleet(api, name)))
		write_of_fleet(api, &w);
	json_close(&w, ']');
	json_key(&w, "past");
	json_open(&w, '[');
	if (api->warden)
		write_past(&w, api->warden, name, past);
	json_close(&w, ']');
	json_close(&w, '}');
	reply_json(r, 200, document_done(&w));
}

static void write_rule(struct document *w, const struct rule *rule)
{
	char metric[BOOK_NAME_SIZE];

	json_open(w, '{');
	json_key_text(w, "name", rule->name);
	json_key_text(w, "origin", rule->origin);
	json_key_note(w, "metric",
		      rule->entry ? book_metric(rule->entry, metric) : NULL);
	json_key_text(w, "severity", severity_names[rule->severity]);
	json_key_count(w, "weight", rule->weight);
	json_key_text(w, "text", rule->text);
	json_key_note(w, "why", rule->why);
	json_key_note(w, "look", rule->look);
	json_close(w, '}');
}

void api_get_rules(const struct api *api, const struct request *request,
		   struct reply *r)
{
	static const struct parameter none[] = { { 0 } };
	struct document w = { 0 };
	size_t i;

	if (!api_parse(none, request, r))
		return;
	json_open(&w, '{');
	json_key(&w, "rules");
	json_open(&w, '[');
	for (i = 0; api->warden && i < api->warden->rules.count; i++)
		write_rule(&w, &api->warden->rules.all[i]);
	json_close(&w, ']');
	json_close(&w, '}');
	reply_json(r, 200, document_done(&w));
}
