/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What gather.c copies and gather_build.c makes blocks of. */
#ifndef KTACH_COLLECTOR_HISTORY_CHUNK_GATHERED_H
#define KTACH_COLLECTOR_HISTORY_CHUNK_GATHERED_H

#include "collector/history/chunk/block.h"

/**
 * struct gathered - a table that was copied, or one sample of a full block
 * @head: of the sample
 * @rows: of it
 * @columns: the key not counted
 * @texts: a row; 0: none came with it
 * @order: in which they came
 * @keys: where the rows' keys are, in values
 * @key_step: from one to the next
 * @cells: where the first row's first value is
 * @row_step: from a row to the next
 * @column_step: from a column to the next
 * @words: where its texts are, in bytes
 *
 * A table lies row by row, so that its columns are next to each other. A block lies
 * column by column: there the values of a row are, sample by sample.
 */
struct gathered {
	struct block_head head;
	uint32_t rows;
	uint32_t columns;
	uint32_t texts;
	uint32_t order;
	size_t keys;
	size_t key_step;
	size_t cells;
	size_t row_step;
	size_t column_step;
	size_t words;
};

static inline struct gathered *gathered_tables(const struct gather *g)
{
	return (struct gathered *)g->tables.data;
}

static inline size_t gathered_count(const struct gather *g)
{
	return g->tables.used / sizeof(struct gathered);
}

static inline const uint64_t *gathered_keys(const struct gather *g,
					    const struct gathered *t)
{
	return (const uint64_t *)g->cells.data + t->keys;
}

static inline const uint64_t *gathered_cells(const struct gather *g,
					     const struct gathered *t)
{
	return (const uint64_t *)g->cells.data + t->cells;
}

static inline int three_way(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* By time; those that are the same are of one sample. */
int compare_heads(const struct block_head *a, const struct block_head *b);

#endif /* KTACH_COLLECTOR_HISTORY_CHUNK_GATHERED_H */
