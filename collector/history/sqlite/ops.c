// SPDX-License-Identifier: GPL-2.0-or-later
/* The database as an engine. */
#include <malloc.h>
#include <sys/statvfs.h>

#include "collector/history/sqlite/database.h"

enum {
	CACHE_KEPT_MAX = 256 << 10, /* bytes that are not worth a search */
};

static void end(struct engine *e)
{
	database_close(database_of(e));
}

static const char *problem(const struct engine *e)
{
	return database_problem((const struct database *)e);
}

static uint64_t begin_work(struct engine *e, const uint8_t *node, int64_t hour)
{
	return lock_begin(&database_of(e)->lock, node, hour);
}

static void end_work(struct engine *e)
{
	lock_end(&database_of(e)->lock);
}

/* A transaction spares each question the locks of its own. */
static int hold(struct engine *e)
{
	return database_run(database_of(e), "BEGIN");
}

static void let_go(struct engine *e)
{
	sqlite3_exec(database_of(e)->db, "ROLLBACK", NULL, NULL, NULL);
}

/* Its cache takes 2 MiB where much was read once. */
static void shrink(struct engine *e)
{
	sqlite3 *db = database_of(e)->db;
	int used = 0, peak;

	sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_USED, &used, &peak, 0);
	sqlite3_db_release_memory(db);
	if (used > CACHE_KEPT_MAX)
		malloc_trim(0);
}

/* Pages that are free in the file are room, too. */
static int find_room(struct engine *e, struct engine_room *room)
{
	struct database *d = database_of(e);
	int64_t log = database_number(d, schema_sql[SCHEMA_LOG_BYTES]);
	int64_t left = database_number(d, "PRAGMA freelist_count");
	int64_t page = database_number(d, "PRAGMA page_size");
	struct statvfs disk;

	*room = (struct engine_room){ .used = database_size(d),
				      .log = log > 0 ? (uint64_t)log : 0 };
	if (left < 0 || page < 0 || statvfs(d->path, &disk))
		return 0;
	room->all = disk.f_blocks * disk.f_frsize;
	room->left = disk.f_bavail * disk.f_frsize + (uint64_t)(left * page);
	return 0;
}

const struct engine_ops database_ops = {
	.close = end,
	.problem = problem,
	.commit = database_keep,
	.mark = database_mark,
	.retry = database_retry,
	.trim = database_trim,
	.fold = database_fold_all,
	.ripe = database_ripe,
	.merge = database_merge_all,
	.set_aside = database_set_aside,
	.begin = begin_work,
	.end = end_work,
	.drop = database_drop,
	.forget = database_forget,
	.room = find_room,
	.largest = database_largest,
	.everybody = database_everybody,
	.small = database_small,
	.leave = database_leave,
	.shrink = shrink,
	.hold = hold,
	.let_go = let_go,
	.nodes = database_nodes,
	.find = database_find_node,
	.logs = database_logs,
	.parts = database_parts,
	.chunk = database_chunk,
	.next = database_next_hour,
	.walk = database_walk,
	.losses = database_losses,
	.accounts = database_accounts,
	.latest = database_latest,
};
