// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "collector/http/exchange.h"
#include "collector/http/http.h"

#define LOGIN_PATH "/login"

static const struct {
	const char *name; /* with its colon, as libwebsockets wants it */
	const char *value;
} headers[] = {
	{ "cache-control:", "private, no-cache" },
	{ "vary:", "accept-encoding, accept, authorization, cookie" },
	{ "content-security-policy:",
	  "default-src 'none'; script-src 'self'; style-src 'self'; "
	  "img-src 'self'; connect-src 'self'; base-uri 'none'; "
	  "form-action 'self'; frame-ancestors 'none'" },
	{ "x-content-type-options:", "nosniff" },
	{ "referrer-policy:", "no-referrer" },
	{ "cross-origin-resource-policy:", "same-origin" },
	{ "connection:", "close" },
};

enum {
	HEADERS = sizeof(headers) / sizeof(headers[0]),
	FRAGMENT_MAX = 512,
	ACCEPT_MAX = 512,
};

enum method {
	METHOD_GET,
	METHOD_HEAD,
	METHOD_POST,
	METHOD_OTHER,
};

static enum method method_of(struct lws *wsi)
{
	if (lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI))
		return METHOD_GET;
	if (lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI))
		return METHOD_HEAD;
	if (lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI))
		return METHOD_POST;
	return METHOD_OTHER;
}

/* Headers under the pen. */
struct head {
	struct lws *wsi;
	unsigned char *at;
	unsigned char *end;
	int failed;
};

static void add(struct head *h, const char *name, const char *value)
{
	h->failed |=
		lws_add_http_header_by_name(h->wsi, (const unsigned char *)name,
					    (const unsigned char *)value,
					    (int)strlen(value), &h->at, h->end);
}

static void add_own(struct head *h, const struct reply *r)
{
	char number[16];

	if (r->tag[0])
		add(h, "etag:", r->tag);
	if (r->gzip)
		add(h, "content-encoding:", "gzip");
	if (r->cookie)
		add(h, "set-cookie:", r->cookie);
	if (r->location)
		add(h, "location:", r->location);
	if (r->status == 401)
		add(h, "www-authenticate:", "Bearer realm=\"ktach\"");
	if (r->status == 405)
		add(h, "allow:", "GET, HEAD");
	if (r->retry_s) {
		snprintf(number, sizeof(number), "%u", r->retry_s);
		add(h, "retry-after:", number);
	}
}

static int write_headers(struct lws *wsi, struct exchange *x)
{
	unsigned char buffer[LWS_PRE + EXCHANGE_HEADERS_MAX];
	struct head h = { .wsi = wsi,
			  .at = buffer + LWS_PRE,
			  .end = buffer + sizeof(buffer) };
	int i;

	if (lws_add_http_common_headers(wsi, x->reply.status, x->reply.type,
					x->reply.size, &h.at, h.end))
		return -1;
	for (i = 0; i < HEADERS; i++)
		add(&h, headers[i].name, headers[i].value);
	add_own(&h, &x->reply);
	if (h.failed)
		return -1;
	return lws_finalize_write_http_header(wsi, buffer + LWS_PRE, &h.at,
					      h.end);
}

static void release(struct http *h, struct exchange *x)
{
	helpers_forget(&h->helpers, x->question);
	x->question = NULL;
	reply_release(&x->reply);
	x->sent = 0;
	x->takes_body = false;
	x->body_size = 0;
}

/* One request a connection: libwebsockets may take bytes that follow, of a body
 * or of another request, for a further end of this one.
 */
static int finish(struct lws *wsi, struct exchange *x)
{
	release(lws_context_user(lws_get_context(wsi)), x);
	return -1;
}

static int send_reply(struct lws *wsi, struct exchange *x)
{
	if (write_headers(wsi, x))
		return -1;
	if (x->head_only || !x->reply.size)
		return finish(wsi, x);
	lws_callback_on_writable(wsi);
	return 0;
}

/* libwebsockets has decoded the parameters: encode what would part them. */
static void copy_query(struct lws *wsi, char *query, size_t room)
{
	char fragment[FRAGMENT_MAX];
	size_t used = 0;
	int i, n;

	for (i = 0; used + 4 < room; i++) {
		n = lws_hdr_copy_fragment(wsi, fragment, sizeof(fragment),
					  WSI_TOKEN_HTTP_URI_ARGS, i);
		if (n < 0)
			break;
		if (used)
			query[used++] = '&';
		for (n = 0; fragment[n] && used + 4 < room; n++) {
			if (strchr("%&+", fragment[n]))
				used += (size_t)sprintf(query + used, "%%%02X",
							fragment[n]);
			else
				query[used++] = fragment[n];
		}
	}
	query[used] = '\0';
}

