// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "collector/http/connection.h"
#include "collector/http/live.h"
#include "collector/http/pace.h"
#include "collector/http/tunnel.h"
#include "collector/http/visitor.h"
#include "collector/base/refusal.h"
#include "lib/base/clock.h"

#define S UINT64_C(1000000000)

void connections_init(struct connections *all, unsigned int max,
		      const struct door *door)
{
	*all = (struct connections){ .last = &all->first,
				     .max = max,
				     .door = door };
}

/* Of IPv6 the first 64 bits are one customer's. */
static void address_read(struct connection *c,
			 const struct sockaddr_storage *from)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)from;
	const struct sockaddr_in *four = (const struct sockaddr_in *)from;
	const uint8_t *last = six->sin6_addr.s6_addr + 12;

	if (from->ss_family == AF_INET6 &&
	    !IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
		inet_ntop(AF_INET6, &six->sin6_addr, c->address,
			  sizeof(c->address));
		memcpy(c->key, &six->sin6_addr, 8);
		return;
	}
	if (from->ss_family == AF_INET)
		last = (const uint8_t *)&four->sin_addr;
	inet_ntop(AF_INET, last, c->address, sizeof(c->address));
	memcpy(c->key + 12, last, 4);
}

static bool is_silent(const struct connection *c)
{
	switch (c->phase) {
	case CONNECTION_HEAD:
	case CONNECTION_BODY:
	case CONNECTION_CLOSING:
		return true;
	case CONNECTION_ANSWER:
		return clock_mono_ns() - c->since_ns >= PAUSE_S * S;
	case CONNECTION_SOCKET:
		return live_silent(c->client);
	default:
		return false;
	}
}

/* The one that has been silent for longest; of an address, if that is given. */
static struct connection *find_silent(struct connections *all,
				      const uint8_t *key)
{
	struct connection *c, *best = NULL;

	for (c = all->first; c; c = c->next) {
		if (c->ended || !is_silent(c))
			continue;
		if (key && (c->proxy || memcmp(c->key, key, sizeof(c->key))))
			continue;
		if (!best || c->since_ns < best->since_ns)
			best = c;
	}
	return best;
}

static bool make_room(struct connections *all, const uint8_t *key,
		      enum refusal without, const char *from)
{
	struct connection *c = find_silent(all, key);

	if (!c) {
		refuse(without, from);
		return false;
	}
	refuse(REFUSAL_PAGE_SILENT, c->address);
	connection_end(c);
	return true;
}

static unsigned int count_address(const struct connections *all,
				  const uint8_t *key)
{
	const struct connection *c;
	unsigned int n = 0;

	for (c = all->first; c; c = c->next)
		n += !c->ended && !c->proxy &&
		     !memcmp(c->key, key, sizeof(c->key));
	return n;
}

static bool has_place(struct connections *all, const struct connection *c)
{
	unsigned int most = all->max * 3 / 4;
	const struct connection *own;

	if (most > CONNECTIONS_ADDRESS_MAX)
		most = CONNECTIONS_ADDRESS_MAX;
	if (!c->proxy && count_address(all, c->key) >= most &&
	    !make_room(all, c->key, REFUSAL_PAGE_ADDRESS, c->address))
		return false;
	if (all->count < all->max)
		return true;
	/* A crowd that comes back is in nobody else's way. */
	own = c->proxy ? NULL : find_silent(all, c->key);
	return make_room(all, own ? c->key : NULL, REFUSAL_PAGE_FULL,
			 c->address);
}

struct connection *connection_admit(struct connections *all, int fd,
				    const struct sockaddr_storage *from)
{
	struct connection *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->fd = fd;
	c->served = -1;
	c->all = all;
	address_read(c, from);
	c->proxy = door_is_proxy(all->door, c->address);
	if (!has_place(all, c)) {
		free(c);
		return NULL;
	}
	c->before = all->last;
	*all->last = c;
	all->last = &c->next;
	all->count++;
	connection_enter(c, CONNECTION_HEAD);
	return c;
}

struct connection *connection_join(struct connections *all, int fd,
				   struct MHD_Connection *handle)
{
	struct connection *c;

	for (c = all->first; c; c = c->next) {
		if (c->handle || c->served != fd)
			continue;
		c->handle = handle;
		return c;
	}
	return NULL;
}

void connection_unserve(struct connection *c)
{
	exchange_end(c);
	live_free(c->client);
	c->client = NULL;
	c->handle = NULL;
	c->served = -1;
	if (!c->tunnel) {
		connection_free(c);
		return;
	}
	c->all->sweep = true;
	connection_enter(c, tunnel_passes(c->tunnel) ? CONNECTION_ANSWER :
						       CONNECTION_CLOSING);
}

void connections_sweep(struct connections *all)
{
	struct connection *c, *next;

	if (!all->sweep)
		return;
	all->sweep = false;
	for (c = all->first; c; c = next) {
		next = c->next;
		if (c->served >= 0 && !c->handle)
			connection_unserve(c);
		else if (c->served < 0 && tunnel_over(c->tunnel))
			connection_free(c);
	}
}

struct connection *connection_of(struct MHD_Connection *handle)
{
	return MHD_get_connection_info(handle,
				       MHD_CONNECTION_INFO_SOCKET_CONTEXT)
		->socket_context;
}

