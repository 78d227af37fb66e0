/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nodes are spread over partitions by their ids, and partitions over groups, each of
 * which has a writer and an engine of its own. How many groups there are is a setting;
 * how many partitions never changes.
 *
 *   DIR           group 0, and the file "groups": how many there are, if not one
 *   DIR/group-N   the others
 *
 * After the setting has changed, groups have nodes that are another one's by now, and
 * there may be more folders than groups: see collector/history/write/move.h.
 */
#ifndef KTACH_COLLECTOR_HISTORY_GROUPS_H
#define KTACH_COLLECTOR_HISTORY_GROUPS_H

#include <limits.h>
#include <stdint.h>

#include <ktach/wire.h>

enum groups_numbers {
	GROUPS_PARTITIONS = 4096,
	GROUPS_SLICES = 256,
	GROUPS_MAX = 16,
};

/* The partition of a node: the top 12 bits of FNV-1a of its id, 64 bits of it, after
 * MurmurHash3's last steps, as ids may differ in a few bits only.
 */
uint32_t groups_partition(const uint8_t *node);

/* Its group, of so many. */
static inline unsigned int groups_of(const uint8_t *node, unsigned int groups)
{
	return groups_partition(node) * groups / GROUPS_PARTITIONS;
}

/* Partitions side by side that have one owner among several collectors. */
static inline unsigned int groups_slice(const uint8_t *node)
{
	return groups_partition(node) / (GROUPS_PARTITIONS / GROUPS_SLICES);
}

/* Where a group is. Return 0 or -ENAMETOOLONG. */
int groups_folder(char path[PATH_MAX], const char *folder, unsigned int group);

/* How many groups its writer has last had; how many folders there are, at least one. */
unsigned int groups_get(const char *folder);
unsigned int groups_folders(const char *folder);

/* Note how many there are from now on. Return 0 or -errno. */
int groups_set(const char *folder, unsigned int groups);

#endif /* KTACH_COLLECTOR_HISTORY_GROUPS_H */
