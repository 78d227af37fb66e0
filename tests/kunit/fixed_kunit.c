// SPDX-License-Identifier: GPL-2.0-only
/* Shares and rates: rounding, sums, and what does not fit. */
#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/time64.h>
#include <linux/ktach_sample.h>

#include "../../kmod/aggregator/fixed.h"

static void shares(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ktach_fixed_share(0, NSEC_PER_SEC), 0);
	KUNIT_EXPECT_EQ(test, ktach_fixed_share(NSEC_PER_SEC, NSEC_PER_SEC),
			KTACH_SHARE_ONE);
	KUNIT_EXPECT_EQ(test, ktach_fixed_share(NSEC_PER_SEC / 4, NSEC_PER_SEC),
			KTACH_SHARE_ONE / 4);
	/* A tick of 4 ms that is booked within 1 ms is not cut off. */
	KUNIT_EXPECT_EQ(test, ktach_fixed_share(4000000, 1000000),
			4 * KTACH_SHARE_ONE);
}

static void rates(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ktach_fixed_rate(0, NSEC_PER_SEC), 0);
	KUNIT_EXPECT_EQ(test, ktach_fixed_rate(1, NSEC_PER_SEC),
			KTACH_RATE_ONE);
	KUNIT_EXPECT_EQ(test, ktach_fixed_rate(250, NSEC_PER_SEC),
			250 * KTACH_RATE_ONE);
	KUNIT_EXPECT_EQ(test, ktach_fixed_rate(1, NSEC_PER_MSEC),
			1000 * KTACH_RATE_ONE);
	/* One in a minute, which is the longest period. */
	KUNIT_EXPECT_EQ(test, ktach_fixed_rate(1, 60ULL * NSEC_PER_SEC), 17);
}

static void rounded_to_the_nearest(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ktach_fixed_ratio(1, 1, 3), 0);
	KUNIT_EXPECT_EQ(test, ktach_fixed_ratio(2, 1, 3), 1);
	KUNIT_EXPECT_EQ(test, ktach_fixed_ratio(1, 1, 2), 1);
	KUNIT_EXPECT_EQ(test, ktach_fixed_ratio(3, 1, 2), 2);
	KUNIT_EXPECT_EQ(test, ktach_fixed_ratio(4, 1, 3), 1);
	KUNIT_EXPECT_EQ(test, ktach_fixed_ratio(5, 1, 3), 2);
	KUNIT_EXPECT_EQ(test, ktach_fixed_ratio(U64_MAX, 1, U64_MAX), 1);
	KUNIT_EXPECT_EQ(test, ktach_fixed_ratio(U64_MAX / 2, 1, U64_MAX), 0);
	KUNIT_EXPECT_EQ(test, ktach_fixed_ratio(U64_MAX / 2 + 1, 1, U64_MAX),
			1);
}

/*
 * Parts that make up an interval make up a share of one, but for what each of
 * them is rounded by.
 */
static void parts_add_up(struct kunit *test)
{
	static const u64 intervals[] = { 1,	  7,	     999,
					 1000003, 999999937, 60000000001ULL };
	u64 interval, left, part, sum;
	int i, parts;

	for (i = 0; i < ARRAY_SIZE(intervals); i++) {
		interval = intervals[i];
		left = interval;
		sum = 0;
		for (parts = 1; parts < 8; parts++) {
			part = div64_u64(left * parts, 11);
			left -= part;
			sum += ktach_fixed_share(part, interval);
		}
		sum += ktach_fixed_share(left, interval);
		KUNIT_EXPECT_GE(test, sum, KTACH_SHARE_ONE - 4);
		KUNIT_EXPECT_LE(test, sum, KTACH_SHARE_ONE + 4);
	}
}

static void no_interval_at_all(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ktach_fixed_share(0, 0), 0);
	KUNIT_EXPECT_EQ(test, ktach_fixed_share(1000, 0), 0);
	KUNIT_EXPECT_EQ(test, ktach_fixed_rate(U64_MAX, 0), 0);
}

/* Where value * scale takes more than 64 bits, and where the result does. */
static void huge_values(struct kunit *test)
{
	u64 day = 86400ULL * NSEC_PER_SEC;

	KUNIT_EXPECT_EQ(test, ktach_fixed_share(30000 * day, 30000 * day),
			KTACH_SHARE_ONE);
	KUNIT_EXPECT_EQ(test, ktach_fixed_share(U64_MAX, U64_MAX),
			KTACH_SHARE_ONE);
	KUNIT_EXPECT_EQ(test, ktach_fixed_rate(1ULL << 40, NSEC_PER_SEC),
			(1ULL << 40) * KTACH_RATE_ONE);
	KUNIT_EXPECT_EQ(test, ktach_fixed_rate(1ULL << 62, day),
			53375995583650323ULL);
	KUNIT_EXPECT_EQ(test, ktach_fixed_share(U64_MAX, 1), U64_MAX);
	KUNIT_EXPECT_EQ(test, ktach_fixed_rate(U64_MAX, NSEC_PER_SEC), U64_MAX);
	/* The last that fits, and the first that does not. */
	KUNIT_EXPECT_EQ(test, ktach_fixed_ratio(U64_MAX, 7, 7), U64_MAX);
	KUNIT_EXPECT_EQ(test, ktach_fixed_ratio(U64_MAX - 1, 7, 7),
			U64_MAX - 1);
	KUNIT_EXPECT_EQ(test, ktach_fixed_ratio(U64_MAX, 8, 7), U64_MAX);
}

static struct kunit_case fixed_cases[] = { KUNIT_CASE(shares),
					   KUNIT_CASE(rates),
					   KUNIT_CASE(rounded_to_the_nearest),
					   KUNIT_CASE(parts_add_up),
					   KUNIT_CASE(no_interval_at_all),
					   KUNIT_CASE(huge_values),
					   {} };

static struct kunit_suite fixed_suite = {
	.name = "ktach_fixed",
	.test_cases = fixed_cases,
};
kunit_test_suite(fixed_suite);
