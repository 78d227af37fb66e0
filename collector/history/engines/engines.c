// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/history/engines/engines.h"
#include "collector/base/place.h"
#include "collector/history/redis/redis.h"
#include "collector/history/sqlite/sqlite.h"

int engines_open(struct engine **engine, const char *where, bool fleet)
{
	return place_is(where, PLACE_REDIS) ? redis_open(engine, where, fleet) :
					      sqlite_open(engine, where);
}

int engines_read(struct engine **engine, const char *where)
{
	return place_is(where, PLACE_REDIS) ? redis_read(engine, where) :
					      sqlite_read(engine, where);
}

const char *engines_problem(const char *servers)
{
	struct place p;

	return place_parse(&p, servers, PLACE_REDIS);
}
