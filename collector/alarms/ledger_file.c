// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "collector/alarms/ledger_file.h"
#include "collector/base/folder.h"
#include "lib/base/log.h"

enum {
	VERSION = 1, /* PRAGMA user_version */
	BUSY_MS = 1000,
};

enum statement {
	PUT_ALARM,
	TRIM_ALARMS,
	DROP_SILENCES,
	PUT_SILENCE,
	STATEMENTS
};

static const char *const sql[STATEMENTS] = {
	[PUT_ALARM] =
		"INSERT OR REPLACE INTO alarm VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
		" ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
	[TRIM_ALARMS] =
		"DELETE FROM alarm WHERE done AND id <= (SELECT id FROM alarm"
		" WHERE done ORDER BY id DESC LIMIT 1 OFFSET ?1)",
	[DROP_SILENCES] = "DELETE FROM silence",
	[PUT_SILENCE] = "INSERT INTO silence VALUES(?1, ?2, ?3, ?4, ?5)",
};

static const char create[] =
	"CREATE TABLE alarm(id INTEGER PRIMARY KEY, node BLOB, key INTEGER,"
	" severity INTEGER, value REAL, bound REAL, fired INTEGER,"
	" cleared INTEGER, seen INTEGER, seen_by TEXT, fire_told INTEGER,"
	" clear_told INTEGER, done INTEGER, name TEXT, rule TEXT, row TEXT,"
	" text TEXT, why_look TEXT);"
	"CREATE TABLE silence(node BLOB, key INTEGER, until INTEGER, rule TEXT,"
	" who TEXT);"
	"PRAGMA user_version = 1;";

/* The lock that SQLite holds keeps a second collector from sending the same alarms. */
static const char prepare[] =
	"PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
	"PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 200;";

struct ledger_file {
	sqlite3 *db;
	sqlite3_stmt *sql[STATEMENTS];
	char problem[256];
};

static int failed(struct ledger_file *f)
{
	snprintf(f->problem, sizeof(f->problem), "alarms.db: %s",
		 sqlite3_errmsg(f->db));
	return -EIO;
}

const char *ledger_file_problem(const struct ledger_file *f)
{
	return f->problem;
}

static int run(struct ledger_file *f, const char *text)
{
	return sqlite3_exec(f->db, text, NULL, NULL, NULL) == SQLITE_OK ?
		       0 :
		       failed(f);
}

static int read_version(struct ledger_file *f, int *version)
{
	sqlite3_stmt *s;

	if (sqlite3_prepare_v2(f->db, "PRAGMA user_version", -1, &s, NULL))
		return failed(f);
	*version = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int(s, 0) :
						   -1;
	sqlite3_finalize(s);
	return *version < 0 ? failed(f) : 0;
}

static int open_tables(struct ledger_file *f)
{
	int i, version = 0, err = run(f, prepare);

	if (!err)
		err = read_version(f, &version);
	if (!err && version > VERSION) {
		snprintf(f->problem, sizeof(f->problem),
			 "alarms.db is of a newer version");
		return -EPROTO;
	}
	if (!err && !version)
		err = run(f, create);
	for (i = 0; !err && i < STATEMENTS; i++)
		if (sqlite3_prepare_v3(f->db, sql[i], -1,
				       SQLITE_PREPARE_PERSISTENT, &f->sql[i],
				       NULL))
			err = failed(f);
	return err;
}

