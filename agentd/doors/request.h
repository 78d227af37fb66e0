/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A request by HTTP/1.1, the only one of its connection: what is not written exactly as
 * the standard has it is refused.
 */
#ifndef KTACH_AGENTD_DOORS_REQUEST_H
#define KTACH_AGENTD_DOORS_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct request - what came
 * @method: "GET" and the like
 * @path: from / on
 * @host: NULL: not given
 * @origin: NULL: not given; only browsers give it
 * @token: behind "Bearer"; NULL: not given
 * @length: of the body
 * @has_length: that was given
 * @body: behind the head
 */
struct request {
	const char *method;
	const char *path;
	const char *host;
	const char *origin;
	const char *token;
	size_t length;
	bool has_length;
	const char *body;
};

enum request_state {
	REQUEST_PART, /* more has to come */
	REQUEST_WHOLE,
	REQUEST_BAD,
	REQUEST_LARGE, /* the body is longer than it may be */
};

/**
 * request_read() - read one
 * @r: filled in; points into @text
 * @text: what came, with a NUL behind it; lines get a NUL at their ends once the head
 *        is whole
 * @size: of it
 * @body_max: bytes
 */
enum request_state request_read(struct request *r, char *text, size_t size,
				size_t body_max);

#endif /* KTACH_AGENTD_DOORS_REQUEST_H */
