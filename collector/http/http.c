// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collector/agents/relay.h"
#include "collector/http/exchange.h"
#include "collector/http/http.h"
#include "collector/http/tunnel.h"
#include "collector/base/refusal.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum http_limits {
	MEMORY_MAX =
		16384, /* of a connection: head of a request, of an answer */
	MEMORY_STEP = 4096,
	EVENTS = 64,
	ACCEPT_AT_ONCE = 16,
	TCP_IDLE_S = 60, /* then ask whether the peer is there */
	TCP_PROBES = 3,
	TCP_PROBE_EVERY_S = 10,
	/* From 1.0 on folded lines of a head are taken else, and bare line feeds. */
	STRICT = MHD_VERSION >= 0x01000000,
};

static void note_refused(struct http *h, va_list values)
{
	h->refused++;
	connections_refuse_head(&h->connections, va_arg(values, unsigned int));
}

static void log_library(void *argument, const char *format, va_list values)
{
	static const char refused[] = "Error processing request";
	char line[512];
	va_list again;

	va_copy(again, values);
	if (!strncmp(format, refused, sizeof(refused) - 1))
		note_refused(argument, again);
	va_end(again);
	vsnprintf(line, sizeof(line), format, values);
	log_debug("libmicrohttpd: %.*s", (int)strcspn(line, "\n"), line);
}

static int accept_more(struct http *h, bool on)
{
	h->accepting = on;
	return watch_set(h->epoll, EPOLL_CTL_MOD, &h->accept, h->fd,
			 on ? EPOLLIN : 0);
}

static void set_keepalive(int fd)
{
	const struct {
		int level, name, value;
	} options[] = {
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, TCP_IDLE_S },
		{ IPPROTO_TCP, TCP_KEEPINTVL, TCP_PROBE_EVERY_S },
		{ IPPROTO_TCP, TCP_KEEPCNT, TCP_PROBES },
	};
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		setsockopt(fd, options[i].level, options[i].name,
			   &options[i].value, sizeof(options[i].value));
}

void http_take(struct http *h, struct connection *c, int fd)
{
	c->served = fd;
	h->connections.sweep = true;
	if (MHD_add_connection(h->daemon, fd, NULL, 0) == MHD_YES)
		return;
	/* One that was taken, and then could not be watched, is given up already. */
	c = connection_join(&h->connections, fd, NULL);
	if (c)
		connection_unserve(c);
}

void http_serve(struct http *h, int fd, const struct sockaddr_storage *from)
{
	struct connection *c = connection_admit(&h->connections, fd, from);

	if (!c) {
		close(fd);
		return;
	}
	if (!h->tls) {
		set_keepalive(fd);
		http_take(h, c, fd);
		return;
	}
	if (connection_crowds(c)) {
		refuse(REFUSAL_PAGE_HANDSHAKES, c->address);
	} else {
		set_keepalive(fd);
		c->tunnel = tunnel_open(h, c);
	}
	if (c->tunnel)
		return;
	close(fd);
	connection_free(c);
}

/* After an error (too many open files) it begins again with the next tick. */
static void acceptable(struct watch *watch)
{
	struct http *h = (struct http *)watch;
	struct sockaddr_storage from;
	int i, fd;

	for (i = 0; i < ACCEPT_AT_ONCE; i++) {
		socklen_t size = sizeof(from);

		fd = accept4(h->fd, (struct sockaddr *)&from, &size,
			     SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			break;
		http_serve(h, fd, &from);
	}
	if (i == ACCEPT_AT_ONCE || errno == EAGAIN || errno == ECONNABORTED ||
	    errno == EINTR)
		return;
	refuse(REFUSAL_PAGE_DESCRIPTORS, strerror(errno));
	accept_more(h, false);
}

/* What libmicrohttpd refuses it tells the log, and not whose it was: that one's
 * connection it closes next, with no answer of ours.
 */
static void count_refused(struct http *h, const struct connection *c)
{
	if (!h->refused || c->exchange.step == EXCHANGE_ANSWERED)
		return;
	h->refused--;
	refuse(REFUSAL_PAGE_REQUEST, c->address);
}

/* What was added is taken at once (0.9.75), or at the next run (1.0): after that
 * each has its handle, or is closed already.
 */
static void notify_connection(void *argument, struct MHD_Connection *handle,
			      void **own,
			      enum MHD_ConnectionNotificationCode code)
{
	struct http *h = argument;
	const union MHD_ConnectionInfo *info;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		info = MHD_get_connection_info(
			handle, MHD_CONNECTION_INFO_CONNECTION_FD);
		*own = connection_join(&h->connections, info->connect_fd,
				       handle);
	} else if (*own) {
		count_refused(h, *own);
		connection_unserve(*own);
		*own = NULL;
	}
}

