/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths of NVMe's multipath: before Linux 6.2 the kernel counts at these alone, and
 * their disk has zeroes.
 */
#ifndef KTACH_HOST_DISK_DISK_PATHS_H
#define KTACH_HOST_DISK_DISK_PATHS_H

#include <stddef.h>

#include "host/disk/diskstats.h"

/**
 * struct disk_paths - all zeroes: without memory
 * @sums: a line a disk: the sums of its paths, under its name
 * @count: of them
 * @room: memory for them
 */
struct disk_paths {
	struct diskstats *sums;
	size_t count;
	size_t room;
};

/* Take the paths in a text of /proc/diskstats. */
void disk_paths_find(struct disk_paths *p, const char *text);

/* Whether this disk has counted nothing at all; then it gets what its paths have
 * counted.
 */
bool disk_paths_fill(const struct disk_paths *p, struct diskstats *line);

void disk_paths_exit(struct disk_paths *p);

#endif /* KTACH_HOST_DISK_DISK_PATHS_H */
