// SPDX-License-Identifier: GPL-2.0-or-later
/* Loss accounting: gaps, disorder, duplicates, the ends of 64 bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "collector/nodes/sequence.h"

static void take(struct sequence *s, uint64_t number,
		 enum sequence_verdict expected)
{
	assert_int_equal(sequence_take(s, number), expected);
}

static void in_order(void **state)
{
	struct sequence s;
	uint64_t n;

	sequence_start(&s, 1);
	assert_int_equal(sequence_lost(&s), 0);
	for (n = 1; n <= 5000; n++)
		take(&s, n, SEQUENCE_NEW);
	assert_int_equal(s.received, 5000);
	assert_int_equal(sequence_lost(&s), 0);
}

static void gap_and_disorder(void **state)
{
	struct sequence s;

	sequence_start(&s, 1);
	take(&s, 1, SEQUENCE_NEW);
	take(&s, 5, SEQUENCE_NEW);
	assert_int_equal(sequence_lost(&s), 3);
	take(&s, 3, SEQUENCE_NEW);
	assert_int_equal(sequence_lost(&s), 2);
	take(&s, 3, SEQUENCE_DUPLICATE);
	take(&s, 5, SEQUENCE_DUPLICATE);
	take(&s, 1, SEQUENCE_DUPLICATE);
	assert_int_equal(sequence_lost(&s), 2);
	assert_int_equal(s.received, 3);
}

/* A gap at the start counts only where the session began under our eyes. */
static void first_number(void **state)
{
	struct sequence known, unknown;

	sequence_start(&known, 1);
	take(&known, 4, SEQUENCE_NEW);
	assert_int_equal(sequence_lost(&known), 3);

	sequence_start(&unknown, 0);
	take(&unknown, 1000, SEQUENCE_NEW);
	assert_int_equal(sequence_lost(&unknown), 0);
	take(&unknown, 998, SEQUENCE_NEW);
	assert_int_equal(sequence_lost(&unknown), 1);
	take(&unknown, 998, SEQUENCE_DUPLICATE);
	take(&unknown, 999, SEQUENCE_NEW);
	assert_int_equal(sequence_lost(&unknown), 0);
}

static void window(void **state)
{
	struct sequence s;

	sequence_start(&s, 1);
	take(&s, 1, SEQUENCE_NEW);
	take(&s, 1 + SEQUENCE_WINDOW, SEQUENCE_NEW);
	assert_int_equal(sequence_lost(&s), SEQUENCE_WINDOW - 1);
	take(&s, 1, SEQUENCE_LATE);
	take(&s, 2, SEQUENCE_NEW);
	assert_int_equal(sequence_lost(&s), SEQUENCE_WINDOW - 2);

	/* What the window held before it moved on must not be seen as taken. */
	take(&s, 10 * SEQUENCE_WINDOW, SEQUENCE_NEW);
	take(&s, 9 * SEQUENCE_WINDOW + 1, SEQUENCE_NEW);
	take(&s, 9 * SEQUENCE_WINDOW + 1, SEQUENCE_DUPLICATE);
	take(&s, 10 * SEQUENCE_WINDOW + 3, SEQUENCE_NEW);
	take(&s, 10 * SEQUENCE_WINDOW + 1, SEQUENCE_NEW);
	take(&s, 10 * SEQUENCE_WINDOW + 1, SEQUENCE_DUPLICATE);
}

static void sixty_four_bits(void **state)
{
	struct sequence s;

	sequence_start(&s, 0);
	take(&s, 0, SEQUENCE_ABSURD);
	take(&s, UINT64_MAX - 2, SEQUENCE_NEW);
	take(&s, UINT64_MAX, SEQUENCE_NEW);
	assert_int_equal(sequence_lost(&s), 1);
	take(&s, 1, SEQUENCE_LATE);
	take(&s, UINT64_MAX - 1, SEQUENCE_NEW);
	take(&s, UINT64_MAX, SEQUENCE_DUPLICATE);
	assert_int_equal(sequence_lost(&s), 0);
}

static void absurd_steps(void **state)
{
	struct sequence s;

	sequence_start(&s, 1);
	take(&s, 1, SEQUENCE_NEW);
	take(&s, 2 + SEQUENCE_STEP_MAX, SEQUENCE_ABSURD);
	take(&s, UINT64_MAX, SEQUENCE_ABSURD);
	assert_int_equal(sequence_lost(&s), 0);
	take(&s, 1 + SEQUENCE_STEP_MAX, SEQUENCE_NEW);
	assert_true(sequence_lost(&s) == SEQUENCE_STEP_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_order),
		cmocka_unit_test(gap_and_disorder),
		cmocka_unit_test(first_number),
		cmocka_unit_test(window),
		cmocka_unit_test(sixty_four_bits),
		cmocka_unit_test(absurd_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
