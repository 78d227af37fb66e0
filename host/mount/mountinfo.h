/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/mountinfo, line by line: proc(5). */
#ifndef KTACH_HOST_MOUNT_MOUNTINFO_H
#define KTACH_HOST_MOUNT_MOUNTINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Part of a line, escaped as it is there: "\040" for a blank. */
struct mountinfo_text {
	const char *data;
	size_t size;
};

/**
 * struct mountinfo - a mount
 * @id: of the mount
 * @parent: what it is mounted on
 * @device: major << 32 | minor: mounts of one file system have the same
 * @root: what of the file system is mounted: "/" is all of it
 * @point: where
 * @subvolume: @root is one of btrfs, not just a folder
 * @read_only: the file system. A mount of it can be so for a service alone,
 *             which has its own (ProtectSystem= of systemd): that is not told
 * @type: of the file system
 * @source: a device, a server, or just a word
 */
struct mountinfo {
	uint64_t id;
	uint64_t parent;
	uint64_t device;
	struct mountinfo_text root;
	struct mountinfo_text point;
	bool subvolume;
	bool read_only;
	struct mountinfo_text type;
	struct mountinfo_text source;
};

/**
 * mountinfo_next() - take the next line
 * @at: moved on; the text is NUL-terminated
 * @m: filled
 *
 * A line that makes no sense, or has no end, is left out.
 *
 * Return: false at the text's end.
 */
bool mountinfo_next(const char **at, struct mountinfo *m);

/* Whether a part is this, as it stands there. */
bool mountinfo_is(const struct mountinfo_text *t, const char *text);

/**
 * mountinfo_copy() - take a part out of its escapes
 * @t: the part
 * @out: filled, NUL-terminated
 * @size: room there
 *
 * Return: its length; -ENAMETOOLONG if it does not fit; -EINVAL if there is a
 * NUL in it.
 */
int mountinfo_copy(const struct mountinfo_text *t, char *out, size_t size);

/**
 * mountinfo_wanted() - whether this is a place where data are kept
 * @m: a mount
 *
 * Not those of the kernel's own file systems, nor images and overlays, whose
 * data are elsewhere. Of file systems in memory those count that fill up in
 * everyday life: /tmp, /run and /dev/shm. The root counts in any case.
 */
bool mountinfo_wanted(const struct mountinfo *m);

#endif /* KTACH_HOST_MOUNT_MOUNTINFO_H */
