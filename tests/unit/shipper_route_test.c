// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which collector is tried, and when: the preferred one, a spare that serves for a while,
 * one that a collector names; what is said of it, and how often. Names are asked for by
 * a child, which this program is, too.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "shipper/send/refused.h"
#include "shipper/send/resolve.h"
#include "shipper/send/route.h"
#include "tests/unit/said.h"
#include "tests/unit/sending.h"

enum {
	PORT_A = 1001,
	PORT_B = 1002,
};

#define BOTH "127.0.0.1:1001,127.0.0.2:1002"

static const uint8_t node[WIRE_ID_SIZE] = { 1, 2, 3 };
static struct route route;
static unsigned int found;
static char where[INET_ADDRSTRLEN];

static void take_address(void *context, const struct address *a)
{
	const struct sockaddr_in *in = (const void *)&a->storage;

	assert_ptr_equal(context, &found);
	found++;
	inet_ntop(AF_INET, &in->sin_addr, where, sizeof(where));
}

static void begin_route(const char *list)
{
	assert_int_equal(
		route_init(&route, &loop, list, node, take_address, &found), 0);
	/* Whichever this node prefers. */
	found = 0;
	route.backoff.failures = 0;
}

static int setup(void **state)
{
	int err = sending_begin();

	log_init("test", LOG_INFO);
	said_begin();
	return err;
}

static int teardown(void **state)
{
	until(route_stop(&route));
	said_end();
	sending_end();
	return 0;
}

/* Do not wait: the next attempt begins at once. */
static void try_again(void)
{
	unsigned int before = found;

	route_hurry(&route);
	until(found > before);
}

static void fail_for(const char *what)
{
	route_failed(&route, what, 0);
	try_again();
}

static void a_number_is_found_at_once(void **state)
{
	begin_route("127.0.0.9:77");
	route_try(&route);
	assert_int_equal(found, 1);
	assert_string_equal(where, "127.0.0.9");
	assert_string_equal(route.name, "127.0.0.9:77");
	assert_null(route_next(&route));
	assert_string_equal(route_preferred(&route), "127.0.0.9:77");
	assert_false(route.waiting);
	assert_false(route_go_home(&route));
}

static void the_next_one_is_tried(void **state)
{
	uint64_t before;
	char first[INET_ADDRSTRLEN];

	begin_route(BOTH);
	assert_int_equal(route.peers.count, 2);
	route_try(&route);
	strcpy(first, where);
	assert_string_equal(route_next(&route), route.peers.list[1].text);
	before = clock_mono_ns();
	route_failed(&route, "cannot connect", ECONNREFUSED);
	assert_true(said("cannot connect: Connection refused; frames wait, "
			 "trying the next collector"));
	assert_int_equal(route.current, 1);
	assert_true(route.failing && route.waiting);
	assert_int_equal(route.failures, 1);
	/* A minute later it goes home. */
	assert_true(route.home_at_ns >= before + ROUTE_HOME_NS);
	assert_true(route.home_at_ns <= clock_mono_ns() + ROUTE_HOME_NS);
	assert_false(route_go_home(&route));
	try_again();
	assert_string_not_equal(where, first);
	route_good(&route);
	assert_true(said("frames arrive again"));
	assert_false(route.failing);
	route.home_at_ns = clock_mono_ns();
	assert_true(route_go_home(&route));
	route_home(&route);
	assert_true(said("leaving this spare for"));
	assert_int_equal(route.current, 0);
	assert_int_equal(found, 3);
	assert_string_equal(where, first);
	assert_false(route_go_home(&route));
}

/* In vain, a spare serves longer each time; up to 16 minutes. */
static void a_spare_serves_longer_each_time(void **state)
{
	uint64_t ns = ROUTE_HOME_NS, now_ns;
	int i;

	begin_route(BOTH);
	route_try(&route);
	for (i = 0; i < 8; i++) {
		now_ns = clock_mono_ns();
		route_failed(&route, "first", 0);
		assert_int_equal(route.current, 1);
		assert_true(route.home_at_ns >= now_ns + ns);
		assert_true(route.home_at_ns <= clock_mono_ns() + ns);
		try_again();
		route_home(&route);
		if (ns < ROUTE_HOME_NS << ROUTE_HOME_DOUBLINGS)
			ns *= 2;
	}
	/* A good spare changes nothing of it, and the first one does. */
	route.current = 1;
	route_good(&route);
	assert_int_equal(route.spares, ROUTE_HOME_DOUBLINGS);
	route.current = 0;
	route_good(&route);
	assert_int_equal(route.spares, 0);
}

static void each_reason_is_said_once(void **state)
{
	static const char *const what[] = { "one",   "two",   "three",
					    "four",  "five",  "six",
					    "seven", "eight", "nine" };
	unsigned int i, round;

	begin_route("127.0.0.9:77");
	for (round = 0; round < 2; round++)
		for (i = 0; i < ROUTE_REASONS + 1; i++)
			fail_for(what[i]);
	for (i = 0; i < ROUTE_REASONS; i++)
		assert_int_equal(said_times(what[i]), 1);
	assert_false(said("nine"));
	assert_true(said("; frames wait, trying again"));
	route_good(&route);
	assert_int_equal(said_times("frames arrive again"), 1);
	route_good(&route);
	assert_int_equal(said_times("frames arrive again"), 1);
	fail_for(what[1]);
	assert_int_equal(said_times("two"), 2);
	fail_for(what[1]);
	assert_int_equal(said_times("two"), 2);
}

