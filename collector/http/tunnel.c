// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collector/http/http.h"
#include "collector/http/tunnel.h"
#include "collector/base/refusal.h"
#include "lib/base/clock.h"

enum {
	RECORD_MAX = 16384,
	ROUNDS = 64, /* a turn: each is a record or less, each way */
	PAIR_ROOM = 65536, /* bytes that wait in it, each way */
	REST_MAX = 1 << 20, /* that is thrown away of what comes too late */
};

#define EDGES (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)

enum tunnel_step {
	TUNNEL_SHAKES, /* hands */
	TUNNEL_PASSES,
	TUNNEL_LEAVES, /* the other side has closed; that is to be told */
	TUNNEL_LINGERS, /* until the visitor has closed */
	TUNNEL_OVER,
};

/**
 * struct tunnel - of a connection
 * @watch: of its socket, and of @inside
 * @http: the server
 * @connection: its
 * @session: of TLS
 * @pair: certificate and key of it
 * @step: how far it is
 * @inside: our end of the pair; -1: there is none
 * @dry: the socket had nothing more to read
 * @deaf: nothing is read from it any more
 * @sending: a record waits for room in the socket
 * @held: its handshake waits until others have had their time
 * @packet: one that came, and is not all passed on
 * @passed: bytes of it that are
 * @rest: bytes that were thrown away
 */
struct tunnel {
	struct watch watch;
	struct http *http;
	struct connection *connection;
	gnutls_session_t session;
	struct tls_pair *pair;
	enum tunnel_step step;
	int inside;
	bool dry;
	bool deaf;
	bool sending;
	bool held;
	gnutls_packet_t packet;
	size_t passed;
	size_t rest;
};

/* This thread's: what is between two calls. */
static uint8_t room[RECORD_MAX];

/* GnuTLS asks for more than once, and says "again" also where there is more. */
static ssize_t pull(gnutls_transport_ptr_t pointer, void *to, size_t size)
{
	struct tunnel *t = pointer;
	ssize_t n = recv(t->connection->fd, to, size, MSG_DONTWAIT);

	t->dry = n < 0 && errno == EAGAIN;
	return n;
}

/* An event is to come, before it is of use to try again. */
static bool waits(const struct tunnel *t)
{
	return t->dry || gnutls_record_get_direction(t->session);
}

static bool again(const struct tunnel *t, ssize_t err)
{
	return err == GNUTLS_E_INTERRUPTED || !waits(t);
}

static bool may_go_on(ssize_t err)
{
	return err == GNUTLS_E_AGAIN || err == GNUTLS_E_INTERRUPTED;
}

static void drop_packet(struct tunnel *t)
{
	if (t->packet)
		gnutls_packet_deinit(t->packet);
	t->packet = NULL;
}

static void close_inside(struct tunnel *t)
{
	drop_packet(t);
	if (t->inside >= 0)
		close(t->inside);
	t->inside = -1;
}

/* A socket that is closed with something unread in it is reset, and the visitor may
 * never see what it was told.
 */
static void linger(struct tunnel *t)
{
	close_inside(t);
	shutdown(t->connection->fd, SHUT_WR);
	t->step = TUNNEL_LINGERS;
	connection_enter(t->connection, CONNECTION_CLOSING);
}

/* Who only leaves, as a look whether the port is open does, is not counted. */
static void fail(struct tunnel *t, ssize_t err)
{
	if (t->step == TUNNEL_SHAKES && err != GNUTLS_E_PREMATURE_TERMINATION &&
	    err != GNUTLS_E_PULL_ERROR && err != GNUTLS_E_PUSH_ERROR)
		refuse(REFUSAL_PAGE_HANDSHAKE, t->connection->address);
	gnutls_alert_send_appropriate(t->session, (int)err);
	linger(t);
}

static bool make_pair(struct tunnel *t, int *outside)
{
	const int bytes = PAIR_ROOM / 2; /* the kernel doubles it */
	int ends[2], i;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		       ends)) {
		refuse(REFUSAL_PAGE_DESCRIPTORS, strerror(errno));
		return false;
	}
	for (i = 0; i < 2; i++)
		setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &bytes,
			   sizeof(bytes));
	t->inside = ends[0];
	*outside = ends[1];
	if (!watch_set(t->http->epoll, EPOLL_CTL_ADD, &t->watch, t->inside,
		       EDGES))
		return true;
	close(ends[1]);
	return false;
}

static int shake_paced(struct tunnel *t)
{
	const struct connection *c = t->connection;
	const uint8_t *key = c->proxy ? NULL : c->key;
	uint64_t began_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	int err = gnutls_handshake(t->session);

	pace_spend(&t->http->pace, key,
		   clock_ns(CLOCK_THREAD_CPUTIME_ID) - began_ns,
		   clock_mono_ns());
	return err;
}

static bool shake_hands(struct tunnel *t)
{
	const struct connection *c = t->connection;
	int outside, err;

	t->held = !pace_may(&t->http->pace, c->proxy ? NULL : c->key,
			    clock_mono_ns());
	if (t->held) {
		c->all->held_back = true;
		return false;
	}
	err = shake_paced(t);
	if (may_go_on(err))
		return again(t, err);
	if (err < 0) {
		fail(t, err);
	} else if (make_pair(t, &outside)) {
		t->step = TUNNEL_PASSES;
		http_take(t->http, t->connection, outside);
	} else {
		linger(t);
	}
	return true;
}

