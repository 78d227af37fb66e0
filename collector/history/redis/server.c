// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/history/redis/reply.h"
#include "collector/history/redis/server.h"
#include "lib/base/clock.h"

#define AGAIN_NS UINT64_C(200000000)
#define LEARN_NS UINT64_C(100000000)

static bool is_named(const struct redis *r, const struct server *s)
{
	unsigned int i;

	for (i = 0; i < r->place.host_count; i++)
		if (!strcmp(r->place.hosts[i], s->host))
			return true;
	return false;
}

/* One that has nothing, and is not connected: there is no end of names that servers may tell.
 * Return its number, or -1.
 */
static int find_idle(const struct redis *r)
{
	bool owns[SERVERS_MAX] = { false };
	int i;

	for (i = 0; i < SLOTS; i++)
		if (r->owner[i] >= 0)
			owns[r->owner[i]] = true;
	for (i = 0; i < r->server_count; i++)
		if (!owns[i] && !r->servers[i]->link.up &&
		    !is_named(r, r->servers[i]))
			return i;
	return -1;
}

static int make_server(struct redis *r)
{
	struct server *s;
	int i;

	if (r->server_count == SERVERS_MAX) {
		i = find_idle(r);
		if (i >= 0)
			link_close(&r->servers[i]->link);
		return i;
	}
	s = calloc(1, sizeof(*s));
	if (!s)
		return -1;
	r->servers[r->server_count] = s;
	return r->server_count++;
}

int server_get(struct redis *r, const char *host)
{
	struct server *s;
	int i;

	for (i = 0; i < r->server_count; i++)
		if (!strcmp(r->servers[i]->host, host))
			return i;
	i = make_server(r);
	if (i < 0)
		return -1;
	s = r->servers[i];
	*s = (struct server){ .link.held = &r->held };
	snprintf(s->host, sizeof(s->host), "%s", host);
	return i;
}

void server_free_all(struct redis *r)
{
	while (r->server_count) {
		struct server *s = r->servers[--r->server_count];

		link_close(&s->link);
		free(s);
	}
}

static int refuse(struct redis *r, struct server *s, const redisReply *reply,
		  const char *what)
{
	handle_fail(r, "%s: %s%s", s->host, what, link_told(&s->link, reply));
	link_fail(&s->link, NULL);
	return -EIO;
}

static bool is_error(const redisReply *reply)
{
	return !reply || reply->type == REDIS_REPLY_ERROR;
}

static int log_in(struct redis *r, struct server *s)
{
	const char *argv[] = { "AUTH", r->place.user, r->password };
	redisReply *reply;
	int err = 0;

	if (!r->password[0])
		return 0;
	if (r->place.user[0])
		reply = link_ask(&s->link, 3, argv);
	else {
		argv[1] = r->password;
		reply = link_ask(&s->link, 2, argv);
	}
	if (is_error(reply))
		err = refuse(r, s, reply,
			     "user and password are refused, correct them: ");
	freeReplyObject(reply);
	return err;
}

/* Readers run none. */
static int load_scripts(struct redis *r, struct server *s)
{
	const char *argv[] = { "SCRIPT", "LOAD", NULL };
	redisReply *reply;
	int i, err = 0;

	for (i = 0; !err && r->writing && i < SCRIPTS; i++) {
		argv[2] = script_text[i];
		reply = link_ask(&s->link, 3, argv);
		if (is_error(reply) || reply->type != REDIS_REPLY_STRING)
			err = refuse(r, s, reply, "no script can be loaded: ");
		else
			snprintf(r->sha[i], sizeof(r->sha[i]), "%s",
				 reply->str);
		freeReplyObject(reply);
	}
	s->loaded = !err;
	return err;
}

int server_connect(struct redis *r, struct server *s)
{
	uint64_t now = clock_mono_ns();
	int err;

	if (s->link.up && (link_is_busy(&s->link) || link_is_quiet(&s->link)))
		return 0;
	if (s->link.up)
		link_fail(&s->link, "the connection was closed");
	if (now < s->again_ns)
		return -EIO;
	s->again_ns = now + AGAIN_NS;
	if (link_open(&s->link, &r->place, s->host, s->turn++)) {
		handle_fail(r, "%s: %s", s->host, s->link.problem);
		return -EIO;
	}
	err = log_in(r, s);
	if (!err)
		err = load_scripts(r, s);
	if (!err)
		s->again_ns = 0;
	return err;
}

