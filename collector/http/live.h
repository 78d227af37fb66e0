/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The WebSocket at /api/v1/live, protocol ktach-live. A client says what it
 * wants to see, and gets what changed, about once a second:
 *
 *   client: {"subscribe": {"nodes": "*" or [name or id, ...],
 *                          "metrics": [prefix, ...],
 *                          "detail": name or id}}
 *   server: {"type": "nodes", "whole": bool, "now_ns": ..., "nodes": [...]}
 *           each as in /api/v1/nodes, with "metrics": {name: value} of what
 *           begins with one of the prefixes; those that did not change since
 *           the last message are not there, unless it is whole: then all are,
 *           and any other is gone
 *           {"type": "node", "data": as /api/v1/nodes/NAME}, when it changed;
 *           an error's document has "error" in it
 *
 * All members may be left out. Nothing is queued for a client that doesn't keep
 * up: its next message has all that changed since its last one, merged.
 */
#ifndef KTACH_COLLECTOR_HTTP_LIVE_H
#define KTACH_COLLECTOR_HTTP_LIVE_H

#include <libwebsockets.h>
#include <stdbool.h>

#include "collector/http/api.h"
#include "collector/nodes/figure.h"

enum live_limits {
	LIVE_CLIENTS_MAX = 128,
	LIVE_MESSAGE_MAX = 4096,	/* bytes from a client */
	LIVE_PARTS = 2,			/* messages that may wait for one */
	LIVE_FIGURE_WORDS = FIGURES_MAX / 64,
	LIVE_BYTES_MAX = 64 << 20,	/* messages of all clients */
};

/**
 * struct live_view - what a client wants to see
 * @all: of every node
 * @nodes: names and ids, each with its NUL, an empty one ends them
 * @figures: a bit for each figure
 * @detail: name or id, "" for none
 */
struct live_view {
	bool all;
	char nodes[LIVE_MESSAGE_MAX + 1];
	uint64_t figures[LIVE_FIGURE_WORDS];
	char detail[NODE_NAME_SIZE];
};

/**
 * struct live_client - a connection
 * @next: in the list
 * @wsi: libwebsockets' handle
 * @part: what is to be sent, in order; NULL if nothing is
 * @sent: bytes of the first one that are
 * @view: what it wants
 * @serial: of the nodes, when it was told last; 0: all is new to it
 * @forgotten: nodes that were forgotten by then
 * @message: from the client, as far as it came
 * @message_size: bytes of it
 * @expires_s: when its token does, real time; 0: it needs none
 * @expired: it is to be closed
 */
struct live_client {
	struct live_client *next;
	struct lws *wsi;
	struct text *part[LIVE_PARTS];
	size_t sent;
	struct live_view view;
	uint64_t serial;
	uint64_t forgotten;
	char message[LIVE_MESSAGE_MAX];
	size_t message_size;
	uint64_t expires_s;
	bool expired;
};

struct live {
	const struct api *api;
	struct live_client *clients;
	unsigned int count;
};

void live_init(struct live *live, const struct api *api);
void live_exit(struct live *live);

/* Tell everybody what is new. */
void live_push(struct live *live);

/* Close all connections: they may come again. */
void live_expire_all(struct live *live);

/* Of libwebsockets. */
int live_callback(struct lws *wsi, enum lws_callback_reasons reason,
		  void *user, void *in, size_t size);

/* What a view has changed since (live_view.c); NULL if nothing, or if memory is
 * short. @whole: everything.
 */
struct text *live_changes(const struct api *api, const struct live_view *view,
			  uint64_t since, bool whole);

/* The view's node; NULL if it has none, or it did not change. */
struct text *live_detail(const struct api *api, const struct live_view *view,
			 uint64_t since);

/* Read a client's message; NULL, or what was expected. */
const char *live_view_parse(struct live_view *view, const char *message,
			    size_t size);

#endif /* KTACH_COLLECTOR_HTTP_LIVE_H */
