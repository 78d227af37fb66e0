// SPDX-License-Identifier: GPL-2.0-or-later
/* Collector "disk": /proc/diskstats, with names and sizes from /sys. Where most of
 * its lines are of devices that nobody wants, the few others are read from files of
 * their own in between.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/collector.h"
#include "host/disk/disk_device.h"
#include "host/disk/disk_paths.h"
#include "host/disk/disk_stack.h"
#include "host/file.h"
#include "host/rows.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/resized.h"
#include "lib/kernel/proc.h"

/* Sizes and names of device-mapper change, and nothing tells of it: they are read
 * again after so long.
 */
#define LOOK_UP_NS UINT64_C(60000000000)
#define INTERVAL_NS UINT64_C(1000000000)
/* How late a new device may be noticed: its counters count from its beginning in any
 * case.
 */
#define WHOLE_NS UINT64_C(5000000000)

enum {
	OWN_FILES = 2, /* a reading of which is cheaper than one of */
	LINES_EACH = 4, /* so many lines */
	OWN_NAME_MAX = 64, /* "dev/block/4095:1048575/stat" */
	MINOR_BITS = 20, /* of the key, as in the kernel */
	DEVICES_MAX = WIRE_ROWS_MAX, /* those after that are left out */
};

/**
 * struct disks - the collector's state
 * @options: the caller's
 * @file: /proc/diskstats
 * @sys: /sys/dev/block, or -errno
 * @devices: in the order of the file's lines
 * @count: devices that are known
 * @lines: in the file, of devices that are never told of, too
 * @room: of @devices
 * @paths: what an NVMe disk's paths counted for it
 * @by_paths: there is such a disk: its own file has zeroes
 * @looked: a device was looked up: what lies on what has to be found anew
 * @own: files of the devices that are chosen, in the order of @devices, if these
 *       are few of many
 * @owned: how many; 0: the whole is read each time
 * @whole_ns: when the whole was read, CLOCK_MONOTONIC
 * @rows: the table
 * @trouble: whether it was told that the file could not be read
 * @too_many: it was told that devices are left out
 */
struct disks {
	const struct host_options *options;
	struct host_file file;
	int sys;
	struct disk_device *devices;
	size_t count;
	size_t lines;
	size_t room;
	struct disk_paths paths;
	bool by_paths;
	bool looked;
	struct own_file {
		struct host_file file;
		size_t device; /* its place */
	} own[OWN_FILES];
	size_t owned;
	uint64_t whole_ns;
	struct rows rows;
	struct host_trouble trouble;
	bool too_many;
};

static void close_own(struct disks *d)
{
	while (d->owned)
		host_file_close(&d->own[--d->owned].file);
}

static void disks_close(void *state)
{
	struct disks *d = state;

	close_own(d);
	if (d->sys >= 0)
		close(d->sys);
	host_file_close(&d->file);
	rows_exit(&d->rows);
	disk_paths_exit(&d->paths);
	free(d->devices);
	free(d);
}

static int disks_open(void **state, const struct host_options *options)
{
	struct disks *d = calloc(1, sizeof(*d));
	int err;

	if (!d)
		return -ENOMEM;
	d->options = options;
	d->rows.kind = WIRE_DISK;
	err = host_file_open(&d->file, options->proc, "diskstats");
	if (err) {
		log_warn(
			"disk: cannot open %s/diskstats: %s; disks are left out",
			options->proc, strerror(-err));
		free(d);
		return err;
	}
	d->file.line_max = DISKSTATS_LINE_MAX;
	d->file.shared = options->memory;
	d->sys = host_dir(options->sys, "dev/block");
	if (d->sys < 0)
		log_warn(
			"disk: cannot open %s/dev/block: %s; sizes are missing, and all disks are told of",
			options->sys, strerror(-d->sys));
	*state = d;
	return 0;
}

/* The device of a line goes to @at, where it mostly is: the file's order is the
 * same until devices come or go. NULL without memory, or if the line is there
 * twice.
 */