void connection_enter(struct connection *c, enum connection_phase phase)
{
	c->phase = phase;
	c->since_ns = clock_mono_ns();
	c->acked = 0;
}

/* Of those that do not read their answers, who has not for longest. */
static struct connection *find_reader(struct connections *all)
{
	struct connection *c, *best = NULL;

	for (c = all->first; c; c = c->next)
		if (c->exchange.held && is_silent(c) &&
		    (!best || c->since_ns < best->since_ns))
			best = c;
	return best;
}

bool connection_hold(struct connection *c, size_t size)
{
	struct connections *all = c->all;
	struct connection *reader;

	while (all->held && all->held + size > CONNECTIONS_HELD_MAX) {
		reader = find_reader(all);
		if (!reader)
			return false;
		refuse(REFUSAL_PAGE_READER, reader->address);
		connection_end(reader);
	}
	c->exchange.held = size;
	all->held += size;
	return true;
}

void connection_release(struct connection *c)
{
	c->all->held -= c->exchange.held;
	c->exchange.held = 0;
}

/* One without a handle is still to be taken, and then found to be over. */
void connection_end(struct connection *c)
{
	if (c->ended)
		return;
	c->ended = true;
	c->all->count--;
	connection_release(c);
	if (c->client)
		live_drop(c->client);
	shutdown(c->fd, SHUT_RDWR);
}

void connection_leave(struct connection *c)
{
	shutdown(c->served, SHUT_RDWR);
	connection_enter(c, CONNECTION_CLOSING);
}

void connection_free(struct connection *c)
{
	if (!c->ended)
		c->all->count--;
	if (c->next)
		c->next->before = c->before;
	else
		c->all->last = c->before;
	*c->before = c->next;
	live_free(c->client);
	if (c->tunnel)
		tunnel_close(c->tunnel);
	free(c);
}

/* Of what was sent so far. The C library's struct tcp_info ends before that. */
static uint64_t bytes_acked(int fd)
{
	struct {
		uint8_t older[120];
		uint64_t bytes_acked;
	} info = { 0 };
	socklen_t size = sizeof(info);

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size);
	return info.bytes_acked;
}

/* The peer took some of the answer since it was looked at. */
static bool goes_on(struct connection *c, uint64_t now_ns)
{
	uint64_t acked = bytes_acked(c->fd);

	if (acked == c->acked)
		return false;
	c->acked = acked;
	c->since_ns = now_ns;
	return true;
}

static void close_late(struct connection *c, uint64_t now_ns)
{
	static const struct {
		unsigned int limit_s;
		enum refusal refusal;
	} steps[] = {
		[CONNECTION_HEAD] = { HEAD_S, REFUSAL_PAGE_HEAD },
		[CONNECTION_BODY] = { BODY_S, REFUSAL_PAGE_BODY },
		[CONNECTION_QUESTION] = { QUESTION_S, REFUSAL_PAGE_READER },
		[CONNECTION_ANSWER] = { STALL_S, REFUSAL_PAGE_READER },
		[CONNECTION_CLOSING] = { CLOSING_S, REFUSALS },
	};
	bool kept = c->phase == CONNECTION_HEAD && c->again;
	uint64_t limit_s = kept ? KEEPALIVE_S : steps[c->phase].limit_s;

	if (c->phase == CONNECTION_ANSWER && goes_on(c, now_ns))
		return;
	if (now_ns - c->since_ns < limit_s * S)
		return;
	if (!kept && steps[c->phase].refusal != REFUSALS)
		refuse(steps[c->phase].refusal, c->address);
	connection_end(c);
}

void connections_tick(struct connections *all, uint64_t now_ns)
{
	struct connection *c;

	for (c = all->first; c; c = c->next) {
		if (c->ended)
			continue;
		if (c->phase == CONNECTION_SOCKET)
			live_look(c->client, now_ns);
		else
			close_late(c, now_ns);
	}
}

bool connection_crowds(const struct connection *c)
{
	const struct connection *other;
	unsigned int n = 0;

	if (c->proxy || !c->all->held_back)
		return false;
	for (other = c->all->first; other; other = other->next)
		n += other->tunnel && tunnel_held(other->tunnel) &&
		     !memcmp(other->key, c->key, sizeof(c->key));
	return n >= PACE_WAITING_MAX;
}

void connections_go_on(struct connections *all)
{
	struct connection *c;

	if (!all->held_back)
		return;
	all->held_back = false;
	for (c = all->first; c; c = c->next)
		if (c->tunnel && tunnel_held(c->tunnel))
			tunnel_go_on(c->tunnel);
}

void connections_resume(struct connections *all)
{
	struct connection *c;

	for (c = all->first; c; c = c->next)
		if (c->phase == CONNECTION_QUESTION && c->handle)
			MHD_resume_connection(c->handle);
}

void connections_close(struct connections *all)
{
	struct connection *c;

	while ((c = all->first)) {
		if (c->tunnel)
			tunnel_flush(c->tunnel);
		connection_free(c);
	}
}

void connections_refuse_head(struct connections *all, unsigned int status)
{
	struct connection *c;

	for (c = all->first; c; c = c->next)
		if (c->handle)
			exchange_refuse_head(c, status);
}
