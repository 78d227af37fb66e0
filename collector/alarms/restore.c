// SPDX-License-Identifier: GPL-2.0-or-later
/* Alarms that outlive the process, and those that outlive their nodes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/alarms/warden.h"

void warden_remember(void *warden, const struct ledger_alarm *alarm)
{
	struct warden *w = warden;
	struct past_alarm *p = &w->past[w->past_count++ % WARDEN_PAST];

	*p = (struct past_alarm){
		.severity = (enum severity)alarm->severity,
		.value = alarm->value,
		.limit = alarm->limit,
		.fired_ns = alarm->fired_ns,
		.cleared_ns = alarm->cleared_ns,
	};
	memcpy(p->node, alarm->node, sizeof(p->node));
	snprintf(p->name, sizeof(p->name), "%s", alarm->name);
	snprintf(p->rule, sizeof(p->rule), "%s", alarm->rule);
	snprintf(p->row, sizeof(p->row), "%s", alarm->row);
	snprintf(p->text, sizeof(p->text), "%s", alarm->text);
}

/* False: it can't go on. */
static bool restore_alarm(struct warden *w, struct node *node,
			  const struct ledger_alarm *a, uint64_t real_ns)
{
	const struct ledger_silence *s = ledger_silenced(w->ledger, a, real_ns);
	const struct rule *rule = rules_find(&w->rules, a->rule);
	struct alarm *alarm =
		rule && !alarms_find(&node->alarms, rule, a->key) ?
			alarms_add(&node->alarms, rule, a->key) :
			NULL;

	if (!alarm)
		return false;
	snprintf(alarm->row, sizeof(alarm->row), "%s", a->row);
	alarm->id = a->id;
	alarms_hold(&node->alarms, alarm, true);
	alarm->firing = true;
	alarm->restored = true;
	alarm->fired_ns = a->fired_ns;
	alarm->marks = a->marks;
	if (s)
		alarm->marks.silent_until_ns = s->until_ns;
	alarm->value = a->value;
	alarm->limit = a->limit;
	node->alarms.rules = w->changes;
	return true;
}

void warden_restore(struct warden *w, struct nodes *nodes,
		    const struct node_time *now)
{
	struct ledger *l = w->ledger;
	size_t i;

	for (i = 0; i < l->count; i++) {
		const struct ledger_alarm *a = l->all[i];
		struct node *node;
		bool goes_on;

		if (a->cleared_ns)
			continue;
		nodes_lock(nodes, a->node);
		node = warden_node(w, nodes, a->node);
		goes_on = node && restore_alarm(w, node, a, now->real_ns);
		if (goes_on)
			node_changed(nodes, node);
		nodes_unlock(nodes, a->node);
		if (!goes_on)
			ledger_clear(l, a->id, now->real_ns);
	}
}

static bool is_known(struct warden *w, struct nodes *nodes, const uint8_t *id)
{
	const struct node *node;

	nodes_lock(nodes, id);
	node = warden_node(w, nodes, id);
	nodes_unlock(nodes, id);
	return node;
}

struct firing {
	uint64_t id;
	uint8_t node[WIRE_ID_SIZE];
};

/* All that fire; NULL without memory. */
static struct firing *list_firing(struct ledger *l, size_t *count)
{
	struct firing *all;
	size_t i;

	*count = 0;
	pthread_mutex_lock(&l->lock);
	all = malloc((l->count + 1) * sizeof(*all));
	for (i = 0; all && i < l->count; i++) {
		if (l->all[i]->cleared_ns)
			continue;
		all[*count].id = l->all[i]->id;
		memcpy(all[*count].node, l->all[i]->node, WIRE_ID_SIZE);
		++*count;
	}
	pthread_mutex_unlock(&l->lock);
	return all;
}

void warden_sweep(struct warden *w, struct nodes *nodes,
		  const struct node_time *now)
{
	size_t i, count;
	struct firing *all = list_firing(w->ledger, &count);

	for (i = 0; i < count; i++)
		if (!is_known(w, nodes, all[i].node))
			ledger_clear(w->ledger, all[i].id, now->real_ns);
	free(all);
}
