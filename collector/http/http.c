// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collector/http/exchange.h"
#include "collector/http/http.h"
#include "collector/http/tls.h"
#include "lib/log.h"

enum http_limits {
	CONNECTIONS_MAX = 512,
	KEEPALIVE_S = 30,
	TCP_IDLE_S = 60, /* then ask whether the peer is there */
	TCP_PROBES = 3,
	TCP_PROBE_EVERY_S = 10,
};

/* A client that names this protocol for its WebSocket is sent away. */
static int watch_callback(struct lws *wsi, enum lws_callback_reasons reason,
			  void *user, void *in, size_t size)
{
	struct watch *watch = lws_get_opaque_user_data(wsi);

	if (reason == LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION)
		return -1;
	if (reason == LWS_CALLBACK_RAW_RX_FILE && watch)
		watch->ready(watch);
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ .name = "http",
	  .callback = exchange_callback,
	  .per_session_data_size = sizeof(struct exchange) },
	{ .name = "ktach-live",
	  .callback = live_callback,
	  .per_session_data_size = sizeof(struct live_client),
	  .rx_buffer_size = LIVE_MESSAGE_MAX },
	{ .name = "ktach-watch", .callback = watch_callback },
	{ 0 }
};

static void log_libwebsockets(int level, const char *line)
{
	log_debug("libwebsockets: %.*s", (int)strcspn(line, "\n"), line);
}

static void accept_more(struct http *h, bool on)
{
	h->accepting = on;
	lws_rx_flow_control(h->accept.wsi, on);
}

/* After an error (too many open files) it begins again with the next tick. */
static void acceptable(struct watch *watch)
{
	struct http *h = (struct http *)watch;
	int fd = accept4(h->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0) {
		lws_adopt_socket_vhost(h->vhost, fd);
		return;
	}
	if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR)
		return;
	log_debug("accept: %s", strerror(errno));
	accept_more(h, false);
}

static int make_context(struct http *h, const struct http_tls *tls)
{
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN_SERVER,
		.protocols = protocols,
		.user = h,
		.server_string = "ktach-collector",
		.fd_limit_per_thread = CONNECTIONS_MAX,
		.timeout_secs = HTTP_TIMEOUT_S,
		.keepalive_timeout = KEEPALIVE_S,
		.ka_time = TCP_IDLE_S,
		.ka_probes = TCP_PROBES,
		.ka_interval = TCP_PROBE_EVERY_S,
		.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
		.alpn = "http/1.1",
	};

	if (tls->certificate) {
		info.ssl_cert_filepath = tls->certificate;
		info.ssl_private_key_filepath = tls->key;
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	}
	lws_set_log_level(LLL_ERR | LLL_WARN | LLL_NOTICE, log_libwebsockets);
	h->context = lws_create_context(&info);
	if (!h->context)
		return -ENOMEM;
	h->vhost = lws_create_vhost(h->context, &info);
	return h->vhost ? 0 : -ENOMEM;
}

/* libwebsockets closes what it adopts: it gets a duplicate. */
int http_watch(struct http *h, struct watch *watch, int fd)
{
	lws_sock_file_fd_type own = { .filefd = fcntl(fd, F_DUPFD_CLOEXEC, 0) };

	if (own.filefd < 0)
		return -errno;
	watch->wsi = lws_adopt_descriptor_vhost(
		h->vhost, LWS_ADOPT_RAW_FILE_DESC, own, "ktach-watch", NULL);
	if (!watch->wsi)
		return -ENOMEM;
	lws_set_opaque_user_data(watch->wsi, watch);
	return 0;
}

static int watch_listener(struct http *h)
{
	h->accept.ready = acceptable;
	h->accepting = true;
	fcntl(h->fd, F_SETFL, fcntl(h->fd, F_GETFL) | O_NONBLOCK);
	return http_watch(h, &h->accept, h->fd);
}

int http_open(struct http *h, const struct api *api, const char *folder,
	      const struct http_tls *tls, int fd)
{
	int err;

	h->api = api;
	h->tls = tls->certificate != NULL;
	h->fd = fd;
	live_init(&h->live, api);
	err = h->tls ? tls_check(tls) : 0;
	if (err)
		goto close;
	err = make_context(h, tls);
	if (!err)
		err = watch_listener(h);
	if (err) {
		log_error("libwebsockets: %s; --debug shows what it says",
			  strerror(-err));
		goto close;
	}
	err = helpers_open(&h->helpers, h->context, api, folder);
	if (!err)
		return 0;
close:
	http_close(h);
	return err;
}

int http_renew_tls(struct http *h, const struct http_tls *tls)
{
	int err = h->tls ? tls_check(tls) : 0;

	if (!err && h->tls)
		lws_tls_cert_updated(h->context, tls->certificate, tls->key,
				     NULL, 0, NULL, 0);
	return err;
}

void http_renew_door(struct http *h, struct login *login, const char *hosts,
		     bool anywhere)
{
	login_exit(&h->door.login);
	h->door.login = *login;
	h->door.hosts = hosts;
	h->door.anywhere = anywhere;
	*login = (struct login){ 0 };
	live_expire_all(&h->live);
}

void http_close(struct http *h)
{
	helpers_stop(&h->helpers);
	if (h->context)
		lws_context_destroy(h->context);
	helpers_close(&h->helpers);
	live_exit(&h->live);
	close(h->fd);
}

void http_run(struct http *h)
{
	while (!h->stop && lws_service(h->context, 0) >= 0)
		;
}

void http_tick(struct http *h)
{
	if (!h->accepting)
		accept_more(h, true);
	live_push(&h->live);
}
