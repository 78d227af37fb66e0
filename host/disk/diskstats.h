/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/diskstats, line by line (Documentation/admin-guide/iostats.rst). */
#ifndef KTACH_HOST_DISK_DISKSTATS_H
#define KTACH_HOST_DISK_DISKSTATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Values of a line. Kernels before 4.18 end before the discards, those before
 * 5.5 before the flushes. The kernel keeps times in 32 bits.
 */
enum diskstats_value {
	DISKSTATS_READS,
	DISKSTATS_READS_MERGED,
	DISKSTATS_READ_SECTORS,		/* of 512 bytes, whatever the device's */
	DISKSTATS_READ_MS,
	DISKSTATS_WRITES,
	DISKSTATS_WRITES_MERGED,
	DISKSTATS_WRITTEN_SECTORS,
	DISKSTATS_WRITE_MS,
	DISKSTATS_IN_FLIGHT,
	DISKSTATS_BUSY_MS,
	DISKSTATS_QUEUE_MS,
	DISKSTATS_REQUIRED,
	DISKSTATS_DISCARDS = DISKSTATS_REQUIRED,
	DISKSTATS_DISCARDS_MERGED,
	DISKSTATS_DISCARDED_SECTORS,
	DISKSTATS_DISCARD_MS,
	DISKSTATS_FLUSHES,
	DISKSTATS_FLUSH_MS,
	DISKSTATS_VALUES
};

enum diskstats_limits {
	DISKSTATS_NAME_MAX = 32,	/* bytes, as in the kernel: DISK_NAME_LEN */
	DISKSTATS_LINE_MAX = 512,	/* bytes: numbers of 20 digits, and a name */
};

/**
 * struct diskstats - a line
 * @major: of the device's number
 * @minor: of the device's number
 * @name: the kernel's
 * @count: values that the line has
 * @values: enum diskstats_value; those that do not fit into 64 bits are
 *          UINT64_MAX
 */
struct diskstats {
	uint32_t major;
	uint32_t minor;
	char name[DISKSTATS_NAME_MAX];
	uint32_t count;
	uint64_t values[DISKSTATS_VALUES];
};

/**
 * diskstats_next() - take the next line
 * @at: moved on; the text is NUL-terminated
 * @d: filled
 *
 * A line that makes no sense, or has no end, is left out.
 *
 * Return: false at the text's end.
 */
bool diskstats_next(const char **at, struct diskstats *d);

/* Take the values of what follows a line's name; a disk's own file in /sys, stat,
 * has nothing else. False if it makes no sense, or has no end.
 */
bool diskstats_values(const char *at, struct diskstats *d);

/* Whose line this is, without its values: @at moves on to these. False if it
 * makes no sense.
 */
bool diskstats_device(const char **at, struct diskstats *d);

#endif /* KTACH_HOST_DISK_DISKSTATS_H */
