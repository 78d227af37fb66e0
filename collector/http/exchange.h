/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One request and its answer. */
#ifndef KTACH_COLLECTOR_HTTP_EXCHANGE_H
#define KTACH_COLLECTOR_HTTP_EXCHANGE_H

#include <libwebsockets.h>
#include <stdbool.h>

#include "collector/http/api.h"
#include "collector/http/helpers.h"
#include "collector/http/login.h"

enum exchange_limits {
	EXCHANGE_CHUNK = 16384,		/* bytes that libwebsockets gets at once */
	EXCHANGE_HEADERS_MAX = 4096,
	EXCHANGE_BODY_MAX = LOGIN_TOKEN_MAX + 64,
	EXCHANGE_TAGS_MAX = QUESTION_TAGS_SIZE,
};

/**
 * struct exchange - what is under way on a connection
 * @reply: the answer; its owner is held until all is sent
 * @question: a helper works on it; NULL: none does
 * @head_only: without its body
 * @sent: bytes of it that are
 * @begun: its request came; no other is taken on this connection
 * @takes_body: the request's body is expected
 * @body: of a login, as far as it came
 * @body_size: bytes of it; more than there is room for: too long
 */
struct exchange {
	struct reply reply;
	struct question *question;
	bool head_only;
	size_t sent;
	bool begun;
	bool takes_body;
	char body[EXCHANGE_BODY_MAX];
	size_t body_size;
};

/* Of libwebsockets, for the protocol that is HTTP itself. */
int exchange_callback(struct lws *wsi, enum lws_callback_reasons reason,
		      void *user, void *in, size_t size);

#endif /* KTACH_COLLECTOR_HTTP_EXCHANGE_H */
