/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All who are told of alarms. */
#ifndef KTACH_COLLECTOR_OUTLETS_OUTLETS_H
#define KTACH_COLLECTOR_OUTLETS_OUTLETS_H

#include "collector/outlets/outlet.h"

/**
 * struct outlets - all of them; all zeroes: none
 * @lock: of all that follows; above the ledger's
 * @ledger: alarms
 * @setup: how they were set up
 * @all: those that there are
 * @count: of @all
 */
struct outlets {
	pthread_mutex_t lock;
	struct ledger *ledger;
	struct outlets_setup setup;
	struct outlet all[LEDGER_OUTLETS];
	size_t count;
};

/* None yet. */
void outlets_open(struct outlets *o, struct ledger *ledger);
void outlets_close(struct outlets *o);

/* Go over to others, unless they are the same; @setup is empty afterwards. Of one thread.
 * Return 0, or -errno after a message.
 */
int outlets_change(struct outlets *o, struct outlets_setup *setup);

/**
 * struct outlet_stats - how one does
 * @name: its
 * @waiting: alarms that it is to be told of, or of whose end
 * @lag_ns: how long the oldest of these has waited
 * @sent: what it was told since the start
 * @failures: messages that were not taken
 * @problem: what went wrong last; "" while nothing does
 */
struct outlet_stats {
	char name[OUTLET_NAME_SIZE];
	uint64_t waiting;
	uint64_t lag_ns;
	uint64_t sent;
	uint64_t failures;
	char problem[OUTLET_PROBLEM_SIZE];
};

/**
 * struct outlets_stats - how all do
 * @all: of each
 * @count: of @all
 * @refused: alarms that nobody is told of: there are too many
 * @failing: alarms.db can't be written
 * @forgetful: there is none
 */
struct outlets_stats {
	struct outlet_stats all[LEDGER_OUTLETS];
	size_t count;
	uint64_t refused;
	bool failing;
	bool forgetful;
};

/* Any thread. */
void outlets_stats(struct outlets *o, struct outlets_stats *stats);

#endif /* KTACH_COLLECTOR_OUTLETS_OUTLETS_H */
