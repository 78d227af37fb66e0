/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where TLS ends: between a visitor's socket and a pair of sockets, one end of which
 * libmicrohttpd serves as if it were a visitor in clear, WebSockets included.
 *
 *   visitor == TLS == socket --- tunnel --- pair --- libmicrohttpd, or a WebSocket
 *
 * There is no pair before the handshake is done. What is on its way is one record
 * each way, and what the pair and the socket hold: who does not read is not read
 * from. When the pair is closed on the other side, the rest is sent, then "close
 * notify"; what still comes is thrown away until the visitor has closed, too, or its
 * time is over (connection.h).
 */
#ifndef KTACH_COLLECTOR_HTTP_TUNNEL_H
#define KTACH_COLLECTOR_HTTP_TUNNEL_H

#include <stdbool.h>

struct connection;
struct http;
struct tunnel;

enum tunnel_descriptors {
	TUNNEL_DESCRIPTORS = 2, /* beside the socket */
};

/* Begin with a connection's handshake; NULL: there is no memory. */
struct tunnel *tunnel_open(struct http *h, struct connection *c);

/* It passes on what comes, in both directions. */
bool tunnel_passes(const struct tunnel *t);

/* Its handshake waits for tunnel_go_on() (pace.h). */
bool tunnel_held(const struct tunnel *t);
void tunnel_go_on(struct tunnel *t);

/* Nothing comes or goes any more. */
bool tunnel_over(const struct tunnel *t);

/* Send what can be sent at once, as nobody is going to wait for the rest. */
void tunnel_flush(struct tunnel *t);

void tunnel_close(struct tunnel *t);

#endif /* KTACH_COLLECTOR_HTTP_TUNNEL_H */
