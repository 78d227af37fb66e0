/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The history's tables and the statements on them. */
#ifndef KTACH_COLLECTOR_SCHEMA_H
#define KTACH_COLLECTOR_SCHEMA_H

enum schema_numbers {
	SCHEMA_VERSION = 1,		/* PRAGMA user_version */
	SCHEMA_EXPIRE_ROWS = 2000,	/* deleted by one statement, at most */
};

/* Makes an empty database one of SCHEMA_VERSION. */
extern const char schema_create[];

/* Makes a node's row or brings it up to date: ?1 uid, ?2 name, ?3 version,
 * ?4 real_ns. Returns its id.
 */
extern const char schema_put_node[];

/* Sessions of TCP and the newest frame that is stored of each; makes the table
 * where it is missing.
 */
extern const char schema_sessions[];

/* Mark frame ?3 of node ?1, session ?2 as stored, at real time ?4, if frame ?5
 * is the one that was stored last; 0: none was. Changes one row, or none.
 */
extern const char schema_mark[];

/* The newest frame of node ?1, session ?2. */
extern const char schema_marked[];

/* All of them: node, session, stored. */
extern const char schema_all_marks[];

/* Forget sessions that nothing came of since ?1. */
extern const char schema_expire_marks[];

/* The next node's id after ?1. */
extern const char schema_next_node[];

enum schema_table {
	SCHEMA_CPU,
	SCHEMA_SOFTIRQ,
	SCHEMA_NET,
	SCHEMA_TABLES
};

/* Insert: ?1 node, ?2 real_ns, ?3 mono_ns, ?4 origin, then the columns of
 * ktach/wire_tables.h that are required, in their order, then the texts.
 */
extern const char *const schema_insert[SCHEMA_TABLES];

/* Delete rows of node ?1 older than ?2. */
extern const char *const schema_expire[SCHEMA_TABLES];

#endif /* KTACH_COLLECTOR_SCHEMA_H */
