/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The HTTP server: libwebsockets speaks the protocols, io_uring accepts the
 * connections. libwebsockets waits for everything, the io_uring's own
 * descriptor included, so the program is one event loop:
 *
 *   lws_service(): poll() --- connections, timers
 *                         `-- descriptor of the io_uring: loop_run_once()
 */
#ifndef KTACH_COLLECTOR_HTTP_HTTP_H
#define KTACH_COLLECTOR_HTTP_HTTP_H

#include <libwebsockets.h>

#include "collector/http/api.h"
#include "collector/http/live.h"
#include "collector/http/tls.h"
#include "collector/http/visitor.h"
#include "lib/loop.h"

/**
 * struct http - the server
 * @accept: the multishot accept
 * @accepting: it is under way
 * @loop: that it runs on
 * @context: of libwebsockets
 * @vhost: its only one
 * @api: answers
 * @live: clients of the WebSocket
 * @door: who may look; set before http_open()
 * @tls: connections are encrypted
 * @fd: listens
 */
struct http {
	struct loop_op accept;
	bool accepting;
	struct loop *loop;
	struct lws_context *context;
	struct lws_vhost *vhost;
	const struct api *api;
	struct live live;
	struct door door;
	bool tls;
	int fd;
};

/**
 * http_open() - serve
 * @h: filled, but for its door; must not move
 * @loop: to run on
 * @api: answers
 * @tls: files
 * @fd: a listening socket; closed by http_close()
 *
 * Return: 0, or -errno after a message.
 */
int http_open(struct http *h, struct loop *loop, const struct api *api,
	      const struct http_tls *tls, int fd);
void http_close(struct http *h);

/* Read TLS's files again, which may have other content. Return 0, or -EINVAL
 * after a message: then connections go on as before.
 */
int http_renew_tls(struct http *h, const struct http_tls *tls);

/**
 * http_renew_door() - go over to other rules for visitors
 * @h: the server
 * @login: keys, taken over: empty afterwards
 * @hosts: as in struct door
 * @anywhere: likewise
 *
 * Clients of the WebSocket have to come again: their tokens may not be good
 * any more.
 */
void http_renew_door(struct http *h, struct login *login, const char *hosts,
		     bool anywhere);

/* Run everything until loop->stop. */
void http_run(struct http *h);

/* About once a second: push, and accept again after an error. */
void http_tick(struct http *h);

#endif /* KTACH_COLLECTOR_HTTP_HTTP_H */
