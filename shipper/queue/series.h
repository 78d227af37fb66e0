/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Samples of one table that wait to be packed together: each after the first
 * takes far fewer bytes of a frame than it would alone.
 */
#ifndef KTACH_SHIPPER_QUEUE_SERIES_H
#define KTACH_SHIPPER_QUEUE_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/wire/wire.h"

enum series_limits {
	SERIES_CELLS = 65536,	/* values that wait, of one table */
};

/**
 * struct series - all zeroes: empty, without memory
 * @count: samples
 * @tables: one a sample
 * @tables_room: samples that there is memory for
 * @cells: of all of them
 * @cells_room: values that there is memory for
 *
 * Memory grows with what waits: where a sample is sent alone, all of them lie
 * close together.
 */
struct series {
	uint32_t count;
	uint32_t tables_room;
	struct wire_table *tables;
	uint64_t *cells;
	size_t cells_room;
};

/**
 * series_put() - add a copy of a sample
 * @s: the series
 * @table: a table without texts
 *
 * Return: false if it does not go with those that are there, or there is no
 * room: take them out first, and then again: put it alone.
 */
bool series_put(struct series *s, const struct wire_table *table);

/* Forget the samples, keep the memory. */
void series_clear(struct series *s);
void series_exit(struct series *s);

#endif /* KTACH_SHIPPER_QUEUE_SERIES_H */
