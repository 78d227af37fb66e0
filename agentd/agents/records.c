// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sqlite3.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "agentd/agents/records.h"
#include "lib/base/log.h"

enum {
	BUSY_MS = 2000,
};

/* 16 pages are enough for a table of some hundred rows. */
static const char schema[] =
	"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
	"PRAGMA cache_size=16; PRAGMA temp_store=MEMORY;"
	"PRAGMA wal_autocheckpoint=64;"
	"CREATE TABLE IF NOT EXISTS agent (name TEXT PRIMARY KEY, version TEXT,"
	" starts INTEGER, restarts INTEGER, health_restarts INTEGER,"
	" started_us INTEGER, exit_us INTEGER, exit TEXT, reason TEXT,"
	" beat_us INTEGER, failed INTEGER, failure TEXT, boot TEXT,"
	" invocation BLOB, n_restarts INTEGER) WITHOUT ROWID;";

static const char get_row[] =
	"SELECT version, starts, restarts, health_restarts, started_us, exit_us,"
	" exit, reason, beat_us, failed, failure, boot, invocation, n_restarts"
	" FROM agent WHERE name = ?";

static const char put_row[] =
	"INSERT OR REPLACE INTO agent VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

static int complain(struct records *r, const char *doing)
{
	if (!r->told)
		log_error("records of agents: %s: %s", doing,
			  r->db ? sqlite3_errmsg(r->db) : "no memory");
	r->told = true;
	return -EIO;
}

int records_open(struct records *r, const char *folder)
{
	char path[512];

	*r = (struct records){ 0 };
	snprintf(path, sizeof(path), "%s/agents.db", folder);
	sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
	if (sqlite3_open(path, &r->db) != SQLITE_OK ||
	    sqlite3_busy_timeout(r->db, BUSY_MS) != SQLITE_OK ||
	    sqlite3_exec(r->db, schema, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(r->db, get_row, -1, &r->get, NULL) !=
		    SQLITE_OK ||
	    sqlite3_prepare_v2(r->db, put_row, -1, &r->put, NULL) !=
		    SQLITE_OK) {
		complain(r, path);
		records_close(r);
		return -EIO;
	}
	return 0;
}

void records_close(struct records *r)
{
	sqlite3_finalize(r->get);
	sqlite3_finalize(r->put);
	sqlite3_close(r->db);
	*r = (struct records){ 0 };
}

static void get_text(sqlite3_stmt *row, int column, char *text, size_t size)
{
	const unsigned char *value = sqlite3_column_text(row, column);

	snprintf(text, size, "%s", value ? (const char *)value : "");
}

static uint64_t get_number(sqlite3_stmt *row, int column)
{
	return (uint64_t)sqlite3_column_int64(row, column);
}

static void get_columns(sqlite3_stmt *row, struct record *r)
{
	get_text(row, 0, r->version, sizeof(r->version));
	r->starts = get_number(row, 1);
	r->restarts = get_number(row, 2);
	r->health_restarts = get_number(row, 3);
	r->started_us = get_number(row, 4);
	r->exit_us = get_number(row, 5);
	get_text(row, 6, r->exit, sizeof(r->exit));
	get_text(row, 7, r->reason, sizeof(r->reason));
	r->beat_us = get_number(row, 8);
	r->failed = get_number(row, 9);
	get_text(row, 10, r->failure, sizeof(r->failure));
	get_text(row, 11, r->boot, sizeof(r->boot));
	if (sqlite3_column_bytes(row, 12) == INVOCATION_SIZE)
		memcpy(r->invocation, sqlite3_column_blob(row, 12),
		       INVOCATION_SIZE);
	r->n_restarts = (uint32_t)get_number(row, 13);
}

void records_get(struct records *r, struct record *record, const char *name)
{
	*record = (struct record){ 0 };
	snprintf(record->name, sizeof(record->name), "%s", name);
	sqlite3_bind_text(r->get, 1, name, -1, SQLITE_STATIC);
	if (sqlite3_step(r->get) == SQLITE_ROW)
		get_columns(r->get, record);
	sqlite3_reset(r->get);
}

int records_put(struct records *r, const struct record *c)
{
	const struct {
		int column;
		const char *text;
	} texts[] = {
		{ 1, c->name },	  { 2, c->version },  { 8, c->exit },
		{ 9, c->reason }, { 12, c->failure }, { 13, c->boot },
	};
	const struct {
		int column;
		uint64_t number;
	} numbers[] = {
		{ 3, c->starts },	   { 4, c->restarts },
		{ 5, c->health_restarts }, { 6, c->started_us },
		{ 7, c->exit_us },	   { 10, c->beat_us },
		{ 11, c->failed },	   { 15, c->n_restarts },
	};
	int result;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		sqlite3_bind_text(r->put, texts[i].column, texts[i].text, -1,
				  SQLITE_STATIC);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sqlite3_bind_int64(r->put, numbers[i].column,
				   (sqlite3_int64)numbers[i].number);
	sqlite3_bind_blob(r->put, 14, c->invocation, sizeof(c->invocation),
			  SQLITE_STATIC);
	result = sqlite3_step(r->put);
	sqlite3_reset(r->put);
	if (result != SQLITE_DONE)
		return complain(r, "writing");
	r->told = false;
	return 0;
}

void records_begin(struct records *r)
{
	sqlite3_exec(r->db, "BEGIN", NULL, NULL, NULL);
}

void records_end(struct records *r)
{
	if (sqlite3_exec(r->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK)
		return;
	complain(r, "writing");
	sqlite3_exec(r->db, "ROLLBACK", NULL, NULL, NULL);
}
