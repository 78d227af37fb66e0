// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>
#include <string.h>

#include "collector/login/rights.h"

#define VIEW (1u << LOGIN_READ)
#define SEND (1u << LOGIN_SEND)
#define OPERATE (1u << LOGIN_OPERATE)
#define ADMIN (1u << LOGIN_ADMIN)
#define SERVICE (1u << LOGIN_SERVICE)
#define LOOK (VIEW | OPERATE | ADMIN)
#define MACHINE (LOOK | SERVICE)
#define HOLDERS (LOOK | SERVICE | SEND)

/* Frames come with a node's key, not with a token: that is the role 'send'. */
const struct right rights[] = { { "GET", "/style.css", RIGHTS_ANYBODY },
				{ "GET", "/favicon.svg", RIGHTS_ANYBODY },
				{ "GET", "/login", RIGHTS_ANYBODY },
				{ "GET", "/login.html", RIGHTS_ANYBODY },
				{ "GET", "/login.js", RIGHTS_ANYBODY },
				{ "POST", "/login", RIGHTS_ANYBODY },
				{ "POST", "/logout", RIGHTS_ANYBODY },
				{ "GET", "/api/v1/session", HOLDERS },
				{ "GET", "/api/v1/health", MACHINE },
				{ "GET", "/api/v1/version", MACHINE },
				{ "GET", "/metrics", MACHINE },
				{ "GET", "/sd", MACHINE },
				{ "GET", "/*", LOOK },
				{ "POST", "/api/v1/alerts", OPERATE | ADMIN },
				{ "POST", "/api/v1/query", LOOK },
				{ "POST", "/api/v1/prometheus/read", LOOK },
				{ "POST", "/metrics/node", SEND },
				{ "POST", "/api/v1/nodes/*", OPERATE | ADMIN },
				{ "PUT", "/api/v1/nodes/*", OPERATE | ADMIN },
				{ "frame", "samples", SEND },
				{ 0 } };

static bool fits(const struct right *right, const char *verb, const char *path)
{
	size_t n = strlen(right->path);

	if (strcmp(right->verb, verb))
		return false;
	if (right->path[n - 1] == '*')
		return !strncmp(right->path, path, n - 1);
	return !strcmp(right->path, path);
}

unsigned int rights_of(const char *verb, const char *path)
{
	const struct right *right;

	if (!strcmp(verb, "HEAD"))
		verb = "GET";
	for (right = rights; right->verb; right++)
		if (fits(right, verb, path))
			return right->roles;
	return RIGHTS_NOBODY;
}
