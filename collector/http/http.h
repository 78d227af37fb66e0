/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The HTTP server, and this thread's event loop. libmicrohttpd reads requests and
 * writes answers, wslay frames of WebSockets; who may connect, and how long each
 * step may take, is decided here (connection.h). Frames come in elsewhere
 * (collector/feed/worker.h).
 *
 *   http_run(): epoll --- libmicrohttpd's own epoll: connections
 *                     |-- watches: the listening socket, signals, the clock
 *                     |-- connections by TLS (tunnel.h)
 *                     |-- WebSockets (ws.h)
 *                     `-- answers that a helper worked out (helpers.h)
 */
#ifndef KTACH_COLLECTOR_HTTP_HTTP_H
#define KTACH_COLLECTOR_HTTP_HTTP_H

#include <microhttpd.h>
#include <stdbool.h>

#include "collector/api/api.h"
#include "collector/http/connection.h"
#include "collector/http/helpers.h"
#include "collector/http/live.h"
#include "collector/http/pace.h"
#include "collector/http/tls.h"
#include "collector/http/visitor.h"
#include "collector/http/watch.h"

/**
 * struct http - the server
 * @accept: of @fd
 * @accepting: it is watched
 * @stop: ends http_run()
 * @epoll: what the loop waits for
 * @daemon: of libmicrohttpd
 * @connections: all of them
 * @api: answers at once
 * @helpers: answer what takes longer
 * @live: clients of the WebSocket
 * @door: who may look; set before http_open()
 * @tls: connections are encrypted
 * @pace: of their handshakes
 * @fd: listens
 * @refused: requests that libmicrohttpd refused, and whose is not known yet
 */
struct http {
	struct watch accept;
	bool accepting;
	bool stop;
	int epoll;
	struct MHD_Daemon *daemon;
	struct connections connections;
	const struct api *api;
	struct helpers helpers;
	struct live live;
	struct door door;
	bool tls;
	struct pace pace;
	int fd;
	unsigned int refused;
};

/**
 * http_open() - serve
 * @h: filled, but for its door; must not move
 * @api: answers
 * @folder: of the history, that helpers read
 * @tls: files
 * @fd: a listening socket; closed by http_close()
 * @connections_max: that may be open at once
 *
 * Return: 0, or -errno after a message.
 */
int http_open(struct http *h, const struct api *api, const char *folder,
	      const struct http_tls *tls, int fd, unsigned int connections_max);
void http_close(struct http *h);

/* Wait for a file, too, which stays the caller's. Return 0 or -errno. */
int http_watch(struct http *h, struct watch *watch, int fd);

/* Read TLS's files again, which may have other content. Return 0, or -EINVAL
 * after a message: then connections go on as before.
 */
int http_renew_tls(struct http *h, const struct http_tls *tls);

/**
 * http_renew_door() - go over to other rules for visitors
 * @h: the server
 * @rules: taken over: their login is empty afterwards
 *
 * Clients of the WebSocket have to come again: their tokens may not be good
 * any more.
 */
void http_renew_door(struct http *h, struct door_rules *rules);

/* Serve a socket that was accepted: non-blocking; taken over. */
void http_serve(struct http *h, int fd, const struct sockaddr_storage *from);

/* Let libmicrohttpd serve a connection on this socket, where it is in clear. */
void http_take(struct http *h, struct connection *c, int fd);

/* One turn of the loop, which waits for @wait_ms at most (-1: for something to happen).
 * Return 0 or -errno.
 */
int http_turn(struct http *h, int wait_ms);

/* Run everything until h->stop. */
void http_run(struct http *h);

/* About once a second: push, look at deadlines, accept again after an error. */
void http_tick(struct http *h);

#endif /* KTACH_COLLECTOR_HTTP_HTTP_H */
