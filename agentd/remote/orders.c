// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "agentd/remote/orders.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum {
	BUSY_MS = 2000,
	KEEP_ROWS = 2000,
};

#define US UINT64_C(1000000)
#define US_NS 1000

/* What is noted is to outlive a power cut: an order that was forgotten could come again.
 * "floor" has the newest one that was forgotten, in case the clock is set back.
 */
static const char schema[] =
	"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
	"PRAGMA cache_size=16; PRAGMA temp_store=MEMORY;"
	"PRAGMA wal_autocheckpoint=64;"
	"CREATE TABLE IF NOT EXISTS orders (nonce BLOB PRIMARY KEY, agent TEXT,"
	" verb TEXT, signed_us INTEGER, operator TEXT, through TEXT,"
	" begun_us INTEGER, done_us INTEGER, result TEXT) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS floor (one INTEGER PRIMARY KEY, us INTEGER);"
	"CREATE TABLE IF NOT EXISTS desired (one INTEGER PRIMARY KEY, text BLOB);";

static const char end_cut_off[] =
	"UPDATE orders SET done_us = ?, result = 'ktach-agentd ended while it was"
	" under way: whether it was carried out is not known; it is not done again'"
	" WHERE done_us = 0";

static int complain(struct orders *s, const char *doing)
{
	log_error("orders: %s: %s", doing,
		  s->db ? sqlite3_errmsg(s->db) : "no memory");
	return -EIO;
}

static sqlite3_stmt *prepare(struct orders *s, const char *text)
{
	sqlite3_stmt *q = NULL;

	if (sqlite3_prepare_v2(s->db, text, -1, &q, NULL) != SQLITE_OK)
		complain(s, text);
	return q;
}

static void bind_number(sqlite3_stmt *q, int at, uint64_t number)
{
	sqlite3_bind_int64(q, at, (sqlite3_int64)number);
}

static void bind_text(sqlite3_stmt *q, int at, const char *text)
{
	sqlite3_bind_text(q, at, text, -1, SQLITE_STATIC);
}

static void bind_nonce(sqlite3_stmt *q, int at, const struct order *o)
{
	sqlite3_bind_blob(q, at, o->nonce, sizeof(o->nonce), SQLITE_STATIC);
}

/* Run what changes something. */
static int run(struct orders *s, sqlite3_stmt *q, const char *doing)
{
	int result = q ? sqlite3_step(q) : SQLITE_NOMEM;
	int err = result == SQLITE_DONE ? 0 : complain(s, doing);

	sqlite3_finalize(q);
	return err;
}

static uint64_t number_of(sqlite3_stmt *q)
{
	uint64_t number = 0;

	if (q && sqlite3_step(q) == SQLITE_ROW)
		number = (uint64_t)sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return number;
}

int orders_open(struct orders *s, const char *folder)
{
	char path[512];
	sqlite3_stmt *q;

	*s = (struct orders){ 0 };
	snprintf(path, sizeof(path), "%s/orders.db", folder);
	if (sqlite3_open(path, &s->db) != SQLITE_OK ||
	    sqlite3_busy_timeout(s->db, BUSY_MS) != SQLITE_OK ||
	    sqlite3_exec(s->db, schema, NULL, NULL, NULL) != SQLITE_OK) {
		complain(s, path);
		orders_close(s);
		return -EIO;
	}
	q = prepare(s, end_cut_off);
	bind_number(q, 1, clock_real_ns() / US_NS);
	return run(s, q, "what was under way");
}

void orders_close(struct orders *s)
{
	sqlite3_close(s->db);
	*s = (struct orders){ 0 };
}

static void get_text(sqlite3_stmt *q, int column, char *text, size_t size)
{
	const unsigned char *value = sqlite3_column_text(q, column);

	snprintf(text, size, "%s", value ? (const char *)value : "");
}

static bool is_same(sqlite3_stmt *q, const struct order *o)
{
	const unsigned char *agent = sqlite3_column_text(q, 5);
	const unsigned char *verb = sqlite3_column_text(q, 6);

	return agent && verb && !strcmp((const char *)agent, o->agent) &&
	       !strcmp((const char *)verb, o->verb) &&
	       (uint64_t)sqlite3_column_int64(q, 7) == o->signed_us;
}

