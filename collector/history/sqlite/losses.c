// SPDX-License-Identifier: GPL-2.0-or-later
/* What was lost: a row a node and minute in which anything was. */
#include <errno.h>

#include "collector/history/sqlite/database.h"
#include "collector/history/history.h"
#include "collector/history/write/writer.h"

static int put(struct database *d, const struct store_loss *loss)
{
	int64_t values[1 + LOSS_CAUSES] = { (int64_t)loss->minute };
	int i;

	for (i = 0; i < LOSS_CAUSES; i++)
		values[1 + i] = loss->count[i];
	return database_step_blob(d, d->sql[SCHEMA_ADD_LOSS], 1 + LOSS_CAUSES,
				  values, loss->node, sizeof(loss->node));
}

int writer_put_losses(struct writer *w, const struct buffer *losses)
{
	const struct store_loss *at = (const struct store_loss *)losses->data;
	size_t n = losses->used / sizeof(*at), i;
	int err;

	if (!n)
		return 0;
	err = database_begin(w->d);
	for (i = 0; !err && i < n; i++)
		err = put(w->d, &at[i]);
	if (!err)
		err = database_commit(w->d);
	if (err)
		database_rollback(w->d);
	return err;
}

int database_expire_losses(struct database *d, uint64_t minute)
{
	const int64_t before = (int64_t)minute;

	return database_step(d, d->sql[SCHEMA_EXPIRE_LOSSES], 1, &before);
}

static void read_row(sqlite3_stmt *s, uint64_t step, struct history_loss *loss)
{
	int i;

	loss->real_ns = (uint64_t)sqlite3_column_int64(s, 0) * step *
			HISTORY_LOSS_STEP_NS;
	for (i = 0; i < LOSS_CAUSES; i++)
		loss->count[i] = sqlite3_column_int64(s, 1 + i);
}

int database_losses(struct database *d, const struct history_losses_query *q,
		    void (*found)(void *context, const struct history_loss *l),
		    void *context)
{
	sqlite3_stmt *s = d->sql[SCHEMA_GET_LOSSES];
	uint64_t step = q->step_ns / HISTORY_LOSS_STEP_NS;
	const uint64_t values[] = { step, q->from_ns / HISTORY_LOSS_STEP_NS,
				    (q->to_ns - 1) / HISTORY_LOSS_STEP_NS };
	struct history_loss loss;
	int i, ret;

	if (!step)
		return -EINVAL;
	for (i = 0; i < 3; i++)
		sqlite3_bind_int64(s, i + 1, (sqlite3_int64)values[i]);
	sqlite3_bind_blob(s, 4, q->node, sizeof(q->node), SQLITE_TRANSIENT);
	while ((ret = sqlite3_step(s)) == SQLITE_ROW) {
		read_row(s, step, &loss);
		found(context, &loss);
	}
	if (ret != SQLITE_DONE)
		database_failed(d);
	sqlite3_reset(s);
	return ret == SQLITE_DONE ? 0 : -EIO;
}
