// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about all nodes together: of how many of them they hold. */
#include <math.h>
#include <stdlib.h>

#include "collector/alarms/round.h"

/* One that said that it goes or ends is none of the fleet; of one that is silent only its
 * silence is known.
 */
static bool is_counted(const struct rule *rule, const struct node *node)
{
	return !node->moved_to[0] && !node->ended &&
	       (!rule->entry || !node_is_away(node)) &&
	       rule_is_for_node(rule, node);
}

static void count_holding(const struct rules *rules, const struct alarm *alarm,
			  const struct node *node, struct fleet_part *parts)
{
	size_t i = 0;

	while (&rules->all[rules->of_fleet[i]] != alarm->rule)
		i++;
	/* Of a rule of rows there is one for each row. */
	if (parts[i].newest != node || parts[i].holding == node)
		return;
	parts[i].holding = node;
	parts[i].holds++;
}

void fleet_rules_count(const struct warden *w, const struct node *node,
		       struct fleet_part *parts)
{
	const struct rules *rules = &w->rules;
	const struct alarm *alarm;
	size_t i;

	for (i = 0; i < rules->of_fleet_count; i++) {
		if (!is_counted(&rules->all[rules->of_fleet[i]], node))
			continue;
		parts[i].of++;
		parts[i].newest = node;
	}
	/* Those of a node that has not moved over to these rules are of no rule here. */
	if (!node->alarms.held || node->alarms.rules != w->changes)
		return;
	for (alarm = node->alarms.first; alarm; alarm = alarm->next)
		if (alarm->holds && alarm->rule->share > 0)
			count_holding(rules, alarm, node, parts);
}

static void judge_fleet(struct round *r, const struct rule *rule,
			const struct fleet_part *part)
{
	round_judge(r, rule, NULL,
		    part->of ? (double)part->holds / (double)part->of : NAN,
		    rule->share);
}

struct fleet_part *fleet_rules_begin(const struct warden *w)
{
	return calloc(w->rules.of_fleet_count + 1, sizeof(struct fleet_part));
}

void fleet_rules_end(struct warden *w, struct nodes *nodes,
		     struct fleet_part *parts, const struct node_time *now)
{
	struct round r = { w, nodes, w->fleet, now, now->mono_ns };
	size_t i;

	nodes_lock(nodes, w->fleet->id);
	round_move_alarms(&r);
	for (i = 0; i < w->rules.of_fleet_count; i++)
		judge_fleet(&r, &w->rules.all[w->rules.of_fleet[i]], &parts[i]);
	nodes_unlock(nodes, w->fleet->id);
	free(parts);
}
