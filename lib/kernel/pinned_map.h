/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A BPF array that is pinned in a bpffs, in this process's memory. */
#ifndef KTACH_LIB_KERNEL_PINNED_MAP_H
#define KTACH_LIB_KERNEL_PINNED_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PIN_PATH_MAX = 256, /* bytes of a path, with its end */
};

/**
 * struct pinned_map - a mapped array
 * @data: its elements, one after the other
 * @size: bytes mapped
 * @value_size: bytes of an element, and from one to the next
 * @entries: how many there are
 */
struct pinned_map {
	void *data;
	size_t size;
	uint32_t value_size;
	uint32_t entries;
};

/**
 * pinned_map_open() - map an array
 * @m: filled; zeroes if it failed
 * @dir: the folder that it is pinned in
 * @name: its name there
 * @writable: to write to it, too
 *
 * Return: 0 or -errno: -ENOENT nothing is pinned there, -EPERM no right to use
 * BPF, -EACCES no right to the file, -EPROTO it is no array that can be mapped.
 */
int pinned_map_open(struct pinned_map *m, const char *dir, const char *name,
		    bool writable);

/* As pinned_map_open(), of a map's descriptor, which stays the caller's. */
int pinned_map_of(struct pinned_map *m, int fd, bool writable);

/* A map that is not open is fine. */
void pinned_map_close(struct pinned_map *m);

/* Write "DIR/NAME" to @path. Return 0 or -ENAMETOOLONG. */
int pin_path(char path[PIN_PATH_MAX], const char *dir, const char *name);

#endif /* KTACH_LIB_KERNEL_PINNED_MAP_H */
