// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <isa-l/crc.h>
#include <zstd.h>

#include "collector/history/chunk.h"
#include "collector/history/column.h"

enum {
	SECTIONS_MAX = CHUNK_COLUMNS_MAX + 1,
	SECTION_MAX = 1 << 30, /* bytes, unpacked */
};

struct section {
	uint32_t columns;
	size_t bytes;
	size_t packed;
};

/* The columns that are asked for; all of them: from 0 on. */
struct range {
	uint32_t first;
	uint32_t count;
};

/* A table before its sections are unpacked. */
struct head {
	uint32_t kind;
	uint32_t columns;
	uint32_t texts;
	size_t samples;
	size_t rows;
	bool full;
	size_t sections;
	struct section section[SECTIONS_MAX];
};

int chunk_open(struct chunk *c, const void *data, size_t size)
{
	memset(c, 0, sizeof(*c));
	return chunk_again(c, data, size);
}

int chunk_again(struct chunk *c, const void *data, size_t size)
{
	const uint8_t *bytes = data;
	uint32_t crc;

	if (size < CHUNK_HEAD_SIZE || size > INT32_MAX ||
	    bytes[0] != CHUNK_VERSION)
		return -EBADMSG;
	memcpy(&crc, bytes + 1, sizeof(crc));
	if (le32toh(crc) !=
	    crc32_iscsi((unsigned char *)bytes + CHUNK_HEAD_SIZE,
			(int)(size - CHUNK_HEAD_SIZE), ~0U))
		return -EBADMSG;
	c->cursor.at = bytes + CHUNK_HEAD_SIZE;
	c->cursor.end = bytes + size;
	c->cursor.broken = false;
	if (!c->zstd)
		c->zstd = ZSTD_createDCtx();
	return c->zstd ? 0 : -ENOMEM;
}

void chunk_close(struct chunk *c)
{
	ZSTD_freeDCtx(c->zstd);
	buffer_free(&c->plain);
	c->zstd = NULL;
}

static void read_sections(struct cursor *in, struct head *h)
{
	uint32_t columns = 0;
	size_t i;

	h->sections = cursor_bounded(in, SECTIONS_MAX);
	for (i = 0; i < h->sections; i++) {
		struct section *s = &h->section[i];

		s->columns = cursor_bounded(in, CHUNK_COLUMNS_MAX);
		s->bytes = cursor_bounded(in, SECTION_MAX);
		s->packed = cursor_bounded(in, SECTION_MAX);
		columns += s->columns;
	}
	if (!h->sections || columns != h->columns || h->section[0].columns)
		in->broken = true;
}

static bool read_head(struct cursor *in, struct head *h)
{
	h->kind = cursor_bounded(in, UINT32_MAX);
	h->columns = cursor_bounded(in, CHUNK_COLUMNS_MAX);
	h->texts = cursor_bounded(in, WIRE_TEXTS_MAX);
	h->samples = cursor_bounded(in, CHUNK_SAMPLES_MAX);
	h->rows = cursor_bounded(in, CHUNK_ROWS_MAX);
	h->full = cursor_byte(in);
	read_sections(in, h);
	if ((uint64_t)h->samples * h->rows * (h->columns + 1) > CHUNK_CELLS_MAX)
		in->broken = true;
	return !in->broken;
}

/* Unpack a section into @plain, and set a cursor on it. */
static int unpack(struct chunk *c, const struct section *s, const void *packed,
		  struct cursor *in)
{
	size_t got;

	c->plain.used = 0;
	if (buffer_reserve(&c->plain, s->bytes + 1))
		return -ENOMEM;
	got = ZSTD_decompressDCtx(c->zstd, c->plain.data, s->bytes, packed,
				  s->packed);
	if (ZSTD_isError(got) || got != s->bytes)
		return -EBADMSG;
	*in = (struct cursor){ c->plain.data, c->plain.data + s->bytes, false };
	return 0;
}

static void get_member(struct cursor *in, struct block *b, size_t member,
		       uint64_t *values, const uint64_t *clock)
{
	struct column c = { 1, b->samples, values, NULL, clock };
	size_t i;

	column_get(in, &c);
	for (i = 0; i < b->samples; i++)
		((uint64_t *)&b->heads[i])[member] = values[i];
}

static int get_heads(struct cursor *in, struct block *b, uint64_t *clock)
{
	uint64_t *values = calloc(b->samples + 1, sizeof(*values));

	if (!values)
		return -ENOMEM;
	get_member(in, b, 1, clock, values);
	get_member(in, b, 0, values, clock);
	get_member(in, b, 2, values, clock);
	get_member(in, b, 3, values, clock);
	get_member(in, b, 4, values, clock);
	free(values);
	return 0;
}

