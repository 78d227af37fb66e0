/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The history as an SQLite database: DIR/history.db, with a table for each
 * kind of sample, to be asked with plain SQL (schema.c has the columns). Used
 * by one thread at a time.
 */
#ifndef KTACH_COLLECTOR_DATABASE_H
#define KTACH_COLLECTOR_DATABASE_H

#include <stdint.h>

struct batch;
struct database;
struct store_mark;

/* Return 0, or -errno after a message. */
int database_open(struct database **database, const char *folder);
void database_close(struct database *database);

/**
 * database_write() - write batches in one transaction, all or none
 * @database: where to
 * @first: a list; NULL writes nothing
 * @rows: set to how many rows went in
 *
 * A marked batch is left out if the frame before it is missing; its mark says
 * so.
 *
 * Return: 0 or -EIO; database_problem() then says why, and no mark is kept.
 */
int database_write(struct database *database, struct batch *first,
		   uint64_t *rows);

/* Hand over how far each session came. */
void database_sessions(struct database *database,
		       void (*found)(void *context, const struct store_mark *m),
		       void *context);

/* What went wrong last, one line. */
const char *database_problem(const struct database *database);

/**
 * database_expire() - delete some rows of the past
 * @database: where from
 * @horizon_ns: real time; what is older goes
 * @rows: set to how many went
 *
 * A call does a bounded amount of work; calls go round the nodes.
 */
void database_expire(struct database *database, uint64_t horizon_ns,
		     uint64_t *rows);

#endif /* KTACH_COLLECTOR_DATABASE_H */
