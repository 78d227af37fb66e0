/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A WebSocket (RFC 6455) on a socket that libmicrohttpd has handed over: frames by
 * wslay, which also checks masks, UTF-8 and lengths. Pings are sent and watched
 * here.
 */
#ifndef KTACH_COLLECTOR_HTTP_WS_H
#define KTACH_COLLECTOR_HTTP_WS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wslay/wslay.h>

#include "collector/http/watch.h"

enum ws_limits {
	WS_ACCEPT_SIZE = 29,
	WS_PING_S = 30,
	WS_TURN_MAX = 65536, /* bytes that one may send in a turn of the loop */
	WS_QUEUE_MAX = 16, /* frames that wait for one that does not read */
	WS_MESSAGES_MAX = 64, /* that come at once */
	WS_MESSAGES_S = 8, /* that come in a second, in the long run */
	WS_MESSAGE_BYTES = 1024, /* that count as a message, which may never end */
};

enum ws_code {
	WS_POLICY = 1008,
	WS_NOT_TEXT = 1003,
};

/**
 * struct ws - one of them
 * @watch: of @fd
 * @epoll: where it is watched
 * @fd: its socket, the caller's
 * @events: it is watched for
 * @context: of wslay
 * @first: bytes that came with the request
 * @first_size: how many are left
 * @turn: bytes that may still be read in this turn
 * @failed: it is of no use any more
 * @pinged_ns: when the last ping was sent, or it was opened
 * @waits: no answer came since
 * @messages_ns: when the messages that came are worked off
 * @message: called with each message, of text
 * @flooded: called when more came than anybody needs; it has failed
 * @over: called once it has failed, or was closed; may free it
 */
struct ws {
	struct watch watch;
	int epoll;
	int fd;
	uint32_t events;
	wslay_event_context_ptr context;
	char *first;
	size_t first_size;
	size_t turn;
	bool failed;
	uint64_t pinged_ns;
	bool waits;
	uint64_t messages_ns;
	void (*message)(struct ws *ws, const char *text, size_t size);
	void (*flooded)(struct ws *ws);
	void (*over)(struct ws *ws);
};

/* The answer to a client's Sec-WebSocket-Key. False: that is malformed. */
bool ws_accept(const char *key, char answer[WS_ACCEPT_SIZE]);

/**
 * ws_open() - begin
 * @ws: with its call-backs; filled
 * @epoll: where to wait
 * @fd: the socket, non-blocking
 * @first: bytes that were read already
 * @size: of @first
 * @message_max: bytes that a message may have
 *
 * Return: 0 or -errno.
 */
int ws_open(struct ws *ws, int epoll, int fd, const void *first, size_t size,
	    size_t message_max);
void ws_close(struct ws *ws);

/* Read and write what is there; the last thing to be called of a turn, as @over
 * may be.
 */
void ws_run(struct ws *ws);

/* Say why, and close; ws_run() sends it. */
void ws_end(struct ws *ws, enum ws_code code, const char *why);

/* A ping, if it is time for one. False: the last one was not answered. */
bool ws_look(struct ws *ws, uint64_t now_ns);

#endif /* KTACH_COLLECTOR_HTTP_WS_H */
