// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/disk/disk_device.h"
#include "host/file.h"
#include "lib/base/globs.h"
#include "lib/wire/wire.h"

enum {
	SECTOR_BYTES = 512,
	NSEC_PER_MSEC = 1000000,
	FILE_NAME_MAX = 64, /* of "4095:1048575/dm/name" */
};

/* The last value of a column that the kernel never had. */
#define NEVER UINT64_MAX

/* Where the file's values go. */
static const struct column {
	enum wire_disk_column column;
	uint32_t unit;
} columns[DISKSTATS_VALUES] = {
	[DISKSTATS_READS] = { WIRE_DISK_READS, 1 },
	[DISKSTATS_READS_MERGED] = { WIRE_DISK_READS_MERGED, 1 },
	[DISKSTATS_READ_SECTORS] = { WIRE_DISK_READ_BYTES, SECTOR_BYTES },
	[DISKSTATS_READ_MS] = { WIRE_DISK_READ_NS, NSEC_PER_MSEC },
	[DISKSTATS_WRITES] = { WIRE_DISK_WRITES, 1 },
	[DISKSTATS_WRITES_MERGED] = { WIRE_DISK_WRITES_MERGED, 1 },
	[DISKSTATS_WRITTEN_SECTORS] = { WIRE_DISK_WRITTEN_BYTES, SECTOR_BYTES },
	[DISKSTATS_WRITE_MS] = { WIRE_DISK_WRITE_NS, NSEC_PER_MSEC },
	[DISKSTATS_IN_FLIGHT] = { WIRE_DISK_IN_FLIGHT, 1 },
	[DISKSTATS_BUSY_MS] = { WIRE_DISK_BUSY_NS, NSEC_PER_MSEC },
	[DISKSTATS_QUEUE_MS] = { WIRE_DISK_QUEUE_NS, NSEC_PER_MSEC },
	[DISKSTATS_DISCARDS] = { WIRE_DISK_DISCARDS, 1 },
	[DISKSTATS_DISCARDS_MERGED] = { WIRE_DISK_DISCARDS_MERGED, 1 },
	[DISKSTATS_DISCARDED_SECTORS] = { WIRE_DISK_DISCARDED_BYTES,
					  SECTOR_BYTES },
	[DISKSTATS_DISCARD_MS] = { WIRE_DISK_DISCARD_NS, NSEC_PER_MSEC },
	[DISKSTATS_FLUSHES] = { WIRE_DISK_FLUSHES, 1 },
	[DISKSTATS_FLUSH_MS] = { WIRE_DISK_FLUSH_NS, NSEC_PER_MSEC },
};

/* A value that makes no sense is left out; what was known before stays. Some drivers
 * count more requests out than in: their requests in flight then show as 4294967295.
 */
static bool makes_sense(const struct diskstats *line, uint32_t i)
{
	uint64_t value = line->values[i];

	if (i == DISKSTATS_IN_FLIGHT)
		return value <= INT32_MAX;
	if (columns[i].unit == NSEC_PER_MSEC)
		return value <= UINT32_MAX;
	return value <= INT64_MAX / SECTOR_BYTES;
}

bool disk_device_is(const struct disk_device *d, const struct diskstats *line)
{
	return d->major == line->major && d->minor == line->minor &&
	       !strcmp(d->name, line->name);
}

/* Their data are in memory, or in a file of another disk. */
static bool is_virtual(const char *name)
{
	static const char *const kinds[] = { "loop", "ram", "zram" };
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		size_t size = strlen(kinds[i]);

		if (!strncmp(name, kinds[i], size) &&
		    isdigit((unsigned char)name[size]))
			return true;
	}
	return false;
}

static bool chosen(const struct disk_device *d, const struct host_options *o)
{
	const char *exclude = o->exclude_disks;

	/* A path of a multipath controller has no number: what goes over it
	 * is counted at the disk.
	 */
	if (!d->major && !d->minor)
		return false;
	if (d->partition && !o->partitions)
		return false;
	if (exclude &&
	    (globs_match(exclude, d->name) || globs_match(exclude, d->title)))
		return false;
	if (o->include_disks)
		return globs_match(o->include_disks, d->name) ||
		       globs_match(o->include_disks, d->title);
	return !is_virtual(d->name) && d->size_bytes;
}

