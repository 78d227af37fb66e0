// SPDX-License-Identifier: GPL-2.0-or-later
/* Who may stay connected: shares, who goes first, what time and memory end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "collector/feed/places.h"

#define S UINT64_C(1000000000)

static struct places places;
static struct place all[16];

static struct address address(const char *text)
{
	struct address a;

	assert_int_equal(address_numeric(&a, text, 1), 0);
	return a;
}

static void limits(unsigned int connections, unsigned int per_address)
{
	const struct places_limit limit = { connections, per_address, 1000,
					    60 * S };

	places_init(&places, &limit);
}

static void enter(int which, const char *from, uint64_t at_ns)
{
	struct address a = address(from);

	assert_true(places_enter(&places, &all[which], &a, at_ns));
}

static void leave_all(void)
{
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		places_leave(&places, &all[i]);
	assert_int_equal(places.count, 0);
	assert_int_equal(places.half_bytes, 0);
}

static struct place *in_the_way(const char *from, uint64_t at_ns)
{
	struct address a = address(from);

	return places_in_the_way(&places, &a, at_ns);
}

static bool is_free(const char *from, enum refusal *why)
{
	struct address a = address(from);

	return places_free(&places, &a, why);
}

static void who_waits_goes_first(void **state)
{
	enum refusal why;

	limits(3, 3);
	enter(0, "192.0.2.1", S);
	enter(1, "192.0.2.2", 2 * S);
	enter(2, "192.0.2.3", 3 * S);
	places_sent(&places, &all[0], 4 * S);
	assert_ptr_equal(in_the_way("192.0.2.4", 5 * S), &all[1]);
	places_sent(&places, &all[1], 5 * S);
	places_sent(&places, &all[2], 6 * S);
	assert_null(in_the_way("192.0.2.4", 7 * S));
	assert_false(is_free("192.0.2.4", &why));
	assert_int_equal(why, REFUSAL_FEED_FULL);
	places_sent(&places, &all[0], 60 * S);
	assert_ptr_equal(in_the_way("192.0.2.4", 66 * S), &all[1]);
	leave_all();
}

/* Who comes from an address that is there already has one of its own to go. */
static void a_crowd_that_comes_back(void **state)
{
	limits(3, 3);
	enter(0, "192.0.2.1", S);
	enter(1, "192.0.2.2", 2 * S);
	enter(2, "192.0.2.2", 3 * S);
	assert_ptr_equal(in_the_way("192.0.2.2", 4 * S), &all[1]);
	assert_ptr_equal(in_the_way("192.0.2.3", 4 * S), &all[0]);
	places_sent(&places, &all[1], 5 * S);
	places_sent(&places, &all[2], 5 * S);
	assert_ptr_equal(in_the_way("192.0.2.2", 6 * S), &all[0]);
	leave_all();
}

static void share_of_an_address(void **state)
{
	enum refusal why;

	limits(10, 2);
	enter(0, "192.0.2.1", S);
	enter(1, "[::ffff:192.0.2.1]:1", 2 * S);
	enter(2, "192.0.2.2", S);
	assert_ptr_equal(in_the_way("192.0.2.1", 3 * S), &all[0]);
	assert_null(in_the_way("192.0.2.2", 3 * S));
	places_sent(&places, &all[0], 3 * S);
	assert_ptr_equal(in_the_way("192.0.2.1", 3 * S), &all[1]);
	places_sent(&places, &all[1], 3 * S);
	assert_null(in_the_way("192.0.2.1", 300 * S));
	assert_false(is_free("192.0.2.1", &why));
	assert_int_equal(why, REFUSAL_FEED_ADDRESS);
	assert_true(is_free("192.0.2.2", &why));
	leave_all();
}

static void network_of_ipv6(void **state)
{
	enum refusal why;

	limits(10, 1);
	enter(0, "[2001:db8::1]:1", S);
	places_sent(&places, &all[0], S);
	assert_false(is_free("[2001:db8::ffff:2]:1", &why));
	assert_true(is_free("[2001:db8:0:1::1]:1", &why));
	leave_all();
}

static void time_is_over(void **state)
{
	enum refusal why;

	limits(10, 10);
	enter(0, "192.0.2.1", S);
	enter(1, "192.0.2.1", S);
	places_sent(&places, &all[0], 2 * S);
	assert_null(places_overdue(&places, 61 * S, &why));
	assert_ptr_equal(places_overdue(&places, 62 * S, &why), &all[1]);
	assert_int_equal(why, REFUSAL_FEED_FIRST_FRAME);
	places_leave(&places, &all[1]);
	assert_null(places_overdue(&places, 900 * S, &why));

	places_half(&places, &all[0], 100, true, 100 * S);
	places_half(&places, &all[0], 200, true, 120 * S);
	assert_null(places_overdue(&places, 130 * S, &why));
	assert_ptr_equal(places_overdue(&places, 131 * S, &why), &all[0]);
	assert_int_equal(why, REFUSAL_FEED_HALF_FRAME);
	/* A frame was whole meanwhile: the next one has its own time. */
	places_sent(&places, &all[0], 131 * S);
	places_half(&places, &all[0], 50, true, 131 * S);
	assert_null(places_overdue(&places, 161 * S, &why));
	/* It is the history that has to go on. */
	places_half(&places, &all[0], 50, false, 161 * S);
	assert_null(places_overdue(&places, 900 * S, &why));
	leave_all();
}

static void memory_of_half_frames(void **state)
{
	enum refusal why;

	limits(10, 10);
	enter(0, "192.0.2.1", S);
	enter(1, "192.0.2.2", S);
	places_half(&places, &all[1], 600, true, S);
	places_half(&places, &all[0], 400, true, S);
	assert_null(places_overdue(&places, S, &why));
	places_half(&places, &all[0], 401, true, S);
	assert_ptr_equal(places_overdue(&places, S, &why), &all[1]);
	assert_int_equal(why, REFUSAL_FEED_MEMORY);
	places_leave(&places, &all[1]);
	places_leave(&places, &all[1]);
	assert_int_equal(places.half_bytes, 401);
	assert_null(places_overdue(&places, S, &why));
	leave_all();
}

/* Also of those that wait for the history: strangers go first, then senders. */
static void memory_of_those_that_wait(void **state)
{
	enum refusal why;

	limits(10, 10);
	enter(0, "192.0.2.1", S);
	enter(1, "192.0.2.2", S);
	enter(2, "192.0.2.3", S);
	places_half(&places, &all[0], 400, true, S);
	places_sent(&places, &all[0], S);
	places_half(&places, &all[0], 400, false, S);
	places_half(&places, &all[1], 400, false, 2 * S);
	places_half(&places, &all[2], 400, true, 3 * S);
	assert_ptr_equal(places_overdue(&places, 3 * S, &why), &all[1]);
	assert_int_equal(why, REFUSAL_FEED_MEMORY);
	places_sent(&places, &all[1], 3 * S);
	assert_ptr_equal(places_overdue(&places, 3 * S, &why), &all[2]);
	places_sent(&places, &all[2], 3 * S);
	assert_ptr_equal(places_overdue(&places, 3 * S, &why), &all[0]);
	places_half(&places, &all[0], 0, false, 3 * S);
	assert_null(places_overdue(&places, 3 * S, &why));
	leave_all();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_waits_goes_first),
		cmocka_unit_test(a_crowd_that_comes_back),
		cmocka_unit_test(share_of_an_address),
		cmocka_unit_test(network_of_ipv6),
		cmocka_unit_test(time_is_over),
		cmocka_unit_test(memory_of_half_frames),
		cmocka_unit_test(memory_of_those_that_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
