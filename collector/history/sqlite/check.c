// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>

#include "collector/history/chunk/chunk.h"
#include "collector/history/frames/frame_log.h"
#include "collector/history/groups.h"
#include "collector/history/sqlite/database.h"
#include "collector/history/sqlite/salvage.h"
#include "collector/history/tool.h"
#include "lib/base/log.h"
#include "lib/base/options.h"

static const char details[] =
	"Verifies the database itself, the checksum of each chunk, that each one can be\n"
	"read, and the frames that are not in chunks yet. It may run while a collector\n"
	"uses the history. --repair deletes what is damaged, and only that, so that the\n"
	"rest can be used: chunks, and frames out of rows of the log; stop the collector\n"
	"before. Of a database that SQLite itself finds malformed it makes a new one with\n"
	"all that can still be read; the old one stays as history.db.damaged.\n"
	"\n"
	"Exit status: 0 all is whole, or was repaired; 1 something is damaged or could\n"
	"not be read; 2 usage.\n";

/**
 * struct check - under way
 * @d: the history
 * @block: what chunks are read into
 * @row: of the log, what is left of a damaged one
 * @good: rows that are whole
 * @bad: those that are not
 * @damaged: any was, in any of the files
 * @samples: in chunks
 * @bytes: of rows that are whole
 */
struct check {
	struct database *d;
	struct block block;
	struct buffer row;
	uint64_t good;
	uint64_t bad;
	bool damaged;
	uint64_t samples;
	uint64_t bytes;
};

static int whole_chunk(struct check *c, const void *data, size_t size)
{
	struct chunk chunk;
	int ret = chunk_open(&chunk, data, size);

	while (!ret) {
		ret = chunk_next(&chunk, &c->block, 0, CHUNK_ALL, 0);
		if (ret != 1)
			break;
		c->samples += c->block.samples;
		ret = 0;
	}
	chunk_close(&chunk);
	return ret;
}

static int whole_log(struct check *c, const void *data, size_t size)
{
	struct frame_walk walk;

	frame_walk_begin(&walk, data, size);
	while (frame_walk_next(&walk))
		;
	return frame_walk_missing(&walk) ? -EBADMSG : 0;
}

#define IS_NODE " IN (SELECT id FROM node)"

/* Tables of blobs, what is in them, and what tells that a row's node is there: nobody
 * could ask for it else.
 */
static const struct {
	const char *name;
	int (*whole)(struct check *c, const void *data, size_t size);
	const char *node;
} tables[] = {
	{ "log", whole_log, "1" },
	{ "part", whole_chunk, "node" IS_NODE },
	{ "raw", whole_chunk, "id & 16777215" IS_NODE },
	{ "minute", whole_chunk, "id & 16777215" IS_NODE },
	{ "five", whole_chunk, "id & 16777215" IS_NODE },
	{ "aside", whole_log, "1" },
};

static int delete_row(struct check *c, const char *table, int64_t id)
{
	char sql[80];

	snprintf(sql, sizeof(sql), "DELETE FROM %s WHERE id=%" PRId64, table,
		 id);
	return database_run(c->d, sql);
}

/* Frames that are whole stay. */
static int mend_row(struct check *c, const char *table, int64_t id,
		    const void *data, size_t size)
{
	sqlite3_stmt *s;
	char sql[80];
	int err = frame_log_mend(&c->row, data, size);

	if (err || frame_log_empty(&c->row))
		return err ? err : delete_row(c, table, id);
	snprintf(sql, sizeof(sql), "UPDATE %s SET data=?2 WHERE id=?1", table);
	if (sqlite3_prepare_v2(c->d->db, sql, -1, &s, NULL))
		return -EIO;
	err = database_step_blob(c->d, s, 1, &id, c->row.data, c->row.used);
	sqlite3_finalize(s);
	return err;
}

static int repair_row(struct check *c, size_t table, int64_t id,
		      const void *data, size_t size)
{
	if (tables[table].whole == whole_log)
		return mend_row(c, tables[table].name, id, data, size);
	return delete_row(c, tables[table].name, id);
}

