// SPDX-License-Identifier: GPL-2.0-or-later
/* What is known of nodes beside their samples. */
#include <errno.h>

#include "collector/history/sqlite/database.h"

static void read_loss(sqlite3_stmt *s, uint64_t step, struct history_loss *loss)
{
	int i;

	loss->real_ns = (uint64_t)sqlite3_column_int64(s, 0) * step *
			HISTORY_LOSS_STEP_NS;
	for (i = 0; i < LOSS_CAUSES; i++)
		loss->count[i] = sqlite3_column_int64(s, 1 + i);
}

int database_losses(struct engine *e, const struct history_losses_query *q,
		    engine_found_loss *found, void *context)
{
	struct database *d = database_of(e);
	sqlite3_stmt *s = d->sql[SCHEMA_GET_LOSSES];
	uint64_t step = q->step_ns / HISTORY_LOSS_STEP_NS;
	const uint64_t values[] = { step, q->from_ns / HISTORY_LOSS_STEP_NS,
				    (q->to_ns - 1) / HISTORY_LOSS_STEP_NS };
	struct history_loss loss;
	int i, err;

	if (!step)
		return -EINVAL;
	for (i = 0; i < 3; i++)
		sqlite3_bind_int64(s, i + 1, (sqlite3_int64)values[i]);
	database_bind_node(s, 4, q->node);
	while (database_next(d, s, &err)) {
		read_loss(s, step, &loss);
		found(context, &loss);
	}
	sqlite3_reset(s);
	return err;
}

/* Rows of a node and a blob. */
static int tell(struct database *d, sqlite3_stmt *s, history_state *found,
		void *context)
{
	int err;

	while (database_next(d, s, &err))
		if (sqlite3_column_bytes(s, 0) == WIRE_ID_SIZE)
			found(context, sqlite3_column_blob(s, 0),
			      sqlite3_column_blob(s, 1),
			      (size_t)sqlite3_column_bytes(s, 1));
	sqlite3_reset(s);
	return err;
}

int database_accounts(struct engine *e, size_t count, history_state *found,
		      void *context)
{
	struct database *d = database_of(e);
	sqlite3_stmt *s = d->sql[SCHEMA_ALL_ACCOUNTS];

	sqlite3_bind_int64(s, 1, (sqlite3_int64)count);
	return tell(d, s, found, context);
}

int database_latest(struct engine *e, const uint8_t *after, size_t count,
		    history_state *found, void *context)
{
	struct database *d = database_of(e);
	sqlite3_stmt *s = d->sql[SCHEMA_SOME_LATEST];

	database_bind_node(s, 1, after);
	sqlite3_bind_int64(s, 2, (sqlite3_int64)count);
	return tell(d, s, found, context);
}