/* The visitor says no more, or nobody listens. */
static bool end_input(struct tunnel *t)
{
	drop_packet(t);
	t->deaf = true;
	shutdown(t->inside, SHUT_WR);
	return true;
}

static bool pass_packet(struct tunnel *t)
{
	gnutls_datum_t data;
	ssize_t n;

	gnutls_packet_get(t->packet, &data, NULL);
	n = send(t->inside, data.data + t->passed, data.size - t->passed,
		 MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN ? false :
		       errno == EINTR  ? true :
					 end_input(t);
	t->passed += (size_t)n;
	if (t->passed == data.size)
		drop_packet(t);
	return true;
}

/* Nobody needs another handshake: who asks for one (TLS 1.2) is refused. */
static bool pass_in(struct tunnel *t)
{
	ssize_t n;

	if (t->deaf)
		return false;
	if (t->packet)
		return pass_packet(t);
	t->passed = 0;
	n = gnutls_record_recv_packet(t->session, &t->packet);
	if (n > 0)
		return true;
	drop_packet(t);
	if (may_go_on(n))
		return again(t, n);
	if (!n || n == GNUTLS_E_PREMATURE_TERMINATION)
		return end_input(t);
	fail(t, n);
	return true;
}

/* What GnuTLS has taken stays in the pair until it is sent: it may take less than it
 * is given, and keeps what it could not send.
 */
static bool pass_out(struct tunnel *t)
{
	ssize_t n = 0;

	if (!t->sending) {
		n = recv(t->inside, room, sizeof(room), MSG_PEEK);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return errno == EINTR;
		if (n <= 0) {
			t->step = TUNNEL_LEAVES;
			return true;
		}
	}
	n = gnutls_record_send(t->session, t->sending ? NULL : room, (size_t)n);
	t->sending = may_go_on(n);
	if (n > 0)
		recv(t->inside, room, (size_t)n, 0);
	else if (!t->sending)
		fail(t, n);
	return n != GNUTLS_E_AGAIN;
}

static bool pass(struct tunnel *t)
{
	bool in = pass_in(t);

	return (t->step == TUNNEL_PASSES && pass_out(t)) || in;
}

static bool leave(struct tunnel *t)
{
	int err = gnutls_bye(t->session, GNUTLS_SHUT_WR);

	if (may_go_on(err))
		return err == GNUTLS_E_INTERRUPTED;
	linger(t);
	return true;
}

static bool throw_away(struct tunnel *t)
{
	ssize_t n = recv(t->connection->fd, room, sizeof(room), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return errno == EINTR;
	t->rest += n > 0 ? (size_t)n : REST_MAX;
	if (t->rest >= REST_MAX)
		t->step = TUNNEL_OVER;
	return true;
}

/* False: it waits for an event. */
static bool go_on(struct tunnel *t)
{
	switch (t->step) {
	case TUNNEL_SHAKES:
		return shake_hands(t);
	case TUNNEL_PASSES:
		return pass(t);
	case TUNNEL_LEAVES:
		return leave(t);
	case TUNNEL_LINGERS:
		return throw_away(t);
	default:
		return false;
	}
}

static void take_turn(struct watch *watch)
{
	struct tunnel *t = (struct tunnel *)watch;
	unsigned int rounds = ROUNDS;

	while (rounds && !t->connection->ended && go_on(t))
		rounds--;
	if (t->connection->ended) {
		close_inside(t);
		t->step = TUNNEL_OVER;
	}
	if (t->step == TUNNEL_OVER)
		t->connection->all->sweep = true;
	else if (!rounds) /* others first */
		watch_set(t->http->epoll, EPOLL_CTL_MOD, &t->watch,
			  t->connection->fd, EDGES);
}

struct tunnel *tunnel_open(struct http *h, struct connection *c)
{
	struct tunnel *t = calloc(1, sizeof(*t));
	const int on = 1;

	if (!t)
		return NULL;
	*t = (struct tunnel){ .watch.ready = take_turn,
			      .http = h,
			      .connection = c,
			      .inside = -1 };
	if (tls_begin(&t->session, &t->pair)) {
		free(t);
		return NULL;
	}
	gnutls_transport_set_ptr2(t->session, t,
				  (gnutls_transport_ptr_t)(intptr_t)c->fd);
	gnutls_transport_set_pull_function(t->session, pull);
	/* Records are whole: there is nothing to wait for. */
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (!watch_set(h->epoll, EPOLL_CTL_ADD, &t->watch, c->fd, EDGES))
		return t;
	tls_end(t->session, t->pair);
	free(t);
	return NULL;
}

bool tunnel_passes(const struct tunnel *t)
{
	return t->step == TUNNEL_PASSES;
}

bool tunnel_held(const struct tunnel *t)
{
	return t->held && t->step == TUNNEL_SHAKES;
}

void tunnel_go_on(struct tunnel *t)
{
	take_turn(&t->watch);
}

bool tunnel_over(const struct tunnel *t)
{
	return t->step == TUNNEL_OVER;
}

void tunnel_flush(struct tunnel *t)
{
	unsigned int rounds = ROUNDS;

	while (rounds-- &&
	       (t->step == TUNNEL_PASSES || t->step == TUNNEL_LEAVES) &&
	       go_on(t))
		;
}

void tunnel_close(struct tunnel *t)
{
	close_inside(t);
	tls_end(t->session, t->pair);
	close(t->connection->fd);
	free(t);
}