static void close_file(struct ledger_file *f)
{
	int i;

	for (i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(f->sql[i]);
	sqlite3_close(f->db);
	*f = (struct ledger_file){ 0 };
}

static bool is_damaged(const struct ledger_file *f)
{
	int error = sqlite3_errcode(f->db);

	return error == SQLITE_CORRUPT || error == SQLITE_NOTADB;
}

static int open_file(struct ledger_file *f, const char *path)
{
	int err = sqlite3_open_v2(path, &f->db,
				  SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
					  SQLITE_OPEN_NOMUTEX,
				  NULL) ?
			  failed(f) :
			  0;

	if (err)
		return err;
	sqlite3_busy_timeout(f->db, BUSY_MS);
	return open_tables(f);
}

/* Alarms that hold fire again. */
static int begin_anew(struct ledger_file *f, const char *path)
{
	char aside[4096 + 16];

	log_error("%s: it stays as alarms.db.damaged, and a new one begins",
		  f->problem);
	close_file(f);
	snprintf(aside, sizeof(aside), "%s.damaged", path);
	if (rename(path, aside))
		return -errno;
	return open_file(f, path);
}

int ledger_file_open(struct ledger_file **file, const char *folder)
{
	struct ledger_file *f = calloc(1, sizeof(*f));
	char path[4096];
	int err;

	if (!f)
		return -ENOMEM;
	snprintf(path, sizeof(path), "%s/alarms.db", folder);
	/* With a history elsewhere nobody else makes it. */
	folder_make(folder);
	err = open_file(f, path);
	if (err && is_damaged(f))
		err = begin_anew(f, path);
	if (err) {
		log_warn(
			"alarms are kept in memory only, and fire again after a restart: %s/%s",
			folder, f->problem);
		ledger_file_close(f);
		return err;
	}
	*file = f;
	return 0;
}

void ledger_file_close(struct ledger_file *f)
{
	if (!f)
		return;
	close_file(f);
	free(f);
}

static const char *text_at(sqlite3_stmt *s, int column)
{
	const char *text = (const char *)sqlite3_column_text(s, column);

	return text ? text : "";
}

static bool node_at(sqlite3_stmt *s, int column, uint8_t *node)
{
	const void *id = sqlite3_column_blob(s, column);

	if (!id || sqlite3_column_bytes(s, column) != WIRE_ID_SIZE)
		return false;
	memcpy(node, id, WIRE_ID_SIZE);
	return true;
}

/* Why it matters and what to look at are one column, with a newline between. */
static void split(struct ledger_alarm *a, const char *both, char *why,
		  size_t size)
{
	size_t length = strcspn(both, "\n");

	snprintf(why, size, "%.*s", (int)length, both);
	a->why = why;
	a->look = both[length] ? both + length + 1 : "";
}

static bool read_alarm(sqlite3_stmt *s, struct ledger_alarm *a, char *why,
		       size_t size)
{
	*a = (struct ledger_alarm){
		.id = (uint64_t)sqlite3_column_int64(s, 0),
		.key = (uint64_t)sqlite3_column_int64(s, 2),
		.severity = (unsigned int)sqlite3_column_int(s, 3),
		.value = sqlite3_column_double(s, 4),
		.limit = sqlite3_column_double(s, 5),
		.fired_ns = (uint64_t)sqlite3_column_int64(s, 6),
		.cleared_ns = (uint64_t)sqlite3_column_int64(s, 7),
		.marks.seen_ns = (uint64_t)sqlite3_column_int64(s, 8),
		.fire_told = (unsigned int)sqlite3_column_int(s, 10),
		.clear_told = (unsigned int)sqlite3_column_int(s, 11),
		.done = sqlite3_column_int(s, 12),
		.kept = true,
		.name = text_at(s, 13),
		.rule = text_at(s, 14),
		.row = text_at(s, 15),
		.text = text_at(s, 16),
	};
	snprintf(a->marks.seen_by, sizeof(a->marks.seen_by), "%s",
		 text_at(s, 9));
	split(a, text_at(s, 17), why, size);
	return node_at(s, 1, a->node) && a->severity < SEVERITIES;
}

static bool read_silence(sqlite3_stmt *s, struct ledger_silence *one)
{
	*one = (struct ledger_silence){
		.key = (uint64_t)sqlite3_column_int64(s, 1),
		.until_ns = (uint64_t)sqlite3_column_int64(s, 2),
	};
	snprintf(one->rule, sizeof(one->rule), "%s", text_at(s, 3));
	snprintf(one->by, sizeof(one->by), "%s", text_at(s, 4));
	return node_at(s, 0, one->node);
}

static int end_reading(struct ledger_file *f, sqlite3_stmt *s, int ret)
{
	int err = ret == SQLITE_DONE ? 0 : failed(f);

	sqlite3_finalize(s);
	if (err)
		log_error("%s: alarms before the restart are not known",
			  f->problem);
	return err;
}

int ledger_file_read(struct ledger_file *f,
		     void (*alarm)(void *context,
				   const struct ledger_alarm *alarm),
		     void (*silence)(void *context,
				     const struct ledger_silence *silence),
		     void *context)
{
	char why[4096];
	struct ledger_alarm a;
	struct ledger_silence one;
	sqlite3_stmt *s = NULL;
	int ret = sqlite3_prepare_v2(f->db, "SELECT * FROM alarm ORDER BY id",
				     -1, &s, NULL);
	int err;

	while (!ret || ret == SQLITE_ROW) {
		ret = sqlite3_step(s);
		if (ret == SQLITE_ROW && read_alarm(s, &a, why, sizeof(why)))
			alarm(context, &a);
	}
	err = end_reading(f, s, ret);
	if (err)
		return err;
	s = NULL;
	ret = sqlite3_prepare_v2(f->db, "SELECT * FROM silence", -1, &s, NULL);
	while (!ret || ret == SQLITE_ROW) {
		ret = sqlite3_step(s);
		if (ret == SQLITE_ROW && read_silence(s, &one))
			silence(context, &one);
	}
	return end_reading(f, s, ret);
}

static int step(struct ledger_file *f, sqlite3_stmt *s)
{
	int err = sqlite3_step(s) == SQLITE_DONE ? 0 : failed(f);

	sqlite3_reset(s);
	return err;
}

static void bind_text(sqlite3_stmt *s, int at, const char *text)
{
	sqlite3_bind_text(s, at, text, -1, SQLITE_TRANSIENT);
}

static int put_alarm(struct ledger_file *f, const struct ledger_alarm *a)
{
	sqlite3_stmt *s = f->sql[PUT_ALARM];
	char both[4096 + 1024];

	snprintf(both, sizeof(both), "%s\n%s", a->why, a->look);
	sqlite3_bind_int64(s, 1, (int64_t)a->id);
	sqlite3_bind_blob(s, 2, a->node, WIRE_ID_SIZE, SQLITE_TRANSIENT);
	sqlite3_bind_int64(s, 3, (int64_t)a->key);
	sqlite3_bind_int(s, 4, (int)a->severity);
	sqlite3_bind_double(s, 5, a->value);
	sqlite3_bind_double(s, 6, a->limit);
	sqlite3_bind_int64(s, 7, (int64_t)a->fired_ns);
	sqlite3_bind_int64(s, 8, (int64_t)a->cleared_ns);
	sqlite3_bind_int64(s, 9, (int64_t)a->marks.seen_ns);
	bind_text(s, 10, a->marks.seen_by);
	sqlite3_bind_int(s, 11, (int)a->fire_told);
	sqlite3_bind_int(s, 12, (int)a->clear_told);
	sqlite3_bind_int(s, 13, a->done);
	bind_text(s, 14, a->name);
	bind_text(s, 15, a->rule);
	bind_text(s, 16, a->row);
	bind_text(s, 17, a->text);
	bind_text(s, 18, both);
	return step(f, s);
}

static int put_silences(struct ledger_file *f, const struct ledger_silence *all,
			size_t count)
{
	sqlite3_stmt *s = f->sql[PUT_SILENCE];
	int err = step(f, f->sql[DROP_SILENCES]);
	size_t i;

	for (i = 0; !err && i < count; i++) {
		sqlite3_bind_blob(s, 1, all[i].node, WIRE_ID_SIZE,
				  SQLITE_TRANSIENT);
		sqlite3_bind_int64(s, 2, (int64_t)all[i].key);
		sqlite3_bind_int64(s, 3, (int64_t)all[i].until_ns);
		bind_text(s, 4, all[i].rule);
		bind_text(s, 5, all[i].by);
		err = step(f, s);
	}
	return err;
}

int ledger_file_write(struct ledger_file *f, const struct ledger_alarm *alarms,
		      size_t count, const struct ledger_silence *silences,
		      size_t silence_count)
{
	int err = run(f, "BEGIN IMMEDIATE");
	bool done = false;
	size_t i;

	for (i = 0; !err && i < count; i++) {
		err = put_alarm(f, &alarms[i]);
		done = done || alarms[i].done;
	}
	if (!err && silences)
		err = put_silences(f, silences, silence_count);
	if (!err && done) {
		sqlite3_bind_int(f->sql[TRIM_ALARMS], 1, LEDGER_FILE_PAST);
		err = step(f, f->sql[TRIM_ALARMS]);
	}
	if (!err)
		err = run(f, "COMMIT");
	if (err)
		sqlite3_exec(f->db, "ROLLBACK", NULL, NULL, NULL);
	return err;
}
