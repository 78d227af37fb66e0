// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/figures/figure.h"
#include "collector/alarms/warden.h"
#include "lib/base/globs.h"
#include "lib/base/log.h"

const char *const health_names[HEALTH_STATES] = {
	[HEALTH_OK] = "ok",	      [HEALTH_NOTICE] = "notice",
	[HEALTH_WARNING] = "warning", [HEALTH_CRITICAL] = "critical",
	[HEALTH_UNKNOWN] = "unknown",
};

#define SECOND_NS UINT64_C(1000000000)

enum {
	TOLD_MAX = 20, /* alarms that the log tells of in a second */
	NODE_TOLD = 10, /* of one node at once; then one a minute */
	NODE_PAST = 100, /* of one node that are remembered at once; the same */
	NODE_SENT =
		ALARMS_MAX, /* of one node that are sent at once; the same */
};

#define NODE_EVERY_NS UINT64_C(60000000000)

/* What a row costs by each rule, and how much of a node is looked at ahead of its time. */
#define ROW_NS UINT64_C(10000)
#define BUSY_NS UINT64_C(1000000000)

/* A value that is not known for so long is taken for one that is gone. */
#define UNKNOWN_NS UINT64_C(300000000000)

#define SWEEP_NS UINT64_C(60000000000)

/**
 * struct round - one look at a node, which is locked
 * @warden: by whose rules
 * @nodes: its table
 * @node: it
 * @now: our clocks
 * @at_ns: the clock that rules go by: the node's of its newest sample, or ours
 */
struct round {
	struct warden *warden;
	struct nodes *nodes;
	struct node *node;
	const struct node_time *now;
	uint64_t at_ns;
};

int warden_init(struct warden *w)
{
	*w = (struct warden){ .past = calloc(WARDEN_PAST, sizeof(*w->past)) };
	if (!w->past)
		return -ENOMEM;
	pthread_rwlock_init(&w->lock, NULL);
	pthread_mutex_init(&w->past_lock, NULL);
	return 0;
}

void warden_exit(struct warden *w)
{
	if (!w->past)
		return;
	rules_free(&w->rules);
	free(w->past);
	pthread_mutex_destroy(&w->past_lock);
	pthread_rwlock_destroy(&w->lock);
	w->past = NULL;
}

void warden_say(const struct node *node, const struct alarm *alarm, char *text,
		size_t size)
{
	rule_say(alarm->rule, node->name, alarm->row, alarm->value,
		 alarm->limit, text, size);
}

/* How many more there may be now of @burst, this one included; 0: none. */
static unsigned int take_one(uint64_t *until_ns, unsigned int burst,
			     uint64_t now_ns)
{
	unsigned int taken;

	if (*until_ns < now_ns)
		*until_ns = now_ns;
	taken = (unsigned int)((*until_ns - now_ns + NODE_EVERY_NS - 1) /
			       NODE_EVERY_NS);
	if (taken >= burst)
		return 0;
	*until_ns += NODE_EVERY_NS;
	return burst - taken;
}

/* A node's clock and values are its own to choose: they may not fill the log. */
static bool node_may_tell(struct round *r)
{
	unsigned int left =
		take_one(&r->node->alarms.told_ns, NODE_TOLD, r->now->mono_ns);

	if (left == 1)
		log_warn(
			"node %s: more alarms come and go than are told here; /api/v1/alerts has those that fire (the next line comes in a minute at the earliest)",
			r->node->name);
	return left > 1;
}

/* When a switch dies all its nodes fall silent at once: the API has them all. */
static bool may_tell(struct round *r)
{
	struct warden *w = r->warden;
	uint64_t second = r->now->mono_ns / SECOND_NS;
	unsigned int told;

	if (!node_may_tell(r))
		return false;
	pthread_mutex_lock(&w->past_lock);
	if (second != w->told_second)
		w->told = 0;
	w->told_second = second;
	told = ++w->told;
	pthread_mutex_unlock(&w->past_lock);
	if (told == TOLD_MAX)
		log_warn(
			"alarms: more than %d in a second; /api/v1/alerts has all",
			TOLD_MAX);
	return told < TOLD_MAX;
}

