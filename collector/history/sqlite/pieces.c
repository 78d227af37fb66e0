// SPDX-License-Identifier: GPL-2.0-or-later
/* Parts and chunks, as they are made. */
#include <errno.h>
#include <inttypes.h>

#include "collector/history/sqlite/database.h"

static int put_node(struct database *d, const uint8_t *node, int64_t *id)
{
	sqlite3_stmt *s = d->sql[SCHEMA_PUT_NODE];
	int err;

	database_bind_node(s, 1, node);
	if (database_next(d, s, &err)) {
		*id = sqlite3_column_int64(s, 0);
		database_next(d, s, &err);
	}
	sqlite3_reset(s);
	return err;
}

static int put_parts(struct database *d, const struct engine_fold *f,
		     int64_t id)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < f->part_count; i++) {
		const struct engine_part *p = &f->parts[i];
		const int64_t key[] = { id, (int64_t)p->hour };

		err = database_step_blob(d, d->sql[SCHEMA_PUT_PART], 2, key,
					 p->data.data, p->data.size);
	}
	return err;
}

static int put_name(struct database *d, const struct engine_fold *f, int64_t id)
{
	sqlite3_stmt *s = d->sql[SCHEMA_NAME];
	int err;

	if (!f->name[0])
		return 0;
	sqlite3_bind_text(s, 2, f->name, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 3, f->version, -1, SQLITE_STATIC);
	sqlite3_bind_int(s, 4, f->log != 0);
	err = database_step(d, s, 1, &id);
	sqlite3_clear_bindings(s);
	return err;
}

static int put_aside(struct database *d, const struct engine_fold *f)
{
	sqlite3_stmt *s = d->sql[SCHEMA_PUT_ASIDE];
	const int64_t now = (int64_t)f->real_ns, most = ENGINE_ASIDE_MAX;
	int err;

	if (!f->aside.size)
		return 0;
	database_bind_node(s, 2, f->node);
	sqlite3_bind_text(s, 3, KTACH_VERSION, -1, SQLITE_STATIC);
	sqlite3_bind_blob64(s, 4, f->aside.data, f->aside.size, SQLITE_STATIC);
	err = database_step(d, s, 1, &now);
	sqlite3_clear_bindings(s);
	return err ? err :
		     database_step(d, d->sql[SCHEMA_TRIM_ASIDE], 1, &most);
}

int database_put_fold(struct database *d, const struct engine_fold *f)
{
	const bool any = f->first_ns <= f->last_ns;
	int64_t id;
	int err = database_find(d, f->node, &id, NULL);

	if (err == -ENOENT)
		err = put_node(d, f->node, &id);
	if (!err)
		err = put_parts(d, f, id);
	if (!err)
		err = put_name(d, f, id);
	if (!err)
		err = put_aside(d, f);
	if (!err) {
		const int64_t values[] = { id, (int64_t)f->log,
					   any ? (int64_t)f->first_ns :
						 INT64_MAX,
					   any ? (int64_t)f->last_ns : 0 };

		err = database_step(d, d->sql[SCHEMA_FOLDED], 4, values);
	}
	return err;
}

/* One that is done already is a call that was made again. */
static int fold_once(struct database *d, const struct engine_fold *f)
{
	uint64_t folded = 0;
	int64_t id;
	int err = database_find(d, f->node, &id, &folded);

	if (!err && f->log && folded >= f->log)
		return 0;
	return err && err != -ENOENT ? err : database_put_fold(d, f);
}

int database_fold_all(struct engine *e, const struct engine_fold *folds,
		      size_t count)
{
	struct database *d = database_of(e);
	int err = database_begin(d);
	size_t i;

	if (err)
		return err;
	for (i = 0; !err && i < count; i++)
		err = fold_once(d, &folds[i]);
	return database_end(d, err);
}

static int put_merge(struct database *d, const struct engine_merge *m)
{
	int64_t id, key, parts[3];
	int tier, err = database_find(d, m->key.node, &id, NULL);

	if (err)
		return err == -ENOENT ? 0 : err;
	key = schema_key(m->key.hour, id);
	for (tier = 0; !err && tier < TIERS; tier++)
		if (m->chunks[tier].size)
			err = database_step_blob(d, d->put[tier], 1, &key,
						 m->chunks[tier].data,
						 m->chunks[tier].size);
	parts[0] = id;
	parts[1] = (int64_t)m->key.hour;
	parts[2] = (int64_t)m->parts;
	return err ? err :
		     database_step(d, d->sql[SCHEMA_TAKE_PARTS], 3, parts);
}

int database_merge_all(struct engine *e, const struct engine_merge *merges,
		       size_t count)
{
	struct database *d = database_of(e);
	int err = database_begin(d);
	size_t i;

	if (err)
		return err;
	for (i = 0; !err && i < count; i++)
		err = put_merge(d, &merges[i]);
	return database_end(d, err);
}

int database_set_aside(struct engine *e, const struct engine_key *key)
{
	struct database *d = database_of(e);
	int64_t id;
	int err = database_find(d, key->node, &id, NULL);
	const int64_t values[] = { id, (int64_t)key->hour };

	return err ? err :
		     database_step(d, d->sql[SCHEMA_PARTS_ASIDE], 2, values);
}
