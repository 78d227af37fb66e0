// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "collector/nodes/node.h"

const char *const loss_names[LOSS_CAUSES] = {
	[LOSS_RECEIVED] = "received", [LOSS_MISSING] = "lost",
	[LOSS_LATE] = "late",	      [LOSS_SEND_FAILED] = "send_failed",
	[LOSS_QUEUE] = "queue",	      [LOSS_SPOOL] = "spool",
	[LOSS_SIZE] = "size",	      [LOSS_KEY] = "key",
	[LOSS_CPU] = "cpu",	      [LOSS_SOFTIRQ] = "softirq",
	[LOSS_NET] = "net",	      [LOSS_BUDGET] = "budget",
};

const char *const node_drop_names[NODE_DROPS] = {
	[NODE_DROP_DUPLICATE] = "duplicate", [NODE_DROP_LATE] = "late",
	[NODE_DROP_STRAGGLER] = "straggler", [NODE_DROP_CLONE] = "clone",
	[NODE_DROP_BUDGET] = "budget",	     [NODE_DROP_TABLE] = "table",
	[NODE_DROP_VALUE] = "value",	     [NODE_DROP_FULL] = "full",
	[NODE_DROP_LEFT] = "left",
};

void node_lost_by_cause(const struct node *node, uint64_t count[LOSS_CAUSES])
{
	count[LOSS_RECEIVED] = node->received;
	count[LOSS_MISSING] = node_lost(node);
	count[LOSS_LATE] = node->dropped[NODE_DROP_LATE];
	count[LOSS_SEND_FAILED] = node->send_failed;
	memcpy(&count[LOSS_QUEUE], node->shed, sizeof(node->shed));
	count[LOSS_CPU] = node->cpu.lost;
	count[LOSS_SOFTIRQ] = node->softirq.lost;
	count[LOSS_NET] = node->net.lost;
	count[LOSS_BUDGET] = node->dropped[NODE_DROP_BUDGET];
}

/* What the collector counts; the rest is counted by the sender. */
static bool is_ours(int cause)
{
	return cause <= LOSS_LATE || cause == LOSS_BUDGET;
}

/* A hole that fills up after all is one loss less. A sender's count that falls
 * within a session began anew.
 */
static int64_t growth(int cause, uint64_t before, uint64_t now)
{
	if (!is_ours(cause) && (int64_t)(now - before) < 0)
		before = 0;
	return (int64_t)(now - before);
}

/* What a session has told is below what the next one says of those before it. */
static void end_shed(struct node *node)
{
	size_t i;

	for (i = 0; i < sizeof(node->shed) / sizeof(node->shed[0]); i++) {
		node->shed_before[i] += node->shed[i];
		node->shed[i] = node->carried[i] = 0;
	}
	if (node->shed_known)
		node->shed_known = NODE_SHED_FORMER;
}

/*
 * The next session counts from 0 on: what the last one counted since node_losses()
 * was asked is below that, modulo 2^64. What a session that comes back has counted
 * was told when it was here.
 */
void node_losses_end_session(struct node *node, bool next_is_new)
{
	uint64_t now[LOSS_CAUSES];
	int i;

	node_lost_by_cause(node, now);
	for (i = 0; i < LOSS_CAUSES; i++)
		if (!is_ours(i))
			node->losses[i] = node->losses_known ?
						  node->losses[i] - now[i] :
						  0;
	node->losses_known = next_is_new;
	node->send_failed = 0;
	end_shed(node);
}

bool node_losses(struct node *node, int64_t lost[LOSS_CAUSES])
{
	uint64_t now[LOSS_CAUSES];
	bool any = false;
	int i;

	node_lost_by_cause(node, now);
	for (i = 0; i < LOSS_CAUSES; i++) {
		/* The sender may have counted long before its first frame came here.
		 */
		if (!node->losses_known && !is_ours(i))
			node->losses[i] = now[i];
		lost[i] = growth(i, node->losses[i], now[i]);
		any = any || (i != LOSS_RECEIVED && lost[i]);
		node->losses[i] = now[i];
	}
	node->losses_known = true;
	return any;
}