static void enter(struct round *r, struct alarm *alarm, const char *text)
{
	struct ledger *l = r->warden->ledger;

	if (!l)
		return;
	if (take_one(&r->node->alarms.sent_ns, NODE_SENT, r->now->mono_ns))
		ledger_fire(l, r->node, alarm, text);
	else
		ledger_refuse(l);
}

static void fire(struct round *r, struct alarm *alarm)
{
	char text[RULE_TEXT_MAX];

	alarm->firing = true;
	alarm->fired_ns = r->now->real_ns;
	node_changed(r->nodes, r->node);
	warden_say(r->node, alarm, text, sizeof(text));
	enter(r, alarm, text);
	if (!may_tell(r))
		return;
	log_warn("alarm, %s: node %s: %s (%s)",
		 severity_names[alarm->rule->severity], r->node->name, text,
		 alarm->rule->name);
}

/* One node's may not push out the others'. */
static void remember(struct round *r, const struct alarm *alarm)
{
	struct warden *w = r->warden;
	struct past_alarm *p;

	if (!take_one(&r->node->alarms.past_ns, NODE_PAST, r->now->mono_ns))
		return;
	pthread_mutex_lock(&w->past_lock);
	p = &w->past[w->past_count++ % WARDEN_PAST];
	*p = (struct past_alarm){
		.severity = alarm->rule->severity,
		.value = alarm->value,
		.limit = alarm->limit,
		.fired_ns = alarm->fired_ns,
		.cleared_ns = r->now->real_ns,
	};
	memcpy(p->node, r->node->id, sizeof(p->node));
	strcpy(p->name, r->node->name);
	snprintf(p->rule, sizeof(p->rule), "%s", alarm->rule->name);
	strcpy(p->row, alarm->row);
	warden_say(r->node, alarm, p->text, sizeof(p->text));
	pthread_mutex_unlock(&w->past_lock);
}

/* It does not hold any more. */
static void end_alarm(struct round *r, struct alarm *alarm)
{
	if (alarm->firing) {
		if (may_tell(r))
			log_info("alarm over: node %s: %s%s%s", r->node->name,
				 alarm->rule->name, *alarm->row ? ": " : "",
				 alarm->row);
		remember(r, alarm);
		node_changed(r->nodes, r->node);
	}
	if (alarm->id)
		ledger_clear(r->warden->ledger, alarm->id, r->now->real_ns);
	alarm->id = 0;
	alarm->firing = false;
	alarm->holds = false;
}

static void drop_alarm(struct round *r, struct alarm *alarm)
{
	end_alarm(r, alarm);
	alarms_remove(&r->node->alarms, alarm);
}

/* What the value will be, of a rule that looks ahead. */
static double ahead(const struct rule *rule, struct alarm *alarm,
		    uint64_t at_ns, double value)
{
	trend_take(&alarm->trend, at_ns, value, rule->window_ns);
	return value + trend_slope(&alarm->trend, rule->window_ns) *
			       (double)rule->within_ns;
}

static bool is_over(const struct rule *rule, double value, double limit,
		    bool firing)
{
	double margin = firing ? rule->margin : 0;

	return rule->below ? value < limit + margin : value > limit - margin;
}

/* Another boot of the node began its clock anew. */
static void hold(struct round *r, struct alarm *alarm)
{
	if (!alarm->holds || alarm->since_ns > r->at_ns)
		alarm->since_ns = r->at_ns;
	alarm->holds = true;
	alarm->held_ns = r->at_ns;
	if (!alarm->firing && r->at_ns - alarm->since_ns >= alarm->rule->for_ns)
		fire(r, alarm);
}

static struct alarm *add_alarm(struct alarms *all, const struct rule *rule,
			       const struct samples_row *row)
{
	struct alarm *alarm = alarms_add(all, rule, row ? row->key : 0);

	if (alarm && row)
		rule_row(rule, row, alarm->row, sizeof(alarm->row));
	return alarm;
}

/* It has held until now, by a clock that may be another than before the restart. */
static void go_on(struct round *r, struct alarm *alarm)
{
	alarm->restored = false;
	alarm->since_ns = r->at_ns;
	alarm->known_ns = r->at_ns;
	alarm->held_ns = r->at_ns;
}

