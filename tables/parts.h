/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The book of parts, to be asked: what series of WIRE_PART there are. */
#ifndef KTACH_TABLES_PARTS_H
#define KTACH_TABLES_PARTS_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct book_part - a series, or a group that the ones behind it are in
 * @group: its name; NULL: it is a series
 * @trees: the group was never seen but on trees made from the kernel's documentation
 * @name: of the series; of a group its title
 * @counter: it only grows
 * @help: what it is, in a sentence without its end
 */
struct book_part {
	const char *group;
	bool trees;
	const char *name;
	bool counter;
	const char *help;
};

/* The @index-th; NULL after the last one. */
const struct book_part *book_part(size_t index);

/* A series, by its name; NULL. */
const struct book_part *book_part_find(const char *name);

#endif /* KTACH_TABLES_PARTS_H */
