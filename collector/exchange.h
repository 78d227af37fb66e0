/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One request and its answer. */
#ifndef KTACH_COLLECTOR_EXCHANGE_H
#define KTACH_COLLECTOR_EXCHANGE_H

#include <libwebsockets.h>
#include <stdbool.h>

#include "collector/api.h"

/* Bytes that go to libwebsockets at once. */
enum exchange_limits {
	EXCHANGE_CHUNK = 16384,
	EXCHANGE_HEADERS_MAX = 2048,
};

/**
 * struct exchange - what is under way on a connection
 * @reply: the answer; its owner is held until all is sent
 * @sent: bytes of it that are
 * @close: no other request may follow on this connection
 */
struct exchange {
	struct reply reply;
	size_t sent;
	bool close;
};

/* Of libwebsockets, for the protocol that is HTTP itself. */
int exchange_callback(struct lws *wsi, enum lws_callback_reasons reason,
		      void *user, void *in, size_t size);

#endif /* KTACH_COLLECTOR_EXCHANGE_H */