/* Of the node, or of a row of it: does the rule hold? */
static void judge(struct round *r, const struct rule *rule,
		  const struct samples_row *row, double value, double limit)
{
	struct alarms *all = &r->node->alarms;
	uint64_t key = row ? row->key : 0;
	struct alarm *alarm = alarms_find(all, rule, key);
	double judged = value;

	if (alarm)
		alarm->seen = true;
	if (alarm && alarm->restored)
		go_on(r, alarm);
	if (isnan(value) || isnan(limit)) {
		if (alarm && r->at_ns - alarm->known_ns > UNKNOWN_NS)
			drop_alarm(r, alarm);
		return;
	}
	if (!alarm && (rule->within_ns || is_over(rule, value, limit, false)))
		alarm = add_alarm(all, rule, row);
	if (!alarm)
		return;
	alarm->seen = true;
	alarm->known_ns = r->at_ns;
	if (rule->within_ns)
		judged = ahead(rule, alarm, r->at_ns, value);
	if (isnan(judged) && alarm->firing)
		return; /* since a restart it is not known how it grows */
	alarm->limit = limit;
	if (is_over(rule, judged, limit, alarm->firing)) {
		alarm->value = value;
		hold(r, alarm);
	} else if (alarm->firing && r->at_ns - alarm->held_ns < rule->keep_ns) {
		return;
	} else if (rule->within_ns) {
		end_alarm(r, alarm);
	} else {
		drop_alarm(r, alarm);
	}
}

/* What it was of is gone. */
static void clear_unseen(struct round *r, const struct rule *rule)
{
	struct alarm *alarm = r->node->alarms.first, *next;

	for (; alarm; alarm = next) {
		next = alarm->next;
		if (alarm->rule == rule && !alarm->seen)
			drop_alarm(r, alarm);
	}
}

static void judge_rows(struct round *r, const struct rule *rule)
{
	const struct samples *s = node_samples(r->node, rule->kind);
	struct alarm *alarm;
	size_t i;

	r->node->alarms.busy_ns += s->count * ROW_NS;
	for (alarm = r->node->alarms.first; alarm; alarm = alarm->next)
		alarm->seen = alarm->rule != rule;
	for (i = 0; i < s->count; i++) {
		const struct samples_row *row = s->rows[i];

		if (rule_wants_row(rule, s, row))
			judge(r, rule, row, rule_value(rule, r->node, s, row),
			      rule_limit(rule, r->node, s, row));
	}
	clear_unseen(r, rule);
}

static bool fires(const struct alarms *all, const struct rule *rule)
{
	const struct alarm *alarm = alarms_find(all, rule, 0);

	return alarm && alarm->firing;
}

/* Not one that said that it goes, or that it ends; and while nobody listened, nobody
 * was silent, but for who was before.
 */
static void judge_silence(struct round *r, const struct rule *rule)
{
	const struct node *node = r->node;
	uint64_t now_ns = r->now->mono_ns;
	uint64_t watched_ns = now_ns - r->warden->began_ns;
	uint64_t silent_ns = node_age_ns(node, now_ns);

	if (node->moved_to[0] || node->ended)
		silent_ns = 0;
	if (silent_ns > watched_ns && !fires(&node->alarms, rule))
		silent_ns = watched_ns;
	judge(r, rule, NULL, (double)silent_ns, (double)rule->silent_ns);
}

