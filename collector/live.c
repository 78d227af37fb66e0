// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/exchange.h"
#include "collector/http.h"
#include "collector/live.h"

#define LIVE_PATH "/api/v1/live"

void live_init(struct live *live, const struct api *api)
{
	*live = (struct live){ .api = api };
}

/* libwebsockets has closed all connections by then. */
void live_exit(struct live *live)
{
	live->clients = NULL;
}

/* {"type": TYPE, "data": DOCUMENT}, with a document that is text already. */
static struct text *wrap(const char *type, struct text *document)
{
	static const char format[] = "{\"type\":\"%s\",\"data\":%.*s}";
	struct text *t = NULL;
	size_t room;

	if (document) {
		room = sizeof(format) + strlen(type) + document->size;
		t = malloc(sizeof(*t) + room);
	}
	if (t) {
		t->users = 1;
		t->size = (size_t)snprintf(t->data, room, format, type,
					   (int)document->size, document->data);
	}
	text_put(document);
	return t;
}

static struct text *node_message(struct live *live, const char *name)
{
	unsigned int status;

	return wrap("node", api_node(live->api, name, &status));
}

static void drop_parts(struct live_client *c)
{
	int i;

	for (i = 0; i < LIVE_PARTS; i++) {
		text_put(c->part[i]);
		c->part[i] = NULL;
	}
	c->sent = 0;
}

static void push_one(struct live_client *c, struct text *nodes,
		     struct text *node)
{
	drop_parts(c);
	c->part[0] = text_get(nodes ? nodes : node);
	c->part[1] = nodes ? text_get(node) : NULL;
	lws_callback_on_writable(c->wsi);
}

/* Clients of one node often sit next to each other in the list: what was made
 * for the one before may do.
 */
void live_push(struct live *live)
{
	struct text *nodes = NULL, *node = NULL;
	const char *made_for = "";
	struct live_client *c;

	for (c = live->clients; c; c = c->next) {
		if (c->part[0])
			continue; /* doesn't keep up: misses this one */
		if (!nodes)
			nodes = wrap("nodes", api_nodes(live->api));
		if (strcmp(c->subscribed, made_for)) {
			text_put(node);
			node = *c->subscribed ?
				       node_message(live, c->subscribed) :
				       NULL;
			made_for = c->subscribed;
		}
		push_one(c, nodes, node);
	}
	text_put(nodes);
	text_put(node);
}

static int refuse(struct lws *wsi, enum lws_close_status status,
		  const char *why)
{
	lws_close_reason(wsi, status, (unsigned char *)why, strlen(why));
	return -1;
}

/* What a client that just came, or changed its mind, gets at once. */
static void push_now(struct live *live, struct live_client *c, bool list)
{
	struct text *nodes = list ? wrap("nodes", api_nodes(live->api)) : NULL;
	struct text *node = *c->subscribed ? node_message(live, c->subscribed) :
					     NULL;

	if (!c->part[0])
		push_one(c, nodes, node);
	text_put(nodes);
	text_put(node);
}

static int subscribe(struct live *live, struct live_client *c)
{
	json_t *o = json_loadb(c->message, c->message_size, 0, NULL);
	json_t *name = json_object_get(o, "subscribe");
	int err = -1;

	c->message_size = 0;
	if (json_is_null(name)) {
		c->subscribed[0] = '\0';
		err = 0;
	} else if (json_is_string(name) &&
		   json_string_length(name) < sizeof(c->subscribed)) {
		strcpy(c->subscribed, json_string_value(name));
		err = 0;
	}
	json_decref(o);
	if (err)
		return refuse(c->wsi, LWS_CLOSE_STATUS_POLICY_VIOLATION,
			      "expected {\"subscribe\": NAME or null}");
	push_now(live, c, false);
	return 0;
}

static int receive(struct live *live, struct live_client *c, const void *in,
		   size_t size)
{
	if (lws_frame_is_binary(c->wsi))
		return refuse(c->wsi, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE,
			      "expected text");
	if (size > sizeof(c->message) - c->message_size)
		return refuse(c->wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE,
			      "message too long");
	memcpy(c->message + c->message_size, in, size);
	c->message_size += size;
	if (lws_remaining_packet_payload(c->wsi) ||
	    !lws_is_final_fragment(c->wsi))
		return 0;
	return subscribe(live, c);
}

static void part_done(struct live_client *c)
{
	text_put(c->part[0]);
	memmove(&c->part[0], &c->part[1],
		(LIVE_PARTS - 1) * sizeof(c->part[0]));
	c->part[LIVE_PARTS - 1] = NULL;
	c->sent = 0;
}

/* A text is shared, and lws_write() scribbles before what it sends: copy. */
static int write_chunk(struct live_client *c)
{
	unsigned char buffer[LWS_PRE + EXCHANGE_CHUNK];
	struct text *t = c->part[0];
	bool first = !c->sent, last;
	size_t n;

	if (!t)
		return 0;
	n = t->size - c->sent;
	last = n <= EXCHANGE_CHUNK;
	if (!last)
		n = EXCHANGE_CHUNK;
	memcpy(buffer + LWS_PRE, t->data + c->sent, n);
	if (lws_write(c->wsi, buffer + LWS_PRE, n,
		      lws_write_ws_flags(LWS_WRITE_TEXT, first, last)) < 0)
		return -1;
	c->sent += n;
	if (last)
		part_done(c);
	if (c->part[0])
		lws_callback_on_writable(c->wsi);
	return 0;
}

static int come(struct live *live, struct live_client *c, struct lws *wsi)
{
	memset(c, 0, sizeof(*c));
	c->wsi = wsi;
	if (live->count == LIVE_CLIENTS_MAX)
		return refuse(wsi, LWS_CLOSE_STATUS_UNEXPECTED_CONDITION,
			      "too many clients");
	c->next = live->clients;
	live->clients = c;
	live->count++;
	push_now(live, c, true);
	return 0;
}

static void go(struct live *live, struct live_client *c)
{
	struct live_client **at = &live->clients;

	while (*at && *at != c)
		at = &(*at)->next;
	if (*at) {
		*at = c->next;
		live->count--;
	}
	drop_parts(c);
}

/* A page of another site may not read from here, although its visitor may. */
static bool same_origin(struct lws *wsi)
{
	char origin[256] = "", host[256] = "";
	const char *rest;

	if (!lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN))
		return true; /* not a browser */
	if (lws_hdr_copy(wsi, origin, sizeof(origin), WSI_TOKEN_ORIGIN) <= 0 ||
	    lws_hdr_copy(wsi, host, sizeof(host), WSI_TOKEN_HOST) <= 0)
		return false;
	rest = strstr(origin, "://");
	return rest && !strcmp(rest + 3, host);
}

static bool acceptable(struct lws *wsi)
{
	char path[64] = "";

	return lws_hdr_copy(wsi, path, sizeof(path), WSI_TOKEN_GET_URI) > 0 &&
	       !strcmp(path, LIVE_PATH) && same_origin(wsi);
}

int live_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user,
		  void *in, size_t size)
{
	struct http *h = lws_context_user(lws_get_context(wsi));
	struct live_client *c = user;

	switch (reason) {
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return acceptable(wsi) ? 0 : -1;
	case LWS_CALLBACK_ESTABLISHED:
		return come(&h->live, c, wsi);
	case LWS_CALLBACK_RECEIVE:
		return receive(&h->live, c, in, size);
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return write_chunk(c);
	case LWS_CALLBACK_CLOSED:
		go(&h->live, c);
		return 0;
	default:
		return 0;
	}
}
