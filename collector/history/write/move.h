/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nodes that are in another group than theirs, after the number of groups was changed, go
 * where they belong. What is small goes before anything is accepted: marks, latest values
 * and losses. Chunks follow in the background, hour by hour, oldest first: an hour is
 * there once it is put in its new place, and only then deleted in its old one. So a kill
 * at any moment leaves it in one place or in both, and both is the same as one: readers
 * ask the old place first, and doing it again changes nothing.
 */
#ifndef KTACH_COLLECTOR_HISTORY_WRITE_MOVE_H
#define KTACH_COLLECTOR_HISTORY_WRITE_MOVE_H

#include "collector/history/write/lane.h"

struct move;

/* Before lanes are started. Return 0 or a negative errno. */
int move_small(struct lane *lanes, unsigned int count, unsigned int groups);

/* Start a thread that moves all that is not where it belongs, and ends with that.
 * Return 0, or -errno after a message.
 */
int move_start(struct move **move, struct lane *lanes, unsigned int count,
	       unsigned int groups);
void move_stop(struct move *m);

#endif /* KTACH_COLLECTOR_HISTORY_WRITE_MOVE_H */
