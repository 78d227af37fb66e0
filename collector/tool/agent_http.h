/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A question to a collector's API, by HTTP. */
#ifndef KTACH_COLLECTOR_TOOL_AGENT_HTTP_H
#define KTACH_COLLECTOR_TOOL_AGENT_HTTP_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct agent_http - where to, and as whom
 * @url: of the collector
 * @token: file of the token; NULL: none
 * @ca: file of certificates; NULL: the system's
 */
struct agent_http {
	const char *url;
	const char *token;
	const char *ca;
};

/**
 * struct http_answer - what came
 * @status: of HTTP; 0: nothing came
 * @text: with a NUL behind it, to be freed; may be NULL
 * @size: of it
 * @problem: why nothing came
 */
struct http_answer {
	long status;
	char *text;
	size_t size;
	char problem[256];
};

/**
 * agent_http_ask() - ask, and wait
 * @h: whom
 * @method: "GET" ...
 * @path: with its query
 * @body: NULL: none
 * @size: of it
 * @wait_s: how long it may take
 * @a: filled
 */
void agent_http_ask(const struct agent_http *h, const char *method,
		    const char *path, const char *body, size_t size,
		    long wait_s, struct http_answer *a);

/* A part of a path; to be freed by free(). NULL: no memory. */
char *agent_http_escape(const char *part);

#endif /* KTACH_COLLECTOR_TOOL_AGENT_HTTP_H */