static struct disk_device *find_device(struct disks *d, size_t at,
				       const struct diskstats *line)
{
	struct disk_device swapped, *devices;
	size_t i;

	for (i = at; i < d->count && !disk_device_is(&d->devices[i], line); i++)
		;
	if (i == d->count) {
		for (i = 0; i < at; i++)
			if (disk_device_is(&d->devices[i], line))
				return NULL;
		devices =
			grown(d->devices, d->count, &d->room, sizeof(*devices));
		if (!devices)
			return NULL;
		d->devices = devices;
		i = d->count++;
		disk_device_init(&d->devices[i], line);
	}
	if (i != at) {
		swapped = d->devices[at];
		d->devices[at] = d->devices[i];
		d->devices[i] = swapped;
	}
	return &d->devices[at];
}

/* Whether what /sys says of a device is as of the last minute. */
static bool is_fresh(const struct disk_device *device, uint64_t now)
{
	return device->looked_up_ns && now - device->looked_up_ns < LOOK_UP_NS;
}

/* Two devices of one name, as one is renamed, or of a kernel that has two. */
static void tell_apart(const struct disks *d, struct disk_device *device)
{
	const size_t size = strlen(device->title);
	size_t i;

	for (i = 0; i < d->count; i++) {
		const struct disk_device *other = &d->devices[i];

		if (other != device && other->chosen &&
		    !strcmp(other->title, device->title))
			break;
	}
	if (i == d->count)
		return;
	if (strcmp(device->title, device->name))
		snprintf(device->title + size, sizeof(device->title) - size,
			 " (%s)", device->name);
	else
		snprintf(device->title + size, sizeof(device->title) - size,
			 " (%u:%u)", device->major, device->minor);
}

static void look_up(struct disks *d, struct disk_device *device, uint64_t now)
{
	disk_device_look_up(device, d->file.text, d->sys, d->options);
	if (device->chosen)
		tell_apart(d, device);
	device->looked_up_ns = now;
	d->looked = true;
}

static void put_row(struct disks *d, const struct disk_device *device,
		    const struct diskstats *line)
{
	uint64_t *row;

	if (!device->chosen)
		return;
	row = rows_add(&d->rows,
		       (uint64_t)line->major << MINOR_BITS | line->minor);
	if (!row)
		return;
	disk_device_row(device, line, row);
	rows_name(&d->rows, WIRE_DISK_NAME, device->title,
		  strlen(device->title));
}

/* Most lines are of partitions, whose values nobody wants. */
static bool is_left_out(const struct disks *d, size_t at, const char *text,
			uint64_t now)
{
	const struct disk_device *device;
	struct diskstats line;

	if (at >= d->count)
		return false;
	device = &d->devices[at];
	return !device->chosen && is_fresh(device, now) &&
	       diskstats_device(&text, &line) && disk_device_is(device, &line);
}

/* Loops and the like, of which there may be thousands, and what has no number as
 * it is a path of another disk.
 */
static bool is_out(const struct disks *d, const char *text)
{
	struct diskstats line;

	return diskstats_device(&text, &line) &&
	       ((!line.major && !line.minor) ||
		disk_name_is_out(line.name, d->options));
}

static void tell_too_many(struct disks *d)
{
	if (!d->too_many)
		log_warn("disk: %s has more than %d devices: the rest is left "
			 "out; --disk-exclude makes room",
			 d->file.path, DEVICES_MAX);
	d->too_many = true;
}

/* The next line whose device is not left out; NULL at the end. @lines: of devices
 * that are known, up to it.
 */
static struct disk_device *next_device(struct disks *d, const char **at,
				       size_t *lines, struct diskstats *line,
				       uint64_t now)
{
	for (; **at; d->lines++) {
		struct disk_device *device;

		if (is_left_out(d, *lines, *at, now)) {
			*at = proc_next_line(*at);
			++*lines;
			continue;
		}
		if (is_out(d, *at)) {
			*at = proc_next_line(*at);
			continue;
		}
		if (!diskstats_next(at, line))
			return NULL;
		if (*lines == DEVICES_MAX) {
			tell_too_many(d);
			return NULL;
		}
		device = find_device(d, *lines, line);
		if (device) {
			d->lines++;
			return device;
		}
	}
	return NULL;
}

/* A device may lie on any other, whatever their order in the file: so this comes
 * after all of them.
 */
static void mark_stacked(struct disks *d)
{
	size_t i, row = 0;

	if (!d->looked)
		return;
	d->looked = false;
	disk_stack_find(d->devices, d->count, d->sys);
	for (i = 0; i < d->count && row < d->rows.count; i++) {
		if (!d->devices[i].chosen)
			continue;
		d->rows.cells[row * WIRE_DISK_COLUMNS + WIRE_DISK_STACKED] =
			d->devices[i].stacked;
		row++;
	}
}

