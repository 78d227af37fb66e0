// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/disk/disk_stack.h"
#include "host/file.h"
#include "lib/wire/wire.h"

enum {
	DEPTH_MAX = 8, /* devices that lie on each other */
	FOLDER_MAX = 64, /* of "4095:1048575/slaves" */
};

struct stack {
	struct disk_device *devices;
	size_t count;
	int sys;
};

static bool lies_on_chosen(const struct stack *s, const struct disk_device *d,
			   int depth);

static const struct disk_device *find_device(const struct stack *s,
					     const char *name)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		if (!strcmp(s->devices[i].name, name))
			return &s->devices[i];
	return NULL;
}

/* Whether the device itself, or one that it lies on, is among the rows. A hidden
 * device, which is not known, is not.
 */
static bool is_counted(const struct stack *s, const char *name, int depth)
{
	const struct disk_device *d = find_device(s, name);

	return d && (d->chosen || lies_on_chosen(s, d, depth + 1));
}

/* "../../devices/.../sda/sda1": a folder of sysfs with a '!' for each '/'. */
static const struct disk_device *disk_of(const struct stack *s,
					 const struct disk_device *partition)
{
	char folder[FOLDER_MAX], link[PATH_MAX], *end, *name;

	snprintf(folder, sizeof(folder), "%u:%u", partition->major,
		 partition->minor);
	if (host_link_at(s->sys, folder, link, sizeof(link)) <= 0)
		return NULL;
	end = strrchr(link, '/');
	if (!end)
		return NULL;
	*end = '\0';
	name = strrchr(link, '/');
	name = name ? name + 1 : link;
	for (end = name; (end = strchr(end, '!'));)
		*end = '/';
	return find_device(s, name);
}

/* A folder that is not there is an empty one. */
static DIR *open_slaves(const struct stack *s, const struct disk_device *d)
{
	char folder[FOLDER_MAX];
	DIR *dir = NULL;
	int fd;

	snprintf(folder, sizeof(folder), "%u:%u/slaves", d->major, d->minor);
	fd = openat(s->sys, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		dir = fdopendir(fd);
	if (fd >= 0 && !dir)
		close(fd);
	return dir;
}

static bool has_counted_slave(const struct stack *s,
			      const struct disk_device *d, int depth)
{
	DIR *dir = open_slaves(s, d);
	const struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		char *name = (char *)entry->d_name, *at;

		for (at = name; (at = strchr(at, '!'));)
			*at = '/';
		found = *name != '.' && is_counted(s, name, depth);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* The file of a loop device may be anywhere; mostly it is on a disk that is among the
 * rows.
 */
static bool has_file(const struct stack *s, const struct disk_device *d)
{
	char name[FOLDER_MAX];
	size_t i;

	snprintf(name, sizeof(name), "%u:%u/loop/backing_file", d->major,
		 d->minor);
	if (strncmp(d->name, "loop", 4) || !host_exists_at(s->sys, name))
		return false;
	for (i = 0; i < s->count; i++)
		if (s->devices[i].chosen &&
		    strncmp(s->devices[i].name, "loop", 4))
			return true;
	return false;
}

static bool lies_on_chosen(const struct stack *s, const struct disk_device *d,
			   int depth)
{
	const struct disk_device *disk = d->partition ? disk_of(s, d) : NULL;

	if (depth > DEPTH_MAX)
		return false;
	if (disk)
		return disk->chosen || lies_on_chosen(s, disk, depth + 1);
	return has_counted_slave(s, d, depth) || has_file(s, d);
}

/* Of a partition whose disk is not in the list this is not known. */
static uint64_t stacked(const struct stack *s, const struct disk_device *d)
{
	if (!d->chosen || s->sys < 0 || (d->partition && !disk_of(s, d)))
		return WIRE_ABSENT;
	return lies_on_chosen(s, d, 0);
}

void disk_stack_find(struct disk_device *devices, size_t count, int sys)
{
	const struct stack s = { devices, count, sys };
	size_t i;

	for (i = 0; i < count; i++)
		devices[i].stacked = stacked(&s, &devices[i]);
}
