/* SPDX-License-Identifier: GPL-2.0-only */
/* What the aggregator keeps for each registered source. */
#ifndef KTACH_AGGREGATOR_SOURCE_H
#define KTACH_AGGREGATOR_SOURCE_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/ktach_ring.h>
#include <ktach/source.h>

#include "ring.h"
#include "tick.h"

enum {
	KTACH_DEVICE_LEN = 32, /* with a NUL */
};

/**
 * struct ktach_feed - a registered source and all that hangs on it
 * @node: in the list of sources
 * @refs: while there are any, all but @source and what it points to is there
 * @rcu: the memory goes a grace period after the last reference
 * @id: counts up; never 0
 * @name: the source's
 * @device: its node under /dev
 * @source: the source; only for those that unregistering waits for
 * @lock: held to replace @ring
 * @ring: outlives the feed, or its place here, while a file is open
 * @tick: fills the ring
 * @dev: its folder under /sys/class/ktach
 * @misc: its node under /dev
 * @input: what combined samples know of it; the combining thread's
 */
struct ktach_feed {
	struct list_head node;
	struct kref refs;
	struct rcu_head rcu;
	u32 id;
	char name[KTACH_RING_NAME_LEN];
	char device[KTACH_DEVICE_LEN];
	struct ktach_source *source;
	struct mutex lock;	/* @ring */
	struct ktach_ring __rcu *ring;
	struct ktach_tick tick;
	struct device *dev;
	struct miscdevice misc;
	struct ktach_input *input;
};

/**
 * ktach_feed_visit() - go through all feeds, in the order of registration
 * @visit: called with each; a feed, and its source, stay until it returns
 * @arg: for @visit
 *
 * Only for the thread that makes combined samples: unregistering a source waits
 * for it. Takes no lock, so that nobody holds the thread up.
 *
 * Context: process.
 */
void ktach_feed_visit(void (*visit)(struct ktach_feed *feed, void *arg),
		      void *arg);

/*
 * For everybody else: a feed with a reference, or NULL: the first one whose id is
 * more than @id, or the one of that name. Any context.
 */
struct ktach_feed *ktach_feed_after(u32 id);
struct ktach_feed *ktach_feed_find(const char *name);

/* Drop a reference to a feed. May sleep. */
void ktach_feed_put(struct ktach_feed *feed);

/* Differs whenever a feed came or went. Never 0. */
unsigned int ktach_feed_generation(void);

/* The ring as of now, with a reference to it. Any context; takes no lock. */
struct ktach_ring *ktach_feed_ring(struct ktach_feed *feed);

/*
 * Go on in a ring of @slots. Who has the old one open keeps it, and learns that
 * it is no longer live. 0; -EINVAL for no power of two, or one that is out of
 * bounds; -ERANGE for more than KTACH_RING_BYTES_MAX; -ENOMEM. May sleep.
 */
int ktach_feed_set_slots(struct ktach_feed *feed, unsigned int slots);

/* Drop a reference to a ring; the last one frees it. May sleep. */
void ktach_ring_put(struct ktach_ring *ring);

#endif /* KTACH_AGGREGATOR_SOURCE_H */
