/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is not as it should be with a node: a rule that holds of it, or of a row of
 * one of its tables. Who changes them holds the node (collector/nodes/node.h).
 */
#ifndef KTACH_COLLECTOR_NODES_ALARMS_H
#define KTACH_COLLECTOR_NODES_ALARMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rule;

enum alarms_limits {
	ALARMS_MAX = 256, /* of a node */
	ALARMS_WATCHED = 128, /* of those, while there are more no value is followed */
	ALARM_ROW_SIZE = 256,
	ALARM_WHO_SIZE = 64,
};

/**
 * struct trend - a straight line through values, of which old ones count less and less
 * @count: of values, each by its weight
 * @x: sum of their times, ns before the newest one (so none is above 0)
 * @xx: of the squares of these
 * @y: of the values
 * @xy: of values and times multiplied
 * @begun_ns: when the first one was
 * @last_ns: when the newest one was
 */
struct trend {
	double count;
	double x;
	double xx;
	double y;
	double xy;
	uint64_t begun_ns;
	uint64_t last_ns;
};

/* Take a value. @window_ns: after this a value's weight is 1/e. */
void trend_take(struct trend *t, uint64_t now_ns, double value,
		uint64_t window_ns);

/* Growth a ns; NaN until half of the window has passed. */
double trend_slope(const struct trend *t, uint64_t window_ns);

/**
 * struct alarm_marks - what people said of one that fires
 * @seen_ns: when somebody acknowledged it, our clock; 0: nobody did
 * @seen_by: who; "" where nobody is asked for a token
 * @silent_until_ns: nobody is told of it until then, our clock; 0: of all
 */
struct alarm_marks {
	uint64_t seen_ns;
	char seen_by[ALARM_WHO_SIZE];
	uint64_t silent_until_ns;
};

/**
 * struct alarm - a rule that holds, or may soon; what each look needs comes first, in two
 *		  lines of cache
 * @next: of the node
 * @rule: whose
 * @key: of the row; 0 of the node itself
 * @holds: the rule does, since @since_ns; else its values are only looked at
 * @firing: it did so for as long as the rule asks
 * @seen: its row was there in this round
 * @restored: it fired before a restart, and was not looked at since
 * @since_ns: by the clock that the rule goes by, monotonic
 * @known_ns: when its value was known last, by the clock of @since_ns
 * @held_ns: when the rule held last, by that clock
 * @limit: what the rule compares it with
 * @trend: of a rule that looks along a line
 * @value: the newest
 * @fired_ns: when it began to fire, by our clock
 * @id: its number in the ledger (collector/alarms/ledger.h); 0: it is not there
 * @row: its text; "" of the node itself
 * @marks: see struct alarm_marks
 */
struct alarm {
	struct alarm *next;
	const struct rule *rule;
	uint64_t key;
	bool holds;
	bool firing;
	bool seen;
	bool restored;
	uint64_t since_ns;
	uint64_t known_ns;
	uint64_t held_ns;
	double limit;
	struct trend trend;
	double value;
	uint64_t fired_ns;
	uint64_t id;
	char row[ALARM_ROW_SIZE];
	struct alarm_marks marks;
};

/**
 * struct alarms - of a node; all zeroes: none
 * @first: in no order
 * @count: of them
 * @held: of them, those that hold
 * @refused: that there was no room for
 * @rules: number of the set of rules that they go by
 * @told_ns: until when the log has told of as many as it may, by our clock
 * @busy_ns: until when looks at rows are paid for, by our clock
 * @past_ns: the same as @told_ns, of those that are remembered when they are over
 * @sent_ns: the same, of those that are in the ledger
 */
struct alarms {
	struct alarm *first;
	size_t count;
	size_t held;
	uint64_t refused;
	uint64_t rules;
	uint64_t told_ns;
	uint64_t busy_ns;
	uint64_t past_ns;
	uint64_t sent_ns;
};

/* NULL: there is none. */
struct alarm *alarms_find(const struct alarms *a, const struct rule *rule,
			  uint64_t key);

/* A new one, of the node itself; NULL: there is no room, which is counted. */
struct alarm *alarms_add(struct alarms *a, const struct rule *rule,
			 uint64_t key);
void alarms_remove(struct alarms *a, struct alarm *alarm);

/* Whether it holds. */
void alarms_hold(struct alarms *a, struct alarm *alarm, bool holds);
void alarms_clear(struct alarms *a);

#endif /* KTACH_COLLECTOR_NODES_ALARMS_H */