static void apply(struct round *r, const struct rule *rule)
{
	if (rule->nodes && !globs_match(rule->nodes, r->node->name))
		return;
	if (!rule->entry)
		judge_silence(r, rule);
	else if (rule->figure)
		judge(r, rule, NULL, rule_value(rule, r->node, NULL, NULL),
		      rule_limit(rule, r->node, NULL, NULL));
	else
		judge_rows(r, rule);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* Whether an alarm of one goes on with the other. */
static bool same_rule(const struct rule *a, const struct rule *b)
{
	return a->entry == b->entry && a->figure == b->figure &&
	       a->of == b->of && a->below == b->below &&
	       a->within_ns == b->within_ns && a->only == b->only &&
	       a->unless == b->unless && same_text(a->rows, b->rows) &&
	       same_text(a->not_rows, b->not_rows) &&
	       same_text(a->nodes, b->nodes);
}

/* Those of a former set of rules go by the one in force. */
static void move_alarms(struct round *r)
{
	struct alarms *all = &r->node->alarms;
	struct alarm *alarm = all->first, *next;

	if (all->rules == r->warden->changes)
		return;
	all->rules = r->warden->changes;
	for (; alarm; alarm = next) {
		const struct rule *rule =
			rules_find(&r->warden->rules, alarm->rule->name);

		next = alarm->next;
		if (rule && same_rule(rule, alarm->rule))
			alarm->rule = rule;
		else
			drop_alarm(r, alarm);
	}
}

static void look(struct round *r, uint32_t kinds)
{
	const struct rules *rules = &r->warden->rules;
	size_t i;

	move_alarms(r);
	for (i = 0; i < rules->count; i++)
		if (kinds & 1U << rules->all[i].kind)
			apply(r, &rules->all[i]);
}

/* A few bytes stand for many rows, and rules multiply them: who sends more than that
 * is looked at less often.
 */
static bool may_look(struct alarms *a, uint64_t now_ns)
{
	if (a->busy_ns > now_ns + BUSY_NS)
		return false;
	if (a->busy_ns < now_ns)
		a->busy_ns = now_ns;
	return true;
}

void warden_frame(struct warden *w, struct nodes *nodes, struct node *node,
		  uint32_t kinds, const struct node_time *now)
{
	struct round r = { w, nodes, node, now, node->mono_ns };

	if (!w)
		return;
	pthread_rwlock_rdlock(&w->lock);
	if (w->rules.kinds & kinds & ~1U &&
	    may_look(&node->alarms, now->mono_ns)) {
		node_settle(node);
		look(&r, kinds & ~1U);
	}
	pthread_rwlock_unlock(&w->lock);
}

/* Its last values say nothing of now, and it said so itself. */
static void drop_all(struct round *r)
{
	while (r->node->alarms.first)
		drop_alarm(r, r->node->alarms.first);
}

void warden_tick(struct warden *w, struct nodes *nodes,
		 const struct node_time *now)
{
	struct round r = {
		.warden = w, .nodes = nodes, .now = now, .at_ns = now->mono_ns
	};
	struct visit v;

	if (!w->began_ns)
		w->began_ns = now->mono_ns;
	if (visit_begin(&v, nodes))
		return;
	for (r.node = visit_first(&v); r.node; r.node = visit_next(&v)) {
		if (r.node->moved_to[0] || r.node->ended)
			drop_all(&r);
		else
			look(&r, 1);
	}
	visit_end(&v);
	if (!w->ledger || now->mono_ns - w->swept_ns < SWEEP_NS)
		return;
	w->swept_ns = now->mono_ns;
	warden_sweep(w, nodes, now);
}

void warden_change(struct warden *w, struct nodes *nodes, struct rules *rules,
		   const struct node_time *now)
{
	struct round r = { .warden = w, .nodes = nodes, .now = now };
	struct rules old;
	struct visit v;

	pthread_rwlock_wrlock(&w->lock);
	old = w->rules;
	w->rules = *rules;
	w->changes++;
	pthread_rwlock_unlock(&w->lock);
	*rules = (struct rules){ 0 };
	/* Nodes that come from now on know the fresh rules only. Without memory for
	 * the others they move as they are looked at, and the old rules stay.
	 */
	if (visit_begin(&v, nodes))
		return;
	for (r.node = visit_first(&v); r.node; r.node = visit_next(&v))
		move_alarms(&r);
	visit_end(&v);
	rules_free(&old);
}

struct health warden_health(const struct node *node)
{
	struct health h = { .state = HEALTH_OK, .score = 100 };
	const struct alarm *alarm;
	uint64_t weight = 0;

	if (node_is_away(node))
		h.state = HEALTH_UNKNOWN;
	for (alarm = node->alarms.first; alarm; alarm = alarm->next) {
		enum health_state state =
			HEALTH_NOTICE + (int)alarm->rule->severity;

		if (!alarm->firing)
			continue;
		h.alarms++;
		weight += alarm->rule->weight;
		if (h.state == HEALTH_UNKNOWN || state > h.state)
			h.state = state;
	}
	h.score = weight < 100 ? 100 - (unsigned int)weight : 0;
	return h;
}
