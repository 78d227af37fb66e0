/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /sys tells of a block device, and its counters made 64 bits wide. */
#ifndef KTACH_HOST_DISK_DISK_DEVICE_H
#define KTACH_HOST_DISK_DISK_DEVICE_H

#include "host/disk/diskstats.h"
#include "host/options.h"

enum disk_device_limits {
	DISK_TITLE_MAX = 192,		/* bytes: "NAME (dm-0)", of any NAME */
};

/**
 * struct disk_device - a line of /proc/diskstats that is known
 * @major: of its number
 * @minor: of its number
 * @name: the kernel's
 * @title: as people know it: of device-mapper "vg0-root", not "dm-0"
 * @size_bytes: WIRE_ABSENT if it could not be read
 * @partition: of another one
 * @chosen: to be told of
 * @stacked: whether it lies on others that are told of; WIRE_ABSENT: not known
 * @looked_up_ns: when that was taken from /sys, CLOCK_MONOTONIC
 * @last: what its line said; UINT64_MAX: not yet
 * @wide: the times, without the wraps of 32 bits since it is known
 */
struct disk_device {
	/* All that is needed for lines of devices that are not chosen, in one cache
	 * line
	 */
	uint32_t major;
	uint32_t minor;
	char name[DISKSTATS_NAME_MAX];
	bool partition;
	bool chosen;
	uint64_t looked_up_ns;

	uint64_t stacked;
	uint64_t size_bytes;
	char title[DISK_TITLE_MAX];
	uint64_t last[DISKSTATS_VALUES];
	uint64_t wide[DISKSTATS_VALUES];
};

/* Whether a line is of this device. */
bool disk_device_is(const struct disk_device *d, const struct diskstats *line);

/* A device that is not known yet, as its first line has it. */
void disk_device_init(struct disk_device *d, const struct diskstats *line);

/**
 * disk_device_look_up() - take title and size from /sys
 * @d: the device
 * @text: /proc/diskstats: a title that is another device's name is told apart
 * @sys: folder SYS/dev/block, or -errno if there is none: a device is called
 *       as the kernel does then, and its size is not known
 * @o: which devices are chosen
 */
void disk_device_look_up(struct disk_device *d, const char *text, int sys,
			 const struct host_options *o);

/* Whether devices of this name are always left out, whatever else is known of them.
 */
bool disk_name_is_out(const char *name, const struct host_options *o);

/**
 * disk_device_update() - take the values of its next line
 *
 * Return: false if a count ran backwards: there is another device of this name
 * and number now, and its times begin anew.
 */
bool disk_device_update(struct disk_device *d, const struct diskstats *line);

/* Fill a row of WIRE_DISK, but for its key; @line was the last update. */
void disk_device_row(const struct disk_device *d, const struct diskstats *line,
		     uint64_t *row);

#endif /* KTACH_HOST_DISK_DISK_DEVICE_H */
