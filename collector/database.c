// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "collector/batch.h"
#include "collector/clean.h"
#include "collector/database.h"
#include "collector/marks.h"
#include "collector/schema.h"
#include "lib/log.h"
#include "lib/wire_schema.h"

enum database_limits {
	BUSY_MS = 5000, /* a person may be reading */
	EXPIRE_STEPS = 16, /* statements a call */
	FOLDER_MODE = 0750,
};

struct database {
	sqlite3 *db;
	sqlite3_stmt *put_node;
	sqlite3_stmt *next_node;
	sqlite3_stmt *insert[SCHEMA_TABLES];
	sqlite3_stmt *expire[SCHEMA_TABLES];
	struct marks marks;
	sqlite3_int64 expire_node; /* where the last call stopped */
	int expire_table;
	char problem[256];
};

static int problem(struct database *d, const char *what)
{
	snprintf(d->problem, sizeof(d->problem), "%s: %s", what,
		 sqlite3_errmsg(d->db));
	return -EIO;
}

const char *database_problem(const struct database *d)
{
	return d->problem;
}

static int run(struct database *d, const char *sql)
{
	if (sqlite3_exec(d->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return problem(d, "history.db");
	return 0;
}

/* mkdir -p */
static int make_folder(const char *folder)
{
	char path[PATH_MAX], *at = path;

	if (!*folder || strlen(folder) >= sizeof(path))
		return -EINVAL;
	strcpy(path, folder);
	while ((at = strchr(at + 1, '/'))) {
		*at = '\0';
		if (mkdir(path, FOLDER_MODE) && errno != EEXIST)
			return -errno;
		*at = '/';
	}
	return mkdir(path, FOLDER_MODE) && errno != EEXIST ? -errno : 0;
}

static int version(struct database *d, int *number)
{
	sqlite3_stmt *ask;

	if (sqlite3_prepare_v2(d->db, "PRAGMA user_version", -1, &ask, NULL))
		return problem(d, "history.db");
	*number = sqlite3_step(ask) == SQLITE_ROW ? sqlite3_column_int(ask, 0) :
						    -1;
	sqlite3_finalize(ask);
	return *number < 0 ? problem(d, "history.db") : 0;
}

static int make_schema(struct database *d)
{
	int number, err = version(d, &number);

	if (err || number == SCHEMA_VERSION)
		return err;
	if (number) {
		snprintf(d->problem, sizeof(d->problem),
			 "history.db has schema %d, this program knows %d",
			 number, SCHEMA_VERSION);
		return -EPROTO;
	}
	return run(d, schema_create);
}

static int prepare(struct database *d, const char *sql, sqlite3_stmt **s)
{
	if (sqlite3_prepare_v3(d->db, sql, -1, SQLITE_PREPARE_PERSISTENT, s,
			       NULL))
		return problem(d, "history.db");
	return 0;
}

static int prepare_all(struct database *d)
{
	int i, err = prepare(d, schema_put_node, &d->put_node);

	if (!err)
		err = prepare(d, schema_next_node, &d->next_node);
	for (i = 0; !err && i < SCHEMA_TABLES; i++) {
		err = prepare(d, schema_insert[i], &d->insert[i]);
		if (!err)
			err = prepare(d, schema_expire[i], &d->expire[i]);
	}
	if (!err && marks_open(&d->marks, d->db))
		err = problem(d, "history.db");
	return err;
}

static int open_file(struct database *d, const char *folder)
{
	char path[PATH_MAX];
	int err;

	snprintf(path, sizeof(path), "%s/history.db", folder);
	if (sqlite3_open(path, &d->db) != SQLITE_OK)
		return problem(d, "history.db");
	sqlite3_busy_timeout(d->db, BUSY_MS);
	/* FULL: what was acknowledged is gone at the sender. */
	err = run(d, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
		     "BEGIN IMMEDIATE;");
	if (err)
		return err;
	err = make_schema(d);
	if (!err)
		err = run(d, schema_sessions);
	if (err)
		return err;
	err = run(d, "COMMIT");
	return err ? err : prepare_all(d);
}

int database_open(struct database **database, const char *folder)
{
	struct database *d = calloc(1, sizeof(*d));
	int err = make_folder(folder);

	if (!d)
		return -ENOMEM;
	if (err)
		snprintf(d->problem, sizeof(d->problem), "cannot be made: %s",
			 strerror(-err));
	else
		err = open_file(d, folder);
	if (!err) {
		*database = d;
		return 0;
	}
	log_error("data folder '%s': %s; %s", folder, d->problem,
		  err == -EPROTO ?
			  "name another one with --data" :
			  "make it writable or name another one with --data");
	database_close(d);
	return err;
}

void database_close(struct database *d)
{
	int i;

	marks_close(&d->marks);
	sqlite3_finalize(d->put_node);
	sqlite3_finalize(d->next_node);
	for (i = 0; i < SCHEMA_TABLES; i++) {
		sqlite3_finalize(d->insert[i]);
		sqlite3_finalize(d->expire[i]);
	}
	sqlite3_close(d->db);
	free(d);
}

static int put_node(struct database *d, const struct entry *e,
		    sqlite3_int64 *id)
{
	sqlite3_stmt *s = d->put_node;
	int ret;

	sqlite3_bind_text(s, 1, e->node.id, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 2, e->node.name, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 3, e->node.version, -1, SQLITE_STATIC);
	sqlite3_bind_int64(s, 4, (sqlite3_int64)e->table.real_ns);
	ret = sqlite3_step(s);
	if (ret == SQLITE_ROW) {
		*id = sqlite3_column_int64(s, 0);
		ret = sqlite3_step(s);
	}
	if (ret != SQLITE_DONE)
		problem(d, "history.db");
	sqlite3_reset(s);
	return ret == SQLITE_DONE ? 0 : -EIO;
}

static int put_row(struct database *d, sqlite3_stmt *s,
		   const struct wire_table *t, uint32_t row)
{
	const uint64_t *cells = &t->cells[(size_t)row * t->columns];
	char text[WIRE_TEXT_MAX + 1];
	uint32_t columns = wire_schema(t->kind)->required, i;
	int at = 5, ret;

	for (i = 0; i < columns; i++)
		sqlite3_bind_int64(s, at++, (sqlite3_int64)cells[i]);
	for (i = 0; i < t->texts; i++) {
		clean_text(text, sizeof(text),
			   &t->text[(size_t)row * t->texts + i]);
		sqlite3_bind_text(s, at++, text, -1, SQLITE_TRANSIENT);
	}
	ret = sqlite3_step(s);
	if (ret != SQLITE_DONE)
		problem(d, "history.db");
	sqlite3_reset(s);
	return ret == SQLITE_DONE ? 0 : -EIO;
}

static int table_of(uint32_t kind)
{
	switch (kind) {
	case WIRE_CPU:
		return SCHEMA_CPU;
	case WIRE_SOFTIRQ:
		return SCHEMA_SOFTIRQ;
	case WIRE_NET:
		return SCHEMA_NET;
	default:
		return SCHEMA_TABLES;
	}
}

static int put_entry(struct database *d, const struct entry *e, uint64_t *rows)
{
	const struct wire_table *t = &e->table;
	int table = table_of(t->kind), err;
	sqlite3_int64 node = 0;
	sqlite3_stmt *s;
	uint32_t row;

	err = put_node(d, e, &node);
	if (err || table == SCHEMA_TABLES)
		return err;
	s = d->insert[table];
	sqlite3_bind_int64(s, 1, node);
	sqlite3_bind_int64(s, 2, (sqlite3_int64)t->real_ns);
	sqlite3_bind_int64(s, 3, (sqlite3_int64)t->mono_ns);
	sqlite3_bind_int64(s, 4, t->origin);
	for (row = 0; !err && row < t->rows; row++)
		err = put_row(d, s, t, row);
	*rows += t->rows;
	return err;
}

static int put_batch(struct database *d, struct batch *b, uint64_t *rows)
{
	const struct entry *e;
	int err = 0;

	if (b->marked) {
		err = marks_put(&d->marks, &b->mark);
		if (err < 0)
			return problem(d, "history.db");
		if (!err)
			return 0;
		err = 0;
	}
	for (e = b->first; e && !err; e = e->next)
		err = put_entry(d, e, rows);
	return err;
}

int database_write(struct database *d, struct batch *first, uint64_t *rows)
{
	struct batch *b;
	int err = 0;

	*rows = 0;
	if (!first)
		return 0;
	err = run(d, "BEGIN IMMEDIATE");
	for (b = first; b && !err; b = b->next)
		err = put_batch(d, b, rows);
	if (!err)
		err = run(d, "COMMIT");
	if (!err)
		return 0;
	*rows = 0;
	/* Some errors have rolled it back already. */
	sqlite3_exec(d->db, "ROLLBACK", NULL, NULL, NULL);
	for (b = first; b; b = b->next) {
		b->mark.kept = false;
		b->mark.stored = 0;
	}
	return err;
}

void database_sessions(struct database *d,
		       void (*found)(void *context, const struct store_mark *m),
		       void *context)
{
	marks_all(&d->marks, found, context);
}

/* Go on with the next table, or node; false after the last one. */
static bool expire_advance(struct database *d)
{
	bool more = false;

	if (d->expire_node && ++d->expire_table < SCHEMA_TABLES)
		return true;
	d->expire_table = 0;
	sqlite3_bind_int64(d->next_node, 1, d->expire_node);
	if (sqlite3_step(d->next_node) == SQLITE_ROW) {
		d->expire_node = sqlite3_column_int64(d->next_node, 0);
		more = true;
	} else {
		d->expire_node = 0;
	}
	sqlite3_reset(d->next_node);
	return more;
}

void database_expire(struct database *d, uint64_t horizon_ns, uint64_t *rows)
{
	int step, gone;

	*rows = 0;
	for (step = 0; step < EXPIRE_STEPS; step++) {
		sqlite3_stmt *s;

		if (!d->expire_node) {
			marks_expire(&d->marks, horizon_ns);
			if (!expire_advance(d))
				return;
		}
		s = d->expire[d->expire_table];
		sqlite3_bind_int64(s, 1, d->expire_node);
		sqlite3_bind_int64(s, 2, (sqlite3_int64)horizon_ns);
		gone = sqlite3_step(s) == SQLITE_DONE ? sqlite3_changes(d->db) :
							0;
		sqlite3_reset(s);
		*rows += (uint64_t)gone;
		if (gone < SCHEMA_EXPIRE_ROWS && !expire_advance(d))
			return;
	}
}
