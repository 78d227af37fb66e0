// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "collector/http/assets.h"
#include "collector/http/visitor.h"
#include "lib/clock.h"

enum {
	HOST_MAX = 256,
	COOKIES_MAX = 4096,
	ADDRESS_MAX = 64,
};

#define S UINT64_C(1000000000)

/* Cut ":port" and brackets off. */
static char *bare_host(char *host)
{
	char *end;

	if (*host == '[') {
		end = strchr(host, ']');
		if (end)
			*end = '\0';
		return host + 1;
	}
	end = strchr(host, ':');
	if (end)
		*end = '\0';
	return host;
}

static bool in_list(const char *list, const char *name)
{
	size_t n = strlen(name);

	while (list && *list) {
		size_t size = strcspn(list, ",");

		if (size == n && !strncasecmp(list, name, n))
			return true;
		list += size + (list[size] == ',');
	}
	return false;
}

/* An address is nobody's name: it can't be made to resolve to us. */
static bool host_good(const struct door *door, struct lws *wsi)
{
	char host[HOST_MAX] = "", *name;
	struct in6_addr address;

	if (lws_hdr_copy(wsi, host, sizeof(host), WSI_TOKEN_HOST) <= 0)
		return false;
	name = bare_host(host);
	return !strcasecmp(name, "localhost") ||
	       inet_pton(AF_INET, name, &address) == 1 ||
	       inet_pton(AF_INET6, name, &address) == 1 ||
	       in_list(door->hosts, name);
}

/* "Bearer TOKEN", or our cookie. */
static const char *find_token(struct lws *wsi, char *room, size_t size)
{
	static const char bearer[] = "Bearer ", cookie[] = VISITOR_COOKIE "=";
	char *at;

	if (lws_hdr_copy(wsi, room, (int)size, WSI_TOKEN_HTTP_AUTHORIZATION) >
	    0)
		return strncasecmp(room, bearer, sizeof(bearer) - 1) ?
			       room :
			       room + sizeof(bearer) - 1;
	if (lws_hdr_copy(wsi, room, (int)size, WSI_TOKEN_HTTP_COOKIE) <= 0)
		return NULL;
	for (at = room; at; at = strchr(at, ';')) {
		at += strspn(at, "; ");
		if (strncmp(at, cookie, sizeof(cookie) - 1))
			continue;
		at += sizeof(cookie) - 1;
		at[strcspn(at, ";")] = '\0';
		return at;
	}
	return NULL;
}

/* A browser gets a form, everything else a sentence. */
static void ask_for_token(struct lws *wsi, struct reply *r, const char *why)
{
	char accept[HOST_MAX] = "";
	const struct asset *a;

	lws_hdr_copy(wsi, accept, sizeof(accept), WSI_TOKEN_HTTP_ACCEPT);
	reply_refuse(r, 401, why);
	if (!strstr(accept, "text/html"))
		return;
	for (a = assets; a->path; a++)
		if (!strcmp(a->path, "/login.html"))
			break;
	if (!a->path)
		return;
	reply_release(r);
	r->status = 401;
	r->type = a->type;
	r->data = a->data;
	r->size = (size_t)(a->end - a->data);
}

/* False: refused, for a while or for good. */
static bool token_good(struct door *door, struct lws *wsi, const char *token,
		       struct login_claims *claims, struct reply *r)
{
	uint64_t now_ns = clock_mono_ns();
	char address[ADDRESS_MAX] = "";
	unsigned int wait_s;

	if (!token) {
		ask_for_token(
			wsi, r,
			"a token is needed: 'ktach-collector token' makes one, for the header Authorization: Bearer");
		return false;
	}
	lws_get_peer_simple(wsi, address, sizeof(address));
	wait_s = guard_wait_s(&door->guard, address, now_ns);
	if (wait_s) {
		reply_refuse(r, 429,
			     "too many wrong tokens from this address; wait");
		r->retry_s = wait_s;
		return false;
	}
	if (login_check(&door->login, token, clock_real_ns() / S, claims))
		return true;
	guard_failed(&door->guard, address, now_ns);
	ask_for_token(wsi, r, "this token is wrong, or has expired");
	return false;
}

bool visitor_admit(struct door *door, struct lws *wsi, bool open_path,
		   struct login_claims *claims, struct reply *r)
{
	char room[COOKIES_MAX];

	*claims = (struct login_claims){ 0 };
	if (door->login.required)
		return open_path ||
		       token_good(door, wsi,
				  find_token(wsi, room, sizeof(room)), claims,
				  r);
	if (door->anywhere || host_good(door, wsi))
		return true;
	reply_refuse(
		r, 403,
		"the Host header is not a name of this server; ask by address or localhost, or start the collector with --host NAME");
	return false;
}

void visitor_login(struct door *door, struct lws *wsi, const char *token,
		   bool secure, struct reply *r)
{
	struct login_claims claims;
	struct document w = { 0 };
	struct text *cookie;

	if (!token_good(door, wsi, token, &claims, r))
		return;
	write_text(&w, VISITOR_COOKIE "=");
	write_text(&w, token);
	write_text(&w, "; Path=/; HttpOnly; SameSite=Strict; Max-Age=");
	write_digits(&w, claims.expires_s - clock_real_ns() / S);
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
