// SPDX-License-Identifier: GPL-2.0-or-later
/* What is known of nodes beside their samples: opaque here. */
#include <errno.h>

#include "collector/history/sqlite/database.h"
#include "collector/history/write/writer.h"

/* @real_ns may be NULL; the uid is bound. */
static int put(struct database *d, enum schema_statement statement,
	       const int64_t *real_ns, const void *data, size_t size)
{
	sqlite3_stmt *s = d->sql[statement];
	int at = 1, err;

	if (real_ns)
		sqlite3_bind_int64(s, at++, *real_ns);
	sqlite3_bind_blob64(s, at, data, size, SQLITE_STATIC);
	err = database_step_blob(d, s, 0, NULL, NULL, 0);
	sqlite3_bind_null(s, at);
	return err;
}

static void bind_uid(struct database *d, enum schema_statement statement,
		     int at, const uint8_t *uid)
{
	sqlite3_bind_blob(d->sql[statement], at, uid, WIRE_ID_SIZE,
			  SQLITE_TRANSIENT);
}

int database_put_account(struct database *d, const uint8_t *uid,
			 uint64_t real_ns, const void *data, size_t size)
{
	const int64_t at_ns = (int64_t)real_ns;

	bind_uid(d, SCHEMA_PUT_ACCOUNT, 3, uid);
	return put(d, SCHEMA_PUT_ACCOUNT, &at_ns, data, size);
}

int database_put_latest(struct database *d, const uint8_t *uid,
			const void *data, size_t size)
{
	bind_uid(d, SCHEMA_PUT_LATEST, 2, uid);
	return put(d, SCHEMA_PUT_LATEST, NULL, data, size);
}

/* Rows of a uid and a blob. */
static int tell(struct database *d, sqlite3_stmt *s, database_state *found,
		void *context)
{
	int ret;

	while ((ret = sqlite3_step(s)) == SQLITE_ROW)
		if (sqlite3_column_bytes(s, 0) == WIRE_ID_SIZE)
			found(context, sqlite3_column_blob(s, 0),
			      sqlite3_column_blob(s, 1),
			      (size_t)sqlite3_column_bytes(s, 1));
	if (ret != SQLITE_DONE)
		database_failed(d);
	sqlite3_reset(s);
	return ret == SQLITE_DONE ? 0 : -EIO;
}

int database_accounts(struct database *d, int64_t count, database_state *found,
		      void *context)
{
	sqlite3_stmt *s = d->sql[SCHEMA_ALL_ACCOUNTS];

	sqlite3_bind_int64(s, 1, count);
	return tell(d, s, found, context);
}

int database_latest(struct database *d, const uint8_t *after, int64_t count,
		    database_state *found, void *context)
{
	sqlite3_stmt *s = d->sql[SCHEMA_SOME_LATEST];

	bind_uid(d, SCHEMA_SOME_LATEST, 1, after);
	sqlite3_bind_int64(s, 2, count);
	return tell(d, s, found, context);
}

int database_expire_states(struct database *d, uint64_t real_ns)
{
	const int64_t before = (int64_t)real_ns;
	int err = database_step(d, d->sql[SCHEMA_EXPIRE_LATEST], 1, &before);

	return err ? err :
		     database_step(d, d->sql[SCHEMA_EXPIRE_ACCOUNTS], 1,
				   &before);
}

static int put_node(struct database *d, const struct stored_node *n)
{
	const uint8_t *data = (const uint8_t *)(n + 1);
	int err = 0;

	if (n->account_size)
		err = database_put_account(d, n->uid, n->real_ns, data,
					   n->account_size);
	if (!err && n->values_size)
		err = database_put_latest(d, n->uid, data + n->account_size,
					  n->values_size);
	return err;
}

int writer_put_nodes(struct writer *w, const struct buffer *nodes)
{
	const uint8_t *at = nodes->data, *end = at + nodes->used;
	int err;

	if (!nodes->used)
		return 0;
	err = database_begin(w->d);
	while (!err && at < end) {
		const struct stored_node *n = (const struct stored_node *)at;

		err = put_node(w->d, n);
		at += stored_node_size(n);
	}
	if (!err)
		err = database_commit(w->d);
	if (err)
		database_rollback(w->d);
	return err;
}
