// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Version 4 did not count a node's bytes, and set nothing aside. Version 3 did not
 * know nodes but by name. Version 2 had no losses.
 *
 * Version 1 had a row for each CPU or interface of a sample, in tables with a
 * column for each column of ktach/wire_tables.h that was required:
 * node, real_ns, mono_ns, origin, key, columns ..., texts ...
 */
#include <stdio.h>

#include "collector/history/fold/fold.h"
#include "collector/history/frames/open.h"
#include "collector/history/sqlite/migrate.h"
#include "lib/base/log.h"
#include "lib/base/node_id.h"
#include "lib/wire/wire_schema.h"

enum {
	HEAD_COLUMNS = 4, /* before the key */
	MIGRATE_SAMPLES = 100000, /* rows that are gathered at once, or so */
};

static const uint32_t kinds[] = { WIRE_CPU, WIRE_SOFTIRQ, WIRE_NET };

enum {
	KINDS = sizeof(kinds) / sizeof(kinds[0]),
};

static int update(struct database *d, int64_t version)
{
	int err;

	if (version == 2)
		err = database_run(d, schema_create_loss);
	else
		err = database_run(d, "ALTER TABLE loss ADD COLUMN budget "
				      "INTEGER NOT NULL DEFAULT 0");
	if (!err && version < 4)
		err = database_run(d, schema_create_state);
	return err ? err : database_run(d, schema_create_bytes);
}

int migrate_schema(struct database *d, int64_t version)
{
	int err;

	if (version > 1)
		return update(d, version);
	err = database_run(d, "ALTER TABLE node RENAME TO node_1");
	return err ? err : database_run(d, schema_create);
}

/* A row as a table of one row: rows of a sample meet again in gather_build(). */
static int add_row(struct fold *f, sqlite3_stmt *s, uint32_t kind)
{
	const struct wire_schema *schema = wire_schema(kind);
	uint64_t cells[WIRE_COLUMNS_MAX];
	struct wire_text text = { .data = NULL };
	struct wire_table t = { .kind = kind,
				.schema = schema->schema,
				.columns = schema->required,
				.rows = 1,
				.cells = cells };
	uint32_t i;
	int at;

	t.real_ns = (uint64_t)sqlite3_column_int64(s, 1);
	t.mono_ns = (uint64_t)sqlite3_column_int64(s, 2);
	t.origin = (uint32_t)sqlite3_column_int64(s, 3);
	for (i = 0; i < t.columns; i++)
		cells[i] = (uint64_t)sqlite3_column_int64(s, HEAD_COLUMNS +
								     (int)i);
	at = HEAD_COLUMNS + (int)t.columns;
	if (schema->texts && sqlite3_column_text(s, at)) {
		text.data = (const char *)sqlite3_column_text(s, at);
		text.size = (size_t)sqlite3_column_bytes(s, at);
		t.texts = 1;
		t.text = &text;
	}
	return fold_add(f, &t);
}

/**
 * struct move - a node's samples on their way
 * @d: the history
 * @f: what they are gathered in
 * @fold: of the node, how it is known
 */
struct move {
	struct database *d;
	struct fold f;
	struct engine_fold fold;
};

/* Keep what was gathered. */
static int put_parts(struct move *m)
{
	struct engine_fold made = m->fold;
	int err = fold_parts(&m->f);

	made.parts = (const struct engine_part *)m->f.parts.data;
	made.part_count = m->f.parts.used / sizeof(*made.parts);
	if (!err)
		err = database_put_fold(m->d, &made);
	fold_clear(&m->f);
	return err;
}

/* Rows of one kind, in pieces that fit memory: each becomes parts. */
static int move_kind(struct move *m, uint32_t kind, int64_t from)
{
	int64_t rows = 0, number = 0;
	sqlite3_stmt *s;
	char sql[80];
	int err = 0, ret = SQLITE_ROW;

	snprintf(sql, sizeof(sql),
		 "SELECT * FROM %s WHERE node=%lld ORDER BY real_ns",
		 wire_schema(kind)->name, (long long)from);
	if (sqlite3_prepare_v2(m->d->db, sql, -1, &s, NULL))
		return -EIO;
	while (!err && (ret = sqlite3_step(s)) == SQLITE_ROW) {
		int64_t real_ns = sqlite3_column_int64(s, 1);

		if (number >= MIGRATE_SAMPLES && real_ns != rows) {
			err = put_parts(m);
			number = 0;
		}
		rows = real_ns;
		number++;
		if (!err)
			err = add_row(&m->f, s, kind);
	}
	sqlite3_finalize(s);
	if (!err)
		err = put_parts(m);
	return !err && ret != SQLITE_DONE ? -EIO : err;
}

