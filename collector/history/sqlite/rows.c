// SPDX-License-Identifier: GPL-2.0-or-later
/* What is asked of the database's rows. */
#include <errno.h>
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

static bool next(struct database *d, sqlite3_stmt *s, int *err)
{
	int ret = sqlite3_step(s);

	*err = ret == SQLITE_ROW || ret == SQLITE_DONE ? 0 : database_failed(d);
	return ret == SQLITE_ROW;
}

int database_nodes(struct database *d,
		   void (*found)(void *context, const struct database_node *n),
		   void *context)
{
	sqlite3_stmt *s = d->sql[SCHEMA_ALL_NODES];
	char name[WIRE_TEXT_MAX + 1], version[WIRE_TEXT_MAX + 1];
	int err;

	while (next(d, s, &err)) {
		const struct database_node n = {
			.id = sqlite3_column_int64(s, 0),
			.uid = sqlite3_column_blob(s, 1),
			.name = get_text(s, 2, name),
			.version = get_text(s, 3, version),
			.first_ns = number(s, 4),
			.last_ns = number(s, 5),
			.folded = sqlite3_column_int64(s, 6),
		};

		if (sqlite3_column_bytes(s, 1) == WIRE_ID_SIZE)
			found(context, &n);
	}
	sqlite3_reset(s);
	return err;
}

static void bind_uid(sqlite3_stmt *s, const uint8_t *uid)
{
	sqlite3_bind_blob(s, 1, uid, WIRE_ID_SIZE, SQLITE_TRANSIENT);
}

int database_put_node(struct database *d, const uint8_t *uid, int64_t *id)
{
	sqlite3_stmt *s = d->sql[SCHEMA_PUT_NODE];
	int err;

	bind_uid(s, uid);
	if (next(d, s, &err)) {
		*id = sqlite3_column_int64(s, 0);
		next(d, s, &err);
	}
	sqlite3_reset(s);
	return err;
}

int database_find_node(struct database *d, const uint8_t *uid,
		       struct database_node *n)
{
	sqlite3_stmt *s = d->sql[SCHEMA_FIND_NODE];
	int err;

	bind_uid(s, uid);
	if (next(d, s, &err)) {
		n->id = sqlite3_column_int64(s, 0);
		n->first_ns = number(s, 1);
		n->last_ns = number(s, 2);
	} else if (!err) {
		err = -ENOENT;
	}
	sqlite3_reset(s);
	return err;
}

static void get_uid(struct database *d, sqlite3_stmt *s, uint8_t *uid)
{
	int err;

	memset(uid, 0, WIRE_ID_SIZE);
	if (next(d, s, &err) && sqlite3_column_bytes(s, 0) == WIRE_ID_SIZE)
		memcpy(uid, sqlite3_column_blob(s, 0), WIRE_ID_SIZE);
	sqlite3_reset(s);
}

void database_uid(struct database *d, int64_t id, uint8_t *uid)
{
	sqlite3_stmt *s = d->sql[SCHEMA_NODE_UID];

	sqlite3_bind_int64(s, 1, id);
	get_uid(d, s, uid);
}

void database_last_aside(struct database *d, uint8_t *uid)
{
	get_uid(d, d->sql[SCHEMA_LAST_ASIDE], uid);
}

int database_largest(struct database *d, int64_t *id, uint64_t *bytes)
{
	sqlite3_stmt *s = d->sql[SCHEMA_LARGEST_NODE];
	int err;

	if (next(d, s, &err)) {
		*id = sqlite3_column_int64(s, 0);
		*bytes = number(s, 2);
	} else if (!err) {
		err = -ENOENT;
	}
	sqlite3_reset(s);
	return err;
}

int database_name_node(struct database *d, int64_t id, const char *name,
		       const char *version)
{
	sqlite3_stmt *s = d->sql[SCHEMA_NAME];

	sqlite3_bind_text(s, 2, name, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(s, 3, version, -1, SQLITE_TRANSIENT);
	return database_step(d, s, 1, &id);
}

int database_logs(struct database *d, database_blob *found, void *context)
{
	sqlite3_stmt *s = d->sql[SCHEMA_ALL_LOGS];
	int err;

	while (next(d, s, &err)) {
		err = found(context, sqlite3_column_int64(s, 0),
			    sqlite3_column_blob(s, 1),
			    (size_t)sqlite3_column_bytes(s, 1));
		if (err)
			break;
	}
	sqlite3_reset(s);
	return err;
}

int database_chunk(struct database *d, enum schema_tier tier, int64_t key,
		   database_blob *found, void *context)
{
	sqlite3_stmt *s = d->get[tier];
	int err;

	sqlite3_bind_int64(s, 1, key);
	if (next(d, s, &err))
		err = found(context, key, sqlite3_column_blob(s, 0),
			    (size_t)sqlite3_column_bytes(s, 0));
	else if (!err)
		err = -ENOENT;
	sqlite3_reset(s);
	return err;
}

int database_parts(struct database *d, int64_t node, uint64_t slot,
		   database_blob *found, void *context)
{
	sqlite3_stmt *s = d->sql[SCHEMA_GET_PARTS];
	int err;

	sqlite3_bind_int64(s, 1, node);
	sqlite3_bind_int64(s, 2, (int64_t)slot);
	while (next(d, s, &err)) {
		err = found(context, 0, sqlite3_column_blob(s, 0),
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
	uint64_t slot;
	int err;

	sqlite3_bind_int64(s, 1, from);
	if (next(d, s, &err)) {
		slot = number(s, 0) >> bits;
		if (slot < *least)
			*least = slot;
	}
	sqlite3_reset(s);
	return err;
}

int database_next_slot(struct database *d, uint64_t slot, uint64_t *first)
{
	int tier, err;

	*first = UINT64_MAX;
	err = take_first(d, d->sql[SCHEMA_NEXT_PART], (int64_t)slot, 0, first);
	for (tier = 0; !err && tier < SCHEMA_TIERS; tier++)
		err = take_first(d, d->next[tier], schema_key(slot, 0),
				 SCHEMA_NODE_BITS, first);
	return err;
}

int database_ripe(struct database *d, uint64_t slot, int64_t count,
		  int64_t *node, uint64_t *ripe)
{
	sqlite3_stmt *s = d->sql[SCHEMA_RIPE];
	int err;

	sqlite3_bind_int64(s, 1, (int64_t)slot);
	sqlite3_bind_int64(s, 2, count);
	if (next(d, s, &err)) {
		*node = sqlite3_column_int64(s, 0);
		*ripe = number(s, 1);
	} else if (!err) {
		err = -ENOENT;
	}
	sqlite3_reset(s);
	return err;
}
