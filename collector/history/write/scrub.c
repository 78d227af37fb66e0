// SPDX-License-Identifier: GPL-2.0-or-later
/* Chunks are read again and again, a little at a time: damage is told before
 * somebody asks for what is lost.
 */
#include <inttypes.h>
#include <stdio.h>

#include "collector/history/chunk/chunk.h"
#include "collector/history/write/writer.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/node_id.h"

enum {
	BYTES_AT_ONCE = 4 << 20,
};

#define TELL_EVERY_NS UINT64_C(60000000000)

/* What tells whose a row is. */
static const struct {
	const char *name;
	const char *node;
} tables[] = {
	{ "part", "node" },
	{ "raw", "id & 16777215" },
	{ "minute", "id & 16777215" },
	{ "five", "id & 16777215" },
};

enum {
	TABLES = sizeof(tables) / sizeof(tables[0]),
};

_Static_assert(SCHEMA_NODE_BITS == 24, "16777215 above");

static void tell(struct writer *w, int64_t id, int64_t node)
{
	struct scrub *s = &w->scrub;
	uint64_t now = clock_mono_ns();
	char text[NODE_ID_TEXT_SIZE];
	uint8_t uid[WIRE_ID_SIZE];

	s->found++;
	if (s->told_ns && now - s->told_ns < TELL_EVERY_NS)
		return;
	s->told_ns = now;
	database_uid(w->d, node, uid);
	node_id_format(uid, text);
	log_error(
		"history: row %" PRId64
		" of table %s is damaged, a chunk of node %s; end the collector, 'ktach-collector check --repair' deletes it",
		id, tables[s->table].name, text);
}

static bool is_whole(const void *data, size_t size)
{
	struct chunk c;
	int err = chunk_open(&c, data, size);

	chunk_close(&c);
	return err != -EBADMSG;
}

static void next_table(struct scrub *s)
{
	s->id = INT64_MIN;
	s->table++;
	if (s->table < TABLES)
		return;
	s->table = 0;
	s->damaged = s->found;
	s->found = 0;
}

/* Rows of a table from where it was left. Return how many bytes that were. */
static size_t read_rows(struct writer *w, size_t most)
{
	struct scrub *s = &w->scrub;
	size_t bytes = 0;
	sqlite3_stmt *q;
	char sql[120];
	int ret = SQLITE_ROW;

	snprintf(sql, sizeof(sql),
		 "SELECT id, %s, data FROM %s WHERE id>%" PRId64 " ORDER BY id",
		 tables[s->table].node, tables[s->table].name, s->id);
	if (sqlite3_prepare_v2(w->d->db, sql, -1, &q, NULL))
		ret = SQLITE_ERROR;
	while (ret == SQLITE_ROW && bytes < most) {
		ret = sqlite3_step(q);
		if (ret != SQLITE_ROW)
			break;
		s->id = sqlite3_column_int64(q, 0);
		if (!is_whole(sqlite3_column_blob(q, 2),
			      (size_t)sqlite3_column_bytes(q, 2)))
			tell(w, s->id, sqlite3_column_int64(q, 1));
		bytes += (size_t)sqlite3_column_bytes(q, 2);
	}
	sqlite3_finalize(q);
	/* A page that can't be read ends a table. */
	if (ret == SQLITE_CORRUPT || ret == SQLITE_NOTADB)
		tell(w, s->id, 0);
	if (ret != SQLITE_ROW)
		next_table(s);
	return bytes;
}

void scrub(struct writer *w)
{
	size_t left = BYTES_AT_ONCE, bytes;
	int table;

	for (table = 0; left && table < TABLES; table++) {
		bytes = read_rows(w, left);
		left = bytes < left ? left - bytes : 0;
	}
	if (w->scrub.found > w->scrub.damaged)
		w->scrub.damaged = w->scrub.found;
}
