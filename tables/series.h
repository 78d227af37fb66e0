/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tables.def calls a series: "=family{label=\"value\"}/divisor", taken apart. */
#ifndef KTACH_TABLES_SERIES_H
#define KTACH_TABLES_SERIES_H

#include "tables/book.h"

/**
 * struct book_series - a series of a value
 * @family: its name, without _total
 * @label: what stands in braces; NULL without
 * @label_size: bytes of it
 * @divisor: of values
 * @pages: values are divided by the size of a page
 * @counter: its name gets _total
 * @untyped: it counts, and its name stays as it is
 */
struct book_series {
	char family[BOOK_NAME_SIZE * 2];
	const char *label;
	size_t label_size;
	double divisor;
	bool pages;
	bool counter;
	bool untyped;
};

/* @series: of the entry itself, or of one of book_also(). */
void book_series(struct book_series *s, const struct book_entry *e,
		 const char *series);

/* Whether it has one: a key's is a label. */
bool book_has_series(const struct book_entry *e);

/* Bytes of the family's name. */
size_t book_family_size(const char *series);

#endif /* KTACH_TABLES_SERIES_H */
