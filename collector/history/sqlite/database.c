// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "collector/history/sqlite/database.h"

int database_failed(struct database *d)
{
	int error = sqlite3_errcode(d->db);
	bool by_system = error == SQLITE_IOERR || error == SQLITE_CANTOPEN;

	snprintf(d->problem, sizeof(d->problem), "history.db: %s%s%s",
		 sqlite3_errmsg(d->db), by_system ? ": " : "",
		 by_system ? strerror(sqlite3_system_errno(d->db)) : "");
	if (error == SQLITE_NOMEM)
		return -ENOMEM;
	return error == SQLITE_TOOBIG ? -E2BIG : -EIO;
}

const char *database_problem(const struct database *d)
{
	return d->problem;
}

int database_run(struct database *d, const char *sql)
{
	if (sqlite3_exec(d->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return database_failed(d);
	return 0;
}

int database_begin(struct database *d)
{
	return database_run(d, "BEGIN IMMEDIATE");
}

int database_commit(struct database *d)
{
	return database_run(d, "COMMIT");
}

/* Some errors have rolled it back already; the problem stays what it was. */
void database_rollback(struct database *d)
{
	sqlite3_exec(d->db, "ROLLBACK", NULL, NULL, NULL);
	d->id = 0; /* its row may be gone with it */
}

int database_end(struct database *d, int err)
{
	if (!err)
		err = database_commit(d);
	if (err)
		database_rollback(d);
	return err;
}

int database_step_blob(struct database *d, sqlite3_stmt *s, int count,
		       const int64_t *values, const void *data, size_t size)
{
	int i, ret, err;

	for (i = 0; i < count; i++)
		sqlite3_bind_int64(s, i + 1, values[i]);
	if (data)
		sqlite3_bind_blob64(s, count + 1, data, size, SQLITE_STATIC);
	do {
		ret = sqlite3_step(s);
	} while (ret == SQLITE_ROW);
	err = ret == SQLITE_DONE ? 0 : database_failed(d);
	sqlite3_reset(s);
	if (data)
		sqlite3_bind_null(s, count + 1);
	return err;
}

int database_step(struct database *d, sqlite3_stmt *s, int count,
		  const int64_t *values)
{
	return database_step_blob(d, s, count, values, NULL, 0);
}

bool database_next(struct database *d, sqlite3_stmt *s, int *err)
{
	int ret = sqlite3_step(s);

	*err = ret == SQLITE_ROW || ret == SQLITE_DONE ? 0 : database_failed(d);
	return ret == SQLITE_ROW;
}

void database_bind_node(sqlite3_stmt *s, int at, const uint8_t *node)
{
	sqlite3_bind_blob(s, at, node, WIRE_ID_SIZE, SQLITE_TRANSIENT);
}

int64_t database_number(struct database *d, const char *sql)
{
	sqlite3_stmt *ask;
	int64_t number = -1;

	if (sqlite3_prepare_v2(d->db, sql, -1, &ask, NULL)) {
		database_failed(d);
		return -1;
	}
	if (sqlite3_step(ask) == SQLITE_ROW)
		number = sqlite3_column_int64(ask, 0);
	else
		database_failed(d);
	sqlite3_finalize(ask);
	return number;
}

uint64_t database_size(struct database *d)
{
	int64_t pages = database_number(d, "PRAGMA page_count");
	int64_t left = database_number(d, "PRAGMA freelist_count");
	int64_t bytes = database_number(d, "PRAGMA page_size");

	return pages < 0 || left < 0 ? 0 : (uint64_t)((pages - left) * bytes);
}
