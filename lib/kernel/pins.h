/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The folder below a bpffs that keeps programs, maps and links when no process
 * does. Its lock says who looks after them: one shipper at a time. The lock
 * goes with its process, whatever its end.
 */
#ifndef KTACH_LIB_KERNEL_PINS_H
#define KTACH_LIB_KERNEL_PINS_H

#include <stdbool.h>
#include <stdint.h>

struct pins {
	const char *dir;
	int fd;
};

/**
 * pins_open() - get the folder
 * @p: filled
 * @dir: the folder; the bpffs that it is in is mounted if it is the usual one
 * @what: set to what was tried last
 *
 * Return: 0 or -errno; -ENOTSUP: @dir is not in a bpffs.
 */
int pins_open(struct pins *p, const char *dir, const char **what);

/* Gives the lock back, and leaves everything else. */
void pins_close(struct pins *p);

/* Become the one that looks after them. False: another process is. */
bool pins_lock(struct pins *p);

/* The process that looks after them, as /proc/locks has it; 0: not known. */
unsigned int pins_owner(const struct pins *p);

/* Open what is pinned under a name. Return a descriptor or -errno. */
int pins_get(const struct pins *p, const char *name);

/* Pin a program, map or link. Return 0 or -errno. */
int pins_put(const struct pins *p, const char *name, int fd);

/* Unpin it; a link that is pinned nowhere else is gone with that. */
void pins_remove(const struct pins *p, const char *name);

/* Unpin everything; @folder: and remove the folder. */
void pins_clear(struct pins *p, bool folder);

#endif /* KTACH_LIB_KERNEL_PINS_H */
