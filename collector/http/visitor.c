// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "collector/api/assets.h"
#include "collector/login/rights.h"
#include "collector/http/visitor.h"
#include "lib/base/clock.h"

enum {
	HOST_MAX = 256,
	COOKIES_MAX = 8192,
	PORT_DIGITS = 5,
	PORT_HTTP = 80,
	PORT_HTTPS = 443,
};

#define S UINT64_C(1000000000)

#define NO_COOKIE \
	VISITOR_COOKIE "=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"

/* A name and a port, of digits, of "name:port" or "[address]:port", "" for none. */
struct host {
	char text[HOST_MAX];
	const char *name;
	const char *port;
};

static bool is_port(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return !text[digits] && digits <= PORT_DIGITS;
}

static bool host_parse(struct host *h, const char *text)
{
	char *end;

	if (!*text || strlen(text) >= sizeof(h->text))
		return false;
	strcpy(h->text, text);
	h->name = h->text;
	h->port = "";
	end = strchr(h->text, ':');
	if (h->text[0] == '[') {
		h->name++;
		end = strchr(h->text, ']');
		if (!end)
			return false;
		*end++ = '\0';
	}
	if (end && *end) {
		if (*end != ':' || !is_port(end + 1))
			return false;
		*end++ = '\0';
		h->port = end;
	}
	/* A name may end with the root's dot. */
	end = strrchr(h->text, '.');
	if (end && !end[1])
		*end = '\0';
	return *h->name;
}

static bool host_good(const struct door *door, const struct visitor *v)
{
	struct in6_addr address;
	struct host h;

	/* An address is nobody's name: it can't be made to resolve to us. */
	return host_parse(&h, head_text(v->head, HEAD_HOST)) &&
	       (!strcasecmp(h.name, "localhost") ||
		inet_pton(AF_INET, h.name, &address) == 1 ||
		inet_pton(AF_INET6, h.name, &address) == 1 ||
		(door->rules.hosts && head_lists(door->rules.hosts, h.name)));
}

enum scheme {
	SCHEME_UNKNOWN,
	SCHEME_HTTP,
	SCHEME_HTTPS,
};

static enum scheme scheme_named(const char *name, size_t size)
{
	static const char https[] = "https";

	if (size == sizeof(https) - 1 && !strncasecmp(name, https, size))
		return SCHEME_HTTPS;
	if (size == sizeof(https) - 2 && !strncasecmp(name, https, size))
		return SCHEME_HTTP;
	return SCHEME_UNKNOWN;
}

/* What the visitor has asked by; of a proxy that does not say, it is not known. */
static enum scheme asked_by(const struct visitor *v)
{
	const char *said = head_text(v->head, HEAD_FORWARDED_PROTO);

	if (v->proxy)
		return scheme_named(said, strlen(said));
	return v->tls ? SCHEME_HTTPS : SCHEME_HTTP;
}

static int port_of(const struct host *h, enum scheme scheme)
{
	if (*h->port)
		return atoi(h->port);
	return scheme == SCHEME_HTTPS ? PORT_HTTPS : PORT_HTTP;
}

/* The Host, with the port that a proxy has left out. */
static bool host_asked(struct host *h, const struct visitor *v)
{
	const char *port = head_text(v->head, HEAD_FORWARDED_PORT);

	if (!host_parse(h, head_text(v->head, HEAD_HOST)))
		return false;
	if (v->proxy && !*h->port && is_port(port))
		h->port = port;
	return true;
}

bool visitor_same_origin(const struct door *door, const struct visitor *v)
{
	const char *origin = v->head->value[HEAD_ORIGIN], *end;
	enum scheme scheme, asked = asked_by(v);
	struct host from, to;

	if (!origin)
		return true; /* not a browser */
	end = strstr(origin, "://");
	if (!end || !host_parse(&from, end + 3))
		return false;
	scheme = scheme_named(origin, (size_t)(end - origin));
	if (!scheme)
		return false;
	if (door->rules.hosts && head_lists(door->rules.hosts, from.name))
		return true;
	return (!asked || asked == scheme) && host_asked(&to, v) &&
	       !strcasecmp(from.name, to.name) &&
	       port_of(&from, scheme) == port_of(&to, scheme);
}

const char *visitor_cors(const struct door *door, const struct visitor *v,
			 const char *path)
{
	static const char api[] = "/api/";
	const char *origin = v->head->value[HEAD_ORIGIN];

	if (!origin || v->head->value[HEAD_COOKIE] || !door->rules.cors ||
	    strncmp(path, api, sizeof(api) - 1) ||
	    !head_lists(door->rules.cors, origin))
		return NULL;
	return origin;
}

