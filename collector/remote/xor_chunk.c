// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>

#include "collector/remote/xor_chunk.h"

enum {
	SAMPLE_MAX = 20, /* bytes: 4 + 64 bits of time, 13 + 64 of value */
	LEADING_MAX = 31,
};

/**
 * struct bits - a chunk that is being written; there is room for all of it
 * @at: the byte under way
 * @left: of its bits, from the low end
 * @leading: zeroes before the last bits of a value that were written
 * @trailing: behind them
 * @windowed: both are known
 */
struct bits {
	uint8_t *at;
	unsigned int left;
	unsigned int leading;
	unsigned int trailing;
	bool windowed;
};

static void put_bits(struct bits *b, uint64_t value, unsigned int count)
{
	while (count--) {
		if (!b->left) {
			*++b->at = 0;
			b->left = 8;
		}
		b->left--;
		*b->at |= (uint8_t)((value >> count & 1) << b->left);
	}
}

static void put_varint(struct bits *b, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		put_bits(b, (value & 0x7f) | 0x80, 8);
	put_bits(b, value, 8);
}

/* Whether a number has its place in so many bits, as Prometheus reads them. */
static bool fits(int64_t value, unsigned int bits)
{
	int64_t half = INT64_C(1) << (bits - 1);

	return value > -half && value <= half;
}

static void put_change(struct bits *b, int64_t change)
{
	static const struct {
		unsigned int prefix;
		unsigned int prefix_bits;
		unsigned int bits;
	} widths[] = { { 2, 2, 14 }, { 6, 3, 17 }, { 14, 4, 20 } };
	size_t i;

	if (!change) {
		put_bits(b, 0, 1);
		return;
	}
	for (i = 0; i < sizeof(widths) / sizeof(widths[0]); i++)
		if (fits(change, widths[i].bits)) {
			put_bits(b, widths[i].prefix, widths[i].prefix_bits);
			put_bits(b, (uint64_t)change, widths[i].bits);
			return;
		}
	put_bits(b, 15, 4);
	put_bits(b, (uint64_t)change, 64);
}

static uint64_t bits_of(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits;
}

static void put_value(struct bits *b, uint64_t differs)
{
	unsigned int leading, trailing;

	put_bits(b, differs != 0, 1);
	if (!differs)
		return;
	leading = (unsigned int)__builtin_clzll(differs);
	trailing = (unsigned int)__builtin_ctzll(differs);
	if (leading > LEADING_MAX)
		leading = LEADING_MAX;
	if (b->windowed && leading >= b->leading && trailing >= b->trailing) {
		put_bits(b, 0, 1);
	} else {
		b->leading = leading;
		b->trailing = trailing;
		b->windowed = true;
		put_bits(b, 1, 1);
		put_bits(b, leading, 5);
		put_bits(b, (64 - leading - trailing) & 63, 6);
	}
	put_bits(b, differs >> b->trailing, 64 - b->leading - b->trailing);
}

/* Never more than 2^63 apart: times are those that a search may have. */
static void put_samples(struct bits *b, const struct found_sample *s,
			size_t count)
{
	int64_t first = s[0].time_ms, apart = 0;
	size_t i;

	put_varint(b, (uint64_t)first << 1 ^ (uint64_t)(first >> 63));
	put_bits(b, bits_of(s[0].value), 64);
	for (i = 1; i < count; i++) {
		int64_t now = s[i].time_ms - s[i - 1].time_ms;

		if (i == 1)
			put_varint(b, (uint64_t)now);
		else
			put_change(b, now - apart);
		apart = now;
		put_value(b, bits_of(s[i].value) ^ bits_of(s[i - 1].value));
	}
}

int xor_chunk_write(struct buffer *out, const struct found_sample *samples,
		    size_t count)
{
	struct bits b = { .left = 0 };

	out->used = 0;
	if (buffer_reserve(out, 2 + (count + 1) * SAMPLE_MAX))
		return -ENOMEM;
	out->data[0] = (uint8_t)(count >> 8);
	out->data[1] = (uint8_t)count;
	b.at = out->data + 1;
	put_samples(&b, samples, count);
	out->used = (size_t)(b.at + 1 - out->data);
	return 0;
}
