/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The WebSocket at /api/v1/live, protocol ktach-live. Once a second each client
 * gets the list of nodes, and the node it subscribed to:
 *
 *   client: {"subscribe": "name or id"}, or null for none
 *   server: {"type": "nodes", "data": as /api/v1/nodes}
 *           {"type": "node", "data": as /api/v1/nodes/NAME}; an error's
 *           document has "error" in it
 *
 * A client that doesn't keep up misses some; what waits for it is bounded.
 */
#ifndef KTACH_COLLECTOR_LIVE_H
#define KTACH_COLLECTOR_LIVE_H

#include <libwebsockets.h>
#include <stdbool.h>

#include "collector/api.h"

enum live_limits {
	LIVE_CLIENTS_MAX = 128,
	LIVE_MESSAGE_MAX = 1024,	/* bytes from a client */
	LIVE_PARTS = 2,			/* messages that may wait for one */
};

/**
 * struct live_client - a connection
 * @next: in the list
 * @wsi: libwebsockets' handle
 * @part: what is to be sent, in order; NULL if nothing is
 * @sent: bytes of the first one that are
 * @subscribed: name or id of a node, "" for none
 * @message: from the client, as far as it came
 * @message_size: bytes of it
 */
struct live_client {
	struct live_client *next;
	struct lws *wsi;
	struct text *part[LIVE_PARTS];
	size_t sent;
	char subscribed[NODE_NAME_SIZE];
	char message[LIVE_MESSAGE_MAX];
	size_t message_size;
};

struct live {
	const struct api *api;
	struct live_client *clients;
	unsigned int count;
};

void live_init(struct live *live, const struct api *api);
void live_exit(struct live *live);

/* Send everybody what is new. */
void live_push(struct live *live);

/* Of libwebsockets. */
int live_callback(struct lws *wsi, enum lws_callback_reasons reason,
		  void *user, void *in, size_t size);

#endif /* KTACH_COLLECTOR_LIVE_H */