bool door_is_proxy(const struct door *door, const char *address)
{
	return door->rules.proxies && head_lists(door->rules.proxies, address);
}

/* Those before the last one that is no proxy may say anything. So may those before one
 * that can't be read ("unknown", or with a port).
 */
void visitor_address(const struct door *door, const struct visitor *v,
		     char address[VISITOR_ADDRESS_SIZE])
{
	const char *list = head_text(v->head, HEAD_FORWARDED);
	struct in6_addr any;

	snprintf(address, VISITOR_ADDRESS_SIZE, "%s", v->address);
	while (v->proxy && *list) {
		char one[VISITOR_ADDRESS_SIZE];
		size_t size;

		list += strspn(list, ", \t");
		size = strcspn(list, ", \t");
		snprintf(one, sizeof(one), "%.*s", (int)size, list);
		list += size;
		if (!size || door_is_proxy(door, one))
			continue;
		if (inet_pton(AF_INET, one, &any) == 1 ||
		    inet_pton(AF_INET6, one, &any) == 1)
			strcpy(address, one);
		else
			snprintf(address, VISITOR_ADDRESS_SIZE, "%s",
				 v->address);
	}
}

void visitor_refused(const struct door *door, const struct visitor *v,
		     enum refusal refusal)
{
	char address[VISITOR_ADDRESS_SIZE];

	visitor_address(door, v, address);
	refuse(refusal, address);
}

/* How a token came. */
enum token_from {
	TOKEN_NONE,
	TOKEN_BEARER,
	TOKEN_COOKIE,
};

/* "Bearer TOKEN", a token alone, or our cookie: what is of another scheme is for a
 * proxy in front of us.
 */
static enum token_from find_token(const struct head *head, char *room,
				  size_t size, const char **token)
{
	static const char bearer[] = "Bearer ", cookie[] = VISITOR_COOKIE "=";
	const char *text = head->value[HEAD_AUTHORIZATION];
	char *at;

	*token = NULL;
	if (text && !strncasecmp(text, bearer, sizeof(bearer) - 1))
		text += sizeof(bearer) - 1;
	if (text && !strchr(text, ' ')) {
		*token = text;
		return TOKEN_BEARER;
	}
	snprintf(room, size, "%s", head_text(head, HEAD_COOKIE));
	for (at = room; at; at = strchr(at, ';')) {
		at += strspn(at, "; ");
		if (strncmp(at, cookie, sizeof(cookie) - 1))
			continue;
		at += sizeof(cookie) - 1;
		at[strcspn(at, ";")] = '\0';
		*token = at;
		return TOKEN_COOKIE;
	}
	return TOKEN_NONE;
}

static const struct asset *find_form(void)
{
	const struct asset *a;

	for (a = assets; a->path; a++)
		if (!strcmp(a->path, "/login.html"))
			return a;
	return NULL;
}

/* The form with a sentence before it: that is ours, and needs no escapes. */
void visitor_form(struct reply *r, unsigned int status, const char *why)
{
	static const char before[] = "<form";
	const struct asset *a = find_form();
	size_t size = a ? (size_t)(a->end - a->data) : 0;
	const unsigned char *form =
		a ? memmem(a->data, size, before, sizeof(before) - 1) : NULL;
	struct document w = { 0 };

	if (!form) {
		reply_refuse(r, status, why ? why : "a token is needed");
		return;
	}
	write_bytes(&w, a->data, (size_t)(form - a->data));
	if (why) {
		write_text(&w, "<p class=\"notice\" role=\"alert\">");
		write_text(&w, why);
		write_text(&w, "</p>");
	}
	write_bytes(&w, form, (size_t)(a->end - form));
	reply_json(r, status, document_done(&w));
	if (r->owner)
		r->type = a->type;
}

static bool wants_form(const struct visitor *v)
{
	return strstr(head_text(v->head, HEAD_ACCEPT), "text/html");
}

/* A browser gets a form, everything else a sentence. */
static void ask_for_token(const struct visitor *v, struct reply *r,
			  unsigned int status, const char *why, bool first)
{
	if (wants_form(v))
		visitor_form(r, status, first ? NULL : why);
	else
		reply_refuse(r, status, why);
}

/* False: wrong, and whoever shows tokens like that has to wait for a while: a good
 * one is taken all the same.
 */
