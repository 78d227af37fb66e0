// SPDX-License-Identifier: GPL-2.0-or-later
/* A node that moves to another engine. */
#include <errno.h>
#include <string.h>

#include "collector/base/buffer.h"
#include "collector/history/sqlite/database.h"

/* A statement that is rarely used, for a node; NULL for all. */
static int ask(struct database *d, const char *sql, const uint8_t *node,
	       sqlite3_stmt **s)
{
	if (sqlite3_prepare_v2(d->db, sql, -1, s, NULL))
		return database_failed(d);
	if (node)
		database_bind_node(*s, 1, node);
	return 0;
}

int database_everybody(struct engine *e, engine_found_id *found, void *context)
{
	struct database *d = database_of(e);
	sqlite3_stmt *s;
	int err = ask(d,
		      "SELECT uid FROM node UNION SELECT node FROM session "
		      "UNION SELECT node FROM account UNION SELECT node FROM "
		      "latest UNION SELECT node FROM loss",
		      NULL, &s);

	if (err)
		return err;
	while (database_next(d, s, &err))
		if (sqlite3_column_bytes(s, 0) == WIRE_ID_SIZE)
			found(context, sqlite3_column_blob(s, 0));
	sqlite3_finalize(s);
	return err;
}

/* @newest: when one was set last. */
static int get_marks(struct database *d, const uint8_t *node, struct buffer *to,
		     uint64_t *newest)
{
	struct engine_mark m = { .known = false };
	sqlite3_stmt *s;
	int err = ask(d,
		      "SELECT session, stored, real_ns FROM session "
		      "WHERE node=?1 ORDER BY real_ns, session",
		      node, &s);

	if (err)
		return err;
	memcpy(m.node, node, sizeof(m.node));
	while (database_next(d, s, &err)) {
		m.session = (uint64_t)sqlite3_column_int64(s, 0);
		m.sequence = (uint64_t)sqlite3_column_int64(s, 1);
		*newest = (uint64_t)sqlite3_column_int64(s, 2);
		err = buffer_put(to, &m, sizeof(m));
		if (err)
			break;
	}
	sqlite3_finalize(s);
	return err;
}

static int get_losses(struct database *d, const uint8_t *node,
		      struct buffer *to)
{
	struct store_loss loss;
	sqlite3_stmt *s;
	int i, err = ask(d, "SELECT * FROM loss WHERE node=?1 ORDER BY minute",
			 node, &s);

	if (err)
		return err;
	memcpy(loss.node, node, sizeof(loss.node));
	while (database_next(d, s, &err)) {
		loss.minute = (uint64_t)sqlite3_column_int64(s, 1);
		for (i = 0; i < LOSS_CAUSES; i++)
			loss.count[i] = sqlite3_column_int64(s, 2 + i);
		err = buffer_put(to, &loss, sizeof(loss));
		if (err)
			break;
	}
	sqlite3_finalize(s);
	return err;
}

/* Its account and its values; the statement has them until it is finalized. */
static int get_state(struct database *d, const uint8_t *node,
		     struct store_node *n, sqlite3_stmt **s)
{
	int err = ask(d,
		      "SELECT a.real_ns, a.data, l.data FROM (SELECT ?1 AS id) "
		      "LEFT JOIN account a ON a.node=id "
		      "LEFT JOIN latest l ON l.node=id",
		      node, s);

	n->node = node;
	if (err || !database_next(d, *s, &err))
		return err;
	n->real_ns = (uint64_t)sqlite3_column_int64(*s, 0);
	n->account = sqlite3_column_blob(*s, 1);
	n->account_size = (size_t)sqlite3_column_bytes(*s, 1);
	n->values = sqlite3_column_blob(*s, 2);
	n->values_size = (size_t)sqlite3_column_bytes(*s, 2);
	return 0;
}

int database_small(struct engine *e, const uint8_t *node,
		   engine_found_commit *found, void *context)
{
	struct database *d = database_of(e);
	struct buffer marks = { 0 }, losses = { 0 };
	struct store_node state = { .node = node };
	struct engine_commit c = { .states = &state };
	sqlite3_stmt *s = NULL;
	int err = get_marks(d, node, &marks, &c.real_ns);

	if (!err)
		err = get_losses(d, node, &losses);
	if (!err)
		err = get_state(d, node, &state, &s);
	c.marks = (const struct engine_mark *)marks.data;
	c.mark_count = marks.used / sizeof(*c.marks);
	c.losses = (const struct store_loss *)losses.data;
	c.loss_count = losses.used / sizeof(*c.losses);
	c.state_count = state.account_size || state.values_size;
	if (!err && (c.mark_count || c.loss_count || c.state_count))
		err = found(context, &c);
	sqlite3_finalize(s);
	buffer_free(&marks);
	buffer_free(&losses);
	return err;
}

/* Its row tells whose chunks are: it stays until there are none. */
static const char *const leaving[] = {
	"DELETE FROM session WHERE node=?1",
	"DELETE FROM account WHERE node=?1",
	"DELETE FROM latest WHERE node=?1",
	"DELETE FROM loss WHERE node=?1",
	"DELETE FROM node WHERE uid=?1 AND bytes=0 AND NOT EXISTS "
	"(SELECT 1 FROM part WHERE part.node=node.id)",
};

static int run(struct database *d, const char *sql, const uint8_t *node)
{
	sqlite3_stmt *s;
	int err = ask(d, sql, node, &s);

	if (err)
		return err;
	err = database_step(d, s, 0, NULL);
	sqlite3_finalize(s);
	return err;
}

int database_leave(struct engine *e, const uint8_t *node, bool row)
{
	struct database *d = database_of(e);
	size_t i, most = sizeof(leaving) / sizeof(leaving[0]) - !row;
	int err = database_begin(d);

	if (err)
		return err;
	for (i = 0; !err && i < most; i++)
		err = run(d, leaving[i], node);
	err = database_end(d, err);
	d->id = 0;
	return err;
}
