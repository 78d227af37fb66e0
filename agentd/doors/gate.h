/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The socket that requests from afar come in by: ktach-shipper connects there, and says
 * what a collector has sent it. Nobody on the way is believed: what changes something is
 * signed by an operator whose key is on this host.
 *
 *   "list WHO\n\n"                     all agents, and what is in force here
 *   "order WHO\n" order "\n"           lib/order/order.h
 *   "desired WHO\n" state "\n"
 *
 * WHO is whom the collector took it from, for the record. The answer's first line is
 * "ok"; or "pending", "error TEXT" (tried, and failed) or "refused TEXT" (not tried). Lines
 * "KEY VALUE" follow, behind "ok" of a list those of describe_agent().
 */
#ifndef KTACH_AGENTD_DOORS_GATE_H
#define KTACH_AGENTD_DOORS_GATE_H

#include "agentd/agents/model.h"
#include "agentd/doors/door.h"
#include "agentd/remote/desire.h"

enum gate_mode {
	GATE_NONE,
	GATE_LIST,
	GATE_OPERATE,
};

/**
 * struct gate_setup - what the configuration says
 * @mode: what may come
 * @operators: folder of their public keys
 * @node_id: file of this node's id
 * @name: of this node
 */
struct gate_setup {
	enum gate_mode mode;
	const char *operators;
	const char *node_id;
	const char *name;
};

/**
 * struct gate - the socket
 * @agents: what requests are about
 * @setup: of the configuration
 * @orders: that were carried out
 * @desire: how agents are to be
 * @path: of the socket
 * @refused: requests, so far
 * @told_ns: when the log told of one last
 * @forget_ns: when old orders are forgotten next
 */
struct gate {
	struct door door;
	struct agents *agents;
	struct gate_setup setup;
	struct orders orders;
	struct desire desire;
	char path[108];
	unsigned int refused;
	uint64_t told_ns;
	uint64_t forget_ns;
};

/**
 * gate_open() - let requests in, if any may come
 * @g: filled
 * @loop: to run on
 * @agents: what they are about
 * @run: folder of the socket
 * @state: folder of what is kept
 *
 * Return: 0, or -errno after a message.
 */
int gate_open(struct gate *g, struct loop *loop, struct agents *agents,
	      const struct gate_setup *setup, const char *run,
	      const char *state);

/* After agents are closed, as what is under way ends then. */
void gate_close(struct gate *g);

/* Once a second. */
void gate_tick(struct gate *g, uint64_t now_ns);

#endif /* KTACH_AGENTD_DOORS_GATE_H */
