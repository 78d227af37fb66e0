/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exponential moving averages in fixed point:
 *
 *   average += (rate - average) * (1 - exp(-tick / time constant))
 *
 * exp(-x) is (12 - 6x + x^2) / (12 + 6x + x^2), the Pade approximant: right to
 * 0.03 % at x = 0.5 and to 0.2 % at x = 1, and between 0 and 1 for any x.
 */
#ifndef KTACH_BPF_AVERAGE_H
#define KTACH_BPF_AVERAGE_H

#include "layout.h"

enum {
	AVERAGE_SHIFT = 16,		/* of what is kept: bits of fraction */
	WEIGHT_SHIFT = 24,		/* of a weight */
};

/* So that nothing below overflows; a longer tick counts as this long. */
#define AVERAGE_TICK_MAX_NS	4000000000ULL

/* What a rate weighs in an average after a tick: 0 to 1 << WEIGHT_SHIFT. */
static __always_inline __u64 average_weight(__u64 tick_ns, __u64 constant_s)
{
	__u64 x, square, decay;

	if (tick_ns > AVERAGE_TICK_MAX_NS)
		tick_ns = AVERAGE_TICK_MAX_NS;
	x = (tick_ns << WEIGHT_SHIFT) / (constant_s * 1000000000ULL);
	square = x * x >> WEIGHT_SHIFT;
	decay = (((12ULL << WEIGHT_SHIFT) + square - 6 * x) << WEIGHT_SHIFT) /
		((12ULL << WEIGHT_SHIFT) + square + 6 * x);
	return (1ULL << WEIGHT_SHIFT) - decay;
}

/* A product of more than 64 bits on the way. */
static __always_inline __u64 weigh(__u64 value, __u64 weight)
{
	__u64 low = value & ((1ULL << WEIGHT_SHIFT) - 1);

	return (value >> WEIGHT_SHIFT) * weight +
	       (low * weight >> WEIGHT_SHIFT);
}

static __always_inline __u64 average_move(__u64 average, __u64 rate,
					  __u64 weight)
{
	rate <<= AVERAGE_SHIFT;
	if (rate > average)
		return average + weigh(rate - average, weight);
	return average - weigh(average - rate, weight);
}

#endif /* KTACH_BPF_AVERAGE_H */
