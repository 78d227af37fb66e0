// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "collector/exchange.h"
#include "collector/http.h"

static const struct {
	const char *name; /* with its colon, as libwebsockets wants it */
	const char *value;
} headers[] = {
	{ "cache-control:", "no-store" },
	{ "content-security-policy:",
	  "default-src 'none'; script-src 'self'; style-src 'self'; "
	  "img-src 'self'; connect-src 'self'; base-uri 'none'; "
	  "form-action 'none'; frame-ancestors 'none'" },
	{ "x-content-type-options:", "nosniff" },
	{ "referrer-policy:", "no-referrer" },
	{ "cross-origin-resource-policy:", "same-origin" },
};

enum {
	HEADERS = sizeof(headers) / sizeof(headers[0]),
};

enum method {
	METHOD_GET,
	METHOD_HEAD,
	METHOD_OTHER,
};

static enum method method_of(struct lws *wsi)
{
	if (lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI))
		return METHOD_GET;
	if (lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI))
		return METHOD_HEAD;
	return METHOD_OTHER;
}

static int add_header(struct lws *wsi, const char *name, const char *value,
		      unsigned char **at, unsigned char *end)
{
	return lws_add_http_header_by_name(wsi, (const unsigned char *)name,
					   (const unsigned char *)value,
					   (int)strlen(value), at, end);
}

static int write_headers(struct lws *wsi, struct exchange *x,
			 enum method method)
{
	unsigned char buffer[LWS_PRE + EXCHANGE_HEADERS_MAX];
	unsigned char *start = buffer + LWS_PRE, *at = start;
	unsigned char *end = buffer + sizeof(buffer);
	int i;

	if (lws_add_http_common_headers(wsi, x->reply.status, x->reply.type,
					x->reply.size, &at, end))
		return -1;
	for (i = 0; i < HEADERS; i++)
		if (add_header(wsi, headers[i].name, headers[i].value, &at,
			       end))
			return -1;
	if (method == METHOD_OTHER &&
	    add_header(wsi, "allow:", "GET, HEAD", &at, end))
		return -1;
	return lws_finalize_write_http_header(wsi, start, &at, end);
}

static void release(struct exchange *x)
{
	text_put(x->reply.owner);
	memset(x, 0, sizeof(*x));
}

/* Ready for the next request on this connection, or not. */
static int finish(struct lws *wsi, struct exchange *x)
{
	bool close = x->close;

	release(x);
	return close || lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int answer(struct lws *wsi, struct exchange *x, const char *path)
{
	struct http *h = lws_context_user(lws_get_context(wsi));
	enum method method = method_of(wsi);

	release(x);
	if (method == METHOD_OTHER) {
		/* A body that nobody reads may follow. */
		x->close = true;
		api_refuse(&x->reply, 405, "only GET and HEAD are served here");
	} else {
		api_get(h->api, path, &x->reply);
	}
	if (write_headers(wsi, x, method))
		return -1;
	if (method == METHOD_HEAD)
		return finish(wsi, x);
	lws_callback_on_writable(wsi);
	return 0;
}

static int write_chunk(struct lws *wsi, struct exchange *x)
{
	unsigned char buffer[LWS_PRE + EXCHANGE_CHUNK];
	size_t n = x->reply.size - x->sent;
	bool last = n <= EXCHANGE_CHUNK;

	if (!x->reply.data)
		return 0;
	if (!last)
		n = EXCHANGE_CHUNK;
	memcpy(buffer + LWS_PRE, (const char *)x->reply.data + x->sent, n);
	if (lws_write(wsi, buffer + LWS_PRE, n,
		      last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < 0)
		return -1;
	x->sent += n;
	if (last)
		return finish(wsi, x);
	lws_callback_on_writable(wsi);
	return 0;
}

int exchange_callback(struct lws *wsi, enum lws_callback_reasons reason,
		      void *user, void *in, size_t size)
{
	struct exchange *x = user;

	switch (reason) {
	case LWS_CALLBACK_HTTP:
		return answer(wsi, x, in);
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return write_chunk(wsi, x);
	case LWS_CALLBACK_CLOSED_HTTP:
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
		if (x)
			release(x);
		return 0;
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return -1; /* a WebSocket that names no protocol */
	default:
		return 0;
	}
}
