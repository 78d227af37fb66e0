// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "collector/api/api_agents.h"
#include "collector/http/exchange.h"
#include "collector/http/head.h"
#include "collector/http/http.h"
#include "collector/http/lines.h"
#include "collector/http/stream.h"
#include "lib/order/order.h"

#define LIVE_PATH "/api/v1/live"

static const struct {
	const char *name;
	const char *value;
} headers[] = {
	{ "cache-control", "private, no-cache" },
	{ "vary", "accept-encoding, accept, authorization, cookie, origin" },
	{ "content-security-policy",
	  "default-src 'none'; script-src 'self'; style-src 'self'; "
	  "img-src 'self'; connect-src 'self'; base-uri 'none'; "
	  "form-action 'self'; frame-ancestors 'none'" },
	{ "x-content-type-options", "nosniff" },
	/* With "no-referrer" a browser names no Origin in a POST. */
	{ "referrer-policy", "same-origin" },
	{ "cross-origin-resource-policy", "same-origin" },
};

enum {
	HEADERS = sizeof(headers) / sizeof(headers[0]),
};

/* @cors: the origin whose pages may read it; NULL: none but our own. */
static void add_headers(struct MHD_Response *m, const struct reply *r,
			const char *cors)
{
	const bool preflight = cors && r->status == 204;
	const struct {
		const char *name;
		const char *value;
	} own[] = {
		{ "content-type", r->type },
		{ "etag", r->tag[0] ? r->tag : NULL },
		{ "content-encoding", r->encoding },
		{ "set-cookie", r->cookie },
		{ "location", r->location },
		{ "www-authenticate",
		  r->status == 401 ? "Bearer realm=\"ktach\"" : NULL },
		{ "allow", r->status == 405 ? "GET, HEAD" : NULL },
		{ "access-control-allow-origin", cors },
		{ "access-control-expose-headers",
		  cors ? "etag, retry-after" : NULL },
		{ "access-control-allow-methods",
		  preflight ? "GET, HEAD, POST, PUT" : NULL },
		{ "access-control-allow-headers",
		  preflight ? "authorization, content-type, if-none-match" :
			      NULL },
		{ "access-control-max-age", preflight ? "600" : NULL },
	};
	char number[16];
	size_t i;

	for (i = 0; i < HEADERS; i++)
		MHD_add_response_header(m, headers[i].name, headers[i].value);
	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (own[i].value)
			MHD_add_response_header(m, own[i].name, own[i].value);
	if (r->retry_s) {
		snprintf(number, sizeof(number), "%u", r->retry_s);
		MHD_add_response_header(m, "retry-after", number);
	}
}

static void drop_text(void *text)
{
	text_put(text);
}

/* The answer holds its text until it is sent. */
static struct MHD_Response *make_response(struct reply *r)
{
	struct MHD_Response *m;

	if (!r->owner || !r->size)
		return MHD_create_response_from_buffer(r->size, (void *)r->data,
						       MHD_RESPMEM_PERSISTENT);
	m = MHD_create_response_from_buffer_with_free_callback_cls(
		r->size, (void *)r->data, drop_text, r->owner);
	return m;
}

/* Releases the reply. @last: nothing more is read on this connection. */
static enum MHD_Result send_reply(struct connection *c, struct reply *r,
				  bool last)
{
	struct MHD_Response *m;
	enum MHD_Result result;

	if (r->owner && !connection_hold(c, r->size)) {
		reply_release(r);
		refuse(REFUSAL_PAGE_BUSY, c->address);
		reply_refuse(r, 503,
			     "answers that are being sent take all memory");
		r->retry_s = 1;
	}
	m = r->next[0] ? stream_response(c, r) : make_response(r);
	if (!m) {
		reply_release(r);
		return MHD_NO;
	}
	add_headers(m, r, c->exchange.cors);
	if (last)
		MHD_add_response_header(m, "Connection", "close");
	if (r->owner && r->size)
		r->owner = NULL;
	c->exchange.step = EXCHANGE_ANSWERED;
	connection_enter(c, CONNECTION_ANSWER);
	result = MHD_queue_response(c->handle, r->status, m);
	MHD_destroy_response(m);
	reply_release(r);
	return result;
}

/* Nothing more is read on this connection. */
static enum MHD_Result send_refusal(struct connection *c,
				    const struct visitor *v,
				    enum refusal refusal, unsigned int status,
				    const char *why)
{
	struct reply r = { 0 };

	visitor_refused(c->all->door, v, refusal);
	reply_refuse(&r, status, why);
	return send_reply(c, &r, true);
}

void *exchange_begin(void *argument, const char *uri,
		     struct MHD_Connection *handle)
{
	struct connection *c = connection_of(handle);
	char *query = strchr(uri, '?');

