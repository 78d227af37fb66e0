// SPDX-License-Identifier: GPL-2.0-or-later
/* What is asked of the database's rows. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "collector/history/sqlite/database.h"
#include "lib/base/clean.h"
#include "lib/wire/wire.h"

/* Older programs have let more characters pass. */
static const char *get_text(sqlite3_stmt *s, int column,
			    char text[WIRE_TEXT_MAX + 1])
{
	const char *t = (const char *)sqlite3_column_text(s, column);

	snprintf(text, WIRE_TEXT_MAX + 1, "%s", t ? t : "");
	clean_string(text);
	return text;
}

static uint64_t number(sqlite3_stmt *s, int column)
{
	return (uint64_t)sqlite3_column_int64(s, column);
}

int database_nodes(struct engine *e, engine_found_node *found, void *context)
{
	struct database *d = database_of(e);
	sqlite3_stmt *s = d->sql[SCHEMA_ALL_NODES];
	char name[WIRE_TEXT_MAX + 1], version[WIRE_TEXT_MAX + 1];
	int err;

	while (database_next(d, s, &err)) {
		struct engine_node n = {
			.name = get_text(s, 2, name),
			.version = get_text(s, 3, version),
			.first_ns = number(s, 4),
			.last_ns = number(s, 5),
			.folded = number(s, 6),
		};

		if (sqlite3_column_bytes(s, 1) != WIRE_ID_SIZE)
			continue;
		memcpy(n.id, sqlite3_column_blob(s, 1), WIRE_ID_SIZE);
		found(context, &n);
	}
	sqlite3_reset(s);
	return err;
}

/* The row of a node; @n: its times, too. */
static int find(struct database *d, const uint8_t *node, int64_t *id,
		struct engine_node *n)
{
	sqlite3_stmt *s = d->sql[SCHEMA_FIND_NODE];
	int err;

	database_bind_node(s, 1, node);
	if (database_next(d, s, &err)) {
		*id = d->id = sqlite3_column_int64(s, 0);
		memcpy(d->uid, node, WIRE_ID_SIZE);
		n->first_ns = number(s, 1);
		n->last_ns = number(s, 2);
		n->folded = number(s, 3);
	} else if (!err) {
		err = -ENOENT;
	}
	sqlite3_reset(s);
	return err;
}

int database_find(struct database *d, const uint8_t *node, int64_t *id,
		  uint64_t *folded)
{
	struct engine_node n;
	int err;

	if (!folded && d->id && !memcmp(d->uid, node, WIRE_ID_SIZE)) {
		*id = d->id;
		return 0;
	}
	err = find(d, node, id, &n);
	if (!err && folded)
		*folded = n.folded;
	return err;
}

int database_find_node(struct engine *e, const uint8_t *node,
		       struct engine_node *n)
{
	int64_t id;

	memcpy(n->id, node, WIRE_ID_SIZE);
	n->name = n->version = "";
	return find(database_of(e), node, &id, n);
}

static void get_uid(sqlite3_stmt *s, int column, uint8_t *uid)
{
	memset(uid, 0, WIRE_ID_SIZE);
	if (sqlite3_column_bytes(s, column) == WIRE_ID_SIZE)
		memcpy(uid, sqlite3_column_blob(s, column), WIRE_ID_SIZE);
}

bool database_uid(struct database *d, int64_t id, uint8_t *uid)
{
	sqlite3_stmt *s = d->sql[SCHEMA_NODE_UID];
	bool is;
	int err;

	memset(uid, 0, WIRE_ID_SIZE);
	sqlite3_bind_int64(s, 1, id);
	is = database_next(d, s, &err);
	if (is)
		get_uid(s, 0, uid);
	sqlite3_reset(s);
	return is || err;
}

int database_largest(struct engine *e, uint8_t *node, uint64_t *bytes)
{
	struct database *d = database_of(e);
	sqlite3_stmt *s = d->sql[SCHEMA_LARGEST_NODE];
	int err;

	if (database_next(d, s, &err)) {
		get_uid(s, 1, node);
		*bytes = number(s, 2);
	} else if (!err) {
		err = -ENOENT;
	}
	sqlite3_reset(s);
	return err;
}

int database_logs(struct engine *e, engine_found_log *found, void *context)
{
	struct database *d = database_of(e);
	sqlite3_stmt *s = d->sql[SCHEMA_ALL_LOGS];
	int err;

	while (database_next(d, s, &err)) {
		err = found(context, number(s, 0), sqlite3_column_blob(s, 1),
			    (size_t)sqlite3_column_bytes(s, 1));
		if (err)
			break;
	}
	sqlite3_reset(s);
	return err;
}

int database_chunk(struct engine *e, enum tier tier,
		   const struct engine_key *key, engine_found_blob *found,
		   void *context)
{
	struct database *d = database_of(e);
	sqlite3_stmt *s = d->get[tier];
	int64_t id;
	int err = database_find(d, key->node, &id, NULL);

	if (err)
		return err;
	sqlite3_bind_int64(s, 1, schema_key(key->hour, id));
	if (database_next(d, s, &err))
		err = found(context, sqlite3_column_blob(s, 0),
			    (size_t)sqlite3_column_bytes(s, 0));
	else if (!err)
		err = -ENOENT;
	sqlite3_reset(s);
	return err;
}

