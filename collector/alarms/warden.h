/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Watches nodes by rules (collector/alarms/rule.h): a node's tables when its frames
 * come, by the thread that takes them; its silence and its clock about once a second.
 *
 * A rule that holds for as long as it asks fires; it is over when the value is back by
 * its margin, when what it was of is gone, or when the rule itself is.
 */
#ifndef KTACH_COLLECTOR_ALARMS_WARDEN_H
#define KTACH_COLLECTOR_ALARMS_WARDEN_H

#include "collector/alarms/warden_types.h"
#include "collector/base/node_time.h"
#include "collector/nodes/visit.h"

/* Return 0 or -ENOMEM. No rules are in force yet. */
int warden_init(struct warden *w);
void warden_exit(struct warden *w);

/* One that was over before the process began; before there are threads. */
void warden_remember(void *warden, const struct ledger_alarm *alarm);

/* Alarms of the ledger go on to fire, if their nodes and rules are known; else they are
 * over. Before frames are taken.
 */
void warden_restore(struct warden *w, struct nodes *nodes,
		    const struct node_time *now);

/* Alarms whose nodes are forgotten are over; warden_tick() asks for it. */
void warden_sweep(struct warden *w, struct nodes *nodes,
		  const struct node_time *now);

/* Go over to other rules, which are empty afterwards: alarms of one that is not among
 * them any more, or is another now, are over.
 */
void warden_change(struct warden *w, struct nodes *nodes, struct rules *rules,
		   const struct node_time *now);

/**
 * warden_frame() - look at a node of which a frame was taken
 * @w: NULL: nobody watches
 * @nodes: the table
 * @node: locked
 * @kinds: a bit for each enum wire_table_kind that the frame had
 * @now: our clocks
 */
void warden_frame(struct warden *w, struct nodes *nodes, struct node *node,
		  uint32_t kinds, const struct node_time *now);

/* About once a second: silence, clocks, and what else the collector knows of nodes. */
void warden_tick(struct warden *w, struct nodes *nodes,
		 const struct node_time *now);

/* The node of an alarm, which is locked; NULL: it is not known any more. */
struct node *warden_node(struct warden *w, struct nodes *nodes,
			 const uint8_t *id);

/* How a node does. */
enum health_state {
	HEALTH_OK,
	HEALTH_NOTICE,
	HEALTH_WARNING,
	HEALTH_CRITICAL,
	HEALTH_UNKNOWN, /* it is away, and that is as it said, or nothing watches */
	HEALTH_STATES
};

extern const char *const health_names[HEALTH_STATES];

/**
 * struct health - of a node
 * @state: that of its worst alarm
 * @score: 100 less the weights of its alarms; 0 at least
 * @alarms: that fire
 */
struct health {
	enum health_state state;
	unsigned int score;
	unsigned int alarms;
};

/* Of a node that is locked. */
struct health warden_health(const struct node *node);

#endif /* KTACH_COLLECTOR_ALARMS_WARDEN_H */
