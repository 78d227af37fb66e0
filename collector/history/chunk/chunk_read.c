// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <isa-l/crc.h>
#include <zstd.h>

#include "collector/history/chunk/chunk.h"
#include "collector/history/chunk/chunk_head.h"
#include "lib/base/clean.h"
#include "lib/wire/wire_format.h"

/* The columns that are asked for; all of them: from 0 on. */
struct range {
	uint32_t first;
	uint32_t count;
};

static bool is_version(uint8_t version)
{
	return version == CHUNK_VERSION || version == CHUNK_VERSION_AGAIN ||
	       version == CHUNK_VERSION_PACKED || version == CHUNK_VERSION_BITS;
}

int chunk_open(struct chunk *c, const void *data, size_t size)
{
	memset(c, 0, sizeof(*c));
	return chunk_again(c, data, size);
}

int chunk_again(struct chunk *c, const void *data, size_t size)
{
	const uint8_t *bytes = data;
	uint32_t crc;

	if (size < CHUNK_HEAD_SIZE || size > INT32_MAX || !is_version(bytes[0]))
		return -EBADMSG;
	memcpy(&crc, bytes + 1, sizeof(crc));
	if (le32toh(crc) !=
	    crc32_iscsi((unsigned char *)bytes + CHUNK_HEAD_SIZE,
			(int)(size - CHUNK_HEAD_SIZE), ~0U))
		return -EBADMSG;
	c->cursor.at = bytes + CHUNK_HEAD_SIZE;
	c->cursor.end = bytes + size;
	c->cursor.broken = false;
	c->version = bytes[0];
	c->base = c->heads_of = NULL;
	if (!c->zstd)
		c->zstd = ZSTD_createDCtx();
	return c->zstd ? 0 : -ENOMEM;
}

void chunk_close(struct chunk *c)
{
	ZSTD_freeDCtx(c->zstd);
	buffer_free(&c->plain);
	buffer_free(&c->heads);
	c->zstd = NULL;
}

/* Unpack a section into @plain, and set a cursor on it. */
static int unpack(struct chunk *c, const struct section *s, const void *packed,
		  struct cursor *in)
{
	size_t got;

	if (s->packed == s->bytes && c->version > CHUNK_VERSION_PACKED) {
		*in = (struct cursor){ packed,
				       (const uint8_t *)packed + s->bytes,
				       false };
		return 0;
	}
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
	struct column c = {
		.rows = 1, .count = b->samples, .cells = values, .clock = clock
	};
	size_t i;

	column_get(in, &c);
	for (i = 0; i < b->samples; i++)
		((uint64_t *)&b->heads[i])[member] = values[i];
}

/* All but the origin are those of @same, if there are. */
static int get_heads(struct cursor *in, struct block *b,
		     const struct block_head *same, uint64_t *clock)
{
	uint64_t *values = calloc(b->samples + 1, sizeof(*values));
	size_t i;

	if (!values)
		return -ENOMEM;
	if (same) {
		memcpy(b->heads, same, b->samples * sizeof(*same));
		for (i = 0; i < b->samples; i++)
			clock[i] = same[i].mono_ns;
	} else {
		get_member(in, b, 1, clock, values);
		get_member(in, b, 0, values, clock);
		get_member(in, b, 2, values, clock);
		get_member(in, b, 3, values, clock);
	}
	get_member(in, b, 4, values, clock);
	free(values);
	return 0;
}

static int get_row_words(struct cursor *in, struct block *b, size_t row)
{
	uint32_t n;

	block_begin_words(b, row);
	for (n = b->texts; n && !in->broken; n--) {
		size_t size = strnlen((const char *)in->at, cursor_left(in));
		const uint8_t *word = cursor_take(in, size + 1);

		if (!word)
			continue;
		if (buffer_put(&b->words, word, size + 1))
			return -ENOMEM;
		/* Older programs have let more characters pass. */
		clean_string((char *)b->words.data + b->words.used - size - 1);
	}
	return 0;
}

static int get_words(struct cursor *in, struct block *b)
{
	size_t row;
	int err = 0;

	for (row = 0; !err && row < b->rows && !in->broken; row++)
		err = get_row_words(in, b, row);
	return err;
}

static bool bit(const uint8_t *bits, size_t i)
{
	return bits[i / 8] >> i % 8 & 1;
}

