// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collector/history/sqlite/database.h"
#include "collector/history/sqlite/salvage.h"
#include "lib/base/log.h"

enum {
	IN_VAIN_MAX = 10, /* halvings of a range that nothing was found in */
};

/**
 * struct salvage - of one table
 * @from: the old history
 * @to: the new one
 * @scan: rows of a range, rising and falling
 * @put: into the new table
 * @rows: that came along
 * @all: of all tables
 * @breaks: places where reading did not get on
 */
struct salvage {
	sqlite3 *from;
	struct database *to;
	sqlite3_stmt *scan[2];
	sqlite3_stmt *put;
	uint64_t rows;
	uint64_t all;
	uint64_t breaks;
};

enum {
	RISING,
	FALLING
};

/* By their keys; the first is the one that ranges are of. */
static const struct {
	const char *name;
	const char *key;
	const char *places; /* a ? a column */
} tables[] = {
	{ "node", "id", "?,?,?,?,?,?,?,?" },
	{ "session", "session", "?,?,?,?" },
	{ "loss", "minute", "?,?,?,?,?,?,?,?,?,?,?,?,?,?" },
	{ "account", "real_ns", "?,?,?" },
	{ "latest", "node", "?,?" },
	{ "log", "id", "?,?" },
	{ "part", "id", "?,?,?,?" },
	{ "raw", "id", "?,?" },
	{ "minute", "id", "?,?" },
	{ "five", "id", "?,?" },
	{ "aside", "id", "?,?,?,?,?" },
};

enum {
	TABLES = sizeof(tables) / sizeof(tables[0]),
	RANGED = 5, /* from here on, and the first: by ranges of a rowid */
};

/* A row whose values can't be read is refused by the new table. */
static void put_row(struct salvage *s, sqlite3_stmt *row)
{
	int i, n = sqlite3_column_count(row);

	for (i = 0; i < n; i++)
		sqlite3_bind_value(s->put, i + 1, sqlite3_column_value(row, i));
	/* Of an older schema. */
	for (; i < sqlite3_bind_parameter_count(s->put); i++)
		sqlite3_bind_int64(s->put, i + 1, 0);
	if (sqlite3_step(s->put) == SQLITE_DONE)
		s->rows += (uint64_t)sqlite3_changes(s->to->db);
	sqlite3_reset(s->put);
	sqlite3_clear_bindings(s->put);
}

/* Rows of @low to @high. Return whether all of it was read; @last: the key that
 * was read last, if any was.
 */
static bool scan(struct salvage *s, int direction, int64_t low, int64_t high,
		 int64_t *last)
{
	sqlite3_stmt *rows = s->scan[direction];
	int ret;

	sqlite3_bind_int64(rows, 1, low);
	sqlite3_bind_int64(rows, 2, high);
	while ((ret = sqlite3_step(rows)) == SQLITE_ROW) {
		*last = sqlite3_column_int64(rows, 0);
		put_row(s, rows);
	}
	sqlite3_reset(rows);
	return ret == SQLITE_DONE;
}

/* From both ends to where it breaks; then what is between, in halves. */
static void copy_range(struct salvage *s, int64_t low, int64_t high, int vain)
{
	int64_t up = low - 1, down = high + 1, middle;

	if (low > high || scan(s, RISING, low, high, &up))
		return;
	s->breaks++;
	if (scan(s, FALLING, up + 1, high, &down))
		return;
	vain = up >= low || down <= high ? 0 : vain + 1;
	if (up + 1 >= down - 1 || vain > IN_VAIN_MAX)
		return;
	middle = up + (down - up) / 2;
	copy_range(s, up + 1, middle, vain);
	copy_range(s, middle + 1, down - 1, vain);
}

/* In the order that they lie in: without a range. */
static void copy_ends(struct salvage *s)
{
	int64_t last;

	if (scan(s, RISING, 0, 0, &last))
		return;
	s->breaks++;
	scan(s, FALLING, 0, 0, &last);
}

static int prepare(struct salvage *s, size_t t, bool ranged)
{
	static const char *const orders[] = { "ASC", "DESC" };
	char sql[200];
	int i, err;

	for (i = 0; i < 2; i++) {
		if (ranged)
			snprintf(
				sql, sizeof(sql),
				"SELECT * FROM %s WHERE %s BETWEEN ?1 AND ?2 ORDER BY %s %s",
				tables[t].name, tables[t].key, tables[t].key,
				orders[i]);
		else /* ?1 and ?2 are there, and say nothing */
			snprintf(
				sql, sizeof(sql),
				"SELECT * FROM %s WHERE ?1 = ?2 ORDER BY node %s, %s %s",
				tables[t].name, orders[i], tables[t].key,
				orders[i]);
		err = sqlite3_prepare_v2(s->from, sql, -1, &s->scan[i], NULL);
		if (err)
			return -EIO;
	}
	snprintf(sql, sizeof(sql), "INSERT OR IGNORE INTO %s VALUES(%s)",
		 tables[t].name, tables[t].places);
	return sqlite3_prepare_v2(s->to->db, sql, -1, &s->put, NULL) ?
		       database_failed(s->to) :
		       0;
}

