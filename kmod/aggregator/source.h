/* SPDX-License-Identifier: GPL-2.0-only */
/* What the aggregator keeps for each registered source. */
#ifndef KTACH_AGGREGATOR_SOURCE_H
#define KTACH_AGGREGATOR_SOURCE_H

#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <ktach/source.h>

#include "ring.h"
#include "tick.h"

/**
 * struct ktach_feed - a registered source and all that hangs on it
 * @node: in the list of sources
 * @source: the source
 * @lock: held to look at @ring, and to replace it
 * @ring: outlives the feed, or its place here, while a file is open
 * @tick: fills the ring
 * @dev: its folder under /sys/class/ktach
 * @misc: its node under /dev
 * @input: what combined samples know of it
 */
struct ktach_feed {
	struct list_head node;
	struct ktach_source *source;
	struct mutex lock;	/* @ring */
	struct ktach_ring *ring;
	struct ktach_tick tick;
	struct device *dev;
	struct miscdevice misc;
	struct ktach_input *input;
};

/**
 * ktach_feed_visit() - go through all feeds, in the order of registration
 * @visit: called with each, until one call returns non-zero; none comes or
 *	goes meanwhile
 * @arg: for @visit
 *
 * Context: process, may sleep.
 * Return: what the last call returned, or 0.
 */
int ktach_feed_visit(int (*visit)(struct ktach_feed *feed, void *arg),
		     void *arg);

/* Differs whenever a feed came or went. Never 0. */
unsigned int ktach_feed_generation(void);

/* The ring as of now, with a reference to it. May sleep. */
struct ktach_ring *ktach_feed_ring(struct ktach_feed *feed);

/*
 * Go on in a ring of @slots. Who has the old one open keeps it, and learns that
 * it is no longer live. 0; -EINVAL or -ERANGE for a number that the kernel's
 * log explains; -ENOMEM. May sleep.
 */
int ktach_feed_set_slots(struct ktach_feed *feed, unsigned int slots);

/* Drop a reference to a ring; the last one frees it. May sleep. */
void ktach_ring_put(struct ktach_ring *ring);

#endif /* KTACH_AGGREGATOR_SOURCE_H */