	if (!c)
		return NULL;
	c->exchange =
		(struct exchange){ .step = EXCHANGE_HEAD,
				   .bad_address = !lines_address_good(uri),
				   .address_end = lines_address_end(uri) };
	if (!query)
		return c;
	c->exchange.query = strdup(query + 1);
	/* Libmicrohttpd takes nothing of it apart: with many parameters that needs more
	 * memory than a connection has, and then 0.9.75 answers nothing.
	 */
	query[1] = '\0';
	return c;
}

void exchange_end(struct connection *c)
{
	struct exchange *x = &c->exchange;

	connection_release(c);
	helpers_forget(x->question);
	free(x->query);
	free(x->body);
	*x = (struct exchange){ 0 };
}

void exchange_completed(void *argument, struct MHD_Connection *handle,
			void **own, enum MHD_RequestTerminationCode code)
{
	struct connection *c = *own;

	if (!c)
		return;
	exchange_end(c);
	*own = NULL;
	c->again = true;
	connection_enter(c, CONNECTION_HEAD);
}

static enum MHD_Result take_header(void *head, enum MHD_ValueKind kind,
				   const char *name, size_t name_size,
				   const char *value, size_t value_size)
{
	if (value && strlen(value) != value_size)
		value = "\r"; /* a NUL in it */
	head_take(head, name, value);
	return MHD_YES;
}

static void visitor_read(struct visitor *v, struct connection *c,
			 struct head *head)
{
	*head = (struct head){ 0 };
	MHD_get_connection_values_n(c->handle, MHD_HEADER_KIND, take_header,
				    head);
	*v = (struct visitor){ .head = head,
			       .address = c->address,
			       .proxy = c->proxy,
			       .tls = c->tunnel };
}

void exchange_refuse_head(struct connection *c, unsigned int status)
{
	char answer[96];
	int size;

	if (c->ended || c->exchange.step != EXCHANGE_HEAD ||
	    !MHD_get_connection_info(c->handle,
				     MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE))
		return;
	size = snprintf(answer, sizeof(answer),
			"HTTP/1.1 %u Refused\r\nConnection: close\r\n"
			"Content-Length: 0\r\n\r\n",
			status);
	send(c->served, answer, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL);
	c->exchange.step = EXCHANGE_REFUSED;
	connection_leave(c);
}

static enum MHD_Result ask_helpers(struct http *h, struct connection *c,
				   const struct request *request)
{
	struct reply r = { 0 };

	c->exchange.question = helpers_ask(&h->helpers, c, request);
	if (c->exchange.question) {
		c->exchange.step = EXCHANGE_QUESTION;
		connection_enter(c, CONNECTION_QUESTION);
		MHD_suspend_connection(c->handle);
		return MHD_YES;
	}
	refuse(REFUSAL_PAGE_BUSY, c->address);
	reply_refuse(&r, 503,
		     "too many questions of this kind are being answered");
	r.retry_s = 1;
	return send_reply(c, &r, false);
}

static void node_answered(void *owner, struct reply *reply)
{
	helpers_give(owner, reply);
}

/* A node is asked: the answer comes later. */
static enum MHD_Result ask_node(struct http *h, struct connection *c,
				const struct request *request,
				enum agents_kind kind)
{
	struct question *q = helpers_hold(&h->helpers, c, request);
	struct reply r = { 0 };

	if (!q) {
		refuse(REFUSAL_PAGE_BUSY, c->address);
		reply_refuse(&r, 503, "too many questions are being answered");
		r.retry_s = 1;
		return send_reply(c, &r, false);
	}
	c->exchange.question = q;
	c->exchange.step = EXCHANGE_QUESTION;
	connection_enter(c, CONNECTION_QUESTION);
	MHD_suspend_connection(c->handle);
	if (!agents_ask(h->api, request, kind, node_answered, q, &r))
		helpers_give(q, &r);
	return MHD_YES;
}

/* Another site may not log anybody in or out, nor have a WebSocket. */
static enum MHD_Result refuse_site(struct connection *c,
				   const struct visitor *v)
{
	return send_refusal(
		c, v, REFUSAL_PAGE_SITE, 403,
		"this is for pages of this server: the Origin header is not its Host, nor a name of --host");
}

/* A WebSocket. */
static enum MHD_Result answer_upgrade(struct http *h, struct connection *c,
				      const struct visitor *v)
{
	struct login_claims claims;
	struct MHD_Response *m;
	struct reply r = { 0 };
	enum MHD_Result result;

	if (!visitor_same_origin(&h->door, v))
		return refuse_site(c, v);
	if (!visitor_admit(&h->door, v, "GET", LIVE_PATH, &claims, &r))
		return send_reply(c, &r, true);
	m = live_response(&h->live, c, v->head, &claims, &r);
	if (!m)
		return send_reply(c, &r, true);
	c->exchange.step = EXCHANGE_ANSWERED;
	result = MHD_queue_response(c->handle, MHD_HTTP_SWITCHING_PROTOCOLS, m);
	MHD_destroy_response(m);
	return result;
}

