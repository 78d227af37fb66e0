/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A history that SQLite itself finds malformed: what can still be read of it goes
 * into a new one, which takes its place; the old file stays beside it as
 * history.db.damaged.
 */
#ifndef KTACH_COLLECTOR_HISTORY_SQLITE_SALVAGE_H
#define KTACH_COLLECTOR_HISTORY_SQLITE_SALVAGE_H

/**
 * salvage() - save what can be read
 * @folder: of the history, which nobody uses
 *
 * Tells what of each table came along. Whether chunks are whole is not looked at.
 *
 * Return: 0, or -errno after a message; the old one is in its place then.
 */
int salvage(const char *folder);

#endif /* KTACH_COLLECTOR_HISTORY_SQLITE_SALVAGE_H */