static size_t count_bits(const uint8_t *bits, size_t n)
{
	size_t count = 0, i;

	for (i = 0; i < n; i++)
		count += bit(bits, i);
	return count;
}

/* Of version 1. */
static int get_bits(struct cursor *in, struct block *b)
{
	size_t n = b->rows * b->samples, row, i, at = 0, to = 0;
	const uint8_t *bits = cursor_take(in, (n + 7) / 8);

	if (!bits)
		return -EBADMSG;
	if (block_fill(b, count_bits(bits, n)))
		return -ENOMEM;
	for (row = 0; row < b->rows; row++) {
		b->first[row] = to;
		for (i = 0; i < b->samples; i++)
			if (bit(bits, at++))
				b->at[to++] = (uint32_t)i;
	}
	b->first[row] = to;
	return 0;
}

/* The next run: from @from on, of which row's the first one begins at *began.
 * Return its end, 0 if it is broken.
 */
static uint64_t get_run(struct cursor *in, const struct block *b, bool first,
			uint64_t *began, uint64_t *from, uint64_t end)
{
	uint64_t skip = cursor_varint(in);

	if (first)
		*began += unzigzag(skip);
	*from = first ? *began : end + skip + 1;
	end = *from + cursor_bounded(in, CHUNK_SAMPLES_MAX) + 1;
	if (in->broken || (!first && skip > CHUNK_SAMPLES_MAX) ||
	    *from >= b->samples || end > b->samples)
		return 0;
	return end;
}

/* Walk the runs of all rows; @at: where they go, NULL: they are counted only.
 * Return how many values there are, or -EBADMSG.
 */
static int64_t walk_runs(struct cursor counts, struct cursor *in,
			 struct block *b, uint32_t *at)
{
	uint64_t began = 0, max = CHUNK_CELLS_MAX / (b->columns + 1);
	size_t row, to = 0;

	for (row = 0; row < b->rows; row++) {
		uint64_t runs = cursor_varint(&counts), i, from, end = 0;

		b->first[row] = to;
		for (i = 0; i < runs; i++) {
			end = get_run(in, b, !i, &began, &from, end);
			if (!end || end - from > max - to)
				return -EBADMSG;
			for (; at && from < end; from++)
				at[to++] = (uint32_t)from;
			to += end - from;
		}
	}
	b->first[row] = to;
	return counts.broken ? -EBADMSG : (int64_t)to;
}

static int get_runs(struct cursor *in, struct block *b)
{
	struct cursor counts = *in, again;
	int64_t count;
	size_t row;

	for (row = 0; row < b->rows; row++)
		cursor_varint(in);
	again = *in;
	count = in->broken ? -EBADMSG : walk_runs(counts, in, b, NULL);
	if (count < 0)
		return -EBADMSG;
	if (block_fill(b, (size_t)count))
		return -ENOMEM;
	walk_runs(counts, &again, b, b->at);
	return 0;
}

static int get_presence(struct cursor *in, struct block *b,
			enum chunk_presence presence)
{
	switch (presence) {
	case CHUNK_FULL:
		return block_fill_all(b);
	case CHUNK_BITS:
		return get_bits(in, b);
	default:
		return get_runs(in, b);
	}
}

static int get_first(struct cursor *in, struct block *b,
		     const struct block_head *same,
		     enum chunk_presence presence, uint64_t *clock)
{
	struct column keys = { .clock = &(uint64_t){ 0 } };
	int err = get_heads(in, b, same, clock);

	keys.rows = keys.count = b->rows;
	keys.cells = b->keys;
	if (!err && !in->broken) {
		column_get(in, &keys);
		err = get_words(in, b);
	}
	if (!err && !in->broken)
		err = get_presence(in, b, presence);
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
		struct column c = { .rows = b->rows,
				    .first = b->first,
				    .count = b->count,
				    .at = b->full ? NULL : b->at,
				    .clock = clock };

		if (in_range(r, i))
			c.cells = block_column(b, i - r->first);
		if (i && in_range(r, i - 1))
			c.like = block_column(b, i - 1 - r->first);

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
	b->group = 0;
	b->texts = h->texts;
	return block_shape(b, r->count, h->samples, h->rows);
}

/* With the columns that those are derived of. */
static struct range widened(const struct head *h, const struct range *r)
{
	uint32_t first = r->first, end = r->first + r->count, other;
	size_t i;

