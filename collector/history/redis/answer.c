// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "collector/history/redis/answer.h"

enum kind {
	TEXT = 1 << REDIS_REPLY_STRING,
	NUMBER = 1 << REDIS_REPLY_INTEGER,
	NIL = 1 << REDIS_REPLY_NIL,
	STATUS = 1 << REDIS_REPLY_STATUS,
	LIST = 1 << REDIS_REPLY_ARRAY,
};

/* Kinds that it may be of, and those of a list's elements. */
struct shape {
	const char *name;
	unsigned int kinds;
	unsigned int elements;
};

static const struct shape commands[] = {
	{ "GET", TEXT | NIL, 0 },	 { "HEXISTS", NUMBER, 0 },
	{ "HGET", TEXT | NIL, 0 },	 { "HGETALL", LIST, TEXT },
	{ "HKEYS", LIST, TEXT },	 { "HMGET", LIST, TEXT | NIL },
	{ "LLEN", NUMBER, 0 },		 { "LRANGE", LIST, TEXT },
	{ "MEMORY", NUMBER | NIL, 0 },	 { "SET", STATUS, 0 },
	{ "SMEMBERS", LIST, TEXT },	 { "STRLEN", NUMBER, 0 },
	{ "XRANGE", LIST, LIST },	 { "ZRANGE", LIST, TEXT },
	{ "ZRANGEBYSCORE", LIST, TEXT }, { "ZREVRANGE", LIST, TEXT },
	{ "ZSCORE", TEXT | NIL, 0 },
};

static const struct shape scripts[SCRIPTS] = {
	[SCRIPT_OWN] = { NULL, LIST, TEXT },
	[SCRIPT_COMMIT] = { NULL, LIST, NUMBER },
	[SCRIPT_APPLY] = { NULL, NUMBER, 0 },
	[SCRIPT_LOCK] = { NULL, NUMBER | LIST, TEXT | NUMBER },
	[SCRIPT_RENEW] = { NULL, NUMBER, 0 },
	[SCRIPT_RELEASE] = { NULL, NUMBER, 0 },
};

static const struct shape *shape_of(const struct call *c)
{
	size_t i;

	if (c->script >= 0)
		return &scripts[c->script];
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(c->name, commands[i].name))
			return &commands[i];
	return NULL;
}

static bool is_of(const redisReply *reply, unsigned int kinds)
{
	return reply->type > 0 && reply->type < 32 && kinds >> reply->type & 1;
}

bool answer_fits(const struct call *c)
{
	const struct shape *s = shape_of(c);
	size_t i;

	if (!s || !is_of(c->reply, s->kinds))
		return false;
	if (c->reply->type != REDIS_REPLY_ARRAY)
		return true;
	for (i = 0; i < c->reply->elements; i++)
		if (!is_of(c->reply->element[i], s->elements))
			return false;
	return true;
}
