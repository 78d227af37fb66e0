/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What warden.c and those whom it asks (round.c, fleet_rules.c) share. */
#ifndef KTACH_COLLECTOR_ALARMS_WARDEN_TYPES_H
#define KTACH_COLLECTOR_ALARMS_WARDEN_TYPES_H

#include <pthread.h>

#include "collector/alarms/ledger.h"
#include "collector/alarms/rule.h"
#include "collector/nodes/visit.h"

enum warden_limits {
	WARDEN_PAST = 1000, /* alarms that are over, which are remembered */
};

/**
 * struct past_alarm - one that is over
 * @node: whose id
 * @name: of that node then
 * @rule: its name
 * @row: "" of the node itself
 * @severity: enum severity
 * @text: what it said last
 * @value: the last one over the limit
 * @limit: of it
 * @fired_ns: our clock
 * @cleared_ns: our clock
 */
struct past_alarm {
	uint8_t node[WIRE_ID_SIZE];
	char name[NODE_NAME_SIZE];
	char rule[64];
	char row[ALARM_ROW_SIZE];
	enum severity severity;
	char text[RULE_TEXT_MAX];
	double value;
	double limit;
	uint64_t fired_ns;
	uint64_t cleared_ns;
};

/**
 * struct warden - of all nodes
 * @lock: of @rules and @changes, below a node's: who takes frames holds it to look at
 *	  them; only the thread that asks warden_tick() changes them
 * @rules: in force
 * @changes: how often they have changed
 * @fleet: a node that is in no table: it has the alarms about all nodes together; its lock is
 *	   that of its id, which is all zeroes
 * @ledger: is told of what fires and what is over; NULL: nobody is
 * @began_ns: when it looked for silence first, by our monotonic clock; 0: not yet
 * @swept_ns: when it looked last for alarms whose node is forgotten
 * @past_lock: of what follows
 * @past: a ring: alarms that are over
 * @past_count: all of them, so far
 * @told_second: in which the log told of @told alarms
 * @told: see @told_second
 */
struct warden {
	pthread_rwlock_t lock;
	struct rules rules;
	uint64_t changes;
	struct node *fleet;
	struct ledger *ledger;
	uint64_t began_ns;
	uint64_t swept_ns;
	pthread_mutex_t past_lock;
	struct past_alarm *past;
	uint64_t past_count;
	uint64_t told_second;
	unsigned int told;
};

#endif /* KTACH_COLLECTOR_ALARMS_WARDEN_TYPES_H */