	for (i = 0; i < h->derive_count; i++) {
		const struct derive *d = &h->derives[i];

		for (other = 0; in_range(r, d->column) && other < d->count;
		     other++) {
			if (d->of[other] < first)
				first = d->of[other];
			if (d->of[other] >= end)
				end = d->of[other] + 1;
		}
	}
	return (struct range){ first, end - first };
}

/* What was left of derived columns becomes what they were; then the block has no more than
 * was asked for. @wide: what it has.
 */
static int give_derived(struct block *b, const struct head *h,
			const struct range *r, const struct range *wide,
			const uint64_t *clock)
{
	uint64_t *expected, *cells;
	size_t i, at;

	for (i = 0; i < h->derive_count; i++) {
		const struct derive *d = &h->derives[i];

		if (!in_range(r, d->column))
			continue;
		expected = malloc((b->count + 1) * sizeof(*expected));
		if (!expected)
			return -ENOMEM;
		derive_expect(d, b, wide->first, clock, expected);
		cells = block_column(b, d->column - wide->first);
		for (at = 0; at < b->count; at++)
			cells[at] += expected[at];
		free(expected);
	}
	b->cells = block_column(b, r->first - wide->first);
	b->columns = r->count;
	return 0;
}

/* Columns that the table has not got are those of absent values. */
static void absent(struct block *b, const struct head *h, const struct range *r)
{
	uint32_t column;
	size_t i;

	for (column = 0; column < r->count; column++)
		for (i = 0; r->first + column >= h->columns && i < b->count;
		     i++)
			block_column(b, column)[i] = WIRE_ABSENT;
}

/* Those of the table at c->base, as heads of a block of nothing else. */
static int read_base(struct chunk *c, struct cursor *in, const struct head *h)
{
	struct block b = { .samples = h->samples };
	uint64_t *clock = calloc(h->samples + 1, sizeof(*clock));
	int err = clock ? 0 : -ENOMEM;

	c->heads.used = 0;
	if (!err)
		err = buffer_reserve(&c->heads,
				     (h->samples + 1) * sizeof(*b.heads));
	b.heads = (struct block_head *)c->heads.data;
	if (!err)
		err = get_heads(in, &b, NULL, clock);
	free(clock);
	if (!err && in->broken)
		err = -EBADMSG;
	if (!err) {
		c->heads.used = h->samples * sizeof(*b.heads);
		c->heads_of = c->base;
	}
	return err;
}

/* The heads that a table has in common with one before it, of as many samples. */
static int find_base(struct chunk *c, size_t samples)
{
	struct cursor in = { c->base, c->cursor.end, false };
	const uint8_t *packed;
	struct head h;
	int err;

	if (!c->base)
		return -EBADMSG;
	if (c->heads_of != c->base) {
		if (!chunk_read_head(&in, c->version, &h))
			return -EBADMSG;
		packed = cursor_take(&in, h.section[0].packed);
		if (!packed || h.samples != samples)
			return -EBADMSG;
		err = unpack(c, &h.section[0], packed, &in);
		if (!err)
			err = read_base(c, &in, &h);
		if (err)
			return err;
	}
	return c->heads.used == samples * sizeof(struct block_head) ? 0 :
								      -EBADMSG;
}

static int read_table(struct chunk *c, const struct head *h, struct block *b,
		      const struct range *r)
{
	const uint8_t *packed = cursor_take(&c->cursor, h->section[0].packed);
	const struct range wide = widened(h, r);
	uint64_t *clock;
	struct cursor in;
	int err;

	if (!packed)
		return -EBADMSG;
	err = h->same_heads ? find_base(c, h->samples) : 0;
	if (err)
		return err;
	clock = calloc(h->samples + 1, sizeof(*clock));
	err = clock ? shape(b, h, &wide) : -ENOMEM;
	if (!err)
		err = unpack(c, &h->section[0], packed, &in);
	if (!err)
		err = get_first(&in, b,
				h->same_heads ?
					(struct block_head *)c->heads.data :
					NULL,
				h->presence, clock);
	if (!err)
		absent(b, h, &wide);
	if (!err)
		err = get_rest(c, h, b, &wide, clock);
	if (!err)
		err = give_derived(b, h, r, &wide, clock);
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
		const uint8_t *begin = c->cursor.at;

		if (!chunk_read_head(&c->cursor, c->version, &h))
			return -EBADMSG;
		if (!h.same_heads)
			c->base = begin;
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