static bool asks_for_socket(const struct head *head, const char *path)
{
	return !strcmp(path, LIVE_PATH) &&
	       head_lists(head_text(head, HEAD_UPGRADE), "websocket") &&
	       head_lists(head_text(head, HEAD_CONNECTION), "upgrade");
}

static enum MHD_Result log_out(struct http *h, struct connection *c,
			       const struct visitor *v)
{
	struct reply r = { 0 };

	if (!visitor_same_origin(&h->door, v))
		return refuse_site(c, v);
	visitor_logout(&r);
	return send_reply(c, &r, false);
}

/* Whether a request that changes something, or has a body, is of a page that may ask. */
static bool is_of_site(const struct http *h, const struct connection *c,
		       const struct visitor *v)
{
	return c->exchange.cors || visitor_same_origin(&h->door, v);
}

/* A browser asks whether a page of another site may ask what it is about to. */
static enum MHD_Result answer_preflight(struct connection *c)
{
	struct reply r = { .status = 204, .type = "text/plain" };

	return send_reply(c, &r, false);
}

static bool only_reads(const char *method)
{
	return !strcmp(method, "GET") || !strcmp(method, "HEAD");
}

static struct request read_request(const struct connection *c,
				   const struct visitor *v, const char *path,
				   const char *method)
{
	const struct exchange *x = &c->exchange;
	const struct head *head = v->head;

	return (struct request){
		.path = path,
		.query = x->query ? x->query : "",
		.body = x->body,
		.body_size = x->body_size,
		.tags = only_reads(method) ? head_text(head, HEAD_TAGS) : "",
		.host = head_text(head, HEAD_HOST),
		.tls = v->tls,
		.address = v->address,
		.gzip = strstr(head_text(head, HEAD_ENCODING), "gzip"),
		.openmetrics = strstr(head_text(head, HEAD_ACCEPT),
				      "application/openmetrics-text"),
	};
}

/* A page of another site changes nothing in its visitor's name. A token may have been
 * taken back since the head came.
 */
static enum MHD_Result answer_request(struct http *h, struct connection *c,
				      const struct visitor *v, const char *path,
				      const char *method)
{
	struct request request = read_request(c, v, path, method);
	const char *verb = only_reads(method) ? "GET" : method;
	enum agents_kind kind = agents_kind(verb, path);
	struct login_claims claims;
	struct reply r = { 0 };

	if (!only_reads(method) && !is_of_site(h, c, v))
		return refuse_site(c, v);
	if (!visitor_admit(&h->door, v, verb, path, &claims, &r))
		return send_reply(c, &r, false);
	if (api_takes_long(path))
		return ask_helpers(h, c, &request);
	if (h->door.rules.login.required)
		request.claims = &claims;
	if (kind != AGENTS_NONE)
		return ask_node(h, c, &request, kind);
	if (!only_reads(method))
		api_post(h->api, &request, &r);
	else if (!strcmp(path, LOGIN_PATH))
		visitor_form(&r, 200, NULL);
	else
		api_get(h->api, &request, &r);
	return send_reply(c, &r, false);
}

/* Bytes that a body may have there; 0: none is taken. */
static size_t find_body_room(const char *path, const char *method)
{
	if (agents_kind(method, path) > AGENTS_LIST)
		return ORDER_TEXT_MAX + 1;
	if (strcmp(method, "POST"))
		return 0;
	return strcmp(path, LOGIN_PATH) ? api_body_max(path) :
					  EXCHANGE_LOGIN_MAX;
}

/* Who may not ask is told so before anything of a body is taken. */
static enum MHD_Result await_body(struct http *h, struct connection *c,
				  const struct visitor *v, const char *path,
				  const char *method)
{
	struct login_claims claims;
	struct reply r = { 0 };

	if (strcmp(path, LOGIN_PATH)) {
		if (!is_of_site(h, c, v))
			return refuse_site(c, v);
		if (!visitor_admit(&h->door, v, method, path, &claims, &r))
			return send_reply(c, &r, true);
	}
	c->exchange.step = EXCHANGE_BODY;
	c->exchange.body_room = v->head->length;
	connection_enter(c, CONNECTION_BODY);
	return MHD_YES;
}

