// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <string.h>

#include "lib/pack.h"
#include "lib/wire_format.h"

enum {
	WORD = 8, /* bytes */
	BLOCK_BYTES = WIRE_BLOCK * WORD,
};

struct block {
	uint64_t values[WIRE_BLOCK];
	size_t count;
};

static unsigned int bits(uint64_t v)
{
	return v ? 64 - (unsigned int)__builtin_clzll(v) : 0;
}

static size_t packed_size(size_t count, unsigned int width)
{
	return (count * width + 7) / 8;
}

static unsigned int width_of(const struct block *b)
{
	uint64_t all = 0;
	size_t i;

	for (i = 0; i < b->count; i++)
		all |= b->values[i];
	return bits(all);
}

/* Take the least value, as a signed one, off all of them. */
static uint64_t take_least(struct block *b)
{
	int64_t least = (int64_t)b->values[0];
	size_t i;

	for (i = 1; i < b->count; i++)
		if ((int64_t)b->values[i] < least)
			least = (int64_t)b->values[i];
	for (i = 0; i < b->count; i++)
		b->values[i] -= (uint64_t)least;
	return (uint64_t)least;
}

/* The next values of a run, up to a block. */
static void fill(const struct pack_run *run, size_t at, struct block *b)
{
	b->count = run->count - at;
	if (b->count > WIRE_BLOCK)
		b->count = WIRE_BLOCK;
	run->fill(run->source, at, b->count, b->values);
}

/* Make differences of a block's values; @last is the value before. */
static void difference(struct block *b, uint64_t *last)
{
	size_t i;

	for (i = 0; i < b->count; i++) {
		uint64_t value = b->values[i];

		b->values[i] = value - *last;
		*last = value;
	}
}

static size_t plain_size(const struct block *b)
{
	return 1 + packed_size(b->count, width_of(b));
}

static size_t offset_size(struct block *b)
{
	uint64_t least = take_least(b);

	return 1 + varint_size(zigzag(least)) +
	       packed_size(b->count, width_of(b));
}

/* What a run takes without differences. */
static void add_sizes(const struct pack_run *run, size_t *plain, size_t *offset,
		      bool *zeroes)
{
	struct block b;
	size_t at;

	for (at = 0; at < run->count; at += WIRE_BLOCK) {
		fill(run, at, &b);
		if (width_of(&b))
			*zeroes = false;
		*plain += plain_size(&b);
		*offset += offset_size(&b);
	}
}

/* The first value stands alone; blocks begin after it. */
static size_t delta_size(const struct pack_run *run)
{
	uint64_t last = 0;
	struct block b;
	size_t at, size;

	run->fill(run->source, 0, 1, &last);
	size = varint_size(zigzag(last));
	for (at = 1; at < run->count; at += WIRE_BLOCK) {
		fill(run, at, &b);
		difference(&b, &last);
		size += offset_size(&b);
	}
	return size;
}

enum wire_code pack_choose(const struct pack_run *run)
{
	size_t plain = 0, offset = 0, delta;
	bool zeroes = true;

	if (!run->count)
		return WIRE_ZEROES;
	add_sizes(run, &plain, &offset, &zeroes);
	if (zeroes)
		return WIRE_ZEROES;
	delta = delta_size(run);
	if (delta < plain && delta < offset)
		return WIRE_DELTA;
	return offset < plain ? WIRE_OFFSET : WIRE_PLAIN;
}

static uint64_t load(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return le64toh(word);
}

static void store(uint8_t *at, uint64_t word)
{
	word = htole64(word);
	memcpy(at, &word, sizeof(word));
}

static void put_bits(struct pen *pen, const struct block *b, unsigned int width)
{
	uint8_t packed[BLOCK_BYTES + WORD] = { 0 };
	size_t i;

	for (i = 0; i < b->count && width; i++) {
		size_t bit = i * width;
		uint8_t *at = packed + bit / 8;

		store(at, load(at) | b->values[i] << bit % 8);
		if (bit % 8 + width > 64)
			at[WORD] = (uint8_t)(b->values[i] >> (64 - bit % 8));
	}
	pen_bytes(pen, packed, packed_size(b->count, width));
}

static void put_block(struct pen *pen, enum wire_code code, struct block *b)
{
	uint64_t least = code == WIRE_PLAIN ? 0 : take_least(b);
	unsigned int width = width_of(b);

	pen_byte(pen, (uint8_t)width);
	if (code != WIRE_PLAIN)
		pen_varint(pen, zigzag(least));
	put_bits(pen, b, width);
}

void pack_put(struct pen *pen, enum wire_code code, const struct pack_run *run)
{
	uint64_t last = 0;
	struct block b;
	size_t at = 0;

	if (code == WIRE_ZEROES)
		return;
	if (code == WIRE_DELTA) {
		run->fill(run->source, at++, 1, &last);
		pen_varint(pen, zigzag(last));
	}
	for (; at < run->count; at += WIRE_BLOCK) {
		fill(run, at, &b);
		if (code == WIRE_DELTA)
			difference(&b, &last);
		put_block(pen, code, &b);
	}
}

void pack_begin(struct pack_reader *r, struct cursor *cursor,
		enum wire_code code, size_t count)
{
	r->cursor = cursor;
	r->code = code;
	r->left = count;
	r->last = 0;
	r->at = 0;
	r->filled = 0;
	if (code != WIRE_DELTA || !count)
		return;
	r->last = unzigzag(cursor_varint(cursor));
	r->block[0] = r->last;
	r->filled = 1;
	r->left--;
}

/* Values are masked out of whole words: the bytes are copied to where those
 * may be read past the end.
 */
static void get_bits(struct pack_reader *r, size_t count, unsigned int width)
{
	uint64_t mask = width ? ~UINT64_C(0) >> (64 - width) : 0;
	uint8_t packed[BLOCK_BYTES + WORD + 1] = { 0 };
	size_t size = packed_size(count, width), i;
	const uint8_t *bytes = cursor_take(r->cursor, size);

	if (bytes)
		memcpy(packed, bytes, size);
	for (i = 0; i < count; i++) {
		size_t bit = i * width;
		const uint8_t *at = packed + bit / 8;
		uint64_t v = load(at) >> bit % 8;

		if (bit % 8 + width > 64)
			v |= (uint64_t)at[WORD] << (64 - bit % 8);
		r->block[i] = v & mask;
	}
}

static void add_back(struct pack_reader *r, uint64_t least)
{
	size_t i;

	for (i = 0; i < r->filled; i++) {
		r->block[i] += least;
		if (r->code != WIRE_DELTA)
			continue;
		r->block[i] += r->last;
		r->last = r->block[i];
	}
}

void pack_refill(struct pack_reader *r)
{
	uint64_t least = 0;
	unsigned int width;

	r->at = 0;
	r->filled = r->left < WIRE_BLOCK ? r->left : WIRE_BLOCK;
	r->left -= r->filled;
	memset(r->block, 0, sizeof(r->block));
	if (r->code == WIRE_ZEROES)
		return;
	width = cursor_byte(r->cursor);
	if (width > 64)
		r->cursor->broken = true;
	if (r->code != WIRE_PLAIN)
		least = unzigzag(cursor_varint(r->cursor));
	if (r->cursor->broken)
		return;
	get_bits(r, r->filled, width);
	add_back(r, least);
}
