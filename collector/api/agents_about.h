/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A question about a node's agents, as far as its answer has to know it. */
#ifndef KTACH_COLLECTOR_API_AGENTS_ABOUT_H
#define KTACH_COLLECTOR_API_AGENTS_ABOUT_H

#include "collector/nodes/node.h"
#include "lib/base/node_id.h"
#include "lib/order/order.h"

enum agents_kind {
	AGENTS_NONE,
	AGENTS_LIST, /* GET /api/v1/nodes/N/agents */
	AGENTS_ORDER, /* POST /api/v1/nodes/N/agents/A/VERB */
	AGENTS_DESIRED, /* PUT /api/v1/nodes/N/desired */
	AGENTS_FREEZE, /* POST /api/v1/nodes/N/freeze: no agent is asked */
};

/**
 * struct agents_about - what was asked
 * @kind: of it
 * @node: its name
 * @id: of it
 * @agent: of an order
 * @verb: of an order
 * @revision: of a desired state
 * @takes: the node takes requests
 * @away: it is not here
 */
struct agents_about {
	enum agents_kind kind;
	char node[NODE_NAME_SIZE];
	char id[NODE_ID_TEXT_SIZE];
	char agent[ORDER_AGENT_SIZE];
	char verb[ORDER_VERB_SIZE];
	uint64_t revision;
	bool takes;
	bool away;
};

#endif /* KTACH_COLLECTOR_API_AGENTS_ABOUT_H */