static bool accepts(struct lws *wsi, enum lws_token_indexes header,
		    const char *what)
{
	char text[ACCEPT_MAX] = "";

	lws_hdr_copy(wsi, text, sizeof(text), header);
	return strstr(text, what) != NULL;
}

/* The login form has to look like something before there is a token. */
static bool is_open(const char *path)
{
	return !strcmp(path, "/style.css") || !strcmp(path, "/favicon.svg") ||
	       !strcmp(path, "/login.html");
}

/* libwebsockets would close a connection that is silent for less. */
static void ask_helpers(struct http *h, struct lws *wsi, struct exchange *x,
			const struct request *request)
{
	x->question = helpers_ask(&h->helpers, wsi, request);
	if (x->question) {
		lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT,
				QUESTION_TIMEOUT_S);
		return;
	}
	reply_refuse(&x->reply, 503,
		     "too many questions of this kind are being answered");
	x->reply.retry_s = 1;
}

static void answer_get(struct lws *wsi, struct http *h, struct exchange *x,
		       const char *path)
{
	char query[PARAMETERS_SIZE], tags[EXCHANGE_TAGS_MAX] = "";
	struct request request = { .path = path, .query = query, .tags = tags };
	struct login_claims claims;

	if (!visitor_admit(&h->door, wsi, is_open(path), &claims, &x->reply))
		return;
	copy_query(wsi, query, sizeof(query));
	lws_hdr_copy(wsi, tags, sizeof(tags), WSI_TOKEN_HTTP_IF_NONE_MATCH);
	request.gzip = accepts(wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING, "gzip");
	request.openmetrics = accepts(wsi, WSI_TOKEN_HTTP_ACCEPT,
				      "application/openmetrics-text");
	if (api_takes_long(path))
		ask_helpers(h, wsi, x, &request);
	else
		api_get(h->api, &request, &x->reply);
}

static bool announces_body(struct lws *wsi)
{
	return lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) ||
	       lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING);
}

static int answer(struct lws *wsi, struct exchange *x, const char *path)
{
	struct http *h = lws_context_user(lws_get_context(wsi));
	enum method method = method_of(wsi);

	if (x->begun)
		return -1;
	x->begun = true;
	x->head_only = method == METHOD_HEAD;
	if (method == METHOD_POST && !strcmp(path, LOGIN_PATH)) {
		x->takes_body = true;
		return 0;
	}
	if (method != METHOD_GET && method != METHOD_HEAD)
		reply_refuse(&x->reply, 405,
			     "only GET and HEAD are served here");
	else if (announces_body(wsi))
		reply_refuse(&x->reply, 413, "no body is taken here");
	else
		answer_get(wsi, h, x, path);
	return x->question ? 0 : send_reply(wsi, x);
}

/* A helper's answer is there. */
static int answer_late(struct lws *wsi, struct http *h, struct exchange *x)
{
	x->reply = x->question->reply;
	x->question->reply = (struct reply){ 0 };
	helpers_forget(&h->helpers, x->question);
	x->question = NULL;
	lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, HTTP_TIMEOUT_S);
	return send_reply(wsi, x);
}

static int take_body(struct exchange *x, const void *in, size_t size)
{
	if (!x->takes_body || size >= sizeof(x->body) - x->body_size)
		return -1;
	memcpy(x->body + x->body_size, in, size);
	x->body_size += size;
	return 0;
}

/* "token=TOKEN", of characters that no form encodes. */
static int answer_login(struct lws *wsi, struct exchange *x)
{
	static const char name[] = "token=";
	struct http *h = lws_context_user(lws_get_context(wsi));
	char *token;

	if (!x->takes_body)
		return -1;
	x->takes_body = false;
	x->body[x->body_size] = '\0';
	token = strstr(x->body, name);
	if (token) {
		token += sizeof(name) - 1;
		token[strcspn(token, "&\r\n")] = '\0';
	}
	visitor_login(&h->door, wsi, token, h->tls, &x->reply);
	return send_reply(wsi, x);
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
	struct http *h = lws_context_user(lws_get_context(wsi));
	struct exchange *x = user;

	switch (reason) {
	case LWS_CALLBACK_HTTP:
		return answer(wsi, x, in);
	case LWS_CALLBACK_HTTP_BODY:
		return take_body(x, in, size);
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return answer_login(wsi, x);
	case LWS_CALLBACK_HTTP_WRITEABLE:
		if (x->question)
			return x->question->answered ? answer_late(wsi, h, x) :
						       0;
		return write_chunk(wsi, x);
	case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
		helpers_collect(&h->helpers);
		return 0;
	case LWS_CALLBACK_CLOSED_HTTP:
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
		if (x)
			release(h, x);
		return 0;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		/* Anybody may ask for h2c, whose code does not hold. */
		return strcasecmp(in, "websocket") ? -1 : 0;
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return -1; /* a WebSocket that names no protocol */
	default:
		return 0;
	}
}
