/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows that a question is about: "eth0,nvme*", "0", "type=ext4". */
#ifndef KTACH_COLLECTOR_QUERY_ASKED_ROWS_H
#define KTACH_COLLECTOR_QUERY_ASKED_ROWS_H

#include <stdbool.h>

#include "collector/history/history.h"
#include "tables/book.h"

/**
 * struct asked_rows - which ones
 * @names: with commas between: a key, a text of the row, or a glob of stars; any of them
 *         may fit. With "NAME=" before it: of the text that the book calls so; each of
 *         those names has to fit. "": all rows
 * @texts: of the table that is asked; NULL: none
 */
struct asked_rows {
	const char *names;
	const struct book_text *texts;
};

/* For history_query; @choice is a struct asked_rows. */
bool asked_rows_want(const void *choice, const struct history_row *row);

enum asked_rows_limits {
	ASKED_NAMED_MAX = 16, /* globs with a name */
};

/* Whether a table has all the texts that are named, and these are not too many. */
bool asked_rows_fit(const char *names, const struct book_table *table);

#endif /* KTACH_COLLECTOR_QUERY_ASKED_ROWS_H */
