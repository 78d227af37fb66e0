/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether this host's wall clock can be trusted: what is deleted because of its
 * age is gone, so it has to agree with what nodes say.
 *
 *   most fresh nodes are off, all alike    it is ours that is wrong
 *   it was set, or nothing was stored for  unproven, until nodes that send agree
 *   long before we started
 *   else                                   good; nodes that differ are wrong
 */
#ifndef KTACH_COLLECTOR_NODES_JUDGE_H
#define KTACH_COLLECTOR_NODES_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/nodes/node.h"

enum judge_verdict {
	JUDGE_GOOD,
	JUDGE_UNPROVEN,
	JUDGE_WRONG,
	JUDGE_VERDICTS
};

/**
 * struct judge - what is known of our clock; of one thread, others look
 * @verdict: enum judge_verdict; atomic
 * @steady: it was not set since it was good
 * @ahead_ns: our wall clock less our monotonic one, when it was looked at last;
 *            atomic
 * @set_ns: when it was set last, monotonic
 * @newest_ns: newest time that was stored before the start; 0: none
 * @offset_ns: nodes' clocks less ours, in the middle of them; atomic
 * @agree: fresh nodes whose clock is about ours
 * @differ: others that are known
 * @told_ns: when the log was told last, monotonic
 */
struct judge {
	unsigned int verdict;
	bool steady;
	int64_t ahead_ns;
	uint64_t set_ns;
	uint64_t newest_ns;
	int64_t offset_ns;
	size_t agree;
	size_t differ;
	uint64_t told_ns;
};

/* @newest_ns: of what is stored; 0: nothing is. */
void judge_begin(struct judge *j, uint64_t newest_ns,
		 const struct node_time *now);

/* About once a second: look at all nodes, tell the log. */
void judge_tick(struct judge *j, struct nodes *nodes,
		const struct node_time *now);

/* Whether our clock is good, also at @now, which may be before the next tick. */
bool judge_trusts(const struct judge *j, const struct node_time *now);

/* "good", "unproven", "wrong" */
const char *judge_name(const struct judge *j);

#endif /* KTACH_COLLECTOR_NODES_JUDGE_H */