int database_parts(struct engine *e, const struct engine_key *key,
		   engine_found_blob *found, void *context)
{
	struct database *d = database_of(e);
	sqlite3_stmt *s = d->sql[SCHEMA_GET_PARTS];
	int64_t id;
	int err = database_find(d, key->node, &id, NULL);

	if (err)
		return err == -ENOENT ? 0 : err;
	sqlite3_bind_int64(s, 1, id);
	sqlite3_bind_int64(s, 2, (int64_t)key->hour);
	while (database_next(d, s, &err)) {
		err = found(context, sqlite3_column_blob(s, 0),
			    (size_t)sqlite3_column_bytes(s, 0));
		if (err)
			break;
	}
	sqlite3_reset(s);
	return err;
}

/* The first number that a statement has for @from, if it is less than @least. */
static int take_first(struct database *d, sqlite3_stmt *s, int64_t from,
		      int bits, uint64_t *least)
{
	uint64_t hour;
	int err;

	sqlite3_bind_int64(s, 1, from);
	if (database_next(d, s, &err)) {
		hour = number(s, 0) >> bits;
		if (hour < *least)
			*least = hour;
	}
	sqlite3_reset(s);
	return err;
}

/* Of any node: rows lie by their hours. */
int database_next_hour(struct engine *e, const uint8_t *node, uint64_t hour,
		       uint64_t *first)
{
	struct database *d = database_of(e);
	int tier, err;

	*first = UINT64_MAX;
	err = take_first(d, d->sql[SCHEMA_NEXT_PART], (int64_t)hour, 0, first);
	for (tier = 0; !err && tier < TIERS; tier++)
		err = take_first(d, d->next[tier], schema_key(hour, 0),
				 SCHEMA_NODE_BITS, first);
	return err;
}

int database_ripe(struct engine *e, uint64_t hour, unsigned int parts,
		  struct engine_key *keys, unsigned int most)
{
	struct database *d = database_of(e);
	sqlite3_stmt *s = d->sql[SCHEMA_RIPE];
	int err, count = 0;

	sqlite3_bind_int64(s, 1, hour > INT64_MAX ? INT64_MAX : (int64_t)hour);
	sqlite3_bind_int64(s, 2, parts);
	sqlite3_bind_int64(s, 3, most);
	while (database_next(d, s, &err)) {
		get_uid(s, 0, keys[count].node);
		keys[count++].hour = number(s, 1);
	}
	sqlite3_reset(s);
	return err ? err : count;
}

/* Where a tier's rows are, and what tells whose they are. */
static const struct {
	const char *table;
	const char *node;
	const char *hour;
} tables[ENGINE_PIECES] = {
	[TIER_RAW] = { "raw", "id & 16777215", "id >> 24" },
	[TIER_MINUTE] = { "minute", "id & 16777215", "id >> 24" },
	[TIER_FIVE] = { "five", "id & 16777215", "id >> 24" },
	[ENGINE_PARTS] = { "part", "node", "slot" },
};

_Static_assert(SCHEMA_NODE_BITS == 24, "the numbers above");

static int tell_piece(struct database *d, struct engine_walk *w,
		      sqlite3_stmt *s, engine_found_piece *found, void *context)
{
	struct engine_piece p = { .tier = w->tier };
	char name[48];

	if (s) {
		w->at = sqlite3_column_int64(s, 0);
		w->moved = true;
		p.orphan = !database_uid(d, sqlite3_column_int64(s, 1),
					 p.key.node);
		p.key.hour = number(s, 2);
		p.data.data = sqlite3_column_blob(s, 3);
		p.data.size = (size_t)sqlite3_column_bytes(s, 3);
	}
	snprintf(name, sizeof(name), "row %" PRId64 " of table %s",
		 w->moved ? w->at : 0, tables[w->tier].table);
	p.name = name;
	return found(context, &p);
}

/* A page that can't be read ends a table. */
static bool is_damage(int ret)
{
	return ret == SQLITE_CORRUPT || ret == SQLITE_NOTADB;
}

int database_walk(struct engine *e, struct engine_walk *w,
		  engine_found_piece *found, void *context)
{
	struct database *d = database_of(e);
	int err = 0, ret = SQLITE_ERROR;
	sqlite3_stmt *s;
	char sql[120];

	snprintf(sql, sizeof(sql),
		 "SELECT id, %s, %s, data FROM %s WHERE id>?1 ORDER BY id",
		 tables[w->tier].node, tables[w->tier].hour,
		 tables[w->tier].table);
	if (sqlite3_prepare_v2(d->db, sql, -1, &s, NULL))
		return database_failed(d);
	sqlite3_bind_int64(s, 1, w->moved ? w->at : INT64_MIN);
	while (!err && (ret = sqlite3_step(s)) == SQLITE_ROW)
		err = tell_piece(d, w, s, found, context);
	if (!err && ret != SQLITE_DONE)
		err = database_failed(d);
	sqlite3_finalize(s);
	if (is_damage(ret))
		tell_piece(d, w, NULL, found, context);
	return err;
}
