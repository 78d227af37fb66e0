/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Desired states of nodes' agents, as operators have signed them: kept in a file a node,
 * of which the revision never falls, and told to the node whenever it begins a session,
 * until it has said that it has it. What they say is the node's to judge.
 */
#ifndef KTACH_COLLECTOR_AGENTS_WISHES_H
#define KTACH_COLLECTOR_AGENTS_WISHES_H

#include <limits.h>
#include <pthread.h>

#include "collector/agents/relay.h"
#include "collector/nodes/node.h"

/**
 * struct wish - of a node
 * @request: that tells it
 * @wishes: all of them
 * @node: whose
 * @revision: of it
 * @text: of the request; NULL while none is under way
 * @session: the node's that is being told
 * @told: the node's that has been
 * @next_ns: when to try again
 */
struct wish {
	struct relay_request request;
	struct wishes *wishes;
	struct wish *next;
	uint8_t node[WIRE_ID_SIZE];
	uint64_t revision;
	char *text;
	uint64_t session;
	uint64_t told;
	uint64_t next_ns;
};

/**
 * struct wishes - all
 * @lock: of all of it
 * @first: a list
 * @folder: of the files
 */
struct wishes {
	pthread_mutex_t lock;
	struct wish *first;
	char folder[PATH_MAX];
};

/* Read those that are kept. */
void wishes_init(struct wishes *w, const char *data);
void wishes_exit(struct wishes *w);

/* Keep one. Return 0; -EEXIST: @revision is the one that is kept, and is not lower; or
 * -errno.
 */
int wishes_put(struct wishes *w, const uint8_t *node, const char *text,
	       size_t size, uint64_t *revision);

/* The text that is kept, to be freed; NULL: there is none. */
char *wishes_get(struct wishes *w, const uint8_t *node, size_t *size);

/* About once a second: tell nodes that have not been told. */
void wishes_tick(struct wishes *w, struct relay *relay, struct nodes *nodes,
		 uint64_t now_ns);

/* "VERB WHO\n", a text, and what ends a request; to be freed. NULL: no memory. */
char *wishes_request(const char *verb, const char *who, const char *text,
		     size_t size, size_t *all);

/* Whether it is not here now. With its lock held. */
bool wishes_is_away(const struct node *node);

/* Whether a node takes requests about agents now; its session. With its lock held. */
uint64_t wishes_takes(const struct node *node);

/* The same of any service that a shipper announces. */
uint64_t wishes_serves(const struct node *node, enum wire_service service);

#endif /* KTACH_COLLECTOR_AGENTS_WISHES_H */
