/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is at the other end of a connection, and whether they may be served:
 * what stands before every request and every WebSocket.
 */
#ifndef KTACH_COLLECTOR_HTTP_VISITOR_H
#define KTACH_COLLECTOR_HTTP_VISITOR_H

#include "collector/login/guard.h"
#include "collector/http/head.h"
#include "collector/login/login.h"
#include "collector/api/reply.h"
#include "collector/login/revoked.h"
#include "collector/base/refusal.h"

/* The cookie that the page's login sets. */
#define VISITOR_COOKIE "ktach"

#define LOGIN_PATH "/login"
#define LOGOUT_PATH "/logout"

/**
 * struct door_rules - what visitors are judged by
 * @login: tokens
 * @hosts: names that this server is asked by, beside loopback's, separated by
 *         commas; NULL for none
 * @cors: origins whose pages may ask the API, separated by commas; NULL for none
 * @proxies: addresses whose X-Forwarded-For is believed, separated by commas; NULL
 *           for none
 * @anywhere: any name will do: other hosts may look without a token
 */
struct door_rules {
	struct login login;
	const char *hosts;
	const char *cors;
	const char *proxies;
	bool anywhere;
};

/**
 * struct door - the rules, and what happened at it
 * @rules: may change
 * @revoked: tokens that are good no more
 * @guard: who guesses tokens
 */
struct door {
	struct door_rules rules;
	struct revoked revoked;
	struct guard guard;
};

/**
 * struct visitor - a request, as far as it says who asks
 * @head: its headers
 * @address: where it comes from
 * @proxy: that is a proxy's
 * @tls: it comes by TLS, as far as this server sees
 */
struct visitor {
	const struct head *head;
	const char *address;
	bool proxy;
	bool tls;
};

enum visitor_sizes {
	VISITOR_ADDRESS_SIZE = 64,
};

/* Whom a proxy asks for: the last address of its list that is no proxy. */
void visitor_address(const struct door *door, const struct visitor *v,
		     char address[VISITOR_ADDRESS_SIZE]);

/* Count a request of one that is refused. */
void visitor_refused(const struct door *door, const struct visitor *v,
		     enum refusal refusal);

bool door_is_proxy(const struct door *door, const char *address);

/**
 * visitor_admit() - may this request be answered?
 * @door: the rules
 * @v: who asks
 * @verb: how
 * @path: for what
 * @claims: filled if a token was asked for and is good, else zeroes
 * @reply: set to the refusal
 *
 * A browser on this host can be made to ask us in the name of another site,
 * whose name then resolves to a loopback address (DNS rebinding): without tokens,
 * only names that are ours are served.
 */
bool visitor_admit(struct door *door, const struct visitor *v, const char *verb,
		   const char *path, struct login_claims *claims,
		   struct reply *reply);

/* A page of another site may not read a WebSocket, although its visitor may, nor log
 * its visitor in or out, or change anything: the Origin has our scheme, and name and port of the Host, or
 * is one of --host. A proxy may say in X-Forwarded-Proto and X-Forwarded-Port what it
 * was asked by.
 */
bool visitor_same_origin(const struct door *door, const struct visitor *v);

/* The origin of the page that asks, if it is one of --cors and asks the API: its browser
 * is told that it may read the answer. Not of what comes with a cookie, which is of the page
 * that this server has. NULL: it is not told so.
 */
const char *visitor_cors(const struct door *door, const struct visitor *v,
			 const char *path);

/**
 * visitor_login() - the page's login
 * @door: the rules
 * @v: who asks
 * @token: what was typed in
 * @reply: a redirect with a cookie, or a refusal
 */
void visitor_login(struct door *door, const struct visitor *v,
		   const char *token, struct reply *reply);

/* A redirect that takes the cookie away. */
void visitor_logout(struct reply *reply);

/* The log-in form; @why: what is wrong, NULL: nothing. */
void visitor_form(struct reply *reply, unsigned int status, const char *why);

#endif /* KTACH_COLLECTOR_HTTP_VISITOR_H */
