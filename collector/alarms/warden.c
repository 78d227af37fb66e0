// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collector/alarms/round.h"
#include "collector/alarms/warden.h"
#include "collector/figures/told.h"

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

/* One about the node itself. */
static void apply(struct round *r, const struct rule *rule)
{
	if (!rule_is_for_node(rule, r->node))
		return;
	if (rule->absent)
		judge_absence(r, rule);
	else if (!rule->entry)
		judge_silence(r, rule);
	else
		round_judge(r, rule, NULL,
			    rule_value(rule, r->node, NULL, NULL),
			    rule_limit(rule, r->node, NULL, NULL));
}

/* Rules that the node has alarms of have to be looked at whatever the value is. */
struct watched {
	bool any;
	uint64_t rules[RULES_MAX / 64];
	uint64_t subjects[RULES_MAX / 64];
};

static void set_bit(uint64_t *bits, size_t i)
{
	bits[i / 64] |= UINT64_C(1) << i % 64;
}

static bool has_bit(const uint64_t *bits, size_t i)
{
	return bits[i / 64] & UINT64_C(1) << i % 64;
}

static void find_watched(struct watched *w, const struct round *r)
{
	const struct rules *rules = &r->warden->rules;
	const struct alarm *alarm = r->node->alarms.first;

	w->any = alarm;
	if (!w->any)
		return;
	memset(w->rules, 0, (rules->count + 63) / 64 * 8);
	memset(w->subjects, 0, (rules->subject_count + 63) / 64 * 8);
	for (; alarm; alarm = alarm->next) {
		set_bit(w->rules, (size_t)(alarm->rule - rules->all));
		set_bit(w->subjects, alarm->rule->subject);
	}
}

/**
 * struct look - at rows, or a node, by rules about one subject
 * @round: at which node
 * @subject: about what
 * @count: of @rules
 * @rules: that it may concern
 */
struct look {
	struct round *round;
	const struct subject *subject;
	size_t count;
	const struct rule *rules[RULES_MAX];
};

static void judge_row(struct look *l, const struct samples *s,
		      const struct samples_row *row)
{
	struct told_rates rates;
	double value = NAN;
	bool known = false;
	size_t i;

	rates.known = 0;
	for (i = 0; i < l->count; i++) {
		const struct rule *rule = l->rules[i];

		if (!rule_wants_row(rule, s, row))
			continue;
		if (!known)
			value = subject_value(l->subject, s, row, &rates);
		known = true;
		round_judge(l->round, rule, row, value,
			    rule_limit(rule, l->round->node, s, row));
	}
}

/* Also alarms of rules that are not for the node any more, which has another name, are over. */
static void judge_rows(struct look *l)
{
	struct node *node = l->round->node;
	const struct samples *s = node_samples(node, l->subject->kind);
	struct alarm *alarm;
	size_t i, subject = (size_t)(l->subject -
				     l->round->warden->rules.subjects);

	node->alarms.busy_ns += s->count * l->count * ROW_NS;
	for (alarm = node->alarms.first; alarm; alarm = alarm->next)
		if (alarm->rule->subject == subject)
			alarm->seen = false;
	for (i = 0; i < s->count; i++)
		judge_row(l, s, s->rows[i]);
	round_clear_unseen(l->round, subject);
}

/* Rules that a value cannot concern cost a comparison, or none. */
static void look_at(struct round *r, const struct subject *u,
		    const struct extremes *e, const struct watched *w)
{
	const struct rules *rules = &r->warden->rules;
	struct look look; /* large: an initialiser would clear all of it */
	bool any = w->any &&
		   has_bit(w->subjects, (size_t)(u - rules->subjects));
	size_t i;

	if (!any && !u->always && !(e->most > u->above || e->least < u->below))
		return;
	look.round = r;
	look.subject = u;
	look.count = 0;
	for (i = u->first; i < u->first + u->count; i++) {
		const struct rule_limit *l = &rules->limits[i];
		const struct rule *rule = &rules->all[l->rule];

		if (!rule_may_hold(l, e) &&
		    !(any && has_bit(w->rules, l->rule)))
			continue;
		if (u->figure)
			apply(r, rule);
		else if (rule_is_for_node(rule, r->node))
			look.rules[look.count++] = rule;
	}
	if (!u->figure && (look.count || any))
		judge_rows(&look);
}

static void look_at_kind(struct round *r, const struct subject *first,
			 size_t count, const struct watched *w)
{
	const struct samples *s = node_samples(r->node, first->kind);
	struct extremes extremes[BOOK_ENTRIES * 2]; /* of rows, and of nodes */
	size_t i;

	r->node->alarms.busy_ns += s ? s->count * count * ROW_NS : 0;
	subject_extremes(first, count, r->node, extremes);
	for (i = 0; i < count; i++)
		look_at(r, &first[i], &extremes[i], w);
}

/* By tables that came. */
static void look(struct round *r, uint32_t kinds)
{
	const struct rules *rules = &r->warden->rules;
	struct watched w;
	size_t i, next;

	round_move_alarms(r);
	find_watched(&w, r);
	for (i = 0; i < rules->subject_count; i = next) {
		const struct subject *first = &rules->subjects[i];

		for (next = i + 1; next < rules->subject_count &&
				   rules->subjects[next].kind == first->kind;
		     next++)
			;
		if (first->kind && kinds & 1U << first->kind)
			look_at_kind(r, first, next - i, &w);
	}
}

/* By the clock, and what only the collector knows of a node: those are the first subjects. */
static void look_by_clock(struct round *r)
{
	const struct rules *rules = &r->warden->rules;
	size_t i;

	round_move_alarms(r);
	for (i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->all[rules->limits[i].rule];

		if (rules->subjects[rule->subject].kind)
			break;
		apply(r, rule);
	}
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
	struct fleet_part *parts = fleet_rules_begin(w);
	struct visit v;

	if (!w->began_ns)
		w->began_ns = now->mono_ns;
	if (!parts || visit_begin(&v, nodes)) {
		free(parts);
		return;
	}
	for (r.node = visit_first(&v); r.node; r.node = visit_next(&v)) {
		if (r.node->moved_to[0] || r.node->ended)
			drop_all(&r);
		else
			look_by_clock(&r);
		fleet_rules_count(w, r.node, parts);
	}
	visit_end(&v);
	fleet_rules_end(w, nodes, parts, now);
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