static const char *text_of(sqlite3_stmt *s, int column)
{
	const char *text = (const char *)sqlite3_column_text(s, column);

	return text ? text : "";
}

static int move_node(struct move *m, sqlite3_stmt *s)
{
	const char *text = text_of(s, 1);
	int i, err = 0;

	m->fold = (struct engine_fold){
		.name = text_of(s, 2),
		.version = text_of(s, 3),
		.first_ns = (uint64_t)sqlite3_column_int64(s, 4),
		.last_ns = (uint64_t)sqlite3_column_int64(s, 5),
	};
	if (node_id_parse(text, m->fold.node)) {
		log_warn("history: a node with the id '%s' was left out", text);
		return 0;
	}
	for (i = 0; !err && i < KINDS; i++) {
		fold_clear(&m->f);
		err = move_kind(m, kinds[i], sqlite3_column_int64(s, 0));
	}
	return err;
}

static int move_all(struct database *d)
{
	struct move m = { .d = d };
	sqlite3_stmt *s = NULL;
	int err = fold_init(&m.f), ret = SQLITE_ROW;

	if (err)
		return err;
	if (sqlite3_prepare_v2(d->db,
			       "SELECT id, uid, name, version, first_real_ns, "
			       "last_real_ns FROM node_1",
			       -1, &s, NULL))
		err = -EIO;
	while (!err && (ret = sqlite3_step(s)) == SQLITE_ROW)
		err = move_node(&m, s);
	if (!err && ret != SQLITE_DONE)
		err = -EIO;
	sqlite3_finalize(s);
	fold_exit(&m.f);
	if (!err)
		err = database_run(d, "DROP TABLE cpu; DROP TABLE softirq; "
				      "DROP TABLE net; DROP TABLE node_1; "
				      "DROP TABLE origin;");
	return err;
}

static void know(void *context, const struct engine_node *n)
{
	struct open_table *open = context;
	struct open_node *node = open_get(open, n->id);

	if (node)
		node->folded = n->folded;
}

struct log {
	struct open_table *open;
	uint64_t missing;
};

static int read_log(void *context, uint64_t id, const void *data, size_t size)
{
	struct log *log = context;

	return open_log(log->open, id, data, size, 0, &log->missing);
}

/* Only names and times are asked for. */
static int forget(struct fold *f, void *context)
{
	fold_forget_tables(f);
	return 0;
}

static int name_node(struct database *d, struct fold *f, struct open_node *n)
{
	struct engine_fold named = { .log = n->folded };
	int err;

	memcpy(named.node, n->uid, WIRE_ID_SIZE);
	fold_clear(f);
	err = fold_frames(f, &n->frames, forget, NULL);
	fold_forget_tables(f);
	named.name = f->name;
	named.version = f->version;
	named.first_ns = f->first_ns;
	named.last_ns = f->last_ns;
	return err ? err : database_put_fold(d, &named);
}

/* Before version 4 a node got its row only when its frames were folded: those that
 * are not yet would be nobody's, until they are.
 */
static int name_nodes(struct database *d)
{
	struct open_table *open = malloc(sizeof(*open));
	struct log log = { .open = open };
	struct open_node *n;
	struct fold f;
	int err;

	if (!open)
		return -ENOMEM;
	open_init(open);
	err = fold_init(&f);
	if (err)
		goto free_open;
	err = database_nodes(&d->engine, know, open);
	if (!err)
		err = database_logs(&d->engine, read_log, &log);
	for (n = open->oldest; !err && n; n = n->younger)
		err = name_node(d, &f, n);
	fold_exit(&f);
free_open:
	open_exit(open);
	free(open);
	return err;
}

int migrate_rows(struct database *d, int64_t version)
{
	int err = 0;

	log_info("history: bringing schema %lld up to %d; this takes a while",
		 (long long)version, SCHEMA_VERSION);
	if (version == 1)
		err = move_all(d);
	else if (version < 4)
		err = name_nodes(d);
	return err ? err : database_run(d, "PRAGMA user_version=5;");
}

_Static_assert(SCHEMA_VERSION == 5, "user_version above");