static int get_words(struct cursor *in, struct block *b)
{
	size_t n = b->rows * b->texts;

	for (; n && !in->broken; n--) {
		size_t size = strnlen((const char *)in->at, cursor_left(in));
		const uint8_t *word = cursor_take(in, size + 1);

		if (word && buffer_put(&b->words, word, size + 1))
			return -ENOMEM;
	}
	return 0;
}

static void get_presence(struct cursor *in, struct block *b)
{
	size_t n = b->rows * b->samples, i;
	const uint8_t *at;

	if (b->full) {
		memset(b->present, 1, n);
		return;
	}
	at = cursor_take(in, (n + 7) / 8);
	for (i = 0; at && i < n; i++)
		b->present[i] = at[i / 8] >> i % 8 & 1;
}

static int get_first(struct cursor *in, struct block *b, uint64_t *clock)
{
	struct column keys = { .samples = 1, .clock = &(uint64_t){ 0 } };
	int err = get_heads(in, b, clock);

	keys.rows = b->rows;
	keys.cells = b->keys;
	if (!err && !in->broken) {
		column_get(in, &keys);
		err = get_words(in, b);
	}
	if (!err && !in->broken)
		get_presence(in, b);
	if (err)
		return err;
	return in->broken ? -EBADMSG : 0;
}

static bool in_range(const struct range *r, uint32_t column)
{
	return column >= r->first && column - r->first < r->count;
}

/* Columns of one section: those that are wanted are kept. */
static int get_columns(struct cursor *in, struct block *b, uint32_t first,
		       uint32_t count, const struct range *r,
		       const uint64_t *clock)
{
	uint32_t i;

	for (i = first; i < first + count; i++) {
		struct column c = { b->rows, b->samples,
				    in_range(r, i) ?
					    block_column(b, i - r->first) :
					    NULL,
				    b->full ? NULL : b->present, clock };

		column_get(in, &c);
		if (in->broken)
			return -EBADMSG;
	}
	return 0;
}

static bool wanted(const struct section *s, uint32_t first,
		   const struct range *r)
{
	return r->first < first + s->columns && first < r->first + r->count;
}

static int get_rest(struct chunk *c, const struct head *h, struct block *b,
		    const struct range *r, const uint64_t *clock)
{
	uint32_t first = 0;
	size_t i;
	int err;

	for (i = 1; i < h->sections; i++) {
		const struct section *s = &h->section[i];
		const uint8_t *packed = cursor_take(&c->cursor, s->packed);
		struct cursor in;

		if (!packed)
			return -EBADMSG;
		if (wanted(s, first, r)) {
			err = unpack(c, s, packed, &in);
			if (!err)
				err = get_columns(&in, b, first, s->columns, r,
						  clock);
			if (err)
				return err;
		}
		first += s->columns;
	}
	return 0;
}

static int shape(struct block *b, const struct head *h, const struct range *r)
{
	b->kind = h->kind;
	b->texts = h->texts;
	b->full = h->full;
	return block_shape(b, r->count, h->samples, h->rows);
}

/* Columns that the table has not got are those of absent values. */
static void absent(struct block *b, const struct head *h, const struct range *r)
{
	size_t n = b->rows * b->samples, i;
	uint32_t column;

	for (column = 0; column < r->count; column++)
		for (i = 0; r->first + column >= h->columns && i < n; i++)
			block_column(b, column)[i] = WIRE_ABSENT;
}

static int read_table(struct chunk *c, const struct head *h, struct block *b,
		      const struct range *r)
{
	const uint8_t *packed = cursor_take(&c->cursor, h->section[0].packed);
	uint64_t *clock;
	struct cursor in;
	int err;

	if (!packed)
		return -EBADMSG;
	clock = calloc(h->samples + 1, sizeof(*clock));
	err = clock ? shape(b, h, r) : -ENOMEM;
	if (!err)
		err = unpack(c, &h->section[0], packed, &in);
	if (!err)
		err = get_first(&in, b, clock);
	if (!err)
		absent(b, h, r);
	if (!err)
		err = get_rest(c, h, b, r, clock);
	free(clock);
	return err;
}

static void skip(struct chunk *c, const struct head *h)
{
	size_t i;

	for (i = 0; i < h->sections; i++)
		cursor_take(&c->cursor, h->section[i].packed);
}

int chunk_next(struct chunk *c, struct block *b, uint32_t kind, int column,
	       uint32_t columns)
{
	struct range range = { (uint32_t)column, columns };
	struct head h;
	int err;

	while (cursor_left(&c->cursor)) {
		if (!read_head(&c->cursor, &h))
			return -EBADMSG;
		if (!kind || h.kind == kind) {
			if (column == CHUNK_ALL)
				range = (struct range){ 0, h.columns };
			err = read_table(c, &h, b, &range);
			return err ? err : 1;
		}
		skip(c, &h);
		if (c->cursor.broken)
			return -EBADMSG;
	}
	return 0;
}
