/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Series of one's own, as rows of WIRE_OWN. */
#ifndef KTACH_HOST_OWN_OWN_ROWS_H
#define KTACH_HOST_OWN_OWN_ROWS_H

#include "host/rows.h"
#include "lib/base/labels.h"

enum own_limits {
	OWN_LABELS_MAX = 32, /* of a series */
	OWN_NAME_SIZE = WIRE_TEXT_MAX + 1,
};

/**
 * struct own_rows - a reading
 * @rows: WIRE_OWN
 * @most: so many there may be
 * @left_out: series for which there was no room
 */
struct own_rows {
	struct rows rows;
	uint64_t most;
	uint64_t left_out;
};

/**
 * own_labels() - write labels as they are told: by their names, each once
 * @out: room for OWN_NAME_SIZE
 * @list: put in order
 * @count: of them
 *
 * Return: NULL, or what is wrong with them.
 */
const char *own_labels(char *out, struct label *list, size_t count);

/**
 * own_rows_add() - a series and its value now
 * @o: the rows
 * @name: its name
 * @labels: as own_labels() writes them
 * @value: a value that is not known (NaN, infinite) makes no row
 * @counter: it only grows
 *
 * Return: NULL, or why it is not told.
 */
const char *own_rows_add(struct own_rows *o, const char *name,
			 const char *labels, double value, bool counter);

/* The same of a counter of whole numbers, which are told exactly. */
const char *own_rows_count(struct own_rows *o, const char *name,
			   const char *labels, uint64_t value);

#endif /* KTACH_HOST_OWN_OWN_ROWS_H */
