/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ledger's file: alarms.db, an SQLite database of the collector's folder. Of alarms
 * that are done with it keeps the newest.
 */
#ifndef KTACH_COLLECTOR_ALARMS_LEDGER_FILE_H
#define KTACH_COLLECTOR_ALARMS_LEDGER_FILE_H

#include "collector/alarms/ledger.h"

enum ledger_file_limits {
	LEDGER_FILE_PAST = 1000, /* alarms that are done with */
};

/* Return 0, or -errno after a message. One that SQLite finds damaged stays beside a
 * new one as alarms.db.damaged.
 */
int ledger_file_open(struct ledger_file **file, const char *folder);
void ledger_file_close(struct ledger_file *f);

/* All that is there, the oldest first: texts are valid during the call. Return 0, or
 * -errno after a message.
 */
int ledger_file_read(
	struct ledger_file *f,
	void (*alarm)(void *context, const struct ledger_alarm *alarm),
	void (*silence)(void *context, const struct ledger_silence *silence),
	void *context);

/**
 * ledger_file_write() - keep some alarms, all or none
 * @f: the file
 * @alarms: new ones, or others than they were
 * @count: of @alarms
 * @silences: all of them; NULL: as they were
 * @silence_count: of @silences
 *
 * Return: 0 once that is on disk, or -EIO: ledger_file_problem() says why.
 */
int ledger_file_write(struct ledger_file *f, const struct ledger_alarm *alarms,
		      size_t count, const struct ledger_silence *silences,
		      size_t silence_count);

const char *ledger_file_problem(const struct ledger_file *f);

#endif /* KTACH_COLLECTOR_ALARMS_LEDGER_FILE_H */
