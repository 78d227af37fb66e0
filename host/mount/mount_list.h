/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mounts that are asked for their space. */
#ifndef KTACH_HOST_MOUNT_MOUNT_LIST_H
#define KTACH_HOST_MOUNT_MOUNT_LIST_H

#include <stddef.h>

#include "host/mount/mountinfo.h"
#include "host/options.h"

struct mount_probe;

enum mount_list_limits {
	MOUNTS_MAX = 16384, /* the rest is left out */
};

/**
 * struct mount - one of them
 * @info: its line; the texts are gone with the file's
 * @point: where, unescaped
 * @source: device or server, unescaped
 * @type: of the file system
 * @probe: asks for it; NULL until somebody sets it
 * @hung: it was told that it does not answer
 * @shared: its space is that of another one in the list
 */
struct mount {
	struct mountinfo info;
	char *point;
	char *source;
	char *type;
	struct mount_probe *probe;
	bool hung;
	bool shared;
};

/**
 * struct mount_list - all zeroes: none
 * @mounts: in the order of the file
 * @count: of them
 * @room: memory for them
 */
struct mount_list {
	struct mount *mounts;
	size_t count;
	size_t room;
};

/**
 * mount_list_parse() - the mounts of a host
 * @list: filled; what was in it is not freed
 * @text: /proc/PID/mountinfo
 * @o: globs of mounts to leave out
 *
 * Of the mounts of one file system the one that shows all of it is taken, or
 * the one with the shortest path; and one of each further subvolume of btrfs. One
 * that another covers is left out.
 *
 * Return: 0, or -ENOMEM: the list is empty.
 */
int mount_list_parse(struct mount_list *list, const char *text,
		     const struct host_options *o);

/* Take over the probes of mounts that were in the list before, too. Returns 0 or
 * -ENOMEM.
 */
int mount_list_inherit(struct mount_list *list, struct mount_list *before);

/* Free all but probes. */
void mount_list_exit(struct mount_list *list);

#endif /* KTACH_HOST_MOUNT_MOUNT_LIST_H */
