// SPDX-License-Identifier: GPL-2.0-only
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/time64.h>
#include <linux/ktach_sample.h>

#include "fixed.h"

/*
 * The product takes up to 128 bits. The kernel's division of it traps, on some
 * machines, on a quotient of more than 64: its upper half tells beforehand.
 */
u64 ktach_fixed_ratio(u64 value, u64 scale, u64 whole)
{
	u64 ratio, rest;

	if (!whole)
		return 0;
	if (mul_u64_u64_shr(value, scale, 64) >= whole)
		return U64_MAX;
	ratio = mul_u64_u64_div_u64(value, scale, whole);
	/* Below whole, so that the lower halves are all that it takes. */
	rest = value * scale - ratio * whole;
	return rest >= whole - rest && ratio < U64_MAX ? ratio + 1 : ratio;
}

u64 ktach_fixed_share(u64 ns, u64 interval_ns)
{
	return ktach_fixed_ratio(ns, KTACH_SHARE_ONE, interval_ns);
}

u64 ktach_fixed_rate(u64 events, u64 interval_ns)
{
	return ktach_fixed_ratio(events, (u64)KTACH_RATE_ONE * NSEC_PER_SEC,
				 interval_ns);
}