/* Where a collector sends us: four times, until frames arrive. */
static void a_named_one_is_followed(void **state)
{
	unsigned int i;

	begin_route(BOTH);
	route_try(&route);
	for (i = 1; i <= ROUTE_MOVES; i++) {
		route_moved(&route, "another's", "127.0.0.7:9");
		assert_int_equal(found, 1 + i);
		assert_string_equal(where, "127.0.0.7");
		assert_string_equal(route.name, "127.0.0.7:9");
	}
	assert_false(said("another's"));
	/* It is left as it is no good, not the one that named it. */
	route_moved(&route, "another's", "127.0.0.8:9");
	assert_true(said("127.0.0.7:9: another's; frames wait"));
	assert_int_equal(route.current, 0);
	assert_false(route.named[0]);
	try_again();
	assert_string_equal(route.name, route.peers.list[0].text);
	route_good(&route);
	route_moved(&route, "another's", "127.0.0.8:9");
	assert_string_equal(where, "127.0.0.8");
	/* While it serves, nobody goes home. */
	route.current = 1;
	route.home_at_ns = 1;
	assert_false(route_go_home(&route));
	route.named[0] = '\0';
	assert_true(route_go_home(&route));
	route.current = 0;
	/* Not known where: the next one. */
	route_moved(&route, "not known", "");
	assert_true(said("not known"));
	assert_int_equal(route.current, 1);
	try_again();
	route_moved(&route, "no address", "[::1");
	assert_true(said("no address"));
	assert_int_equal(route.current, 0);
}

static void waits_grow_unless_it_is_hurried(void **state)
{
	unsigned int i;

	begin_route("127.0.0.9:77");
	for (i = 1; i <= 3; i++) {
		route_failed(&route, "no", 0);
		assert_int_equal(route.backoff.failures, i);
		until(found == i);
	}
	route_hurry(&route);
	route_failed(&route, "no", 0);
	assert_int_equal(route.backoff.failures, 1);
	until(found == 4);
	route_failed(&route, "no", 0);
	assert_false(route_stop(&route));
	until(route_stop(&route));
	assert_int_equal(found, 4);
}

static void a_name_is_asked_for(void **state)
{
	begin_route("localhost:77");
	route_try(&route);
	assert_true(route.looking);
	assert_int_equal(found, 0);
	until(found || route.failing);
	assert_false(route.looking);
	assert_false(said("localhost"));
	assert_string_equal(where, "127.0.0.1");
	begin_route("nobody.invalid:77");
	route_try(&route);
	until(route.failing);
	assert_true(said("nobody.invalid:77: "));
	assert_int_equal(found, 0);
}

static void who_stops_is_told_nothing(void **state)
{
	begin_route("localhost:77");
	route_try(&route);
	assert_false(route_stop(&route));
	until(route_stop(&route));
	assert_int_equal(found, 0);
	assert_false(route.failing);
}

static void bad_lists_are_refused(void **state)
{
	assert_int_equal(route_init(&route, &loop, "a,,b", node, take_address,
				    NULL),
			 -EINVAL);
	assert_true(said("collector 'a,,b': expected HOST"));
	begin_route("127.0.0.1");
}

/* An empty word, one that is not known, and where a node is to go. */
static void refusals_are_read(void **state)
{
	static const uint8_t bytes[] = {
		WIRE_REFUSAL_FULL, 200, WIRE_REFUSAL_MOVED, 'a', ':', '7'
	};
	struct wire_frame f = { .at = bytes, .end = bytes };
	char to[4] = "no";
	const char *any = refused_read(&f, to, sizeof(to));

	assert_string_equal(any, "it refuses frames");
	f.end = bytes + 1;
	assert_non_null(strstr(refused_read(&f, to, sizeof(to)), "no room"));
	f.at = bytes + 1;
	f.end = bytes + 2;
	assert_ptr_equal(refused_read(&f, to, sizeof(to)), any);
	assert_string_equal(to, "no");
	f.at = bytes + 2;
	f.end = bytes + sizeof(bytes);
	assert_non_null(strstr(refused_read(&f, to, 3), "another"));
	assert_string_equal(to, "no");
	assert_non_null(strstr(refused_read(&f, to, sizeof(to)), "another"));
	assert_string_equal(to, "a:7");
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		test(a_number_is_found_at_once),
		test(the_next_one_is_tried),
		test(a_spare_serves_longer_each_time),
		test(each_reason_is_said_once),
		test(a_named_one_is_followed),
		test(waits_grow_unless_it_is_hurried),
		test(a_name_is_asked_for),
		test(who_stops_is_told_nothing),
		test(bad_lists_are_refused),
		test(refusals_are_read),
	};

	if (argc > 1 && !strcmp(argv[1], RESOLVE_WORD))
		return resolve_main(argc, argv);
	return cmocka_run_group_tests_name("route", tests, NULL, NULL);
}
