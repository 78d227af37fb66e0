/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A block, which lies row by row, read sample by sample. */
#ifndef KTACH_COLLECTOR_HISTORY_CHUNK_TURNED_H
#define KTACH_COLLECTOR_HISTORY_CHUNK_TURNED_H

#include "collector/history/chunk/block.h"

/**
 * struct turned - a block's rows in the order of its samples
 * @b: the block
 * @first: where each sample's rows begin in @row, and where the last one's end
 * @row: the rows of each sample; NULL: each has all of them
 * @next: of each row, which of its values comes next: whoever walks over the
 *        samples moves it on
 */
struct turned {
	const struct block *b;
	size_t *first;
	uint32_t *row;
	size_t *next;
};

/* Return 0 or -ENOMEM; to be freed in either case. */
int turned_init(struct turned *t, const struct block *b);
void turned_free(struct turned *t);

/* A sample's rows are those from turned_begin() to before turned_end(). */
static inline size_t turned_begin(const struct turned *t, size_t sample)
{
	return t->row ? t->first[sample] : 0;
}

static inline size_t turned_end(const struct turned *t, size_t sample)
{
	return t->row ? t->first[sample + 1] : t->b->rows;
}

static inline size_t turned_row(const struct turned *t, size_t i)
{
	return t->row ? t->row[i] : i;
}

#endif /* KTACH_COLLECTOR_HISTORY_CHUNK_TURNED_H */
