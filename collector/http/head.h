/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The head of a request: its headers, judged one by one before anything of it is
 * believed. What two readers could take for two things (where a body ends, whose
 * name this is) is a problem, and ends the connection.
 */
#ifndef KTACH_COLLECTOR_HTTP_HEAD_H
#define KTACH_COLLECTOR_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum head_header {
	HEAD_HOST,
	HEAD_LENGTH,
	HEAD_AUTHORIZATION,
	HEAD_COOKIE,
	HEAD_ORIGIN,
	HEAD_UPGRADE,
	HEAD_SOCKET_KEY,
	HEAD_SOCKET_VERSION,
	HEAD_ONCE, /* those before come once, or not at all */
	HEAD_ACCEPT = HEAD_ONCE,
	HEAD_ENCODING,
	HEAD_TAGS,
	HEAD_CONNECTION,
	HEAD_EXPECT,
	HEAD_PROTOCOL,
	HEAD_FORWARDED,
	HEAD_FORWARDED_PROTO,
	HEAD_FORWARDED_PORT,
	HEAD_HEADERS
};

/**
 * struct head - what is known of it
 * @value: of each header, the last one that came; NULL: it did not come
 * @count: headers so far
 * @length: of the body
 * @problem: NULL, or what is wrong
 */
struct head {
	const char *value[HEAD_HEADERS];
	unsigned int count;
	uint64_t length;
	const char *problem;
};

/* Take a header. False: there is a problem, the rest is of no use. */
bool head_take(struct head *head, const char *name, const char *value);

/* All came: what is missing? @version: "HTTP/1.1" or less. */
void head_end(struct head *head, const char *version);

/* A header's value, or "". */
const char *head_text(const struct head *head, enum head_header header);

/* Whether a list of words with commas between them has this one, in any case. */
bool head_lists(const char *list, const char *word);

#endif /* KTACH_COLLECTOR_HTTP_HEAD_H */
