/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Damage of SQLite's write-ahead log. SQLite takes a frame whose checksum is wrong for
 * the log's end, as a crash may leave it, and says nothing of what is behind it.
 *
 *   header | frame frame commit | frame commit | fr#me commit | frame commit | old ...
 *                                                ^ wrong         ^ lost         ^ other salts
 *
 * A transaction is written after the one before it is on the disk. So where two were
 * ended behind a wrong frame, at least one had been committed; the last one may be what
 * a power cut left of one that was not. Without a power cut, frames are there in the
 * order in which they were written.
 */
#ifndef KTACH_COLLECTOR_HISTORY_SQLITE_WAL_H
#define KTACH_COLLECTOR_HISTORY_SQLITE_WAL_H

#include <stdbool.h>
#include <stdint.h>

/* Transactions that were committed and that SQLite will not find; 0, too, if there is
 * no log. @same_boot: the host was not started anew since. Before the database is
 * opened.
 */
uint64_t wal_count_lost(const char *path, bool same_boot);

#endif /* KTACH_COLLECTOR_HISTORY_SQLITE_WAL_H */
