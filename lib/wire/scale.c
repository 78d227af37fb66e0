// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/wire/scale.h"
#include "lib/wire/zeroes.h"

enum {
	RUN = 16, /* zeroes that are passed by at once */
};

/*
 * A multiple of an odd number d, times d's inverse modulo 2^64, is the
 * quotient; anything else becomes larger than any quotient can be. That tells
 * and divides by one multiplication. (Granlund and Montgomery, "Division by
 * invariant integers using multiplication", 1994, section 9.)
 */
struct divisor {
	uint64_t odd;
	uint64_t inverse;
	uint64_t most; /* quotient */
	unsigned int shift; /* the rest of the divisor: a power of two */
};

static struct divisor divisor(uint64_t scale)
{
	unsigned int shift = (unsigned int)__builtin_ctzll(scale);
	uint64_t odd = scale >> shift, inverse = odd;
	int i;

	/* Each step doubles the bits that are right; odd * odd is 1 modulo 8. */
	for (i = 0; i < 5; i++)
		inverse *= 2 - odd * inverse;
	return (struct divisor){ odd, inverse, UINT64_MAX / odd, shift };
}

static uint64_t magnitude(uint64_t v)
{
	return (int64_t)v < 0 ? -v : v;
}

static int divides(const struct divisor *d, uint64_t v)
{
	return v * d->inverse <= d->most &&
	       !(v & ((UINT64_C(1) << d->shift) - 1));
}

/* By shifts and differences: 64-bit divisions are slow. */
static uint64_t common_divisor(uint64_t a, uint64_t b)
{
	int shift;

	if (!a || !b)
		return a | b;
	shift = __builtin_ctzll(a | b);
	a >>= __builtin_ctzll(a);
	while (b) {
		b >>= __builtin_ctzll(b);
		if (a > b) {
			uint64_t larger = a;

			a = b;
			b = larger;
		}
		b -= a;
	}
	return a << shift;
}

uint64_t scale_of(const uint64_t *values, size_t count)
{
	struct divisor d = { 0 };
	uint64_t scale = 0;
	size_t i;

	for (i = 0; i < count && count > 1; i++) {
		uint64_t v = magnitude(values[i]);

		while (!v && count - i > RUN && zeroes(values + i, RUN)) {
			i += RUN;
			v = magnitude(values[i]);
		}
		if (!v || (scale && divides(&d, v)))
			continue;
		scale = common_divisor(v, scale);
		if (scale == 1)
			return 1;
		d = divisor(scale);
	}
	return scale && scale <= INT64_MAX ? scale : 1;
}

void scale_down(uint64_t *values, size_t count, uint64_t scale)
{
	struct divisor d;
	size_t i;

	if (scale == 1)
		return;
	d = divisor(scale);
	for (i = 0; i < count; i++)
		if (values[i])
			values[i] = (uint64_t)((int64_t)values[i] >> d.shift) *
				    d.inverse;
}