/* A table whose definition is lost is empty in the new one. */
static void copy_table(struct salvage *s, size_t t)
{
	bool ranged = !t || t >= RANGED;
	int err = prepare(s, t, ranged);

	s->rows = s->breaks = 0;
	if (err)
		printf("table %s: can't be read\n", tables[t].name);
	else if (ranged)
		copy_range(s, 0, INT64_MAX - 1, 0);
	else
		copy_ends(s);
	if (!err)
		printf("table %s: %" PRIu64 " rows saved%s\n", tables[t].name,
		       s->rows, s->breaks ? ", but not all of them" : "");
	s->all += err ? 0 : s->rows;
	sqlite3_finalize(s->scan[RISING]);
	sqlite3_finalize(s->scan[FALLING]);
	sqlite3_finalize(s->put);
	s->scan[RISING] = s->scan[FALLING] = s->put = NULL;
}

/* The id of a node that is lost may be another's one day: its chunks go. */
static int drop_strangers(struct database *d)
{
	char sql[400];
	int used = snprintf(
		sql, sizeof(sql),
		"DELETE FROM part WHERE node NOT IN (SELECT id FROM node);");
	int i;

	for (i = 0; i < TIERS; i++)
		used += snprintf(
			sql + used, sizeof(sql) - (size_t)used,
			"DELETE FROM %s WHERE id & %d NOT IN (SELECT id FROM node);",
			tier_name[i], (1 << SCHEMA_NODE_BITS) - 1);
	return database_run(d, sql);
}

static int copy_all(struct salvage *s)
{
	int err = database_begin(s->to);
	size_t t;

	for (t = 0; !err && t < TABLES; t++) {
		copy_table(s, t);
		/* Triggers count them anew. */
		if (!t)
			err = database_run(s->to, "UPDATE node SET bytes=0");
	}
	if (!err)
		err = drop_strangers(s->to);
	return err ? err : database_commit(s->to);
}

static bool path_of(char *path, const char *folder, const char *name)
{
	return snprintf(path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX;
}

/* The old file keeps its log under its new name: SQLite looks for it there. */
static int take_place(const char *folder, const char *made)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char old[PATH_MAX], kept[PATH_MAX], held[PATH_MAX], name[64];
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(name, sizeof(name), "history.db%s", ends[i]);
		if (!path_of(old, folder, name))
			return -ENAMETOOLONG;
		snprintf(name, sizeof(name), "history.db.damaged%s", ends[i]);
		if (!path_of(kept, folder, name))
			return -ENAMETOOLONG;
		if (rename(old, kept) && (i == 0 || errno != ENOENT))
			return -errno;
	}
	if (!path_of(kept, made, "history.db") ||
	    !path_of(old, folder, "history.db"))
		return -ENAMETOOLONG;
	if (!path_of(held, made, LOCK_NAME))
		return -ENAMETOOLONG;
	unlink(held);
	return rename(kept, old) || rmdir(made) ? -errno : 0;
}

/* Nothing was saved: the old one stays. */
static void unmake(const char *made)
{
	char path[PATH_MAX];

	if (path_of(path, made, "history.db"))
		unlink(path);
	if (path_of(path, made, LOCK_NAME))
		unlink(path);
	rmdir(made);
}

int salvage(const char *folder)
{
	struct salvage s = { .from = NULL };
	char path[PATH_MAX], made[PATH_MAX];
	int err;

	if (!path_of(made, folder, "repaired") ||
	    !path_of(path, folder, "history.db") ||
	    sqlite3_open_v2(path, &s.from, SQLITE_OPEN_READONLY, NULL))
		err = -EIO;
	else
		err = database_open(&s.to, made);
	if (!err) {
		/* SQLite reads a file that was cut only then. */
		sqlite3_exec(s.from, "PRAGMA writable_schema=ON", NULL, NULL,
			     NULL);
		err = copy_all(&s);
		database_close(s.to);
		if (!err && !s.all)
			err = -ENODATA;
		if (!err)
			err = take_place(folder, made);
		else
			unmake(made);
	}
	sqlite3_close(s.from);
	if (err)
		log_error("history in '%s': nothing could be saved: %s", folder,
			  strerror(-err));
	else
		log_warn("history in '%s': the old one is history.db.damaged",
			 folder);
	return err;
}
