/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The history as an SQLite database, DIR/history.db (collector/history/sqlite/schema.h). Each
 * handle is used by one thread at a time. Functions that return int return 0 or
 * a negative errno, mostly -EIO: database_problem() then says why.
 */
#ifndef KTACH_COLLECTOR_HISTORY_SQLITE_DATABASE_H
#define KTACH_COLLECTOR_HISTORY_SQLITE_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "collector/history/engine.h"
#include "collector/history/sqlite/lock.h"
#include "collector/history/sqlite/schema.h"

enum {
	DATABASE_FILES = 3,
};

/**
 * struct database - one connection
 * @engine: what the rest of the history knows of it
 * @db: of SQLite
 * @sql: enum schema_statement
 * @put: chunks of a tier
 * @get: the same
 * @next: where there is one
 * @drop: the oldest of a tier
 * @drop_node: of one node
 * @uid: the node that was asked for last
 * @id: its row; 0: none was
 * @lock: of its folder, if it is written to
 * @path: of the file
 * @files: it, its write-ahead log and the lock, as they were when they were opened
 * @problem: what went wrong last
 */
struct database {
	struct engine engine;
	sqlite3 *db;
	sqlite3_stmt *sql[SCHEMA_STATEMENTS];
	sqlite3_stmt *put[TIERS];
	sqlite3_stmt *get[TIERS];
	sqlite3_stmt *next[TIERS];
	sqlite3_stmt *drop[TIERS];
	sqlite3_stmt *drop_node[TIERS];
	uint8_t uid[WIRE_ID_SIZE];
	int64_t id;
	struct lock lock;
	char *path;
	struct database_file {
		dev_t device;
		ino_t inode;
	} files[DATABASE_FILES];
	char problem[256];
};

/* open.c */

/* Open for writing: makes, or brings up to date, what is there. Return 0, or
 * -errno after a message.
 */
int database_open(struct database **database, const char *folder);

/* Open for reading. Return 0, or -errno after a message. */
int database_read(struct database **database, const char *folder);

void database_close(struct database *d);

/* Whether the files are still the ones that were opened: what is written to others
 * is nowhere. Return 0, or -ENOENT with a problem.
 */
int database_present(struct database *d);

/* database.c */

int database_begin(struct database *d);
int database_commit(struct database *d);
void database_rollback(struct database *d);

/* Commit where all went well, else roll back. Return @err, or that of the commit. */
int database_end(struct database *d, int err);

/* What went wrong last, one line. */
const char *database_problem(const struct database *d);

/* Keep what SQLite says went wrong. Return -EIO; -ENOMEM, or -E2BIG for a blob that
 * is too large: then it may be what was to be written, not the file.
 */
int database_failed(struct database *d);

/* Run statements without results. */
int database_run(struct database *d, const char *sql);

/* A statement's next row. Return whether there is one; @err: 0, or what went wrong. */
bool database_next(struct database *d, sqlite3_stmt *s, int *err);

/* Bind a node's id on the wire. */
void database_bind_node(sqlite3_stmt *s, int at, const uint8_t *node);

/* Bind @count integers to a statement from ?1 on, run it to its end. */
int database_step(struct database *d, sqlite3_stmt *s, int count,
		  const int64_t *values);

/* The same with a blob as the last parameter. */
int database_step_blob(struct database *d, sqlite3_stmt *s, int count,
		       const int64_t *values, const void *data, size_t size);

/* A PRAGMA's number, -1 if it can't be told. */
int64_t database_number(struct database *d, const char *sql);

/* The row of a node; @folded, which may be NULL: how far its frames are. Return 0,
 * -ENOENT without one, or -EIO.
 */
int database_find(struct database *d, const uint8_t *node, int64_t *id,
		  uint64_t *folded);

/* Its id on the wire. False: it has no row, and all are zeroes. */
bool database_uid(struct database *d, int64_t id, uint8_t *uid);

/* Bytes of the file that are in use. */
uint64_t database_size(struct database *d);

/* Keep what a node's frames became, in the caller's transaction. */
int database_put_fold(struct database *d, const struct engine_fold *f);

extern const struct engine_ops database_ops;

/* The functions of struct engine_ops: their comments are there. */
static inline struct database *database_of(struct engine *e)
{
	return (struct database *)e;
}

/* put.c */
int database_keep(struct engine *e, const struct engine_commit *c);
int database_mark(struct engine *e, const uint8_t *node, uint64_t session,
		  uint64_t *stored);

/* pieces.c */
int database_fold_all(struct engine *e, const struct engine_fold *folds,
		      size_t count);
int database_merge_all(struct engine *e, const struct engine_merge *merges,
		       size_t count);
int database_set_aside(struct engine *e, const struct engine_key *key);

/* gone.c */
int database_trim(struct engine *e, uint64_t first);
int database_drop(struct engine *e, const struct engine_drop *drop);
int database_forget(struct engine *e, const struct engine_age *a);

/* small.c */
int database_everybody(struct engine *e, engine_found_id *found, void *context);
int database_small(struct engine *e, const uint8_t *node,
		   engine_found_commit *found, void *context);
int database_leave(struct engine *e, const uint8_t *node, bool row);

/* retry.c */
int database_retry(struct engine *e, uint64_t memory,
		   struct engine_aside *left);

/* rows.c */
int database_ripe(struct engine *e, uint64_t hour, unsigned int parts,
		  struct engine_key *keys, unsigned int most);
int database_largest(struct engine *e, uint8_t *node, uint64_t *bytes);
int database_nodes(struct engine *e, engine_found_node *found, void *context);
int database_find_node(struct engine *e, const uint8_t *node,
		       struct engine_node *n);
int database_logs(struct engine *e, engine_found_log *found, void *context);
int database_parts(struct engine *e, const struct engine_key *key,
		   engine_found_blob *found, void *context);
int database_chunk(struct engine *e, enum tier tier,
		   const struct engine_key *key, engine_found_blob *found,
		   void *context);
int database_next_hour(struct engine *e, const uint8_t *node, uint64_t hour,
		       uint64_t *first);
int database_walk(struct engine *e, struct engine_walk *w,
		  engine_found_piece *found, void *context);

/* states.c */
int database_losses(struct engine *e, const struct history_losses_query *q,
		    engine_found_loss *found, void *context);
int database_accounts(struct engine *e, size_t count, history_state *found,
		      void *context);
int database_latest(struct engine *e, const uint8_t *after, size_t count,
		    history_state *found, void *context);

#endif /* KTACH_COLLECTOR_HISTORY_SQLITE_DATABASE_H */
