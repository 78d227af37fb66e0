/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file that records are kept in. */
#ifndef KTACH_AGENTD_AGENTS_RECORDS_H
#define KTACH_AGENTD_AGENTS_RECORDS_H

#include "agentd/agents/record.h"

struct sqlite3;
struct sqlite3_stmt;

struct records {
	struct sqlite3 *db;
	struct sqlite3_stmt *get;
	struct sqlite3_stmt *put;
	bool told;
};

/* Return 0, or -errno after a message. */
int records_open(struct records *r, const char *folder);
void records_close(struct records *r);

/* What is known of an agent; nothing but its name, if it is new. */
void records_get(struct records *r, struct record *record, const char *name);

/* Return 0, or -EIO after a message, which is said once. */
int records_put(struct records *r, const struct record *record);

/* Several that are put go into one transaction. */
void records_begin(struct records *r);
void records_end(struct records *r);

#endif /* KTACH_AGENTD_AGENTS_RECORDS_H */
