/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers with decimals, after cmocka.h. What is no number is near to none: cmocka's own
 * assert_float_equal() takes it for whatever is expected.
 */
#ifndef KTACH_TESTS_UNIT_NEAR_H
#define KTACH_TESTS_UNIT_NEAR_H

#include <math.h>

#define assert_within(got, expected, within) \
	check_within((got), (expected), (within), __FILE__, __LINE__)
#define assert_near(got, expected) assert_within(got, expected, 1e-6)

static inline void check_within(double got, double expected, double within,
				const char *file, int line)
{
	if (fabs(got - expected) <= within)
		return;
	print_error("%.12g is not %.12g\n", got, expected);
	_fail(file, line);
}

#endif /* KTACH_TESTS_UNIT_NEAR_H */
