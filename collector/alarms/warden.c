// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collector/alarms/round.h"

const char *const health_names[HEALTH_STATES] = {
	[HEALTH_OK] = "ok",	      [HEALTH_NOTICE] = "notice",
	[HEALTH_WARNING] = "warning", [HEALTH_CRITICAL] = "critical",
	[HEALTH_UNKNOWN] = "unknown",
};

/* What a row costs by each rule, and how much of a node is looked at ahead of its time. */
#define ROW_NS UINT64_C(10000)
#define BUSY_NS UINT64_C(1000000000)

#define SWEEP_NS UINT64_C(60000000000)

int warden_init(struct warden *w)
{
	*w = (struct warden){ .past = calloc(WARDEN_PAST, sizeof(*w->past)),
			      .fleet = calloc(1, sizeof(*w->fleet)) };
	if (!w->past || !w->fleet) {
		free(w->past);
		free(w->fleet);
		w->past = NULL;
		return -ENOMEM;
	}
	strcpy(w->fleet->name, "fleet");
	node_id_format(w->fleet->id, w->fleet->id_text);
	pthread_rwlock_init(&w->lock, NULL);
	pthread_mutex_init(&w->past_lock, NULL);
	return 0;
}

void warden_exit(struct warden *w)
{
	if (!w->past)
		return;
	rules_free(&w->rules);
	alarms_clear(&w->fleet->alarms);
	free(w->fleet);
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
			round_judge(r, rule, row,
				    rule_value(rule, r->node, s, row),
				    rule_limit(rule, r->node, s, row));
	}
	round_clear_unseen(r, rule);
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
	round_judge(r, rule, NULL, (double)silent_ns, (double)rule->silent_ns);
}

static bool is_known_of_rows(const struct round *r, const struct rule *rule)
{
	const struct samples *s = node_samples(r->node, rule->kind);
	size_t i;

	for (i = 0; i < s->count; i++)
		if (rule_wants_row(rule, s, s->rows[i]) &&
		    !isnan(rule_value(rule, r->node, s, s->rows[i])))
			return true;
	return false;
}

/* Of a node that does not send nothing is known, and that is not what it is about. */
static void judge_absence(struct round *r, const struct rule *rule)
{
	const struct alarm *alarm = alarms_find(&r->node->alarms, rule, 0);
	double absent_ns = 0;
	bool known = rule->figure ?
			     !isnan(rule_value(rule, r->node, NULL, NULL)) :
			     is_known_of_rows(r, rule);

	if (node_state(r->node, r->now->mono_ns) != NODE_FRESH)
		absent_ns = NAN;
	else if (!known)
		absent_ns = alarm && alarm->holds ?
				    (double)(r->at_ns - alarm->since_ns) + 1 :
				    1;
	round_judge(r, rule, NULL, absent_ns, 0);
}

static void apply(struct round *r, const struct rule *rule)
{
	if (!rule_is_for_node(rule, r->node))
		return;
	if (rule->absent)
		judge_absence(r, rule);
	else if (!rule->entry)
		judge_silence(r, rule);
	else if (rule->figure)
		round_judge(r, rule, NULL,
			    rule_value(rule, r->node, NULL, NULL),
			    rule_limit(rule, r->node, NULL, NULL));
	else
		judge_rows(r, rule);
}

/* A bit of the kind that it waits for; 1 of those that go by the clock. */
static uint32_t looked_at(const struct rule *rule)
{
	return rule_by_clock(rule) ? 1 : 1U << rule->kind;
}

static void look(struct round *r, uint32_t kinds)
{
	const struct rules *rules = &r->warden->rules;
	size_t i;

	round_move_alarms(r);
	for (i = 0; i < rules->count; i++)
		if (kinds & looked_at(&rules->all[i]))
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
		round_drop(r, r->node->alarms.first);
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
	if (w->rules.of_fleet || w->fleet->alarms.first)
		fleet_rules_tick(w, nodes, now);
	if (!w->ledger || now->mono_ns - w->swept_ns < SWEEP_NS)
		return;
	w->swept_ns = now->mono_ns;
	warden_sweep(w, nodes, now);
}

struct node *warden_node(struct warden *w, struct nodes *nodes,
			 const uint8_t *id)
{
	return memcmp(id, w->fleet->id, WIRE_ID_SIZE) ? nodes_find(nodes, id) :
							w->fleet;
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
		round_move_alarms(&r);
	visit_end(&v);
	r.node = w->fleet;
	nodes_lock(nodes, w->fleet->id);
	round_move_alarms(&r);
	nodes_unlock(nodes, w->fleet->id);
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
