/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The history as an SQLite database, DIR/history.db (collector/history/sqlite/schema.h). Each
 * handle is used by one thread at a time. Functions that return int return 0 or
 * a negative errno, mostly -EIO: database_problem() then says why.
 */
#ifndef KTACH_COLLECTOR_HISTORY_DATABASE_H
#define KTACH_COLLECTOR_HISTORY_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/history/history.h"
#include "collector/history/sqlite/lock.h"
#include "collector/history/sqlite/marks.h"
#include "collector/history/sqlite/schema.h"

/**
 * struct database - one connection
 * @db: of SQLite
 * @sql: enum schema_statement
 * @put: chunks of a tier
 * @get: the same
 * @next: where there is one
 * @expire: the same
 * @expire_node: the same
 * @expire_future: the same
 * @marks: of sessions
 * @lock: of its folder, if it is written to
 * @path: of the file
 * @lost: transactions that were, with a damaged write-ahead log
 * @files: it and its write-ahead log, as they were when they were opened
 * @problem: what went wrong last
 */
struct database {
	sqlite3 *db;
	sqlite3_stmt *sql[SCHEMA_STATEMENTS];
	sqlite3_stmt *put[SCHEMA_TIERS];
	sqlite3_stmt *get[SCHEMA_TIERS];
	sqlite3_stmt *next[SCHEMA_TIERS];
	sqlite3_stmt *expire[SCHEMA_TIERS];
	sqlite3_stmt *expire_node[SCHEMA_TIERS];
	sqlite3_stmt *expire_future[SCHEMA_TIERS];
	struct marks marks;
	struct lock lock;
	char *path;
	uint64_t lost;
	struct database_file {
		dev_t device;
		ino_t inode;
	} files[2];
	char problem[256];
};

/* Open for writing: makes, or brings up to date, what is there. Return 0, or
 * -errno after a message.
 */
int database_open(struct database **database, const char *folder);

/* Open for reading. Return 0, or -errno after a message. */
int database_read(struct database **database, const char *folder);

void database_close(struct database *d);

int database_begin(struct database *d);
int database_commit(struct database *d);
void database_rollback(struct database *d);

/* Whether the files are still the ones that were opened: what is written to others
 * is nowhere. Return 0, or -ENOENT with a problem.
 */
int database_present(struct database *d);

/* What went wrong last, one line. */
const char *database_problem(const struct database *d);

/* Keep what SQLite says went wrong. Return -EIO; -ENOMEM, or -E2BIG for a blob that
 * is too large: then it may be what was to be written, not the file.
 */
int database_failed(struct database *d);

/* Run statements without results. */
int database_run(struct database *d, const char *sql);

/* Bind @count integers to a statement from ?1 on, run it to its end. */
int database_step(struct database *d, sqlite3_stmt *s, int count,
		  const int64_t *values);

/* The same with a blob as the last parameter. */
int database_step_blob(struct database *d, sqlite3_stmt *s, int count,
		       const int64_t *values, const void *data, size_t size);

/* A PRAGMA's number, -1 if it can't be told. */
int64_t database_number(struct database *d, const char *sql);

/* Who is in the database; texts are valid during the call. */
struct database_node {
	int64_t id;
	const uint8_t *uid;
	const char *name;
	const char *version;
	uint64_t first_ns;
	uint64_t last_ns;
	int64_t folded;
};

int database_nodes(struct database *d,
		   void (*found)(void *context, const struct database_node *n),
		   void *context);

/* A new node's row. */
int database_put_node(struct database *d, const uint8_t *uid, int64_t *id);

/* Its id and times; -ENOENT if it is not there. */
int database_find_node(struct database *d, const uint8_t *uid,
		       struct database_node *n);

int database_name_node(struct database *d, int64_t id, const char *name,
		       const char *version);

/* Told each blob of an answer; another value than 0 ends it, and is returned. */
typedef int database_blob(void *context, int64_t id, const void *data,
			  size_t size);

/* Rows of the log from the oldest on. */
int database_logs(struct database *d, database_blob *found, void *context);

/* A chunk of a tier, if there is one; -ENOENT else. */
int database_chunk(struct database *d, enum schema_tier tier, int64_t key,
		   database_blob *found, void *context);

/* Parts of a node's slot; id is 0. */
int database_parts(struct database *d, int64_t node, uint64_t slot,
		   database_blob *found, void *context);

/* The first slot from @slot on of which there is anything, of any node: what is
 * before it need not be asked for. UINT64_MAX without one.
 */
int database_next_slot(struct database *d, uint64_t slot,
		       uint64_t *first);

/* A slot whose parts are to be merged: all before @slot, and those that have
 * @count parts. -ENOENT if there is none.
 */
int database_ripe(struct database *d, uint64_t slot, int64_t count,
		  int64_t *node, uint64_t *ripe);

/* As history_losses() (losses.c). */
int database_losses(struct database *d, const struct history_losses_query *q,
		    void (*found)(void *context, const struct history_loss *l),
		    void *context);

/* Forget losses before a minute. */
int database_expire_losses(struct database *d, uint64_t minute);

/* What is known of a node beside its samples, at real time @real_ns. */
int database_put_account(struct database *d, const uint8_t *uid,
			 uint64_t real_ns, const void *data, size_t size);
int database_put_latest(struct database *d, const uint8_t *uid,
			const void *data, size_t size);

/* Told each one; nothing of it may be kept. */
typedef void database_state(void *context, const uint8_t *uid, const void *data,
			    size_t size);

/* The newest accounts, in the order of their uids. */
int database_accounts(struct database *d, int64_t count, database_state *found,
		      void *context);

/* Latest values of nodes after a uid, in the order of uids. */
int database_latest(struct database *d, const uint8_t *after, int64_t count,
		    database_state *found, void *context);

/* Forget both, of nodes whose account is of before a time. */
int database_expire_states(struct database *d, uint64_t real_ns);

/* A node's id on the wire; all zeroes if it has no row. */
void database_uid(struct database *d, int64_t id, uint8_t *uid);

/* Of whom something was set aside last; all zeroes if nothing is. */
void database_last_aside(struct database *d, uint8_t *uid);

/* Which node has most bytes in parts and chunks; -ENOENT without nodes. */
int database_largest(struct database *d, int64_t *id, uint64_t *bytes);

/* Give back what its cache has: it takes 2 MiB where much was read once. */
void database_shrink(struct database *d);

/* Bytes of the file that are in use. */
uint64_t database_size(struct database *d);

#endif /* KTACH_COLLECTOR_HISTORY_DATABASE_H */
