// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "collector/history/sqlite/marks.h"
#include "collector/history/sqlite/schema.h"
#include "lib/base/clock.h"

int marks_open(struct marks *m, sqlite3 *db)
{
	const struct {
		const char *sql;
		sqlite3_stmt **statement;
	} all[] = {
		{ schema_mark, &m->put },
		{ schema_marked, &m->get },
		{ schema_trim_marks, &m->trim },
		{ schema_expire_marks, &m->expire },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		int err = sqlite3_prepare_v3(db, all[i].sql, -1,
					     SQLITE_PREPARE_PERSISTENT,
					     all[i].statement, NULL);

		if (err)
			return err;
	}
	return SQLITE_OK;
}

void marks_close(struct marks *m)
{
	sqlite3_finalize(m->put);
	sqlite3_finalize(m->get);
	sqlite3_finalize(m->trim);
	sqlite3_finalize(m->expire);
}

static void bind(sqlite3_stmt *s, const struct store_mark *mark)
{
	sqlite3_bind_blob(s, 1, mark->node, WIRE_ID_SIZE, SQLITE_STATIC);
	sqlite3_bind_int64(s, 2, (sqlite3_int64)mark->session);
}

/* What is there instead: the same frame, a later one, or a hole before it. */
static int look(struct marks *m, struct store_mark *mark)
{
	int ret;

	bind(m->get, mark);
	ret = sqlite3_step(m->get);
	mark->unknown = ret == SQLITE_DONE;
	if (ret == SQLITE_ROW) {
		mark->stored = (uint64_t)sqlite3_column_int64(m->get, 0);
		mark->kept = mark->stored >= mark->sequence;
	}
	sqlite3_reset(m->get);
	return ret == SQLITE_ROW || ret == SQLITE_DONE ? 0 : -1;
}

/* A session that is new makes the node's oldest ones go. */
static int trim(struct marks *m, const struct store_mark *mark)
{
	int ret;

	sqlite3_bind_blob(m->trim, 1, mark->node, WIRE_ID_SIZE, SQLITE_STATIC);
	sqlite3_bind_int64(m->trim, 2, STORE_SESSIONS_MAX);
	ret = sqlite3_step(m->trim);
	sqlite3_reset(m->trim);
	return ret == SQLITE_DONE ? 1 : -1;
}

int marks_put(struct marks *m, struct store_mark *mark)
{
	int ret;

	bind(m->put, mark);
	sqlite3_bind_int64(m->put, 3, (sqlite3_int64)mark->sequence);
	sqlite3_bind_int64(m->put, 4, (sqlite3_int64)clock_real_ns());
	sqlite3_bind_int64(m->put, 5, (sqlite3_int64)mark->after);
	ret = sqlite3_step(m->put);
	sqlite3_reset(m->put);
	if (ret != SQLITE_DONE)
		return -1;
	if (!sqlite3_changes(sqlite3_db_handle(m->put)))
		return look(m, mark);
	mark->kept = true;
	mark->stored = mark->sequence;
	return mark->after ? 1 : trim(m, mark);
}

void marks_expire(struct marks *m, uint64_t horizon_ns)
{
	sqlite3_bind_int64(m->expire, 1, (sqlite3_int64)horizon_ns);
	sqlite3_step(m->expire);
	sqlite3_reset(m->expire);
}
