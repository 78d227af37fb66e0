// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "collector/base/refusal.h"
#include "collector/http/connection.h"
#include "collector/http/helpers.h"
#include "collector/http/stream.h"

enum {
	PIECE = 32768, /* bytes that are handed over at once */
};

/* An error is the last line, where lines are objects; others see that the end is missing. */
static bool is_told(const struct reply *r, const char *type)
{
	return r->status == 200 || strstr(type, "ndjson");
}

/* Another page came. False: it is the end, and not a good one. */
static bool begin_page(struct connection *c, struct question *q,
		       const char *type)
{
	c->exchange.sent = 0;
	c->exchange.step = EXCHANGE_ANSWERED;
	connection_enter(c, CONNECTION_ANSWER);
	helpers_rest(q);
	connection_release(c);
	return is_told(&q->reply, type) && connection_hold(c, q->reply.size);
}

/* The connection sleeps until it is there. */
static bool await_page(struct connection *c, struct question *q)
{
	if (!helpers_go_on(q)) {
		refuse(REFUSAL_PAGE_BUSY, c->address);
		return false;
	}
	c->exchange.step = EXCHANGE_QUESTION;
	connection_enter(c, CONNECTION_QUESTION);
	MHD_suspend_connection(c->handle);
	return true;
}

static ssize_t read_stream(struct connection *c, const char *type, char *to,
			   size_t size)
{
	struct question *q = c->exchange.question;
	size_t left;

	if (!q || c->ended || !q->answered ||
	    (!q->resting && !begin_page(c, q, type)))
		return MHD_CONTENT_READER_END_WITH_ERROR;
	left = q->reply.size - c->exchange.sent;
	if (!left && !q->reply.next[0])
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (!left)
		return await_page(c, q) ? 0 : MHD_CONTENT_READER_END_WITH_ERROR;
	if (size > left)
		size = left;
	memcpy(to, (const char *)q->reply.data + c->exchange.sent, size);
	c->exchange.sent += size;
	return (ssize_t)size;
}

static ssize_t read_lines(void *context, uint64_t at, char *to, size_t size)
{
	return read_stream(context, "csv", to, size);
}

static ssize_t read_objects(void *context, uint64_t at, char *to, size_t size)
{
	return read_stream(context, "ndjson", to, size);
}

struct MHD_Response *stream_response(struct connection *c, struct reply *r)
{
	struct question *q = c->exchange.question;
	struct MHD_Response *m = MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, PIECE,
		strstr(r->type, "ndjson") ? read_objects : read_lines, c, NULL);

	if (!m)
		return NULL;
	helpers_rest(q);
	q->reply = *r;
	r->owner = NULL;
	c->exchange.sent = 0;
	return m;
}
