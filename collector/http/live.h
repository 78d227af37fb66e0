/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The WebSocket at /api/v1/live, protocol ktach-live. A client says what it
 * wants to see, and gets what changed, about once a second (docs/openapi.yaml
 * has types: LiveSubscription, LiveNodes, LiveNode):
 *
 *   client: {"subscribe": {"nodes": glob or [name, id or glob of stars, ...],
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
 * All members may be left out, and no others are taken. Nothing is queued for a client that doesn't keep
 * up: its next message has all that changed since its last one, merged.
 */
#ifndef KTACH_COLLECTOR_HTTP_LIVE_H
#define KTACH_COLLECTOR_HTTP_LIVE_H

#include <microhttpd.h>
#include <stdbool.h>

#include "collector/api/api.h"
#include "collector/http/head.h"
#include "collector/login/login.h"
#include "collector/http/ws.h"
#include "collector/figures/figure.h"

enum live_limits {
	LIVE_CLIENTS_MAX = 128,
	LIVE_MESSAGE_MAX = 4096, /* bytes from a client */
	LIVE_GLOBS_MAX = 256, /* bytes of globs in one */
	LIVE_PARTS = 2, /* messages that may wait for one */
	LIVE_FIGURE_WORDS = (BOOK_ENTRIES + 63) / 64,
	LIVE_BYTES_MAX = 64 << 20, /* messages of all clients */
	LIVE_FIRST_S = 10, /* until a client says what it wants */
	LIVE_ADDRESS_MAX = LIVE_CLIENTS_MAX / 4 * 3, /* of an address */
	LIVE_WORK_PERCENT = 40, /* of this thread's time, for what clients see */
};

/**
 * struct live_view - what a client wants to see
 * @all: of every node
 * @nodes: names, ids and globs, each with its NUL, an empty one ends them
 * @figures: a bit for each figure
 * @detail: name or id, "" for none
 */
struct live_view {
	bool all;
	char nodes[LIVE_MESSAGE_MAX + 1];
	uint64_t figures[LIVE_FIGURE_WORDS];
	char detail[NODE_NAME_SIZE];
};

struct connection;
struct http;

/**
 * struct live_client - a connection
 * @ws: its WebSocket
 * @next: in the list
 * @live: the list
 * @connection: what it is on; frees it
 * @urh: libmicrohttpd's handle; NULL: not open
 * @part: what is to be sent, in order; NULL if nothing is
 * @sent: bytes of the first one that are
 * @under_way: the first one is wslay's
 * @told_ns: when they were made
 * @view: what it wants
 * @subscribed: it has said that
 * @serial: of the nodes, when it was told last; 0: all is new to it
 * @forgotten: nodes that were forgotten by then
 * @claims: of its token; zeroes: it needs none
 * @expiries: of @live, when that was good
 * @opened_ns: when it was
 * @ending_ns: when it was told that it is over; 0: it was not
 */
struct live_client {
	struct ws ws;
	struct live_client *next;
	struct live *live;
	struct connection *connection;
	struct MHD_UpgradeResponseHandle *urh;
	struct text *part[LIVE_PARTS];
	size_t sent;
	bool under_way;
	uint64_t told_ns;
	struct live_view view;
	bool subscribed;
	uint64_t serial;
	uint64_t forgotten;
	struct login_claims claims;
	unsigned int expiries;
	uint64_t opened_ns;
	uint64_t ending_ns;
};

/**
 * struct live - all of them
 * @http: the server
 * @clients: those that are open; who was not told for longest goes first
 * @count: of them
 * @expiries: how often tokens may have become bad
 * @work_ns: time that may still be spent on what they see, until the next push
 */
struct live {
	struct http *http;
	struct live_client *clients;
	unsigned int count;
	unsigned int expiries;
	int64_t work_ns;
};

void live_init(struct live *live, struct http *http);

/* Close all. */
void live_exit(struct live *live);

/* Tell everybody what is new. */
void live_push(struct live *live);

/* Close all connections: they may come again. */
void live_expire_all(struct live *live);

/* Close those whose token was revoked. */
void live_expire_revoked(struct live *live);

/* The answer that makes a WebSocket of a connection; NULL, with the answer in @why: it
 * does not ask for ours, or all are in use.
 */
struct MHD_Response *live_response(struct live *live, struct connection *c,
				   const struct head *head,
				   const struct login_claims *claims,
				   struct reply *why);

/* It never said what it wants. */
bool live_silent(const struct live_client *c);

/* Once a second: first message, pings, the end of its token. */
void live_look(struct live_client *c, uint64_t now_ns);

/* It is over. live_free() after that, with its connection. */
void live_drop(struct live_client *c);
void live_free(struct live_client *c);

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
