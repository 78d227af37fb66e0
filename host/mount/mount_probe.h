/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks a file system for its space, which may hang. */
#ifndef KTACH_HOST_MOUNT_MOUNT_PROBE_H
#define KTACH_HOST_MOUNT_MOUNT_PROBE_H

#include <sys/statvfs.h>

#include "host/probe.h"

/**
 * struct mount_answer - what was answered last
 * @known: something was
 * @err: 0 or -errno
 * @covered: another mount is to be seen at this place
 * @fs: unless @err or @covered
 */
struct mount_answer {
	bool known;
	int err;
	bool covered;
	struct statvfs fs;
};

/**
 * struct mount_probe - the question
 * @probe: see there
 * @path: of the mount
 * @id: its mount id; 0: not to be compared, as it is another namespace's
 * @latest: the thread's, until the probe is answered
 * @answer: the owner's copy
 */
struct mount_probe {
	struct probe probe;
	char *path;
	uint64_t id;
	struct mount_answer latest;
	struct mount_answer answer;
};

/**
 * mount_probe_new() - for ROOT/POINT
 * @root: "" for our own
 * @point: with a slash in front
 * @id: see there
 * @remote: a server answers, or a program: it is asked by a process of its own
 *
 * Return: NULL without memory. probe_drop() frees it.
 */
struct mount_probe *mount_probe_new(const char *root, const char *point,
				    uint64_t id, bool remote);

#endif /* KTACH_HOST_MOUNT_MOUNT_PROBE_H */
