/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control groups: what the lines of their files say. Whoever reads a group uses these. */
#ifndef KTACH_HOST_GROUP_STAT_H
#define KTACH_HOST_GROUP_STAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A number for a name or a path: the same on every host, and exact in JSON. */
uint64_t group_stat_key(const char *name, size_t size);

/* Read a file of a group: false if that is not the whole of it. It may be empty, as of a
 * group that has done nothing yet.
 */
bool group_stat_text(int dir, const char *file, char *text, size_t size);

/* A file that holds one number. WIRE_ABSENT if it is no number, as "max", is less than 0
 * or is not there.
 */
uint64_t group_stat_number(int dir, const char *file);

/* The number of a line "NAME NUMBER", or WIRE_ABSENT. */
uint64_t group_stat_value(const char *text, const char *name);

/* The numbers of all "NAME=NUMBER" behind a blank, as each device has one, added up. A
 * group that has done no I/O has an empty text. WIRE_ABSENT if one makes no sense, or none is there.
 */
uint64_t group_stat_sum(const char *text, const char *name);

/* Such a number of the line that begins with a word, or WIRE_ABSENT. */
uint64_t group_stat_line(const char *text, const char *word, const char *name);

/* A time as ns. WIRE_ABSENT stays, and if it does not fit. */
uint64_t group_stat_ns(uint64_t value, uint64_t unit_ns);

#endif /* KTACH_HOST_GROUP_STAT_H */
