/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each node lost in each minute, for the history: counted up by causes, and
 * handed over at the end of a minute of real time by the collector's clock. A
 * minute in which nothing was lost is not kept. A collector that is killed
 * loses the losses of the minute under way.
 */
#ifndef KTACH_COLLECTOR_FEED_LOSSES_H
#define KTACH_COLLECTOR_FEED_LOSSES_H

#include "collector/nodes/node.h"

struct store;

/**
 * struct losses - state
 * @nodes: whose
 * @store: who keeps them
 * @minute: under way, since 1970; 0 before the first
 */
struct losses {
	struct nodes *nodes;
	struct store *store;
	uint64_t minute;
};

/* About once a second. */
void losses_tick(struct losses *l, uint64_t real_ns);

/* The minute under way is over: the collector ends. */
void losses_end(struct losses *l, uint64_t real_ns);

#endif /* KTACH_COLLECTOR_FEED_LOSSES_H */
