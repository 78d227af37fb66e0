/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is remembered of the sessions of a node's senders. */
#ifndef KTACH_COLLECTOR_NODES_SESSION_H
#define KTACH_COLLECTOR_NODES_SESSION_H

#include <stdbool.h>

#include "collector/base/node_time.h"
#include "collector/base/peer.h"
#include "lib/wire/wire.h"

enum sender_limits {
	SENDER_ADDRESS_SIZE = 64,
	SENDER_NAME_SIZE = 64,
	SENDER_RIVALS_MAX = 4, /* of a node, that are remembered */
	SENDER_PASTS = 4, /* sessions of a node that have ended */
};

/**
 * struct sender - who frames come from
 * @session: which
 * @boot: its kernel's boot id
 * @last: address that its newest frame came from; family 0: not of this run
 * @address: the same as a text
 */
struct sender {
	uint64_t session;
	uint8_t boot[WIRE_ID_SIZE];
	struct address last;
	char address[SENDER_ADDRESS_SIZE];
};

/**
 * struct rival - a sender whose frames were refused
 * @next: of the same node
 * @who: it
 * @name: that it gives itself, "" until known; clean
 * @frames: refused since it is @proven: those before are stragglers, or duplicates
 * @first: when its first one came
 * @last: when its newest one came
 * @proven: it sent beside the sender that is taken: no straggler's tail
 */
struct rival {
	struct rival *next;
	struct sender who;
	char name[SENDER_NAME_SIZE];
	uint64_t frames;
	struct node_time first;
	struct node_time last;
	bool proven;
};

/* A session that has ended, or was pushed aside: its newest frame. */
struct sender_past {
	uint64_t session;
	uint64_t newest;
};

#endif /* KTACH_COLLECTOR_NODES_SESSION_H */
