/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table under construction, whose memory is used again and again. */
#ifndef KTACH_HOST_ROWS_H
#define KTACH_HOST_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "host/collector.h"

/**
 * struct rows - all zeroes but @kind: without memory
 * @kind: enum wire_table_kind
 * @count: rows
 * @told: there were some when it was put last
 * @room: rows that there is memory for
 * @cells: row by row
 * @at: where each row's texts begin in @texts, and how long they are
 * @text: made of @at when the table is put
 * @texts: bytes of all texts
 * @texts_used: of them
 * @texts_room: memory for them
 */
struct rows {
	uint32_t kind;
	uint32_t count;
	bool told;
	uint32_t room;
	uint64_t *cells;
	struct rows_text {
		size_t at;
		size_t size;
	} *at;
	struct wire_text *text;
	char *texts;
	size_t texts_used;
	size_t texts_room;
};

/* Forget the rows, keep the memory. */
void rows_clear(struct rows *r);
void rows_exit(struct rows *r);

/**
 * rows_add() - a new row
 *
 * Return: its cells, as many as the kind has columns: the key, then WIRE_ABSENT
 * throughout; valid until the next row. NULL without memory.
 */
uint64_t *rows_add(struct rows *r, uint64_t key);

/* The row of that key; NULL without. Valid until the next row is added. */
uint64_t *rows_find(const struct rows *r, uint64_t key);

/**
 * rows_text() - a text of the newest row; empty until it is set
 * @r: the rows
 * @index: which, as in enum wire_*_text
 * @text: copied, at most WIRE_TEXT_MAX bytes of it; what is not UTF-8 or not
 *        printable becomes '?'
 * @size: bytes
 */
void rows_text(struct rows *r, uint32_t index, const char *text, size_t size);

/* The same of a name, which tells rows apart: where it is not as it was, as others
 * may be by then, a checksum of it follows.
 */
void rows_name(struct rows *r, uint32_t index, const char *text, size_t size);

/* As a table, but for where it is from and when; there until a row is added. */
struct wire_table rows_table(const struct rows *r);

/* Hand the table over. One of rows that is empty is handed over once, after one that
 * was not: that there are none any more.
 */
void rows_put(struct rows *r, const struct host_sink *sink,
	      enum wire_origin origin, uint64_t real_ns, uint64_t mono_ns);

/* A gauge or a counter of the host: a row of WIRE_GAUGES or WIRE_COUNTERS. */
void rows_value(struct rows *r, uint64_t key, uint64_t value);

#endif /* KTACH_HOST_ROWS_H */
