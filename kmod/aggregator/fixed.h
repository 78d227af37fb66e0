/* SPDX-License-Identifier: GPL-2.0-only */
/* Shares and rates in fixed point, from what a counter did in an interval. */
#ifndef KTACH_AGGREGATOR_FIXED_H
#define KTACH_AGGREGATOR_FIXED_H

#include <linux/types.h>

/**
 * ktach_fixed_ratio() - value * scale / whole, rounded to the nearest
 * @value: what is divided
 * @scale: the fixed point's one
 * @whole: what it is divided by
 *
 * Context: any.
 * Return: the ratio; U64_MAX for that much or more; 0 for a @whole of 0.
 */
u64 ktach_fixed_ratio(u64 value, u64 scale, u64 whole);

/* In KTACH_SHARE_ONE: @ns of an interval of @interval_ns. */
u64 ktach_fixed_share(u64 ns, u64 interval_ns);

/* In KTACH_RATE_ONE a second: @events in an interval of @interval_ns. */
u64 ktach_fixed_rate(u64 events, u64 interval_ns);

#endif /* KTACH_AGGREGATOR_FIXED_H */
