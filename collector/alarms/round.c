// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "collector/alarms/round.h"
#include "lib/base/log.h"

#define SECOND_NS UINT64_C(1000000000)

enum {
	TOLD_MAX = 20, /* alarms that the log tells of in a second */
	NODE_TOLD = 10, /* of one node at once; then one a minute */
	NODE_PAST = 100, /* of one node that are remembered at once; the same */
	NODE_SENT =
		ALARMS_MAX, /* of one node that are sent at once; the same */
};

#define NODE_EVERY_NS UINT64_C(60000000000)

/* A value that is not known for so long is taken for one that is gone. */
#define UNKNOWN_NS UINT64_C(300000000000)

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
	rule_say_alarm(r->node, alarm, text, sizeof(text));
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
	rule_say_alarm(r->node, alarm, p->text, sizeof(p->text));
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
	alarms_hold(&r->node->alarms, alarm, false);
}

void round_drop(struct round *r, struct alarm *alarm)
{
	end_alarm(r, alarm);
	alarms_remove(&r->node->alarms, alarm);
}

/* What the value will be, or how much it grows, of a rule that asks for that. */
static double along_line(const struct rule *rule, struct alarm *alarm,
			 uint64_t at_ns, double value)
{
	double slope;

	trend_take(&alarm->trend, at_ns, value, rule->window_ns);
	slope = trend_slope(&alarm->trend, rule->window_ns);
	if (rule->per_ns)
		return slope * (double)rule->per_ns;
	return value + slope * (double)rule->within_ns;
}

static bool is_over(const struct rule *rule, double value, double limit,
		    bool firing)
{
	double margin = firing ? rule->margin : 0;

	return rule->below ? value < limit + margin : value > limit - margin;
}

/* Another boot of the node began its clock anew. One about the fleet is counted only. */
static void hold(struct round *r, struct alarm *alarm)
{
	if (!alarm->holds || alarm->since_ns > r->at_ns)
		alarm->since_ns = r->at_ns;
	alarms_hold(&r->node->alarms, alarm, true);
	alarm->held_ns = r->at_ns;
	if (alarm->rule->share > 0 && r->node != r->warden->fleet)
		return;
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

/* Values that are followed although nothing is wrong may not take the room of alarms. */
static struct alarm *watch_row(struct alarms *all, const struct rule *rule,
			       const struct samples_row *row)
{
	if (all->count >= ALARMS_WATCHED)
		return NULL;
	return add_alarm(all, rule, row);
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
void round_judge(struct round *r, const struct rule *rule,
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
			round_drop(r, alarm);
		return;
	}
	if (!alarm && rule->once_good && is_over(rule, value, limit, false))
		return;
	if (!alarm && rule_follows(rule))
		alarm = watch_row(all, rule, row);
	else if (!alarm && is_over(rule, value, limit, false))
		alarm = add_alarm(all, rule, row);
	if (!alarm)
		return;
	alarm->seen = true;
	alarm->known_ns = r->at_ns;
	if (rule_has_line(rule))
		judged = along_line(rule, alarm, r->at_ns, value);
	if (isnan(judged) && alarm->firing)
		return; /* since a restart it is not known how it grows */
	alarm->limit = limit;
	if (is_over(rule, judged, limit, alarm->firing)) {
		alarm->value = rule->per_ns ? judged : value;
		hold(r, alarm);
	} else if (alarm->firing && r->at_ns - alarm->held_ns < rule->keep_ns) {
		return;
	} else if (rule_follows(rule)) {
		if (alarm->holds)
			end_alarm(r, alarm);
	} else {
		round_drop(r, alarm);
	}
}

/* What it was of is gone. */
void round_clear_unseen(struct round *r, size_t subject)
{
	struct alarm *alarm = r->node->alarms.first, *next;

	for (; alarm; alarm = next) {
		next = alarm->next;
		if (alarm->rule->subject == subject && !alarm->seen)
			round_drop(r, alarm);
	}
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
	       a->once_good == b->once_good && a->within_ns == b->within_ns &&
	       a->per_ns == b->per_ns && a->absent == b->absent &&
	       (a->share > 0) == (b->share > 0) && a->only == b->only &&
	       a->unless == b->unless && same_text(a->rows, b->rows) &&
	       same_text(a->not_rows, b->not_rows) &&
	       same_text(a->nodes, b->nodes);
}

/* Those of a former set of rules go by the one in force. */
void round_move_alarms(struct round *r)
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
			round_drop(r, alarm);
	}
}
