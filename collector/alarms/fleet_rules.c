// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about all nodes together: of how many of them they hold. */
#include <math.h>
#include <stdlib.h>

#include "collector/alarms/round.h"

/* Of so many nodes, so many of which it holds. */
struct part {
	size_t of;
	size_t holds;
};

/* One that said that it goes or ends is none of the fleet; of one that is silent only its
 * silence is known.
 */
static void count_node(const struct rule *rule, const struct node *node,
		       struct part *part)
{
	const struct alarm *alarm;

	if (node->moved_to[0] || node->ended ||
	    (rule->entry && node_is_away(node)) ||
	    !rule_is_for_node(rule, node))
		return;
	part->of++;
	for (alarm = node->alarms.first; alarm; alarm = alarm->next) {
		if (alarm->rule != rule || !alarm->holds)
			continue;
		part->holds++;
		return;
	}
}

static void count_nodes(const struct warden *w, struct nodes *nodes,
			struct part *parts)
{
	const struct rules *rules = &w->rules;
	const struct node *node;
	struct visit v;
	size_t i;

	if (visit_begin(&v, nodes))
		return;
	for (node = visit_first(&v); node; node = visit_next(&v))
		for (i = 0; i < rules->count; i++)
			if (rules->all[i].share > 0)
				count_node(&rules->all[i], node, &parts[i]);
	visit_end(&v);
}

static void judge_fleet(struct round *r, const struct rule *rule,
			const struct part *part)
{
	round_judge(r, rule, NULL,
		    part->of ? (double)part->holds / (double)part->of : NAN,
		    rule->share);
}

/* Rules about all nodes together. */
void fleet_rules_tick(struct warden *w, struct nodes *nodes,
		      const struct node_time *now)
{
	struct round r = { w, nodes, w->fleet, now, now->mono_ns };
	struct part *parts = calloc(w->rules.count + 1, sizeof(*parts));
	size_t i;

	if (!parts)
		return;
	count_nodes(w, nodes, parts);
	nodes_lock(nodes, w->fleet->id);
	round_move_alarms(&r);
	for (i = 0; i < w->rules.count; i++)
		if (w->rules.all[i].share > 0)
			judge_fleet(&r, &w->rules.all[i], &parts[i]);
	nodes_unlock(nodes, w->fleet->id);
	free(parts);
}
