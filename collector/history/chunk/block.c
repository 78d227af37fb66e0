// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/history/chunk/block.h"

enum {
	HEADS,
	KEYS,
	WORD,
	FIRST,
	AT,
	CELLS
};

/* What is in it is not kept; it may be large, and is not made any larger. */
static void *take(struct buffer *b, size_t size)
{
	if (size <= b->room && b->room)
		return b->data;
	buffer_free(b);
	b->data = malloc(size ? size : 1);
	b->room = b->data ? size : 0;
	return b->data;
}

int block_shape(struct block *b, uint32_t columns, size_t samples, size_t rows)
{
	b->columns = columns;
	b->samples = samples;
	b->rows = rows;
	b->count = 0;
	b->words.used = 0;
	b->heads = take(&b->memory[HEADS], samples * sizeof(*b->heads));
	b->keys = take(&b->memory[KEYS], rows * sizeof(*b->keys));
	b->word = take(&b->memory[WORD], rows * sizeof(*b->word));
	b->first = take(&b->memory[FIRST], (rows + 1) * sizeof(*b->first));
	return b->heads && b->keys && b->word && b->first ? 0 : -ENOMEM;
}

static int take_cells(struct block *b, size_t count)
{
	b->count = count;
	b->cells =
		take(&b->memory[CELLS], b->columns * count * sizeof(*b->cells));
	return b->cells ? 0 : -ENOMEM;
}

int block_fill(struct block *b, size_t count)
{
	b->full = false;
	b->at = take(&b->memory[AT], count * sizeof(*b->at));
	return b->at ? take_cells(b, count) : -ENOMEM;
}

int block_fill_all(struct block *b)
{
	size_t row;

	b->full = true;
	for (row = 0; row <= b->rows; row++)
		b->first[row] = row * b->samples;
	return take_cells(b, b->rows * b->samples);
}

const char *block_text(const struct block *b, size_t row, uint32_t text)
{
	const char *at;

	if (text >= b->texts)
		return "";
	at = (const char *)b->words.data + b->word[row];
	for (; text; text--)
		at += strlen(at) + 1;
	return at;
}

size_t block_room(const struct block *b)
{
	size_t room = b->words.room, i;

	for (i = 0; i < sizeof(b->memory) / sizeof(b->memory[0]); i++)
		room += b->memory[i].room;
	return room;
}

void block_free(struct block *b)
{
	size_t i;

	for (i = 0; i < sizeof(b->memory) / sizeof(b->memory[0]); i++)
		buffer_free(&b->memory[i]);
	buffer_free(&b->words);
}
