/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One request and its answer. */
#ifndef KTACH_COLLECTOR_HTTP_EXCHANGE_H
#define KTACH_COLLECTOR_HTTP_EXCHANGE_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

#include "collector/login/login.h"

enum exchange_limits {
	EXCHANGE_LOGIN_MAX = LOGIN_TOKEN_MAX + 64, /* its body */
};

enum exchange_step {
	EXCHANGE_NONE,
	EXCHANGE_HEAD, /* its first line came */
	EXCHANGE_READY, /* its head is good, and it has no body */
	EXCHANGE_BODY, /* the body of a POST comes */
	EXCHANGE_QUESTION, /* a helper works on it */
	EXCHANGE_ANSWERED,
	EXCHANGE_REFUSED, /* without libmicrohttpd */
};

struct connection;
struct question;

/**
 * struct exchange - what is under way on a connection
 * @step: how far it is
 * @question: a helper works on it, or a stream sends its answer; NULL: neither
 * @bad_address: it has control characters
 * @address_end: where it ends, as it came
 * @cors: origin of the page that may read the answer; NULL: this server's own
 * @query: of it, not decoded; NULL: none
 * @body: of a POST, as far as it came
 * @body_size: bytes of it
 * @body_room: that it may have
 * @sent: bytes of a stream's page that are on their way
 * @held: bytes of the answer, that are kept until it is sent
 */
struct exchange {
	enum exchange_step step;
	struct question *question;
	bool bad_address;
	const char *address_end;
	const char *cors;
	char *query;
	char *body;
	size_t body_size;
	size_t body_room;
	size_t sent;
	size_t held;
};

/* Of libmicrohttpd: a request line came, a request goes on, it is over. */
void *exchange_begin(void *argument, const char *uri,
		     struct MHD_Connection *handle);
enum MHD_Result exchange_answer(void *argument, struct MHD_Connection *handle,
				const char *path, const char *method,
				const char *version, const char *data,
				size_t *size, void **own);
void exchange_completed(void *argument, struct MHD_Connection *handle,
			void **own, enum MHD_RequestTerminationCode code);

/* If libmicrohttpd refuses a connection's whole head, for a length that is no number or
 * for too many cookies: 0.9.75 answers that twice. It gets that answer once, from here.
 */
void exchange_refuse_head(struct connection *c, unsigned int status);

/* Give up what a connection's exchange holds. */
void exchange_end(struct connection *c);

#endif /* KTACH_COLLECTOR_HTTP_EXCHANGE_H */
