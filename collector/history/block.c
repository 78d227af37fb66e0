// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/history/block.h"

enum {
	HEADS,
	KEYS,
	PRESENT,
	CELLS
};

static void *take(struct buffer *b, size_t size)
{
	b->used = 0;
	return buffer_reserve(b, size ? size : 1) ? NULL : b->data;
}

int block_shape(struct block *b, uint32_t columns, size_t samples, size_t rows)
{
	size_t cells = columns * samples * rows;

	b->columns = columns;
	b->samples = samples;
	b->rows = rows;
	b->words.used = 0;
	b->heads = take(&b->memory[HEADS], samples * sizeof(*b->heads));
	b->keys = take(&b->memory[KEYS], rows * sizeof(*b->keys));
	b->present = take(&b->memory[PRESENT], rows * samples);
	b->cells = take(&b->memory[CELLS], cells * sizeof(*b->cells));
	return b->heads && b->keys && b->present && b->cells ? 0 : -ENOMEM;
}

const char *block_text(const struct block *b, size_t row, uint32_t text)
{
	const char *at = (const char *)b->words.data;
	size_t skip;

	if (text >= b->texts)
		return "";
	for (skip = row * b->texts + text; skip; skip--)
		at += strlen(at) + 1;
	return at;
}

void block_free(struct block *b)
{
	size_t i;

	for (i = 0; i < sizeof(b->memory) / sizeof(b->memory[0]); i++)
		buffer_free(&b->memory[i]);
	buffer_free(&b->words);
}
