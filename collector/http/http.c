// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "collector/http/exchange.h"
#include "collector/http/http.h"
#include "collector/http/tls.h"
#include "lib/log.h"

enum http_limits {
	CONNECTIONS_MAX = 512,
	TIMEOUT_S = 20, /* a request must be whole by then */
	KEEPALIVE_S = 30,
	TCP_IDLE_S = 60, /* then ask whether the peer is there */
	TCP_PROBES = 3,
	TCP_PROBE_EVERY_S = 10,
};

/* What completions submit anew must not wait for the next event. */
static int run_loop(struct loop *loop)
{
	int err;

	do {
		err = loop_run_once(loop, false);
	} while (!err && io_uring_sq_ready(&loop->ring));
	return err;
}

/* The io_uring, as libwebsockets sees it: a file that becomes readable. */
static int ring_callback(struct lws *wsi, enum lws_callback_reasons reason,
			 void *user, void *in, size_t size)
{
	struct http *h = lws_context_user(lws_get_context(wsi));
	int err;

	/* A client that names this protocol for its WebSocket is sent away. */
	if (reason == LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION)
		return -1;
	if (reason != LWS_CALLBACK_RAW_RX_FILE)
		return 0;
	err = run_loop(h->loop);
	if (err) {
		log_error("event loop: %s", strerror(-err));
		h->loop->stop = true;
	}
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
	{ .name = "ktach-ring", .callback = ring_callback },
	{ 0 }
};

static void log_libwebsockets(int level, const char *line)
{
	log_debug("libwebsockets: %.*s", (int)strcspn(line, "\n"), line);
}

static void arm(struct http *h)
{
	io_uring_prep_multishot_accept(loop_sqe(h->loop, &h->accept), h->fd,
				       NULL, NULL,
				       SOCK_CLOEXEC | SOCK_NONBLOCK);
	h->accepting = true;
}

/* After an error (too many open files) it begins again with the next tick. */
static void accepted(struct loop_op *op, int result, uint32_t flags)
{
	struct http *h = (struct http *)op;

	if (result >= 0)
		lws_adopt_socket_vhost(h->vhost, result);
	if (flags & IORING_CQE_F_MORE)
		return;
	h->accepting = false;
	if (result >= 0)
		arm(h);
	else if (result != -ECANCELED)
		log_debug("accept: %s", strerror(-result));
}

static int make_context(struct http *h, const struct http_tls *tls)
{
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN_SERVER,
		.protocols = protocols,
		.user = h,
		.server_string = "ktach-collector",
		.fd_limit_per_thread = CONNECTIONS_MAX,
		.timeout_secs = TIMEOUT_S,
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
static int adopt_ring(struct http *h)
{
	lws_sock_file_fd_type fd = { .filefd = dup(h->loop->ring.ring_fd) };

	if (fd.filefd < 0)
		return -errno;
	return lws_adopt_descriptor_vhost(h->vhost, LWS_ADOPT_RAW_FILE_DESC, fd,
					  "ktach-ring", NULL) ?
		       0 :
		       -ENOMEM;
}

int http_open(struct http *h, struct loop *loop, const struct api *api,
	      const struct http_tls *tls, int fd)
{
	int err;

	h->accept.done = accepted;
	h->loop = loop;
	h->api = api;
	h->tls = tls->certificate != NULL;
	h->fd = fd;
	live_init(&h->live, api);
	err = h->tls ? tls_check(tls) : 0;
	if (err)
		goto close;
	err = make_context(h, tls);
	if (!err)
		err = adopt_ring(h);
	if (err) {
		log_error("libwebsockets: %s; --debug shows what it says",
			  strerror(-err));
		goto close;
	}
	arm(h);
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
	if (h->context)
		lws_context_destroy(h->context);
	live_exit(&h->live);
	close(h->fd);
}

void http_run(struct http *h)
{
	int err = run_loop(h->loop);

	while (!err && !h->loop->stop)
		err = lws_service(h->context, 0) < 0;
}

void http_tick(struct http *h)
{
	if (!h->accepting)
		arm(h);
	live_push(&h->live);
}