void server_doubt(struct redis *r, struct server *s)
{
	if (s->link.problem[0] && !s->link.up)
		handle_fail(r, "%s: %s", s->host, s->link.problem);
	r->stale = true;
}

/* HOST:PORT as a server spells it; no host is its own. */
static int name_server(struct redis *r, const struct server *by,
		       const redisReply *who)
{
	char name[PLACE_HOST_SIZE], own[PLACE_HOST_SIZE];
	const char *host;
	char *colon;

	if (who->type != REDIS_REPLY_ARRAY || who->elements < 2)
		return -1;
	host = who->element[0]->type == REDIS_REPLY_STRING ?
		       who->element[0]->str :
		       "";
	if (!*host || !strcmp(host, "?")) {
		snprintf(own, sizeof(own), "%s", by->host);
		colon = strrchr(own, ':');
		if (colon && (own[0] != '[' || colon[-1] == ']'))
			*colon = '\0';
		host = own;
	}
	if (snprintf(name, sizeof(name),
		     strchr(host, ':') && *host != '[' ? "[%s]:%llu" :
							 "%s:%llu",
		     host, (unsigned long long)reply_number(who->element[1])) >=
	    (int)sizeof(name))
		return -1;
	return server_get(r, name);
}

static void take_range(struct redis *r, const struct server *by,
		       const redisReply *range)
{
	uint64_t slot, last;
	int owner;

	if (range->type != REDIS_REPLY_ARRAY || range->elements < 3)
		return;
	slot = reply_number(range->element[0]);
	last = reply_number(range->element[1]);
	owner = name_server(r, by, range->element[2]);
	if (owner < 0)
		return;
	r->servers[owner]->master = true;
	r->servers[owner]->replicas = (unsigned int)range->elements - 3;
	for (; slot <= last && slot < SLOTS; slot++)
		r->owner[slot] = (int16_t)owner;
}

/* A server that is none of a cluster has all. Return 0, or -EIO. */
static int learn_from(struct redis *r, int number)
{
	const char *const argv[] = { "CLUSTER", "SLOTS" };
	struct server *s = r->servers[number];
	redisReply *reply;
	size_t i;

	if (server_connect(r, s))
		return -EIO;
	reply = link_ask(&s->link, 2, argv);
	if (reply && reply->type == REDIS_REPLY_ERROR &&
	    strstr(reply->str, "cluster support disabled")) {
		freeReplyObject(reply);
		s->master = true;
		for (i = 0; i < SLOTS; i++)
			r->owner[i] = (int16_t)number;
		return 0;
	}
	if (is_error(reply) || reply->type != REDIS_REPLY_ARRAY) {
		refuse(r, s, reply, "");
		freeReplyObject(reply);
		return -EIO;
	}
	r->cluster = true;
	memset(r->owner, 0xff, sizeof(r->owner));
	for (i = 0; i < (size_t)r->server_count; i++)
		r->servers[i]->master = false;
	for (i = 0; i < reply->elements; i++)
		take_range(r, s, reply->element[i]);
	freeReplyObject(reply);
	return 0;
}

static int learn_from_any(struct redis *r)
{
	int i, count = r->server_count;
	unsigned int k;

	for (k = 0; k < r->place.host_count; k++) {
		i = server_get(r, r->place.hosts[k]);
		if (i >= 0 && !learn_from(r, i))
			return 0;
	}
	for (i = 0; i < count; i++)
		if (!learn_from(r, i))
			return 0;
	return -EIO;
}

int server_learn(struct redis *r)
{
	uint64_t now = clock_mono_ns();

	if (!r->stale)
		return 0;
	if (now - r->stale_ns < LEARN_NS)
		return -EIO;
	r->stale_ns = now;
	if (learn_from_any(r))
		return -EIO;
	r->stale = false;
	return 0;
}

struct server *server_of(struct redis *r, unsigned int bucket)
{
	int owner = r->owner[r->slots[bucket]];

	return owner < 0 ? NULL : r->servers[owner];
}
