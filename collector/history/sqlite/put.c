// SPDX-License-Identifier: GPL-2.0-or-later
/* What comes is committed: marks, what is known of nodes, losses, a row of the log. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "collector/history/sqlite/database.h"

enum {
	LAST_MARKS_BITS = 10,
	LAST_MARKS = 1 << LAST_MARKS_BITS,
};

static void bind_session(sqlite3_stmt *s, const uint8_t *node, uint64_t session)
{
	database_bind_node(s, 1, node);
	sqlite3_bind_int64(s, 2, (sqlite3_int64)session);
}

int database_mark(struct engine *e, const uint8_t *node, uint64_t session,
		  uint64_t *stored)
{
	struct database *d = database_of(e);
	sqlite3_stmt *s = d->sql[SCHEMA_GET_MARK];
	int err;

	bind_session(s, node, session);
	if (database_next(d, s, &err))
		*stored = (uint64_t)sqlite3_column_int64(s, 0);
	else if (!err)
		err = -ENOENT;
	sqlite3_reset(s);
	return err;
}

/* A session that is new makes the node's oldest ones go. */
static int trim_marks(struct database *d, const struct engine_mark *m)
{
	sqlite3_stmt *s = d->sql[SCHEMA_TRIM_MARKS];

	database_bind_node(s, 1, m->node);
	sqlite3_bind_int64(s, 2, STORE_SESSIONS_MAX);
	return database_step(d, s, 0, NULL);
}

static int put_mark(struct database *d, const struct engine_mark *m,
		    uint64_t real_ns)
{
	sqlite3_stmt *s = d->sql[m->known ? SCHEMA_SET_MARK : SCHEMA_NEW_MARK];
	int err;

	bind_session(s, m->node, m->session);
	sqlite3_bind_int64(s, 3, (sqlite3_int64)m->sequence);
	sqlite3_bind_int64(s, 4, (sqlite3_int64)real_ns);
	if (m->known)
		sqlite3_bind_int64(s, 5, (sqlite3_int64)m->before);
	err = database_step(d, s, 0, NULL);
	if (!err && !sqlite3_changes(d->db)) {
		snprintf(d->problem, sizeof(d->problem),
			 "history.db: a session's mark was changed");
		return -EAGAIN;
	}
	return err;
}

/* Which mark in a list is its node's last one: a node that begins many sessions in a
 * commit is trimmed once. Nodes that share a place are trimmed more often.
 */
struct last_marks {
	size_t of[LAST_MARKS];
};

static size_t *last_of(struct last_marks *last, const uint8_t *node)
{
	uint64_t half[2];

	memcpy(half, node, sizeof(half));
	half[0] = (half[0] ^ half[1]) * UINT64_C(0x9e3779b97f4a7c15);
	return &last->of[half[0] >> (64 - LAST_MARKS_BITS)];
}

static int put_marks(struct database *d, const struct engine_mark *marks,
		     size_t count, uint64_t real_ns)
{
	struct last_marks last;
	size_t i, at;
	int err = 0;

	for (i = 0; !err && i < count; i++) {
		err = put_mark(d, &marks[i], real_ns);
		if (!marks[i].known)
			*last_of(&last, marks[i].node) = i;
	}
	for (i = 0; !err && i < count; i++) {
		if (marks[i].known)
			continue;
		at = *last_of(&last, marks[i].node);
		if (at == i || memcmp(marks[at].node, marks[i].node,
				      sizeof(marks[i].node)))
			err = trim_marks(d, &marks[i]);
	}
	return err;
}

static int put_account(struct database *d, const struct store_node *n)
{
	sqlite3_stmt *s = d->sql[SCHEMA_PUT_ACCOUNT];
	int err;

	sqlite3_bind_int64(s, 1, (sqlite3_int64)n->real_ns);
	sqlite3_bind_blob64(s, 2, n->account, n->account_size, SQLITE_STATIC);
	database_bind_node(s, 3, n->node);
	err = database_step(d, s, 0, NULL);
	sqlite3_bind_null(s, 2);
	return err;
}

static int put_values(struct database *d, const struct store_node *n)
{
	sqlite3_stmt *s = d->sql[SCHEMA_PUT_LATEST];
	int err;

	sqlite3_bind_blob64(s, 1, n->values, n->values_size, SQLITE_STATIC);
	database_bind_node(s, 2, n->node);
	err = database_step(d, s, 0, NULL);
	sqlite3_bind_null(s, 1);
	return err;
}

static int put_state(struct database *d, const struct store_node *n)
{
	int err = n->account_size ? put_account(d, n) : 0;

	return err || !n->values_size ? err : put_values(d, n);
}

static int put_loss(struct database *d, const struct store_loss *loss)
{
	int64_t values[1 + LOSS_CAUSES] = { (int64_t)loss->minute };
	int i;

	for (i = 0; i < LOSS_CAUSES; i++)
		values[1 + i] = loss->count[i];
	return database_step_blob(d, d->sql[SCHEMA_ADD_LOSS], 1 + LOSS_CAUSES,
				  values, loss->node, sizeof(loss->node));
}

static int put_log(struct database *d, const struct engine_blob *log)
{
	const int64_t id = (int64_t)d->engine.last_log + 1;

	if (!log->size)
		return 0;
	return database_step_blob(d, d->sql[SCHEMA_PUT_LOG], 1, &id, log->data,
				  log->size);
}

static int put_all(struct database *d, const struct engine_commit *c)
{
	size_t i;
	int err = put_marks(d, c->marks, c->mark_count, c->real_ns);

	for (i = 0; !err && i < c->state_count; i++)
		err = put_state(d, &c->states[i]);
	for (i = 0; !err && i < c->loss_count; i++)
		err = put_loss(d, &c->losses[i]);
	return err ? err : put_log(d, &c->log);
}

/* Nothing was written to files that are not there any more. */
int database_keep(struct engine *e, const struct engine_commit *c)
{
	struct database *d = database_of(e);
	int err = database_present(d);

	if (!err)
		err = database_begin(d);
	if (!err)
		err = put_all(d, c);
	if (!err)
		err = database_commit(d);
	if (!err)
		err = database_present(d);
	if (err) {
		database_rollback(d);
		return err;
	}
	e->last_log += c->log.size != 0;
	return 0;
}