static int start_daemon(struct http *h, unsigned int connections_max)
{
	h->daemon = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_UPGRADE |
			MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG,
		0, NULL, NULL, exchange_answer, h, MHD_OPTION_EXTERNAL_LOGGER,
		log_library, h, MHD_OPTION_STRICT_FOR_CLIENT, (int)STRICT,
		MHD_OPTION_CONNECTION_LIMIT, connections_max * 2,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_MAX,
		MHD_OPTION_CONNECTION_MEMORY_INCREMENT, (size_t)MEMORY_STEP,
		MHD_OPTION_CONNECTION_TIMEOUT, 0, MHD_OPTION_NOTIFY_CONNECTION,
		notify_connection, h, MHD_OPTION_NOTIFY_COMPLETED,
		exchange_completed, h, MHD_OPTION_URI_LOG_CALLBACK,
		exchange_begin, h, MHD_OPTION_END);
	return h->daemon ? 0 : -EIO;
}

/* libmicrohttpd runs at each turn of the loop; this only wakes it. */
static void daemon_ready(struct watch *watch)
{
}

static struct watch daemon_watch = { daemon_ready };

static int watch_daemon(struct http *h)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);

	return watch_set(h->epoll, EPOLL_CTL_ADD, &daemon_watch, info->epoll_fd,
			 EPOLLIN);
}

int http_watch(struct http *h, struct watch *watch, int fd)
{
	return watch_set(h->epoll, EPOLL_CTL_ADD, watch, fd, EPOLLIN);
}

static int watch_listener(struct http *h)
{
	h->accept.ready = acceptable;
	h->accepting = true;
	fcntl(h->fd, F_SETFL, fcntl(h->fd, F_GETFL) | O_NONBLOCK);
	return http_watch(h, &h->accept, h->fd);
}

static int open_all(struct http *h, unsigned int connections_max)
{
	int err;

	h->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (h->epoll < 0)
		return -errno;
	err = start_daemon(h, connections_max);
	if (!err)
		err = watch_daemon(h);
	return err ? err : watch_listener(h);
}

int http_open(struct http *h, const struct api *api, const char *folder,
	      const struct http_tls *tls, int fd, unsigned int connections_max)
{
	int err;

	h->api = api;
	h->tls = tls->certificate != NULL;
	h->fd = fd;
	h->epoll = -1;
	connections_init(&h->connections, connections_max, &h->door);
	live_init(&h->live, h);
	err = h->tls ? tls_load(tls) : 0;
	if (err)
		goto close;
	err = open_all(h, connections_max);
	if (err) {
		log_error("libmicrohttpd: %s; --debug shows what it says",
			  strerror(-err));
		goto close;
	}
	err = helpers_open(&h->helpers, api, folder);
	if (!err)
		err = http_watch(h, &h->helpers.answers, h->helpers.wake_fd);
	if (!err)
		return 0;
close:
	http_close(h);
	return err;
}

int http_renew_tls(struct http *h, const struct http_tls *tls)
{
	return h->tls ? tls_load(tls) : 0;
}

void http_renew_door(struct http *h, struct door_rules *rules)
{
	login_exit(&h->door.rules.login);
	h->door.rules = *rules;
	rules->login = (struct login){ 0 };
	live_expire_all(&h->live);
}

/* What is suspended has to be resumed first, or libmicrohttpd gives up. */
void http_close(struct http *h)
{
	if (h->api->relay)
		relay_stop(h->api->relay);
	helpers_stop(&h->helpers);
	if (h->daemon) {
		connections_resume(&h->connections);
		live_exit(&h->live);
		MHD_run(h->daemon);
		MHD_stop_daemon(h->daemon);
		connections_close(&h->connections);
	}
	helpers_close(&h->helpers);
	tls_exit();
	if (h->epoll >= 0)
		close(h->epoll);
	close(h->fd);
}

/* Libmicrohttpd may have something to do, without anything happening. */
static int pause_ms(struct http *h, int wait_ms)
{
	MHD_UNSIGNED_LONG_LONG ms;

	if (h->connections.held_back && (wait_ms < 0 || wait_ms > PACE_MS))
		wait_ms = PACE_MS;
	return MHD_get_timeout(h->daemon, &ms) == MHD_YES && !ms ? 0 : wait_ms;
}

int http_turn(struct http *h, int wait_ms)
{
	struct epoll_event events[EVENTS];
	int i, n;

	n = epoll_wait(h->epoll, events, EVENTS, pause_ms(h, wait_ms));
	if (n < 0 && errno != EINTR)
		return -errno;
	for (i = 0; i < n; i++) {
		struct watch *watch = events[i].data.ptr;

		watch->ready(watch);
	}
	connections_go_on(&h->connections);
	MHD_run(h->daemon);
	connections_sweep(&h->connections);
	return 0;
}

void http_run(struct http *h)
{
	int err = 0;

	while (!h->stop && !err)
		err = http_turn(h, -1);
	if (err)
		log_error("epoll_wait: %s", strerror(-err));
}

void http_tick(struct http *h)
{
	if (!h->accepting)
		accept_more(h, true);
	if (h->door.rules.login.required && revoked_look(&h->door.revoked))
		live_expire_revoked(&h->live);
	connections_tick(&h->connections, clock_mono_ns());
	live_push(&h->live);
}
