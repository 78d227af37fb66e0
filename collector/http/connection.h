/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections of visitors: how many there may be, how many of one address, and how
 * long each step of one may take. A connection is closed by shutdown(): what
 * serves it then finds that it has ended.
 *
 *   accept --> HEAD --> (BODY) --> (QUESTION) --> ANSWER --> HEAD again
 *                `----> SOCKET: a WebSocket, until it is closed
 *
 * When all places are taken the oldest that is silent gives way: one that we wait
 * for, or a WebSocket that never said what it wants.
 */
#ifndef KTACH_COLLECTOR_HTTP_CONNECTION_H
#define KTACH_COLLECTOR_HTTP_CONNECTION_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "collector/http/exchange.h"

enum connection_limits {
	CONNECTIONS_ADDRESS_MAX = 128, /* of one address; of a proxy: all */
	CONNECTION_ADDRESS_SIZE = 64,
	CONNECTION_KEY_SIZE = 16,
	HEAD_S = 10, /* of the first request, TLS included */
	KEEPALIVE_S = 30, /* until the next one is there */
	BODY_S = 10,
	QUESTION_S = 120,
	PAUSE_S = 3, /* of an answer: it counts as silent */
	STALL_S = 20, /* of an answer that is not read */
	CLOSING_S = 5, /* to take its leave */
	CONNECTIONS_HELD_MAX =
		512 << 20, /* bytes of answers, but for a single one */
};

enum connection_phase {
	CONNECTION_HEAD,
	CONNECTION_BODY,
	CONNECTION_QUESTION,
	CONNECTION_ANSWER,
	CONNECTION_SOCKET,
	CONNECTION_CLOSING,
};

/**
 * struct connection - one of them
 * @next: newer one
 * @before: points to it
 * @all: where it is in
 * @handle: of libmicrohttpd; NULL: not yet, or no more
 * @fd: its socket
 * @served: what libmicrohttpd has of it: @fd, or an end of the tunnel; -1: nothing
 * @tunnel: of TLS; NULL: it is in clear
 * @phase: what it waits for
 * @since_ns: when the phase began, or when an answer went on
 * @acked: bytes that the peer had then
 * @again: there was a request before
 * @ended: shut down, and not counted any more
 * @proxy: it is a proxy's
 * @key: of its address, as it counts: IPv6 by /64
 * @address: as text
 * @exchange: its request and answer
 * @client: of the WebSocket; NULL: none
 */
struct connection {
	struct connection *next;
	struct connection **before;
	struct connections *all;
	struct MHD_Connection *handle;
	int fd;
	int served;
	struct tunnel *tunnel;
	enum connection_phase phase;
	uint64_t since_ns;
	uint64_t acked;
	bool again;
	bool ended;
	bool proxy;
	uint8_t key[CONNECTION_KEY_SIZE];
	char address[CONNECTION_ADDRESS_SIZE];
	struct exchange exchange;
	struct live_client *client;
};

struct door;
struct tunnel;

/**
 * struct connections - all of them
 * @first: the oldest
 * @last: where the next one is hung in
 * @count: of those that were not ended
 * @max: of @count
 * @sweep: something is to be done by connections_sweep()
 * @held_back: handshakes wait for connections_go_on()
 * @held: bytes of all answers that are being sent
 * @door: who is a proxy
 */
struct connections {
	struct connection *first;
	struct connection **last;
	unsigned int count;
	unsigned int max;
	bool sweep;
	bool held_back;
	size_t held;
	const struct door *door;
};

void connections_init(struct connections *all, unsigned int max,
		      const struct door *door);

/* A place for a socket that was accepted; NULL: there is none. */
struct connection *connection_admit(struct connections *all, int fd,
				    const struct sockaddr_storage *from);

/* libmicrohttpd has taken it. */
struct connection *connection_join(struct connections *all, int fd,
				   struct MHD_Connection *handle);

/* libmicrohttpd has done with it. Frees it, unless something is in its tunnel. */
void connection_unserve(struct connection *c);

/* Free those that libmicrohttpd did not take, and whose tunnel is over. */
void connections_sweep(struct connections *all);

struct connection *connection_of(struct MHD_Connection *handle);

/* Another phase begins. */
void connection_enter(struct connection *c, enum connection_phase phase);

/* Memory for an answer, which who does not read theirs makes room for; until
 * connection_release(). False: there is none.
 */
bool connection_hold(struct connection *c, size_t size);
void connection_release(struct connection *c);

/* Close it, at once. */
void connection_end(struct connection *c);

/* Close it once it is sent what it was told. */
void connection_leave(struct connection *c);
void connection_free(struct connection *c);

/* Whether as many handshakes of its address wait as may. */
bool connection_crowds(const struct connection *c);

/* Handshakes that waited go on, the oldest first. */
void connections_go_on(struct connections *all);

/* Whose time is over. */
void connections_tick(struct connections *all, uint64_t now_ns);

/* Libmicrohttpd refuses what one of them asked. */
void connections_refuse_head(struct connections *all, unsigned int status);

/* All that wait for a helper go on, to be closed. */
void connections_resume(struct connections *all);

/* Close those that are left once libmicrohttpd has stopped. */
void connections_close(struct connections *all);

#endif /* KTACH_COLLECTOR_HTTP_CONNECTION_H */
