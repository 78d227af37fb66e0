/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request as far as an answer depends on it, and the answer. */
#ifndef KTACH_COLLECTOR_API_REPLY_H
#define KTACH_COLLECTOR_API_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/base/document.h"

enum reply_limits {
	REPLY_TAG_SIZE = 64,
	REPLY_NEXT_SIZE = 192,
	REPLY_GZIP_MIN = 1024, /* bytes; less is sent as it is */
};

struct login_claims;

/**
 * struct request - what is asked for
 * @path: decoded, without the query
 * @query: not decoded, "" without
 * @tags: If-None-Match, "" without
 * @host: what this server was asked as, "" without; of short answers only
 * @tls: the same, by TLS
 * @address: who asks, as far as is known; of short answers only
 * @claims: of its token; NULL: none is asked for
 * @gzip: the client takes it
 * @openmetrics: the client prefers it to Prometheus' text format
 * @body: of a POST: parameters as JSON, with a NUL behind it; NULL without
 * @body_size: bytes of it
 * @page: of a stream that goes on: where; NULL: it begins
 */
struct request {
	const char *path;
	const char *query;
	const char *tags;
	const char *host;
	bool tls;
	const char *address;
	const struct login_claims *claims;
	bool gzip;
	bool openmetrics;
	const char *body;
	size_t body_size;
	const char *page;
};

/**
 * struct reply - an answer
 * @status: of HTTP
 * @type: for the Content-Type header
 * @data: its body
 * @size: of @data, bytes
 * @owner: holds @data; NULL if it is there for ever
 * @tag: for the ETag header, with its quotes; "" for none
 * @encoding: how @data is compressed, NULL: it is not
 * @retry_s: for the Retry-After header, 0 for none
 * @next: where a stream goes on: what is asked with this as request.page; "": it does not
 * @cookie: for the Set-Cookie header, NULL for none; held by @owner's owner
 * @location: for the Location header, NULL for none
 */
struct reply {
	unsigned int status;
	const char *type;
	const void *data;
	size_t size;
	struct text *owner;
	char tag[REPLY_TAG_SIZE];
	const char *encoding;
	unsigned int retry_s;
	char next[REPLY_NEXT_SIZE];
	const char *cookie;
	const char *location;
};

/* A document; an out-of-memory one if @text is NULL. Takes it over. */
void reply_json(struct reply *r, unsigned int status, struct text *text);
void reply_text(struct reply *r, const char *type, struct text *text);

/* An answer that says only why there is no other. */
void reply_refuse(struct reply *r, unsigned int status, const char *message);

/* The same for a parameter's value, as 400. Return false. */
bool reply_refuse_value(struct reply *r, const char *parameter,
			const char *value, const char *why);

/* Last step: what the client has already, and compression. */
void reply_finish(struct reply *r, const struct request *request);

void reply_release(struct reply *r);

#endif /* KTACH_COLLECTOR_API_REPLY_H */
