/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which block devices lie on others: the same bytes are counted at each of them. */
#ifndef KTACH_HOST_DISK_DISK_STACK_H
#define KTACH_HOST_DISK_DISK_STACK_H

#include <stddef.h>

#include "host/disk/disk_device.h"

/**
 * disk_stack_find() - set each device's @stacked
 * @devices: all that are known, and looked up
 * @count: of them
 * @sys: folder SYS/dev/block, or -errno: nothing is known then
 *
 * A device lies on others if it is a partition, has slaves (device-mapper, md,
 * bcache, drbd), or keeps its data in a file (loop) - but only if one of these is
 * told of.
 */
void disk_stack_find(struct disk_device *devices, size_t count, int sys);

#endif /* KTACH_HOST_DISK_DISK_STACK_H */