static int check_row(struct check *c, size_t table, sqlite3_stmt *s,
		     bool repair)
{
	int64_t id = sqlite3_column_int64(s, 0);
	size_t size = (size_t)sqlite3_column_bytes(s, 1);
	const void *data = sqlite3_column_blob(s, 1);
	int ret = sqlite3_column_int(s, 2) ?
			  tables[table].whole(c, data, size) :
			  -EBADMSG;

	if (!ret) {
		c->good++;
		c->bytes += size;
		return 0;
	}
	if (ret != -EBADMSG)
		return ret;
	c->bad++;
	printf("damaged: row %" PRId64 " of table %s%s\n", id,
	       tables[table].name,
	       !repair ? "" :
	       tables[table].whole == whole_log ?
			 ", its damaged frames deleted" :
			 ", deleted");
	return repair ? repair_row(c, table, id, data, size) : 0;
}

static int check_table(struct check *c, size_t table, bool repair)
{
	sqlite3_stmt *s;
	int ret, err = 0;
	char sql[160];

	snprintf(sql, sizeof(sql), "SELECT id, data, %s FROM %s ORDER BY id",
		 tables[table].node, tables[table].name);
	if (sqlite3_prepare_v2(c->d->db, sql, -1, &s, NULL))
		return -EIO;
	while (!err && (ret = sqlite3_step(s)) == SQLITE_ROW)
		err = check_row(c, table, s, repair);
	sqlite3_finalize(s);
	return err ? err : ret == SQLITE_DONE ? 0 : -EIO;
}

static int check_database(struct check *c)
{
	sqlite3_stmt *s;
	int ret, lines = 0;

	if (sqlite3_prepare_v2(c->d->db, "PRAGMA integrity_check", -1, &s,
			       NULL))
		return -EIO;
	while ((ret = sqlite3_step(s)) == SQLITE_ROW) {
		const char *line = (const char *)sqlite3_column_text(s, 0);

		if (strcmp(line, "ok")) {
			printf("malformed: %s\n", line);
			lines++;
		}
	}
	sqlite3_finalize(s);
	return ret != SQLITE_DONE || lines ? -EIO : 0;
}

static int check_all(struct check *c, bool repair)
{
	size_t i;
	int err = check_database(c);

	for (i = 0; !err && i < sizeof(tables) / sizeof(tables[0]); i++)
		err = check_table(c, i, repair);
	printf("%" PRIu64 " rows whole, %" PRIu64 " damaged; %" PRIu64
	       " samples of tables in %" PRIu64 " bytes\n",
	       c->good, c->bad, c->samples, c->bytes);
	return err;
}

static int check_folder(struct check *c, const char *folder, bool repair)
{
	int err = repair ? database_open(&c->d, folder) :
			   database_read(&c->d, folder);

	if (err)
		return err;
	c->good = c->bad = c->samples = c->bytes = 0;
	err = check_all(c, repair);
	c->damaged = c->damaged || c->bad;
	database_close(c->d);
	return err;
}

/* Of what SQLite finds malformed a new one is made. */
static int check_group(struct check *c, const char *data, unsigned int group,
		       bool repair)
{
	char folder[PATH_MAX];
	int err = groups_folder(folder, data, group);

	if (!err)
		err = check_folder(c, folder, repair);
	if (err != -EIO || !repair)
		return err;
	err = salvage(folder);
	return err ? err : check_folder(c, folder, true);
}

int check_main(int argc, char **argv)
{
	const char *data = "/var/lib/ktach/collector";
	struct check c = { .good = 0 };
	unsigned int group;
	int repair = 0, err = 0;
	const struct option_spec specs[] = { { "data", 'd', OPTION_TEXT, &data,
					       "DIR", "folder of the history" },
					     { "repair", 0, OPTION_FLAG,
					       &repair, NULL,
					       "delete what is damaged" },
					     { 0 } };
	const struct options options = {
		.program = "ktach-collector check",
		.summary = "Verify a history, and repair it.",
		.details = details,
		.specs = specs,
	};

	options_parse(&options, argc, argv);
	log_init("ktach-collector", LOG_INFO);
	for (group = 0; !err && group < groups_folders(data); group++)
		err = check_group(&c, data, group, repair);
	if (err)
		log_error(
			"history in '%s': %s", data,
			err == -ENOMEM ?
				"memory is short" :
			repair ?
				"it could not be repaired" :
				"the database can't be read; --repair saves what can be");
	else if (c.damaged && !repair)
		log_error(
			"history in '%s' is damaged; --repair deletes what is",
			data);
	block_free(&c.block);
	buffer_free(&c.row);
	return err || (c.damaged && !repair) ? 1 : 0;
}
