// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>

#include "collector/history/redis/call.h"
#include "collector/history/redis/inspect.h"
#include "collector/history/redis/server.h"
#include "lib/base/log.h"

enum {
	VERSION_MIN = 7,
};

/* A value of INFO; false if it has none. */
static bool find(const char *info, const char *name, char *value, size_t size)
{
	size_t length = strlen(name);
	const char *at = info;

	while ((at = strstr(at, name))) {
		if ((at == info || at[-1] == '\n') && at[length] == ':') {
			at += length + 1;
			snprintf(value, size, "%.*s", (int)strcspn(at, "\r\n"),
				 at);
			return true;
		}
		at += length;
	}
	return false;
}

static uint64_t number(const char *info, const char *name)
{
	char value[32];

	return find(info, name, value, sizeof(value)) ?
		       strtoull(value, NULL, 10) :
		       0;
}

static redisReply *ask(struct redis *r, struct server *s, int argc,
		       const char *const *argv)
{
	redisReply *reply = link_ask(&s->link, argc, argv);

	if (reply && reply->type != REDIS_REPLY_ERROR)
		return reply;
	handle_fail(r, "%s: %s", s->host, link_told(&s->link, reply));
	freeReplyObject(reply);
	return NULL;
}

static int check_state(struct redis *r, struct server *s)
{
	static const char *const argv[] = { "CLUSTER", "INFO" };
	redisReply *reply = ask(r, s, 2, argv);
	char state[32] = "";

	if (!reply)
		return -EIO;
	if (reply->str)
		find(reply->str, "cluster_state", state, sizeof(state));
	freeReplyObject(reply);
	return !strcmp(state, "ok") ?
		       0 :
		       handle_fail(
			       r,
			       "%s: cluster_state is '%s', not 'ok': start the missing servers, or see 'redis-cli --cluster check'",
			       s->host, state);
}

static int check_info(struct redis *r, const struct server *s, const char *info)
{
	char value[64] = "";

	if (!find(info, "valkey_version", value, sizeof(value)))
		find(info, "redis_version", value, sizeof(value));
	if (atoi(value) < VERSION_MIN)
		return handle_fail(
			r,
			"%s: version %s is too old: Redis 7.0 or Valkey 7.2 is needed",
			s->host, value[0] ? value : "?");
	if (find(info, "role", value, sizeof(value)) && strcmp(value, "master"))
		return handle_fail(
			r, "%s: it is a replica: name its master, %s", s->host,
			r->cluster ? "or another server of the cluster" :
				     "which 'INFO replication' tells");
	if (find(info, "maxmemory_policy", value, sizeof(value)) &&
	    strcmp(value, "noeviction"))
		return handle_fail(
			r,
			"%s: maxmemory-policy is '%s', which deletes the history when memory is short: set it to noeviction",
			s->host, value);
	return 0;
}

static void look_at_fsync(struct redis *r, struct server *s)
{
	static const char *const argv[] = { "CONFIG", "GET", "appendfsync" };
	redisReply *reply = ask(r, s, 3, argv);

	if (reply && reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
	    reply->element[1]->type == REDIS_REPLY_STRING &&
	    strcmp(reply->element[1]->str, "always"))
		snprintf(r->seen.without_fsync, PLACE_HOST_SIZE, "%s", s->host);
	freeReplyObject(reply);
}

static void look_at_memory(struct redis *r, const char *info)
{
	uint64_t used = number(info, "used_memory");
	uint64_t all = number(info, "maxmemory");
	uint64_t left;

	if (!all)
		all = number(info, "total_system_memory");
	left = all > used ? all - used : 0;
	if (!all || (r->seen.all && left >= r->seen.left))
		return;
	r->seen.all = all;
	r->seen.left = left;
}

static void look_at(struct redis *r, struct server *s, const char *info)
{
	unsigned int replicas = (unsigned int)number(info, "connected_slaves");

	if (!r->seen.masters++ || replicas < r->seen.fewest)
		r->seen.fewest = replicas;
	if (replicas > r->seen.most)
		r->seen.most = replicas;
	if (!number(info, "aof_enabled"))
		snprintf(r->seen.without_log, PLACE_HOST_SIZE, "%s", s->host);
	else
		look_at_fsync(r, s);
	look_at_memory(r, info);
}

static int inspect_one(struct redis *r, struct server *s)
{
	static const char *const argv[] = { "INFO" };
	redisReply *reply;
	int err = server_connect(r, s);

	if (!err && r->cluster)
		err = check_state(r, s);
	if (err)
		return err;
	reply = ask(r, s, 1, argv);
	if (!reply || !reply->str) {
		freeReplyObject(reply);
		return -EIO;
	}
	err = check_info(r, s, reply->str);
	if (!err)
		look_at(r, s, reply->str);
	freeReplyObject(reply);
	return err;
}

static int check_slots(struct redis *r)
{
	unsigned int slot;

	for (slot = 0; slot < SLOTS; slot++)
		if (r->owner[slot] < 0)
			return handle_fail(
				r,
				"slot %u of the cluster is with no server: see 'redis-cli --cluster fix'",
				slot);
	return 0;
}

static int check_copies(struct redis *r)
{
	if (!r->place.copies)
		r->copies = r->seen.most ? 2 : 1;
	if (r->seen.fewest + 1 >= r->copies)
		return 0;
	return handle_fail(
		r,
		"a master has %u replicas, and %u copies are to be there before a frame is acknowledged: add replicas, or allow copies=1",
		r->seen.fewest, r->copies);
}

int inspect_servers(struct redis *r)
{
	int i, err = check_slots(r);

	r->seen = (struct inspection){ .masters = 0 };
	for (i = 0; !err && i < r->server_count; i++)
		if (r->servers[i]->master)
			err = inspect_one(r, r->servers[i]);
	return err ? err : check_copies(r);
}

int inspect_memory(struct redis *r)
{
	static const char *const argv[] = { "INFO", "memory" };
	int i;

	r->seen.all = r->seen.left = 0;
	for (i = 0; i < r->server_count; i++) {
		struct server *s = r->servers[i];
		redisReply *reply;

		if (!s->master)
			continue;
		if (server_connect(r, s))
			return -EIO;
		reply = ask(r, s, 2, argv);
		if (!reply)
			return -EIO;
		if (reply->str)
			look_at_memory(r, reply->str);
		freeReplyObject(reply);
	}
	return 0;
}

void inspect_tell(const struct redis *r)
{
	if (r->seen.without_log[0])
		log_warn(
			"history: %s keeps no append-only file: when it is started again, all since its last snapshot is lost; set appendonly to yes",
			r->seen.without_log);
	else if (r->seen.without_fsync[0] && r->copies == 1)
		log_warn(
			"history: %s writes its file once a second: a loss of power costs as much of what was acknowledged; set appendfsync to always, or add replicas",
			r->seen.without_fsync);
	if (r->copies == 1)
		log_warn(
			"history: %s: what was acknowledged is on one server alone, and lost with its disk",
			r->seen.most ? "copies=1 is set" :
				       "there is no replica");
}
