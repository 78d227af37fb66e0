/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rule that is read, key by key (ktach.rules(5)). */
#ifndef KTACH_COLLECTOR_ALARMS_DRAFT_H
#define KTACH_COLLECTOR_ALARMS_DRAFT_H

#include "collector/alarms/rule.h"

enum draft_limits {
	DRAFT_VALUE_SIZE = 256,
	DRAFT_PROBLEM_SIZE = 768,
};

/**
 * struct draft - what is known of it beside the rule; all zeroes: nothing yet
 * @limit: what stands behind above or below: what it means depends on the metric
 * @margin: the same
 * @given: a bit for each key that was there
 * @weighed: its weight was
 * @of_node: it is about what the rows make together
 * @problem: what is wrong; "": nothing
 */
struct draft {
	char limit[DRAFT_VALUE_SIZE];
	char margin[DRAFT_VALUE_SIZE];
	uint32_t given;
	bool weighed;
	bool of_node;
	char problem[DRAFT_PROBLEM_SIZE];
};

/**
 * draft_take() - a key of the rule
 * @d: its draft
 * @r: the rule, whose texts are its own
 * @name: of the key
 * @value: the key's
 * @more: it goes on with the line before it
 *
 * Return: false: @d->problem says why not.
 */
bool draft_take(struct draft *d, struct rule *r, const char *name,
		const char *value, bool more);

/* There are no more keys: is it a rule? False: @d->problem says why not. */
bool draft_finish(struct draft *d, struct rule *r);

#endif /* KTACH_COLLECTOR_ALARMS_DRAFT_H */