static bool may_fail(struct door *door, const struct visitor *v,
		     struct reply *r)
{
	uint64_t now_ns = clock_mono_ns();
	char address[VISITOR_ADDRESS_SIZE];
	unsigned int wait_s;

	visitor_address(door, v, address);
	wait_s = guard_wait_s(&door->guard, address, now_ns);
	refuse(wait_s ? REFUSAL_PAGE_GUESSES : REFUSAL_PAGE_TOKEN, address);
	if (!wait_s) {
		guard_failed(&door->guard, address, now_ns);
		return true;
	}
	ask_for_token(v, r, 429,
		      "too many wrong tokens from this address; wait", false);
	r->retry_s = wait_s;
	return false;
}

static bool check_token(const struct door *door, const char *token,
			struct login_claims *claims)
{
	return login_check(&door->rules.login, token, clock_real_ns() / S,
			   claims) != LOGIN_NOBODY &&
	       !revoked_has(&door->revoked, claims);
}

/* A cookie goes on being sent after its time: that is nobody's guess. It goes with the
 * form, which says why: what the page asks for before is answered without that.
 */
static bool token_good(struct door *door, const struct visitor *v,
		       struct login_claims *claims, struct reply *r)
{
	char room[COOKIES_MAX];
	const char *token;
	enum token_from from = find_token(v->head, room, sizeof(room), &token);

	if (from == TOKEN_NONE) {
		ask_for_token(
			v, r, 401,
			"a token is needed: 'ktach-collector token' makes one, for the header Authorization: Bearer",
			true);
		return false;
	}
	if (check_token(door, token, claims))
		return true;
	if (from == TOKEN_BEARER && !may_fail(door, v, r))
		return false;
	ask_for_token(
		v, r, 401,
		from == TOKEN_COOKIE ?
			"Your session has ended: its token has expired, was revoked, or is of a key that is not used any more." :
			"this token is wrong, has expired, or was revoked",
		false);
	if (from == TOKEN_COOKIE && wants_form(v))
		r->cookie = NO_COOKIE;
	return false;
}

bool visitor_admit(struct door *door, const struct visitor *v, const char *verb,
		   const char *path, struct login_claims *claims,
		   struct reply *r)
{
	unsigned int roles = rights_of(verb, path);

	*claims = (struct login_claims){ 0 };
	if (door->rules.login.required) {
		if (roles == RIGHTS_ANYBODY)
			return true;
		if (!token_good(door, v, claims, r))
			return false;
		if (roles & rights_role(claims->role))
			return true;
		visitor_refused(door, v, REFUSAL_PAGE_ROLE);
		reply_refuse(
			r, 403,
			"this token's role does not permit that; docs/security.md has the table");
		return false;
	}
	if (door->rules.anywhere || host_good(door, v))
		return true;
	visitor_refused(door, v, REFUSAL_PAGE_HOST);
	reply_refuse(
		r, 403,
		"the Host header is not a name of this server; ask by address or localhost, or start the collector with --host NAME");
	return false;
}

static void set_cookie(struct reply *r, const char *token, uint64_t valid_s,
		       bool secure)
{
	struct document w = { 0 };
	struct text *cookie;

	write_text(&w, VISITOR_COOKIE "=");
	write_text(&w, token);
	write_text(&w, "; Path=/; HttpOnly; SameSite=Strict; Max-Age=");
	write_digits(&w, valid_s);
	write_text(&w, secure ? "; Secure" : "");
	write_bytes(&w, "", 1);
	cookie = document_done(&w);
	reply_json(r, 303, cookie);
	if (!cookie)
		return;
	r->cookie = cookie->data;
	r->location = "/";
	r->size = 0;
}

void visitor_login(struct door *door, const struct visitor *v,
		   const char *token, struct reply *r)
{
	uint64_t now_s = clock_real_ns() / S;
	struct login_claims claims;

	if (!token || !*token) {
		ask_for_token(v, r, 401, "A token is needed.", false);
		return;
	}
	if (check_token(door, token, &claims)) {
		set_cookie(r, token, claims.expires_s - now_s,
			   asked_by(v) == SCHEME_HTTPS);
		return;
	}
	if (may_fail(door, v, r))
		ask_for_token(
			v, r, 401,
			"This token is wrong, has expired, or was revoked.",
			false);
}

void visitor_logout(struct reply *r)
{
	*r = (struct reply){ .status = 303,
			     .type = "application/json",
			     .data = "",
			     .cookie = NO_COOKIE,
			     .location = "/" };
}
