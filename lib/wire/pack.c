// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <string.h>

#include "lib/wire/pack.h"
#include "lib/wire/wire_format.h"
#include "lib/wire/zeroes.h"

enum {
	WORD = 8, /* bytes */
	BLOCK_BYTES = WIRE_BLOCK * WORD,
};

static unsigned int bits(uint64_t v)
{
	return v ? 64 - (unsigned int)__builtin_clzll(v) : 0;
}

static size_t packed_size(size_t count, unsigned int width)
{
	return (count * width + 7) / 8;
}

/* What a block of values, or of differences, takes. */
struct extent {
	uint64_t all; /* any bit that is set in a value */
	uint64_t least;
	uint64_t most; /* both as signed values */
};

static size_t block_size(size_t left)
{
	return left < WIRE_BLOCK ? left : WIRE_BLOCK;
}

static struct extent measure(const uint64_t *values, size_t count)
{
	int64_t least = (int64_t)values[0], most = least;
	uint64_t all = 0;
	size_t i;

	if (zeroes(values, count))
		return (struct extent){ 0 };
#pragma GCC unroll 4
	for (i = 0; i < count; i++) {
		int64_t v = (int64_t)values[i];

		all |= values[i];
		least = v < least ? v : least;
		most = v > most ? v : most;
	}
	return (struct extent){ all, (uint64_t)least, (uint64_t)most };
}

static size_t plain_size(const struct extent *x, size_t count)
{
	return 1 + packed_size(count, bits(x->all));
}

static size_t offset_size(const struct extent *x, size_t count)
{
	return 1 + varint_size(zigzag(x->least)) +
	       packed_size(count, bits(x->most - x->least));
}

/* Differences of a block's values; @last is the value before, and moves on. */
static void difference(const uint64_t *values, size_t count, uint64_t *last,
		       uint64_t *out)
{
	size_t i;

	for (i = 0; i < count; i++) {
		out[i] = values[i] - *last;
		*last = values[i];
	}
}

/* The first value stands alone; blocks begin after it. No further than to a
 * size that is too large.
 */
static size_t delta_size(const uint64_t *values, size_t count, size_t limit)
{
	uint64_t steps[WIRE_BLOCK], last = values[0];
	size_t size = varint_size(zigzag(last)), at;

	for (at = 1; at < count && size < limit; at += WIRE_BLOCK) {
		size_t n = block_size(count - at);
		struct extent x = { 0 };

		if (last || !zeroes(values + at, n)) {
			difference(values + at, n, &last, steps);
			x = measure(steps, n);
		}
		size += offset_size(&x, n);
	}
	return size;
}

enum wire_code pack_choose(const uint64_t *values, size_t count)
{
	size_t plain = 0, offset = 0, least, at;

	if (zeroes(values, count))
		return WIRE_ZEROES;
	if (count == 1) /* an offset takes a byte more than the value itself */
		return varint_size(zigzag(*values)) <
				       1 + packed_size(1, bits(*values)) ?
			       WIRE_DELTA :
			       WIRE_PLAIN;
	for (at = 0; at < count; at += WIRE_BLOCK) {
		size_t n = block_size(count - at);
		struct extent x = measure(values + at, n);

		plain += plain_size(&x, n);
		offset += offset_size(&x, n);
	}
	least = offset < plain ? offset : plain;
	if (delta_size(values, count, least) < least)
		return WIRE_DELTA;
	return offset < plain ? WIRE_OFFSET : WIRE_PLAIN;
}

static uint64_t load_word(const uint8_t *at)
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

/* Whole words at a time; the last one may be cut off. */
static void put_bits(struct pen *pen, const uint64_t *values, size_t count,
		     uint64_t least, unsigned int width)
{
	uint8_t packed[BLOCK_BYTES + WORD], *at = packed;
	unsigned int used = 0; /* bits of @word */
	uint64_t word = 0;
	size_t i;

	for (i = 0; i < count && width; i++) {
		uint64_t v = values[i] - least;

		word |= v << used;
		used += width;
		if (used < 64)
			continue;
		store(at, word);
		at += WORD;
		used -= 64;
		/* What did not fit; a shift by 64 has no meaning. */
		word = used ? v >> (width - used) : 0;
	}
	store(at, word);
	pen_bytes(pen, packed, packed_size(count, width));
}

static void put_block(struct pen *pen, enum wire_code code,
		      const uint64_t *values, size_t count)
{
	struct extent x = measure(values, count);
	unsigned int width;

	if (code == WIRE_PLAIN) {
		width = bits(x.all);
		pen_byte(pen, (uint8_t)width);
		put_bits(pen, values, count, 0, width);
		return;
	}
	width = bits(x.most - x.least);
	pen_byte(pen, (uint8_t)width);
	pen_varint(pen, zigzag(x.least));
	put_bits(pen, values, count, x.least, width);
}

void pack_put(struct pen *pen, enum wire_code code, const uint64_t *values,
	      size_t count)
{
	uint64_t steps[WIRE_BLOCK], last = 0;
	size_t at = 0, n;

	if (code == WIRE_ZEROES)
		return;
	if (code == WIRE_DELTA) {
		last = values[at++];
		pen_varint(pen, zigzag(last));
	}
	for (; at < count; at += n) {
		n = block_size(count - at);
		if (code != WIRE_DELTA) {
			put_block(pen, code, values + at, n);
			continue;
		}
		difference(values + at, n, &last, steps);
		put_block(pen, code, steps, n);
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

/* Values are masked out of whole words: where those may be read past the end, the
 * bytes are copied first.
 */
static const uint8_t *take_packed(struct cursor *c, size_t size,
				  uint8_t copy[BLOCK_BYTES + WORD + 1])
{
	bool far = cursor_left(c) > size + WORD;
	const uint8_t *bytes = cursor_take(c, size);

	if (!bytes || far)
		return bytes;
	memset(copy + size, 0, WORD + 1);
	return memcpy(copy, bytes, size);
}

static void get_bits(struct pack_reader *r, size_t count, unsigned int width)
{
	uint8_t copy[BLOCK_BYTES + WORD + 1];
	uint64_t mask = ~UINT64_C(0) >> (64 - width);
	const uint8_t *packed =
		take_packed(r->cursor, packed_size(count, width), copy);
	size_t i, bit;

	if (!packed)
		return;
	for (i = 0, bit = 0; i < count; i++, bit += width)
		r->block[i] = load_word(packed + bit / 8) >> bit % 8 & mask;
	if (width <= 64 - 7)
		return;
	for (i = 0, bit = 0; i < count; i++, bit += width)
		if (bit % 8 + width > 64)
			r->block[i] |= (uint64_t)packed[bit / 8 + WORD]
					       << (64 - bit % 8) &
				       mask;
}

static void add_back(struct pack_reader *r, uint64_t least)
{
	size_t i;

	if (r->code != WIRE_DELTA) {
		for (i = 0; i < r->filled; i++)
			r->block[i] += least;
		return;
	}
	for (i = 0; i < r->filled; i++) {
		r->last += r->block[i] + least;
		r->block[i] = r->last;
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
	if (width)
		get_bits(r, r->filled, width);
	if (r->code != WIRE_PLAIN)
		add_back(r, least);
}
