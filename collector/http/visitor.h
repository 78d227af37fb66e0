/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is at the other end of a connection, and whether they may be served:
 * what stands before every request and every WebSocket.
 */
#ifndef KTACH_COLLECTOR_HTTP_VISITOR_H
#define KTACH_COLLECTOR_HTTP_VISITOR_H

#include <libwebsockets.h>

#include "collector/http/guard.h"
#include "collector/http/login.h"
#include "collector/http/reply.h"

/* The cookie that the page's login sets. */
#define VISITOR_COOKIE "ktach"

/**
 * struct door - what visitors are judged by
 * @login: tokens
 * @guard: who guesses them
 * @hosts: names that this server is asked by, beside loopback's, separated by
 *         commas; NULL for none
 * @anywhere: any name will do: other hosts may look without a token
 */
struct door {
	struct login login;
	struct guard guard;
	const char *hosts;
	bool anywhere;
};

/**
 * visitor_admit() - may this request be answered?
 * @door: the rules
 * @wsi: the connection, with its headers
 * @open_path: it is one that anybody may see, but for a wrong Host
 * @claims: filled if a token was asked for and is good, else zeroes
 * @reply: set to the refusal
 *
 * A browser on this host can be made to ask us in the name of another site,
 * whose name then resolves to a loopback address (DNS rebinding): without tokens,
 * only names that are ours are served.
 */
bool visitor_admit(struct door *door, struct lws *wsi, bool open_path,
		   struct login_claims *claims, struct reply *reply);

/**
 * visitor_login() - the page's login
 * @door: the rules
 * @wsi: the connection
 * @token: what was typed in
 * @secure: the connection is TLS
 * @reply: a redirect with a cookie, or a refusal
 */
void visitor_login(struct door *door, struct lws *wsi, const char *token,
		   bool secure, struct reply *reply);

#endif /* KTACH_COLLECTOR_HTTP_VISITOR_H */
