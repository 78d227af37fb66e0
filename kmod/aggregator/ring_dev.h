/* SPDX-License-Identifier: GPL-2.0-only */
/* A ring as a character device: mmap, poll, read, lseek. */
#ifndef KTACH_AGGREGATOR_RING_DEV_H
#define KTACH_AGGREGATOR_RING_DEV_H

struct ktach_feed;

int ktach_ring_dev_add(struct ktach_feed *feed);

/* After this nobody opens it; files that are open go on. */
void ktach_ring_dev_remove(struct ktach_feed *feed);

#endif /* KTACH_AGGREGATOR_RING_DEV_H */
