/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The HTTP server: libwebsockets speaks the protocols and runs this thread's
 * event loop. Frames come in elsewhere (collector/feed/worker.h).
 *
 *   lws_service(): poll() --- connections, timers
 *                         |-- watches: the listening socket, signals, the clock
 *                         `-- answers that a helper worked out (helpers.h)
 */
#ifndef KTACH_COLLECTOR_HTTP_HTTP_H
#define KTACH_COLLECTOR_HTTP_HTTP_H

#include <libwebsockets.h>

#include "collector/http/api.h"
#include "collector/http/helpers.h"
#include "collector/http/live.h"
#include "collector/http/tls.h"
#include "collector/http/visitor.h"

enum http_timeouts {
	HTTP_TIMEOUT_S = 20,	/* a request, or a part of an answer */
};

/**
 * struct watch - a file that the loop waits for
 * @ready: called while it is readable
 * @wsi: libwebsockets' handle
 */
struct watch {
	void (*ready)(struct watch *watch);
	struct lws *wsi;
};

/**
 * struct http - the server
 * @accept: of @fd
 * @accepting: it is watched
 * @stop: ends http_run()
 * @context: of libwebsockets
 * @vhost: its only one
 * @api: answers at once
 * @helpers: answer what takes longer
 * @live: clients of the WebSocket
 * @door: who may look; set before http_open()
 * @tls: connections are encrypted
 * @fd: listens
 */
struct http {
	struct watch accept;
	bool accepting;
	bool stop;
	struct lws_context *context;
	struct lws_vhost *vhost;
	const struct api *api;
	struct helpers helpers;
	struct live live;
	struct door door;
	bool tls;
	int fd;
};

/**
 * http_open() - serve
 * @h: filled, but for its door; must not move
 * @api: answers
 * @folder: of the history, that helpers read
 * @tls: files
 * @fd: a listening socket; closed by http_close()
 *
 * Return: 0, or -errno after a message.
 */
int http_open(struct http *h, const struct api *api, const char *folder,
	      const struct http_tls *tls, int fd);
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
 * @login: keys, taken over: empty afterwards
 * @hosts: as in struct door
 * @anywhere: likewise
 *
 * Clients of the WebSocket have to come again: their tokens may not be good
 * any more.
 */
void http_renew_door(struct http *h, struct login *login, const char *hosts,
		     bool anywhere);

/* Run everything until h->stop. */
void http_run(struct http *h);

/* About once a second: push, and accept again after an error. */
void http_tick(struct http *h);

#endif /* KTACH_COLLECTOR_HTTP_HTTP_H */
