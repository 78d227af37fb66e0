/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests to nodes, on the connections that their shippers made. Whoever asks gets
 * an answer within a time: what the node says, or why there is none.
 *
 *   API: relay_ask() --> waiting --> the worker that has the node's connection:
 *        relay_claim(), a frame --> the node --> a frame: relay_answer() --> done()
 *                     `-- or its time is over, or the connection ends --------^
 *
 * A request that was not claimed when its time is over is not sent any more. Any thread
 * may call what follows.
 */
#ifndef KTACH_COLLECTOR_AGENTS_RELAY_H
#define KTACH_COLLECTOR_AGENTS_RELAY_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/list.h"
#include "lib/wire/wire.h"

enum relay_limits {
	RELAY_MAX = 256, /* requests at once */
	RELAY_OF_NODE =
		32, /* of a node: one that does not answer keeps no place of others */
	RELAY_ANSWER_MAX = 512 << 10, /* bytes */
	RELAY_LISTENERS = 32, /* workers */
};

enum relay_fate {
	RELAY_ANSWERED,
	RELAY_NOT_SENT, /* and it will not be */
	RELAY_NO_ANSWER, /* in time; it may have been done */
	RELAY_LOST, /* the connection ended first; the same */
	RELAY_TOO_LARGE, /* the answer */
};

/**
 * struct relay_request - one
 * @link: of those that are under way
 * @node: whom it is for
 * @service: enum wire_service; 0: WIRE_SERVICE_AGENTS
 * @text: of it; the owner's
 * @size: of that
 * @until_ns: when its time is over, monotonic
 * @done: called once, with nothing held; the request is its owner's again then
 * @fate: set by then
 * @answer: with a NUL behind it; NULL: there is none. Freed by relay_release()
 * @answer_size: of it
 * @id: drawn for it; of the relay, as what follows
 * @connection: that it was sent on; 0: it was not
 */
struct relay_request {
	struct list link;
	uint8_t node[WIRE_ID_SIZE];
	enum wire_service service;
	const char *text;
	size_t size;
	uint64_t until_ns;
	void (*done)(struct relay_request *r);
	enum relay_fate fate;
	char *answer;
	size_t answer_size;
	size_t answer_room;
	uint64_t id;
	uint64_t connection;
};

/**
 * struct relay - all of them
 * @lock: of what follows
 * @all: requests under way
 * @count: of them
 * @stopped: no more are taken
 * @wake: eventfds, told when there is a request that was not sent
 * @listeners: of them
 */
struct relay {
	pthread_mutex_t lock;
	struct list all;
	unsigned int count;
	bool stopped;
	int wake[RELAY_LISTENERS];
	unsigned int listeners;
};

void relay_init(struct relay *relay);
void relay_exit(struct relay *relay);

/* Before there are requests: an eventfd of somebody who has connections. */
void relay_listen(struct relay *relay, int wake_fd);

/* Have all look for what they can send now. */
void relay_wake(struct relay *relay);

/* False: too many are under way, or too many of this node; @done is not called then. */
bool relay_ask(struct relay *relay, struct relay_request *r);

/**
 * struct relay_claim - who has connections
 * @find: the connection to a node that has this service, or 0
 * @send: send a request there; false: it cannot take one now
 * @context: handed to both
 */
struct relay_claim {
	uint64_t (*find)(void *context, const uint8_t *node,
			 enum wire_service service);
	bool (*send)(void *context, uint64_t connection,
		     const struct relay_request *request);
	void *context;
};

/* Send what can be sent. */
void relay_claim(struct relay *relay, const struct relay_claim *claim);

/* A WIRE_ANSWER came. One that nobody waits for is dropped. */
void relay_answer(struct relay *relay, const struct wire_frame *f);

/* A connection has ended. */
void relay_lost(struct relay *relay, uint64_t connection);

/* About once a second: end those whose time is over. */
void relay_tick(struct relay *relay, uint64_t now_ns);

/* End all, and take no more. */
void relay_stop(struct relay *relay);

void relay_release(struct relay_request *r);

#endif /* KTACH_COLLECTOR_AGENTS_RELAY_H */
