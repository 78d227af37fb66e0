// SPDX-License-Identifier: GPL-2.0-or-later
/* What was set aside is tried again. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "collector/history/sqlite/database.h"

/* Who has tried all that is set aside: an older program does not know of it. */
#define MAKE_TRIED                          \
	"CREATE TABLE IF NOT EXISTS tried(" \
	"version TEXT NOT NULL, memory INTEGER NOT NULL)"
#define IS_TRIED                                                   \
	"SELECT count(*) FROM tried WHERE version='" KTACH_VERSION \
	"' AND memory>=%lld"
#define PUT_TRIED \
	"DELETE FROM tried; INSERT INTO tried VALUES('" KTACH_VERSION "', %lld)"

/* Each version tries once, and once more with more memory than at the start before; a
 * little more is another kernel's share of the same.
 */
static bool is_tried(struct database *d, uint64_t memory)
{
	const uint64_t least = memory - memory / 8;
	char sql[sizeof(IS_TRIED) + 32];

	snprintf(sql, sizeof(sql), IS_TRIED, (long long)least);
	return database_number(d, sql) > 0;
}

static int note_tried(struct database *d, uint64_t memory)
{
	char sql[sizeof(PUT_TRIED) + 32];

	snprintf(sql, sizeof(sql), PUT_TRIED, (long long)memory);
	return database_run(d, sql);
}

static int retry_frames(struct database *d, bool all)
{
	sqlite3_stmt *retry = d->sql[SCHEMA_RETRY_ASIDE];
	sqlite3_stmt *take = d->sql[SCHEMA_TAKE_ASIDE];
	int err;

	sqlite3_bind_text(retry, 1, KTACH_VERSION, -1, SQLITE_STATIC);
	sqlite3_bind_int64(retry, 2, (sqlite3_int64)d->engine.last_log);
	sqlite3_bind_int(retry, 3, all);
	sqlite3_bind_text(take, 1, KTACH_VERSION, -1, SQLITE_STATIC);
	sqlite3_bind_int(take, 2, all);
	err = database_step(d, retry, 0, NULL);
	if (!err)
		err = database_step(d, take, 0, NULL);
	sqlite3_clear_bindings(retry);
	sqlite3_clear_bindings(take);
	return err;
}

static int64_t count_aside(struct database *d)
{
	return database_number(d, schema_sql[SCHEMA_COUNT_ASIDE]);
}

static int retry_all(struct database *d, uint64_t memory, int64_t *before)
{
	int err = database_run(d, MAKE_TRIED);
	bool all;

	*before = count_aside(d);
	if (err || *before < 0)
		return err ? err : -EIO;
	all = !is_tried(d, memory);
	err = retry_frames(d, all);
	if (!err && all)
		err = database_step(d, d->sql[SCHEMA_RETRY_PARTS], 0, NULL);
	return err ? err : note_tried(d, memory);
}

/* Of whom something was set aside last. */
static void find_last(struct database *d, uint8_t *node)
{
	sqlite3_stmt *s = d->sql[SCHEMA_LAST_ASIDE];
	int err;

	memset(node, 0, WIRE_ID_SIZE);
	if (database_next(d, s, &err) &&
	    sqlite3_column_bytes(s, 0) == WIRE_ID_SIZE)
		memcpy(node, sqlite3_column_blob(s, 0), WIRE_ID_SIZE);
	sqlite3_reset(s);
}

static void count_left(struct database *d, int64_t before,
		       struct engine_aside *left)
{
	int64_t now = count_aside(d);

	memset(left, 0, sizeof(*left));
	if (now > 0) {
		left->count = (uint64_t)now;
		find_last(d, left->node);
	}
	if (before > now)
		left->tried = (uint64_t)(before - now);
}

int database_retry(struct engine *e, uint64_t memory, struct engine_aside *left)
{
	struct database *d = database_of(e);
	int64_t before = 0, last;
	int err = database_begin(d);

	if (!err)
		err = retry_all(d, memory, &before);
	err = database_end(d, err);
	if (err)
		return err;
	count_left(d, before, left);
	last = database_number(d, schema_sql[SCHEMA_LAST_LOG]);
	if (last < 0)
		return -EIO;
	e->last_log = (uint64_t)last;
	return 0;
}