static int64_t read_number(const struct disk_device *d, int sys,
			   const char *file)
{
	char name[FILE_NAME_MAX];
	int64_t value;

	snprintf(name, sizeof(name), "%u:%u/%s", d->major, d->minor, file);
	return host_number_at(sys, name, &value) || value < 0 ? -1 : value;
}

/* A name stands between blanks, and is the only thing there that is no number. */
static bool is_name(const char *text, const char *title)
{
	char between[DISK_TITLE_MAX + 2];

	snprintf(between, sizeof(between), " %s ", title);
	return strstr(text, between);
}

/* Device-mapper lets anybody call a device "sda". */
static void look_up_title(struct disk_device *d, const char *text, int sys)
{
	char name[FILE_NAME_MAX], title[128]; /* DM_NAME_LEN */

	snprintf(name, sizeof(name), "%u:%u/dm/name", d->major, d->minor);
	if (strncmp(d->name, "dm-", 3) ||
	    host_text_at(sys, name, title, sizeof(title)) <= 0)
		return;
	if (strcmp(title, d->name) && is_name(text, title))
		snprintf(d->title, sizeof(d->title), "%s (%s)", title, d->name);
	else
		memcpy(d->title, title, sizeof(title));
}

bool disk_name_is_out(const char *name, const struct host_options *o)
{
	return (!o->include_disks && is_virtual(name)) ||
	       (o->exclude_disks && globs_match(o->exclude_disks, name));
}

void disk_device_look_up(struct disk_device *d, const char *text, int sys,
			 const struct host_options *o)
{
	int64_t sectors = -1;

	memcpy(d->title, d->name, sizeof(d->name));
	d->partition = false;
	if (sys >= 0) {
		sectors = read_number(d, sys, "size");
		d->partition = read_number(d, sys, "partition") >= 0;
		look_up_title(d, text, sys);
	}
	d->size_bytes = sectors < 0 || sectors > INT64_MAX / SECTOR_BYTES ?
				(uint64_t)WIRE_ABSENT :
				(uint64_t)sectors * SECTOR_BYTES;
	d->chosen = chosen(d, o);
}

/* All values only grow, but for the requests in flight. */
static bool ran_backwards(const struct disk_device *d,
			  const struct diskstats *line)
{
	uint32_t i;

	for (i = 0; i < line->count; i++)
		if (columns[i].unit != NSEC_PER_MSEC &&
		    i != DISKSTATS_IN_FLIGHT && makes_sense(line, i) &&
		    d->last[i] != NEVER && line->values[i] < d->last[i])
			return true;
	return false;
}

/* The kernel's time of 32 bits wraps after 49 days of it. One that runs back a
 * little, as sums over CPUs can, stays where it is.
 */
static void widen(struct disk_device *d, uint32_t i, uint64_t now)
{
	uint32_t passed = (uint32_t)(now - d->last[i]);

	if (passed > INT32_MAX)
		return;
	d->wide[i] += passed;
	d->last[i] = now;
}

static void take_line(struct disk_device *d, const struct diskstats *line,
		      bool same)
{
	uint32_t i;

	for (i = 0; i < line->count; i++) {
		if (!makes_sense(line, i))
			continue;
		if (same && columns[i].unit == NSEC_PER_MSEC &&
		    d->last[i] != NEVER)
			widen(d, i, line->values[i]);
		else
			d->wide[i] = d->last[i] = line->values[i];
	}
}

void disk_device_init(struct disk_device *d, const struct diskstats *line)
{
	*d = (struct disk_device){ .major = line->major, .minor = line->minor };
	memcpy(d->name, line->name, sizeof(d->name));
	memset(d->last, 0xff, sizeof(d->last));
	take_line(d, line, false);
}

bool disk_device_update(struct disk_device *d, const struct diskstats *line)
{
	bool same = !ran_backwards(d, line);

	take_line(d, line, same);
	return same;
}

void disk_device_row(const struct disk_device *d, const struct diskstats *line,
		     uint64_t *row)
{
	uint32_t i;

	for (i = 0; i < line->count; i++)
		if (columns[i].unit && makes_sense(line, i))
			row[columns[i].column] = d->wide[i] * columns[i].unit;
	row[WIRE_DISK_SIZE_BYTES] = d->size_bytes;
	row[WIRE_DISK_STACKED] = d->stacked;
}
