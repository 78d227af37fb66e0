// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as what follows a chunk's head, and as a column that was unpacked:
 * the reader stays in bounds, and what it makes of them survives writing.
 */
#include <endian.h>
#include <isa-l/crc.h>
#include <stdlib.h>
#include <string.h>

#include "collector/history/chunk/chunk.h"
#include "collector/history/chunk/column.h"

static struct chunk_writer *writer;
static struct block block, again;
static struct buffer bytes;

static void same(const struct block *a, const struct block *b)
{
	size_t n = a->count * a->columns;

	if (a->rows != b->rows || a->samples != b->samples ||
	    a->count != b->count || a->columns != b->columns ||
	    memcmp(a->heads, b->heads, a->samples * sizeof(*a->heads)) ||
	    (n && memcmp(a->cells, b->cells, n * sizeof(*a->cells))))
		abort();
}

static void rewrite(void)
{
	const void *data;
	struct chunk c;
	size_t size;

	if (chunk_begin(writer, COLUMN_SMALL) || chunk_put(writer, &block))
		return;
	data = chunk_finish(writer, &size);
	if (chunk_open(&c, data, size) ||
	    chunk_next(&c, &again, 0, CHUNK_ALL, 0) != 1)
		abort();
	same(&block, &again);
	chunk_close(&c);
}

/* A column's bytes alone. */
static void column(const uint8_t *data, size_t size)
{
	static uint64_t cells[64 * 64], like[64 * 64], clock[64];
	static uint32_t at[64 * 64];
	static size_t first[65];
	struct column c = { .cells = cells, .clock = clock };
	struct cursor in = { data, data + size, false };
	size_t samples, row, i;

	c.rows = cursor_bounded(&in, 63);
	samples = cursor_bounded(&in, 63);
	c.count = c.rows * samples;
	for (i = 0; i < 64; i++)
		clock[i] = i * i * 1000;
	if (cursor_byte(&in) & 1) {
		c.count = 0;
		for (row = 0; row < c.rows; row++) {
			first[row] = c.count;
			for (i = row % 5; i < samples; i += 1 + row % 3)
				at[c.count++] = (uint32_t)i;
		}
		first[row] = c.count;
		c.first = first;
		c.at = at;
	}
	c.like = samples & 1 ? like : NULL;
	column_get(&in, &c);
}

/* Whether the first table is small: a constant column of millions of values is
 * a few bytes, and takes the fuzzer's memory.
 */
static int small(const uint8_t *data, size_t size)
{
	struct cursor in = { data, data + size, false };
	uint64_t columns, samples, rows;

	cursor_varint(&in);
	columns = cursor_bounded(&in, 512);
	cursor_varint(&in);
	samples = cursor_bounded(&in, 1 << 16);
	rows = cursor_bounded(&in, 1 << 16);
	return !in.broken && (columns + 1) * samples * rows < 1 << 18;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t head[CHUNK_HEAD_SIZE] = { CHUNK_VERSION };
	struct chunk c;
	uint32_t crc;

	if (!writer)
		writer = chunk_writer_new();
	column(data, size);
	crc = htole32(crc32_iscsi((unsigned char *)data, (int)size, ~0U));
	memcpy(head + 1, &crc, sizeof(crc));
	bytes.used = 0;
	if (buffer_put(&bytes, head, sizeof(head)) ||
	    buffer_put(&bytes, data, size))
		return 0;
	if (chunk_open(&c, bytes.data, bytes.used))
		abort();
	while (small(c.cursor.at, cursor_left(&c.cursor)) &&
	       chunk_next(&c, &block, 0, CHUNK_ALL, 0) == 1)
		rewrite();
	chunk_close(&c);
	return 0;
}
