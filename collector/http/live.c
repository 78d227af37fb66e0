// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "collector/http/http.h"
#include "collector/http/live.h"
#include "collector/base/refusal.h"
#include "lib/base/clock.h"

#define S UINT64_C(1000000000)
#define WORK_NS ((int64_t)(S / 100 * LIVE_WORK_PERCENT))
#define PROTOCOL "ktach-live"
#define EXPIRED "the token has expired, or has to be shown again"

void live_init(struct live *live, struct http *http)
{
	*live = (struct live){ .http = http };
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

void live_exit(struct live *live)
{
	while (live->clients)
		live_drop(live->clients);
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

/* Whether there is memory for messages. If not, the client goes that has had one to
 * take for longest.
 */
static bool has_memory(struct live *live)
{
	struct live_client *c, *slow = NULL;

	if (waiting_bytes(live) < LIVE_BYTES_MAX)
		return true;
	for (c = live->clients; c; c = c->next)
		if (c->part[0] && (!slow || c->told_ns < slow->told_ns))
			slow = c;
	if (!slow || clock_mono_ns() - slow->told_ns < STALL_S * S)
		return false;
	refuse(REFUSAL_PAGE_READER, slow->connection->address);
	connection_end(slow->connection);
	return waiting_bytes(live) < LIVE_BYTES_MAX;
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

static void make_messages(const struct api *api, struct made *m,
			  const struct live_client *c, bool whole)
{
	unmake(m);
	m->client = c;
	m->serial = c->serial;
	m->whole = whole;
	m->changes = live_changes(api, &c->view, c->serial, whole);
	m->detail = live_detail(api, &c->view, c->serial);
}

static void part_done(struct live_client *c)
{
	text_put(c->part[0]);
	memmove(&c->part[0], &c->part[1],
		(LIVE_PARTS - 1) * sizeof(c->part[0]));
	c->part[LIVE_PARTS - 1] = NULL;
	c->sent = 0;
	c->under_way = false;
}

/* A text is shared: wslay takes it from there, piece by piece. */
static ssize_t read_part(wslay_event_context_ptr context, uint8_t *to,
			 size_t size,
			 const union wslay_event_msg_source *source, int *eof,
			 void *argument)
{
	struct live_client *c = argument;
	struct text *t = c->part[0];

	if (size > t->size - c->sent)
		size = t->size - c->sent;
	memcpy(to, t->data + c->sent, size);
	c->sent += size;
	if (c->sent == t->size) {
		*eof = 1;
		part_done(c);
	}
	return (ssize_t)size;
}

/* Write what there is to say, and read; the client may be over then. */
static void run_client(struct live_client *c)
{
	static const struct wslay_event_fragmented_msg message = {
		.opcode = WSLAY_TEXT_FRAME, .read_callback = read_part
	};
	int i;

	for (i = 0; i < LIVE_PARTS && c->urh; i++) {
		if (c->part[0] && !c->under_way && !c->ending_ns)
			c->under_way = !wslay_event_queue_fragmented_msg(
				c->ws.context, &message);
		ws_run(&c->ws);
		if (!c->part[0] || c->under_way)
			break;
	}
}

static void tell_client(const struct api *api, struct live_client *c,
			struct made *m)
{
	uint64_t began_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	const struct visit *v = api->visit;
	bool whole = !c->serial || c->forgotten != v->forgotten;

	if (!fits(m, c, whole))
		make_messages(api, m, c, whole);
	c->live->work_ns -=
		(int64_t)(clock_ns(CLOCK_THREAD_CPUTIME_ID) - began_ns);
	c->told_ns = clock_mono_ns();
	c->serial = v->serial;
	c->forgotten = v->forgotten;
	c->part[0] = text_get(m->changes ? m->changes : m->detail);
	c->part[1] = m->changes ? text_get(m->detail) : NULL;
}

static void end_client(struct live_client *c, const char *why)
{
	if (c->ending_ns || !c->urh)
		return;
	c->ending_ns = clock_mono_ns();
	ws_end(&c->ws, WS_POLICY, why);
}

static void expire(struct live_client *c)
{
	end_client(c, EXPIRED);
	run_client(c);
}

void live_expire_all(struct live *live)
{
	struct live_client *c, *next;

	live->expiries++;
	for (c = live->clients; c; c = next) {
		next = c->next;
		expire(c);
	}
}

void live_expire_revoked(struct live *live)
{
	struct live_client *c, *next;

	live->expiries++;
	for (c = live->clients; c; c = next) {
		next = c->next;
		if (revoked_has(&live->http->door.revoked, &c->claims))
			expire(c);
	}
}

/* Those before @first were told: they stand behind the others now. */
static void begin_with(struct live *live, struct live_client *first)
{
	struct live_client *before = live->clients, *last = first;

	while (before && before->next != first)
		before = before->next;
	if (!before || !first)
		return;
	while (last->next)
		last = last->next;
	last->next = live->clients;
	live->clients = first;
	before->next = NULL;
}

/* Clients that see the same share what is made for one of them, if they stand
 * next to each other. One that doesn't keep up still has a part to be sent. Those for
 * whom there is no time now are the first ones of the next push.
 */
void live_push(struct live *live)
{
	struct api api = *live->http->api;
	struct live_client *c, *next;
	struct made made = { 0 };
	struct visit v;

	live->work_ns = WORK_NS;
	if (!live->clients || visit_begin(&v, api.ingest->feed->nodes))
		return;
	api.visit = &v;
	for (c = live->clients; c && live->work_ns > 0 && has_memory(live);
	     c = next) {
		next = c->next;
		if (!c->urh || c->part[0] || c->ending_ns || !c->subscribed)
			continue;
		tell_client(&api, c, &made);
		if (c->part[0])
			run_client(c);
	}
	visit_end(&v);
	unmake(&made);
	begin_with(live, c);
}

/* The first message to a client; without memory it comes with the next push. */
static void tell_first(struct live_client *c)
{
	struct api api = *c->live->http->api;
	struct made made = { 0 };
	struct visit v;

	if (visit_begin(&v, api.ingest->feed->nodes))
		return;
	api.visit = &v;
	tell_client(&api, c, &made);
	visit_end(&v);
	unmake(&made);
}

/* Who changes its view again and again is told with the others. */
static bool is_told_at_once(struct live_client *c)
{
	return !c->part[0] && c->live->work_ns > 0 &&
	       clock_mono_ns() - c->told_ns >= S && has_memory(c->live);
}

/* A new view begins with all of it, at once if nothing is under way, and there are
 * time and memory for it.
 */
static void take_message(struct ws *ws, const char *text, size_t size)
{
	struct live_client *c = (struct live_client *)ws;
	const char *problem = live_view_parse(&c->view, text, size);

	if (problem) {
		end_client(c, problem);
		return;
	}
	c->subscribed = true;
	c->serial = 0;
	if (is_told_at_once(c))
		tell_first(c);
}

/* What the message made is sent in the same turn. */
static void take_turn(struct watch *watch)
{
	struct live_client *c = (struct live_client *)watch;

	if (!c->urh)
		return;
	run_client(c);
	if (c->urh && c->part[0] && !c->under_way)
		run_client(c);
}

static void over(struct ws *ws)
{
	struct live_client *c = (struct live_client *)ws;

	live_drop(c);
	connection_enter(c->connection, CONNECTION_CLOSING);
}

static void flooded(struct ws *ws)
{
	struct live_client *c = (struct live_client *)ws;

	refuse(REFUSAL_PAGE_MESSAGES, c->connection->address);
}

static bool is_address_full(const struct live *live,
			    const struct connection *from)
{
	const struct live_client *c;
	unsigned int n = 0;

	for (c = live->clients; c; c = c->next)
		n += !memcmp(c->connection->key, from->key, sizeof(from->key));
	return !from->proxy && n >= LIVE_ADDRESS_MAX;
}

/* Room is made by one that never said what it wants, the oldest. */
static bool make_place(struct live *live, const struct connection *from)
{
	struct live_client *c, *best = NULL;
	bool full = is_address_full(live, from);

	if (!full && live->count < LIVE_CLIENTS_MAX)
		return true;
	for (c = live->clients; c; c = c->next)
		if (!c->subscribed &&
		    (!full || !memcmp(c->connection->key, from->key,
				      sizeof(from->key))) &&
		    (!best || c->opened_ns < best->opened_ns))
			best = c;
	if (!best && full) {
		refuse(REFUSAL_PAGE_SOCKETS, from->address);
		return false;
	}
	if (!best) {
		refuse(REFUSAL_PAGE_SOCKETS, "all of them in use");
		return false;
	}
	refuse(REFUSAL_PAGE_SOCKETS, best->connection->address);
	connection_end(best->connection);
	return true;
}

/* Its token was looked at when the upgrade was asked for. The answer may have waited
 * since, and other tokens may be good now.
 */
static void come(void *argument, struct MHD_Connection *handle, void *own,
		 const char *first, size_t size, MHD_socket fd,
		 struct MHD_UpgradeResponseHandle *urh)
{
	struct live_client *c = argument;
	struct live *live = c->live;

	c->urh = urh;
	c->opened_ns = clock_mono_ns();
	connection_enter(c->connection, CONNECTION_SOCKET);
	c->next = live->clients;
	live->clients = c;
	live->count++;
	if (ws_open(&c->ws, live->http->epoll, fd, first, size,
		    LIVE_MESSAGE_MAX))
		over(&c->ws);
	else
		c->ws.watch.ready = take_turn;
	if (c->expiries != live->expiries)
		end_client(c, EXPIRED);
}

void live_drop(struct live_client *c)
{
	struct live_client **at = &c->live->clients;

	if (!c->urh)
		return;
	while (*at && *at != c)
		at = &(*at)->next;
	if (*at) {
		*at = c->next;
		c->live->count--;
	}
	ws_close(&c->ws);
	drop_parts(c);
	MHD_upgrade_action(c->urh, MHD_UPGRADE_ACTION_CLOSE);
	c->urh = NULL;
}

void live_free(struct live_client *c)
{
	if (!c)
		return;
	live_drop(c);
	free(c);
}

bool live_silent(const struct live_client *c)
{
	return !c->subscribed;
}

void live_look(struct live_client *c, uint64_t now_ns)
{
	uint64_t now_s = clock_real_ns() / S;

	if (!c->urh)
		return;
	if (c->ending_ns && now_ns - c->ending_ns >= CLOSING_S * S) {
		connection_end(c->connection);
		return;
	}
	if (!ws_look(&c->ws, now_ns)) {
		refuse(REFUSAL_PAGE_PONG, c->connection->address);
		connection_end(c->connection);
		return;
	}
	if (!c->subscribed && !c->ending_ns &&
	    now_ns - c->opened_ns >= LIVE_FIRST_S * S) {
		refuse(REFUSAL_PAGE_SUBSCRIPTION, c->connection->address);
		end_client(c, "no subscription came");
	}
	if (c->claims.expires_s && now_s >= c->claims.expires_s)
		end_client(c, EXPIRED);
	run_client(c);
}

static struct live_client *make_client(struct live *live, struct connection *c,
				       const struct login_claims *claims)
{
	struct live_client *client = calloc(1, sizeof(*client));

	if (!client)
		return NULL;
	client->live = live;
	client->connection = c;
	client->claims = *claims;
	client->expiries = live->expiries;
	client->ws.message = take_message;
	client->ws.over = over;
	client->ws.flooded = flooded;
	live_free(c->client);
	c->client = client;
	return client;
}

struct MHD_Response *live_response(struct live *live, struct connection *c,
				   const struct head *head,
				   const struct login_claims *claims,
				   struct reply *why)
{
	char accept[WS_ACCEPT_SIZE];
	struct MHD_Response *m = NULL;

	if (!head_lists(head_text(head, HEAD_PROTOCOL), PROTOCOL) ||
	    strcmp(head_text(head, HEAD_SOCKET_VERSION), "13") ||
	    !ws_accept(head_text(head, HEAD_SOCKET_KEY), accept)) {
		refuse(REFUSAL_PAGE_REQUEST, c->address);
		reply_refuse(
			why, 400,
			"a WebSocket here has version 13 and the protocol " PROTOCOL);
		return NULL;
	}
	if (make_place(live, c) && make_client(live, c, claims))
		m = MHD_create_response_for_upgrade(come, c->client);
	if (!m) {
		reply_refuse(why, 503, "all WebSockets are in use");
		return NULL;
	}
	MHD_add_response_header(m, "Upgrade", "websocket");
	MHD_add_response_header(m, "Sec-WebSocket-Accept", accept);
	MHD_add_response_header(m, "Sec-WebSocket-Protocol", PROTOCOL);
	return m;
}
