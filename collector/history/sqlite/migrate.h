/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bringing a history of an older version up to date. For database.c only. */
#ifndef KTACH_COLLECTOR_HISTORY_SQLITE_MIGRATE_H
#define KTACH_COLLECTOR_HISTORY_SQLITE_MIGRATE_H

#include "collector/history/sqlite/database.h"

/* The tables of SCHEMA_VERSION, beside those of @version. */
int migrate_schema(struct database *d, int64_t version);

/* Take over the rows of @version and drop its tables. All in the caller's
 * transaction.
 */
int migrate_rows(struct database *d, int64_t version);

#endif /* KTACH_COLLECTOR_HISTORY_SQLITE_MIGRATE_H */