int orders_get(struct orders *s, const struct order *o, struct order_record *r)
{
	sqlite3_stmt *q = prepare(
		s,
		"SELECT operator, through, begun_us, done_us, result, agent, verb, signed_us FROM orders WHERE nonce = ?");
	int err = -ENOENT;

	*r = (struct order_record){ 0 };
	bind_nonce(q, 1, o);
	if (q && sqlite3_step(q) == SQLITE_ROW) {
		get_text(q, 0, r->operator, sizeof(r->operator));
		get_text(q, 1, r->through, sizeof(r->through));
		r->begun_us = (uint64_t)sqlite3_column_int64(q, 2);
		r->done_us = (uint64_t)sqlite3_column_int64(q, 3);
		get_text(q, 4, r->result, sizeof(r->result));
		err = is_same(q, o) ? 0 : -EEXIST;
	}
	sqlite3_finalize(q);
	return err;
}

/* One for all agents is one of each. */
bool orders_is_late(struct orders *s, const struct order *o)
{
	sqlite3_stmt *q = prepare(
		s,
		"SELECT max(us) FROM (SELECT max(signed_us) AS us FROM orders WHERE ?1 = '" ORDER_EVERY
		"' OR agent IN (?1, '" ORDER_EVERY
		"') UNION ALL SELECT us FROM floor)");

	bind_text(q, 1, o->agent);
	return !q || o->signed_us <= number_of(q);
}

int orders_begin(struct orders *s, const struct order *o,
		 const struct order_record *r)
{
	sqlite3_stmt *q = prepare(
		s, "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, 0, '')");

	bind_nonce(q, 1, o);
	bind_text(q, 2, o->agent);
	bind_text(q, 3, o->verb);
	bind_number(q, 4, o->signed_us);
	bind_text(q, 5, r->operator);
	bind_text(q, 6, r->through);
	bind_number(q, 7, r->begun_us);
	return run(s, q, "an order that begins");
}

int orders_end(struct orders *s, const struct order *o,
	       const struct order_record *r)
{
	sqlite3_stmt *q = prepare(
		s, "UPDATE orders SET done_us = ?, result = ? WHERE nonce = ?");

	bind_number(q, 1, r->done_us);
	bind_text(q, 2, r->result);
	bind_nonce(q, 3, o);
	return run(s, q, "an order that is over");
}

/* Those beyond the newest ones, and of these what may still come again stays. */
void orders_forget(struct orders *s, uint64_t now_us)
{
	static const char old[] =
		"WITH old AS (SELECT signed_us FROM orders ORDER BY signed_us DESC LIMIT -1 OFFSET ?1)"
		" INSERT OR REPLACE INTO floor SELECT 1, max(us) FROM (SELECT max(signed_us) AS us FROM old WHERE signed_us < ?2"
		" UNION ALL SELECT us FROM floor) HAVING max(us) IS NOT NULL";
	static const char gone[] =
		"DELETE FROM orders WHERE signed_us <= (SELECT us FROM floor)";
	uint64_t before_us = now_us - (ORDER_LIFE_S + 60) * US;
	sqlite3_stmt *q = prepare(s, old);

	bind_number(q, 1, KEEP_ROWS);
	bind_number(q, 2, before_us);
	if (!run(s, q, "what is old"))
		run(s, prepare(s, gone), "what is old");
}

void orders_show(struct orders *s, FILE *out, unsigned int most)
{
	static const char *const keys[] = { "agent",   "verb",	   "operator",
					    "through", "begun_us", "done_us",
					    "result" };
	sqlite3_stmt *q = prepare(
		s,
		"SELECT agent, verb, operator, through, begun_us, done_us, CASE WHEN done_us = 0 THEN 'under way' WHEN result = '' THEN 'done' ELSE result END FROM orders ORDER BY begun_us DESC LIMIT ?");
	int i;

	bind_number(q, 1, most);
	while (q && sqlite3_step(q) == SQLITE_ROW) {
		for (i = 0; i < (int)(sizeof(keys) / sizeof(keys[0])); i++)
			fprintf(out, "%s %s\n", keys[i],
				(const char *)sqlite3_column_text(q, i));
		fputc('\n', out);
	}
	sqlite3_finalize(q);
}

char *orders_get_desired(struct orders *s, size_t *size)
{
	sqlite3_stmt *q = prepare(s, "SELECT text FROM desired WHERE one = 1");
	char *text = NULL;

	if (q && sqlite3_step(q) == SQLITE_ROW) {
		*size = (size_t)sqlite3_column_bytes(q, 0);
		text = malloc(*size + 1);
		if (text) {
			memcpy(text, sqlite3_column_blob(q, 0), *size);
			text[*size] = '\0';
		}
	}
	sqlite3_finalize(q);
	return text;
}

int orders_put_desired(struct orders *s, const char *text, size_t size)
{
	sqlite3_stmt *q =
		prepare(s, "INSERT OR REPLACE INTO desired VALUES (1, ?)");

	sqlite3_bind_blob(q, 1, text, (int)size, SQLITE_STATIC);
	return run(s, q, "the desired state");
}
