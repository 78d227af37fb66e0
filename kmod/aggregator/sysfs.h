/* SPDX-License-Identifier: GPL-2.0-only */
/* /sys/class/ktach/<source>/, one value a file. */
#ifndef KTACH_AGGREGATOR_SYSFS_H
#define KTACH_AGGREGATOR_SYSFS_H

struct ktach_feed;

int ktach_sysfs_init(void);
void ktach_sysfs_uninit(void);

int ktach_sysfs_add(struct ktach_feed *feed);

/* After this no attribute is being read or written. */
void ktach_sysfs_remove(struct ktach_feed *feed);

#endif /* KTACH_AGGREGATOR_SYSFS_H */
