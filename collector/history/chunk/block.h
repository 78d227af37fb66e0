/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Samples of one kind of table of one node over a time, as columns: what a
 * chunk is made of and what it is read into. Made from tables as they came
 * (gather_add(), gather_build()), which may be parts of samples, in any order and
 * with rows that come and go.
 */
#ifndef KTACH_COLLECTOR_HISTORY_CHUNK_BLOCK_H
#define KTACH_COLLECTOR_HISTORY_CHUNK_BLOCK_H

#include <stdbool.h>

#include "collector/base/buffer.h"
#include "lib/wire/wire.h"

/* The head of a sample. */
struct block_head {
	uint64_t real_ns;
	uint64_t mono_ns;
	uint64_t sample;
	uint64_t lost;
	uint64_t origin;
};

/**
 * struct block - a table over a time
 * @kind: enum wire_table_kind
 * @columns: values a row, the key not counted
 * @group: so many columns, from the first on, are always read together
 * @texts: a row
 * @samples: in the order of their real time
 * @rows: in the order of their keys
 * @count: values of a column: one for each sample that a row is in
 * @full: every row is in every sample
 * @heads: of samples
 * @keys: of rows
 * @words: texts, row by row, each ends with a NUL: the newest of each row
 * @word: where a row's texts begin in @words
 * @first: where a row's values begin, and at its end where the last one's do:
 *         @rows + 1 of them
 * @at: which sample a value is of, @count of them, rising in each row; not used
 *      if @full
 * @cells: [column * count + value]
 *
 * Its size is that of the values that are there, not of rows * samples: of
 * processes that come and go each row is in few samples. Members point into
 * buffers that are used again: init with zeroes.
 */
struct block {
	uint32_t kind;
	uint32_t columns;
	uint32_t group;
	uint32_t texts;
	size_t samples;
	size_t rows;
	size_t count;
	bool full;
	struct block_head *heads;
	uint64_t *keys;
	struct buffer words;
	size_t *word;
	size_t *first;
	uint32_t *at;
	uint64_t *cells;
	struct buffer memory[6];
};

/* Where heads and rows go, but for their values. Return 0 or -ENOMEM. */
int block_shape(struct block *b, uint32_t columns, size_t samples, size_t rows);

/* Where @count values a column go; none says yet which sample it is of. Return 0
 * or -ENOMEM.
 */
int block_fill(struct block *b, size_t count);

/* The same for a full one: all samples of each row. */
int block_fill_all(struct block *b);

/* The sample that a row's value is of. */
static inline size_t block_sample(const struct block *b, size_t row,
				  size_t value)
{
	return b->full ? value - b->first[row] : b->at[value];
}

/* A column's values: @count of them. */
static inline uint64_t *block_column(const struct block *b, uint32_t column)
{
	return b->cells + column * b->count;
}

/* A row's text number @text. */
const char *block_text(const struct block *b, size_t row, uint32_t text);

/* Note where the texts of row number @row begin: at the end of what is there. */
static inline void block_begin_words(struct block *b, size_t row)
{
	b->word[row] = b->words.used;
}

/* Bytes of memory that it has. */
size_t block_room(const struct block *b);

void block_free(struct block *b);

/**
 * struct gather - tables on their way to become a block
 * @tables: struct gathered
 * @cells: of all
 * @words: texts of all
 * @keys: scratch: keys of all rows
 * @rows: scratch: for each row of each table, which row of the block it is
 */
struct gather {
	struct buffer tables;
	struct buffer cells;
	struct buffer words;
	struct buffer keys;
	struct buffer rows;
};

/* Copy a table, or all samples of a block. Return 0 or -ENOMEM. */
int gather_add(struct gather *g, const struct wire_table *t);
int gather_block(struct gather *g, const struct block *b);

/* Put them in the order of their times. Return how many there are. */
size_t gather_sort(struct gather *g);

/* Real time of a table. */
uint64_t gather_real_ns(const struct gather *g, size_t table);

/**
 * gather_build() - make a block of some tables
 * @g: sorted
 * @kind: enum wire_table_kind
 * @first: the first one
 * @end: the one after the last one
 * @b: filled
 *
 * Tables with the same head are parts of one sample. Return: 0 or -ENOMEM.
 */
int gather_build(struct gather *g, uint32_t kind, size_t first, size_t end,
		 struct block *b);

/* Bytes that were copied. */
size_t gather_bytes(const struct gather *g);

/* Forget the tables before number @first, of sorted ones. Return 0 or -ENOMEM. */
int gather_drop(struct gather *g, size_t first);

void gather_clear(struct gather *g);
void gather_free(struct gather *g);

#endif /* KTACH_COLLECTOR_HISTORY_CHUNK_BLOCK_H */
