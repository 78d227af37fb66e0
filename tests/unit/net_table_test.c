// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether the timer of the packet counters lives, by what it leaves behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "lib/kernel/net_table.h"

static const uint64_t s = 1000000000;

static void one_that_begins(void **state)
{
	struct ktach_net_head h = { .period_ns = s };

	h.since_ns = clock_mono_ns();
	assert_true(net_head_lives(&h));
	h.since_ns -= 3 * s;
	assert_false(net_head_lives(&h));
}

static void one_that_ticks(void **state)
{
	uint64_t now_ns = clock_mono_ns();
	struct ktach_net_head h = { .period_ns = s,
				    .since_ns = now_ns - 100 * s };

	h.tick_mono_ns = now_ns - s;
	assert_true(net_head_lives(&h));
	h.tick_mono_ns = now_ns - 3 * s;
	assert_false(net_head_lives(&h));
}

/* Of many interfaces: the tick's begin is long ago, its last piece is not. */
static void one_whose_ticks_take_long(void **state)
{
	uint64_t now_ns = clock_mono_ns();
	struct ktach_net_head h = { .period_ns = s,
				    .since_ns = now_ns - 100 * s,
				    .tick_mono_ns = now_ns - 5 * s };

	h.callback_mono_ns = now_ns - s / 10;
	assert_true(net_head_lives(&h));
	h.callback_mono_ns = now_ns - 3 * s;
	assert_false(net_head_lives(&h));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_begins),
		cmocka_unit_test(one_that_ticks),
		cmocka_unit_test(one_whose_ticks_take_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
