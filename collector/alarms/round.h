/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One look at a node by rules: what holds, fires, and is over. */
#ifndef KTACH_COLLECTOR_ALARMS_ROUND_H
#define KTACH_COLLECTOR_ALARMS_ROUND_H

#include "collector/alarms/warden_types.h"
#include "collector/base/node_time.h"

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

/* Of the node, or of a row of it: does the rule hold? NaN: it is not known. */
void round_judge(struct round *r, const struct rule *rule,
		 const struct samples_row *row, double value, double limit);

/* It is over, and nothing more is known of it. */
void round_drop(struct round *r, struct alarm *alarm);

/* Those of a subject whose row was not seen since struct alarm's @seen was cleared: what they
 * were of is gone.
 */
void round_clear_unseen(struct round *r, size_t subject);

/* Alarms of a former set of rules go by the one in force. */
void round_move_alarms(struct round *r);

/**
 * struct fleet_part - of the nodes
 * @of: so many that a rule is for
 * @holds: so many of them it holds of
 * @newest: the last one that was counted; NULL: none
 * @holding: the last one that it holds of
 */
struct fleet_part {
	size_t of;
	size_t holds;
	const struct node *newest;
	const struct node *holding;
};

/* About once a second: rules about all nodes together (fleet_rules.c): NULL without memory;
 * each node, which is locked; then none is.
 */
struct fleet_part *fleet_rules_begin(const struct warden *w);
void fleet_rules_count(const struct warden *w, const struct node *node,
		       struct fleet_part *parts);
void fleet_rules_end(struct warden *w, struct nodes *nodes,
		     struct fleet_part *parts, const struct node_time *now);

#endif /* KTACH_COLLECTOR_ALARMS_ROUND_H */