/* A host without disks has an empty file. */
static int read_devices(struct disks *d, uint64_t now)
{
	const char *at = d->file.text;
	struct diskstats line = { 0 };
	struct disk_device *device;
	bool by_paths = false;
	size_t known = 0;

	d->lines = 0;
	disk_paths_find(&d->paths, at);
	rows_clear(&d->rows);
	while ((device = next_device(d, &at, &known, &line, now))) {
		by_paths |= disk_paths_fill(&d->paths, &line);
		if (!disk_device_update(device, &line) ||
		    !is_fresh(device, now))
			look_up(d, device, now);
		put_row(d, device, &line);
		known++;
	}
	d->count = known;
	d->by_paths = by_paths;
	mark_stacked(d);
	return d->lines || !d->file.used ? 0 : -EINVAL;
}

static bool open_own(struct disks *d, size_t device)
{
	struct own_file *own = &d->own[d->owned];
	const struct disk_device *of = &d->devices[device];
	char name[OWN_NAME_MAX];

	snprintf(name, sizeof(name), "dev/block/%u:%u/stat", of->major,
		 of->minor);
	if (host_file_open(&own->file, d->options->sys, name))
		return false;
	own->file.at_once = true;
	own->file.shared = d->options->memory;
	own->device = device;
	d->owned++;
	return true;
}

/* Where few devices of many are chosen: their places, at most as many as there are
 * files; else none.
 */
static size_t few_of_many(const struct disks *d, size_t *places)
{
	size_t i, n = 0;

	for (i = 0; i < d->count; i++) {
		if (!d->devices[i].chosen)
			continue;
		if (n == OWN_FILES)
			return 0;
		places[n++] = i;
	}
	return n * LINES_EACH <= d->lines && !d->by_paths ? n : 0;
}

/* Choose anew after the whole file was read. Files that are open already stay open.
 */
static void choose_own(struct disks *d)
{
	size_t places[OWN_FILES], n = few_of_many(d, places), i;

	for (i = 0; i < n && i < d->owned; i++)
		if (d->own[i].device != places[i])
			break;
	if (i == n && i == d->owned)
		return;
	close_own(d);
	for (i = 0; i < n; i++)
		if (!open_own(d, places[i]))
			break;
	if (i < n)
		close_own(d);
}

/* A disk that is gone, or has become another one, has no such file any more. */
static bool read_own(struct disks *d, uint64_t now)
{
	size_t i;

	if (!d->owned || now - d->whole_ns >= WHOLE_NS)
		return false;
	rows_clear(&d->rows);
	for (i = 0; i < d->owned; i++) {
		struct disk_device *device = &d->devices[d->own[i].device];
		struct host_file *file = &d->own[i].file;
		struct diskstats line = { device->major, device->minor };

		if (!is_fresh(device, now) || host_file_read(file) ||
		    !diskstats_values(file->text, &line) ||
		    !disk_device_update(device, &line)) {
			close_own(d);
			return false;
		}
		put_row(d, device, &line);
	}
	return true;
}

static int read_whole(struct disks *d, uint64_t now)
{
	int err = host_file_read(&d->file);

	if (!err)
		err = read_devices(d, now);
	if (err) {
		close_own(d);
		return err;
	}
	d->whole_ns = now;
	choose_own(d);
	return 0;
}

static int disks_read(void *state, const struct host_sink *sink)
{
	struct disks *d = state;
	uint64_t real_ns = clock_real_ns(), mono_ns = clock_mono_ns();
	int err = read_own(d, mono_ns) ? 0 : read_whole(d, mono_ns);

	host_trouble(&d->trouble, "disk", d->file.path, err);
	if (!err)
		rows_put(&d->rows, sink, WIRE_ORIGIN_PROC, real_ns, mono_ns);
	return err;
}

const struct host_collector host_disk = {
	.name = "disk",
	.summary = "operations, bytes, times and sizes of block devices",
	.interval_ns = INTERVAL_NS,
	.enabled = true,
	.open = disks_open,
	.read = disks_read,
	.close = disks_close,
};
