// SPDX-License-Identifier: GPL-2.0-or-later
#include <gnutls/crypto.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "collector/http/ws.h"
#include "lib/base/clock.h"

enum {
	KEY_BYTES = 16,
	KEY_TEXT = 24,
	SHA1_BYTES = 20,
	BASE64 = sodium_base64_VARIANT_ORIGINAL,
};

#define PING_NS (UINT64_C(1000000000) * WS_PING_S)
#define MESSAGE_NS (UINT64_C(1000000000) / WS_MESSAGES_S)

bool ws_accept(const char *key, char answer[WS_ACCEPT_SIZE])
{
	static const char magic[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	char both[KEY_TEXT + sizeof(magic)];
	uint8_t bytes[KEY_BYTES + 2], hash[SHA1_BYTES];
	size_t used;

	if (strlen(key) != KEY_TEXT ||
	    sodium_base642bin(bytes, sizeof(bytes), key, KEY_TEXT, NULL, &used,
			      NULL, BASE64) ||
	    used != KEY_BYTES)
		return false;
	snprintf(both, sizeof(both), "%s%s", key, magic);
	if (gnutls_hash_fast(GNUTLS_DIG_SHA1, both, strlen(both), hash) < 0)
		return false;
	sodium_bin2base64(answer, WS_ACCEPT_SIZE, hash, sizeof(hash), BASE64);
	return true;
}

/* What comes costs some work, and nobody has so much to say. */
static void charge(struct ws *ws, uint64_t cost_ns)
{
	uint64_t now_ns = clock_mono_ns();

	if (ws->messages_ns < now_ns)
		ws->messages_ns = now_ns;
	ws->messages_ns += cost_ns;
	if (ws->failed ||
	    ws->messages_ns - now_ns <= WS_MESSAGES_MAX * MESSAGE_NS)
		return;
	ws->failed = true;
	ws->flooded(ws);
}

static ssize_t take_first(struct ws *ws, uint8_t *to, size_t size)
{
	if (size > ws->first_size)
		size = ws->first_size;
	memcpy(to, ws->first, size);
	memmove(ws->first, ws->first + size, ws->first_size - size);
	ws->first_size -= size;
	return (ssize_t)size;
}

static ssize_t read_some(wslay_event_context_ptr context, uint8_t *to,
			 size_t size, int flags, void *argument)
{
	struct ws *ws = argument;
	ssize_t n;

	if (ws->first_size)
		return take_first(ws, to, size);
	n = ws->turn ? recv(ws->fd, to, size, MSG_DONTWAIT) : -1;
	if (n > 0) {
		ws->turn -= (size_t)n < ws->turn ? (size_t)n : ws->turn;
		charge(ws, (uint64_t)n * MESSAGE_NS / WS_MESSAGE_BYTES);
		return n;
	}
	if (!ws->turn || (n < 0 && (errno == EAGAIN || errno == EINTR))) {
		wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
		return -1;
	}
	wslay_event_set_error(context, WSLAY_ERR_CALLBACK_FAILURE);
	return -1;
}

static ssize_t write_some(wslay_event_context_ptr context, const uint8_t *data,
			  size_t size, int flags, void *argument)
{
	struct ws *ws = argument;
	ssize_t n = send(ws->fd, data, size,
			 MSG_DONTWAIT | MSG_NOSIGNAL |
				 (flags & WSLAY_MSG_MORE ? MSG_MORE : 0));

	if (n >= 0)
		return n;
	wslay_event_set_error(context, errno == EAGAIN || errno == EINTR ?
					       WSLAY_ERR_WOULDBLOCK :
					       WSLAY_ERR_CALLBACK_FAILURE);
	return -1;
}

/* wslay answers a ping by itself: who sends them and reads no answer fails. */
static void take_message(wslay_event_context_ptr context,
			 const struct wslay_event_on_msg_recv_arg *m,
			 void *argument)
{
	struct ws *ws = argument;

	ws->waits = false;
	if (wslay_event_get_queued_msg_count(context) > WS_QUEUE_MAX)
		ws->failed = true;
	charge(ws, MESSAGE_NS);
	if (wslay_is_ctrl_frame(m->opcode) || ws->failed ||
	    wslay_event_get_close_sent(context))
		return;
	if (m->opcode == WSLAY_TEXT_FRAME)
		ws->message(ws, (const char *)m->msg, m->msg_length);
	else
		ws_end(ws, WS_NOT_TEXT, "expected text");
}

static void watch_for(struct ws *ws, uint32_t events)
{
	if (ws->events == events)
		return;
	ws->events = events;
	if (watch_set(ws->epoll, EPOLL_CTL_MOD, &ws->watch, ws->fd, events))
		ws->failed = true;
}

void ws_run(struct ws *ws)
{
	bool reads, writes;

	ws->turn = WS_TURN_MAX;
	if (!ws->failed && wslay_event_want_read(ws->context) &&
	    wslay_event_recv(ws->context))
		ws->failed = true;
	if (!ws->failed && wslay_event_want_write(ws->context) &&
	    wslay_event_send(ws->context))
		ws->failed = true;
	reads = wslay_event_want_read(ws->context);
	writes = wslay_event_want_write(ws->context);
	if (!reads && !writes)
		ws->failed = true;
	if (!ws->failed)
		watch_for(ws, (reads ? EPOLLIN : 0) | (writes ? EPOLLOUT : 0));
	if (ws->failed)
		ws->over(ws);
}

static void ready(struct watch *watch)
{
	struct ws *ws = (struct ws *)watch;

	if (ws->context)
		ws_run(ws);
}

static int keep_first(struct ws *ws, const void *first, size_t size)
{
	ws->first = size ? malloc(size) : NULL;
	if (size && !ws->first)
		return -ENOMEM;
	if (size)
		memcpy(ws->first, first, size);
	ws->first_size = size;
	return 0;
}

int ws_open(struct ws *ws, int epoll, int fd, const void *first, size_t size,
	    size_t message_max)
{
	static const struct wslay_event_callbacks callbacks = {
		.recv_callback = read_some,
		.send_callback = write_some,
		.on_msg_recv_callback = take_message,
	};
	int err = keep_first(ws, first, size);

	ws->watch.ready = ready;
	ws->epoll = epoll;
	ws->fd = fd;
	ws->pinged_ns = clock_mono_ns();
	if (!err &&
	    wslay_event_context_server_init(&ws->context, &callbacks, ws))
		err = -ENOMEM;
	if (err)
		goto close;
	wslay_event_config_set_max_recv_msg_length(ws->context, message_max);
	ws->events = EPOLLIN | (size ? EPOLLOUT : 0);
	err = watch_set(epoll, EPOLL_CTL_ADD, &ws->watch, fd, ws->events);
	if (!err)
		return 0;
close:
	ws_close(ws);
	return err;
}

/* Where something is left unread, the kernel resets the connection, and the peer
 * may never see why it was closed.
 */
static void discard_rest(int fd)
{
	uint8_t rest[4096];
	size_t got = 0;
	ssize_t n;

	while (got < WS_TURN_MAX &&
	       (n = recv(fd, rest, sizeof(rest), MSG_DONTWAIT)) > 0)
		got += (size_t)n;
}

void ws_close(struct ws *ws)
{
	if (ws->context) {
		watch_set(ws->epoll, EPOLL_CTL_DEL, NULL, ws->fd, 0);
		discard_rest(ws->fd);
		wslay_event_context_free(ws->context);
	}
	ws->context = NULL;
	free(ws->first);
	ws->first = NULL;
	ws->first_size = 0;
}

void ws_end(struct ws *ws, enum ws_code code, const char *why)
{
	wslay_event_queue_close(ws->context, code, (const uint8_t *)why,
				strlen(why));
	wslay_event_shutdown_read(ws->context);
}

bool ws_look(struct ws *ws, uint64_t now_ns)
{
	static const struct wslay_event_msg ping = { .opcode = WSLAY_PING };

	if (now_ns - ws->pinged_ns < PING_NS)
		return true;
	if (ws->waits)
		return false;
	ws->waits = true;
	ws->pinged_ns = now_ns;
	wslay_event_queue_msg(ws->context, &ping);
	return true;
}
