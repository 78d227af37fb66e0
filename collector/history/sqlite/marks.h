/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The history's memory of how far each session came. For database.c only. */
#ifndef KTACH_COLLECTOR_HISTORY_MARKS_H
#define KTACH_COLLECTOR_HISTORY_MARKS_H

#include <sqlite3.h>

#include "collector/history/store.h"

struct marks {
	sqlite3_stmt *put;
	sqlite3_stmt *get;
	sqlite3_stmt *trim;
	sqlite3_stmt *expire;
};

/* Return SQLITE_OK or an error. */
int marks_open(struct marks *m, sqlite3 *db);
void marks_close(struct marks *m);

/**
 * marks_put() - note that a frame is stored, in the transaction under way
 * @m: the statements
 * @mark: its answer is filled in
 *
 * Return: 1 if its rows are to be written; 0 if they are not, because they are
 * there already or because one before it is missing; -1 after an error.
 */
int marks_put(struct marks *m, struct store_mark *mark);

/* Forget sessions that nothing came of since a time. */
void marks_expire(struct marks *m, uint64_t horizon_ns);

#endif /* KTACH_COLLECTOR_HISTORY_MARKS_H */
