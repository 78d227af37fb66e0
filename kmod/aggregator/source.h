/* SPDX-License-Identifier: GPL-2.0-only */
/* What the aggregator keeps for each registered source. */
#ifndef KTACH_AGGREGATOR_SOURCE_H
#define KTACH_AGGREGATOR_SOURCE_H

#include <linux/list.h>
#include <linux/miscdevice.h>
#include <ktach/source.h>

#include "ring.h"
#include "tick.h"

/**
 * struct ktach_feed - a registered source and all that hangs on it
 * @node: in the list of sources
 * @source: the source
 * @ring: outlives the feed while a file is open
 * @tick: fills the ring
 * @dev: its folder under /sys/class/ktach
 * @misc: its node under /dev
 */
struct ktach_feed {
	struct list_head node;
	struct ktach_source *source;
	struct ktach_ring *ring;
	struct ktach_tick tick;
	struct device *dev;
	struct miscdevice misc;
};

/* Drop a reference to a ring; the last one frees it. May sleep. */
void ktach_ring_put(struct ktach_ring *ring);

#endif /* KTACH_AGGREGATOR_SOURCE_H */
