// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/http/exchange.h"
#include "collector/http/http.h"
#include "collector/http/live.h"
#include "lib/clock.h"

#define LIVE_PATH "/api/v1/live"

enum {
	CLOSE_S = 5, /* for one that does not read to take its leave */
};

void live_init(struct live *live, const struct api *api)
{
	*live = (struct live){ .api = api };
}

/* libwebsockets has closed all connections by then. */
void live_exit(struct live *live)
{
	live->clients = NULL;
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

/* Messages that wait for clients; a shared one counts for each. */
static size_t waiting_bytes(const struct live *live)
{
	const struct live_client *c;
	size_t bytes = 0;
	int i;

	for (c = live->clients; c; c = c->next)
		for (i = 0; i < LIVE_PARTS; i++)
			bytes += c->part[i] ? c->part[i]->size : 0;
	return bytes;
}

/* What was made for the client before, if it is the same that this one needs. */
struct made {
	const struct live_client *client;
	uint64_t serial;
	bool whole;
	struct text *changes;
	struct text *detail;
};

static bool fits(const struct made *m, const struct live_client *c, bool whole)
{
	return m->client && m->serial == c->serial && m->whole == whole &&
	       !memcmp(&m->client->view, &c->view, sizeof(c->view));
}

static void unmake(struct made *m)
{
	text_put(m->changes);
	text_put(m->detail);
	*m = (struct made){ 0 };
}

static void make(const struct api *api, struct made *m,
		 const struct live_client *c, bool whole)
{
	unmake(m);
	m->client = c;
	m->serial = c->serial;
	m->whole = whole;
	m->changes = live_changes(api, &c->view, c->serial, whole);
	m->detail = live_detail(api, &c->view, c->serial);
}

static void tell(const struct api *api, struct live_client *c, struct made *m)
{
	const struct visit *v = api->visit;
	bool whole = !c->serial || c->forgotten != v->forgotten;

	if (!fits(m, c, whole))
		make(api, m, c, whole);
	c->serial = v->serial;
	c->forgotten = v->forgotten;
	c->part[0] = text_get(m->changes ? m->changes : m->detail);
	c->part[1] = m->changes ? text_get(m->detail) : NULL;
	if (c->part[0])
		lws_callback_on_writable(c->wsi);
}

/* Its next callback says why, if it takes that. */
static void expire(struct live_client *c)
{
	if (c->expired)
		return;
	c->expired = true;
	lws_set_timeout(c->wsi, PENDING_TIMEOUT_CLOSE_SEND, CLOSE_S);
	lws_callback_on_writable(c->wsi);
}

static void expire_old(struct live *live)
{
	uint64_t now_s = clock_real_ns() / UINT64_C(1000000000);
	struct live_client *c;

	for (c = live->clients; c; c = c->next)
		if (c->expires_s && now_s >= c->expires_s)
			expire(c);
}

void live_expire_all(struct live *live)
{
	struct live_client *c;

	for (c = live->clients; c; c = c->next)
		expire(c);
}

/* Clients that see the same share what is made for one of them, if they stand
 * next to each other. One that doesn't keep up still has a part to be sent.
 */
void live_push(struct live *live)
{
	size_t waiting = waiting_bytes(live);
	struct api api = *live->api;
	struct made made = { 0 };
	struct live_client *c;
	struct visit v;

	if (!live->clients || visit_begin(&v, api.ingest->feed->nodes))
		return;
	api.visit = &v;
	expire_old(live);
	for (c = live->clients; c && waiting < LIVE_BYTES_MAX; c = c->next) {
		if (c->part[0] || c->expired)
			continue;
		tell(&api, c, &made);
		waiting += c->part[0] ? c->part[0]->size : 0;
	}
	visit_end(&v);
	unmake(&made);
}

/* The first message to a client; without memory it comes with the next push. */
static void tell_first(struct live *live, struct live_client *c)
{
	struct api api = *live->api;
	struct made made = { 0 };
	struct visit v;

	if (visit_begin(&v, api.ingest->feed->nodes))
		return;
	api.visit = &v;
	tell(&api, c, &made);
	visit_end(&v);
	unmake(&made);
}

static int refuse(struct lws *wsi, enum lws_close_status status,
		  const char *why)
{
	lws_close_reason(wsi, status, (unsigned char *)why, strlen(why));
	return -1;
}

/* A new view begins with all of it, at once if nothing is under way. */
static int subscribe(struct live *live, struct live_client *c)
{
	const char *problem =
		live_view_parse(&c->view, c->message, c->message_size);

	c->message_size = 0;
	if (problem)
		return refuse(c->wsi, LWS_CLOSE_STATUS_POLICY_VIOLATION,
			      problem);
	c->serial = 0;
	if (!c->part[0])
		tell_first(live, c);
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

	if (c->expired)
		return refuse(
			c->wsi, LWS_CLOSE_STATUS_POLICY_VIOLATION,
			"the token has expired, or has to be shown again");
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
	c->wsi = wsi;
	if (live->count == LIVE_CLIENTS_MAX)
		return refuse(wsi, LWS_CLOSE_STATUS_UNEXPECTED_CONDITION,
			      "too many clients");
	c->next = live->clients;
	live->clients = c;
	live->count++;
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

/* What is known of the client begins here. */
static bool acceptable(struct http *h, struct live_client *c, struct lws *wsi)
{
	struct reply refusal = { 0 };
	struct login_claims claims;
	char path[64] = "";
	bool good;

	good = lws_hdr_copy(wsi, path, sizeof(path), WSI_TOKEN_GET_URI) > 0 &&
	       !strcmp(path, LIVE_PATH) && same_origin(wsi) &&
	       visitor_admit(&h->door, wsi, false, &claims, &refusal);
	reply_release(&refusal);
	*c = (struct live_client){ .expires_s = good ? claims.expires_s : 0 };
	return good;
}

int live_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user,
		  void *in, size_t size)
{
	struct http *h = lws_context_user(lws_get_context(wsi));
	struct live_client *c = user;

	switch (reason) {
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return acceptable(h, c, wsi) ? 0 : -1;
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