/* An answer that is given here, before the request is over, is the last one. */
static enum MHD_Result judge_head(struct http *h, struct connection *c,
				  const char *path, const char *method,
				  const char *version)
{
	size_t room = find_body_room(path, method);
	struct visitor v;
	struct head head;

	visitor_read(&v, c, &head);
	head_end(&head, version);
	c->exchange.cors = visitor_cors(&h->door, &v, path);
	if (!head.problem &&
	    !lines_whole(c->handle, method, c->exchange.address_end, version))
		head.problem =
			"the head has a NUL, a folded line, or one that ends without CR";
	if (!head.problem && c->exchange.bad_address)
		head.problem = "the address has a control character";
	if (head.problem)
		return send_refusal(c, &v, REFUSAL_PAGE_REQUEST, 400,
				    head.problem);
	if (head.length >= room && head.length)
		return send_refusal(c, &v, REFUSAL_PAGE_UNEXPECTED_BODY, 413,
				    room ? "a shorter body is expected" :
					   "no body is taken here");
	if (head.length || (room && !strcmp(path, LOGIN_PATH)))
		return await_body(h, c, &v, path, method);
	c->exchange.step = EXCHANGE_READY;
	return MHD_YES;
}

static bool is_served(const char *path, const char *method)
{
	return only_reads(method) || agents_kind(method, path) > AGENTS_LIST ||
	       (!strcmp(method, "POST") && api_has_post(path));
}

static enum MHD_Result answer_ready(struct http *h, struct connection *c,
				    const char *path, const char *method)
{
	struct visitor v;
	struct head head;

	visitor_read(&v, c, &head);
	if (!strcmp(method, "POST") && !strcmp(path, LOGOUT_PATH))
		return log_out(h, c, &v);
	if (!strcmp(method, "OPTIONS") && c->exchange.cors)
		return answer_preflight(c);
	if (!is_served(path, method))
		return send_refusal(c, &v, REFUSAL_PAGE_METHOD, 405,
				    "only GET and HEAD are served here");
	if (!strcmp(method, "GET") && asks_for_socket(&head, path))
		return answer_upgrade(h, c, &v);
	return answer_request(h, c, &v, path, method);
}

/* "token=TOKEN", of characters that no form encodes. */
static enum MHD_Result answer_login(struct http *h, struct connection *c)
{
	static const char name[] = "token=";
	struct exchange *x = &c->exchange;
	struct reply r = { 0 };
	struct visitor v;
	struct head head;
	char *token = NULL;

	visitor_read(&v, c, &head);
	if (!visitor_same_origin(&h->door, &v))
		return refuse_site(c, &v);
	if (x->body)
		token = strstr(x->body, name);
	if (token) {
		token += sizeof(name) - 1;
		token[strcspn(token, "&\r\n")] = '\0';
	}
	visitor_login(&h->door, &v, token, &r);
	return send_reply(c, &r, false);
}

static enum MHD_Result answer_body(struct http *h, struct connection *c,
				   const char *path, const char *method)
{
	struct visitor v;
	struct head head;

	if (c->exchange.body)
		c->exchange.body[c->exchange.body_size] = '\0';
	if (!strcmp(path, LOGIN_PATH))
		return answer_login(h, c);
	visitor_read(&v, c, &head);
	return answer_request(h, c, &v, path, method);
}

static enum MHD_Result take_body(struct http *h, struct connection *c,
				 const char *path, const char *method,
				 const char *data, size_t *size)
{
	struct exchange *x = &c->exchange;

	if (!*size)
		return answer_body(h, c, path, method);
	if (!x->body)
		x->body = malloc(x->body_room + 1);
	if (!x->body || *size > x->body_room - x->body_size)
		return MHD_NO;
	memcpy(x->body + x->body_size, data, *size);
	x->body_size += *size;
	*size = 0;
	return MHD_YES;
}

/* A helper's answer is there; if not, the end has come. */
static enum MHD_Result answer_late(struct http *h, struct connection *c)
{
	struct question *q = c->exchange.question;
	struct reply r;

	if (!q || !q->answered)
		return MHD_NO;
	r = q->reply;
	q->reply = (struct reply){ 0 };
	if (!r.next[0]) {
		helpers_forget(q);
		c->exchange.question = NULL;
	}
	return send_reply(c, &r, false);
}

enum MHD_Result exchange_answer(void *argument, struct MHD_Connection *handle,
				const char *path, const char *method,
				const char *version, const char *data,
				size_t *size, void **own)
{
	struct connection *c = *own;

	if (!c || c->ended)
		return MHD_NO;
	switch (c->exchange.step) {
	case EXCHANGE_HEAD:
		return judge_head(argument, c, path, method, version);
	case EXCHANGE_READY:
		return answer_ready(argument, c, path, method);
	case EXCHANGE_BODY:
		return take_body(argument, c, path, method, data, size);
	case EXCHANGE_QUESTION:
		return answer_late(argument, c);
	default:
		return MHD_NO;
	}
}
