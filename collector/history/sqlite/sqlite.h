/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine (collector/history/engine.h) that needs no server: a file. */
#ifndef KTACH_COLLECTOR_HISTORY_SQLITE_SQLITE_H
#define KTACH_COLLECTOR_HISTORY_SQLITE_SQLITE_H

struct engine;

/* Open for writing: makes, or brings up to date, what is there. Return 0, or
 * -errno after a message.
 */
int sqlite_open(struct engine **engine, const char *folder);

/* Open for reading. Return 0, or -errno after a message. */
int sqlite_read(struct engine **engine, const char *folder);

#endif /* KTACH_COLLECTOR_HISTORY_SQLITE_SQLITE_H */
