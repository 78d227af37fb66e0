// SPDX-License-Identifier: GPL-2.0-or-later
/* Which signal ends a program, and which has it read its configuration. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/loop/loop.h"
#include "lib/loop/signals.h"

static struct loop loop;
static struct signals signals;

static int setup(void **state)
{
	return loop_init_polled(&loop, 8) || signals_open(&signals, &loop);
}

static int teardown(void **state)
{
	signals_close(&signals);
	loop_exit(&loop);
	return 0;
}

/* Turns until it is told to stop: a signal that is pending is there at once. */
static void take_signals(void)
{
	int turns = 10;

	loop.stop = false;
	while (!loop.stop && turns--)
		assert_int_equal(loop_run_once(&loop, false), 0);
}

static void hup_reloads(void **state)
{
	int i;

	for (i = 0; i < 3; i++) {
		kill(getpid(), SIGHUP);
		take_signals();
		assert_true(loop.stop && signals.reload);
		assert_false(signals.end);
		signals.reload = false;
	}
}

static void nothing_came(void **state)
{
	take_signals();
	assert_false(loop.stop || signals.reload || signals.end);
}

static void term_ends(void **state)
{
	kill(getpid(), SIGTERM);
	take_signals();
	assert_true(loop.stop && signals.end);
	assert_false(signals.reload);
}

static void both_at_once(void **state)
{
	kill(getpid(), SIGINT);
	kill(getpid(), SIGHUP);
	take_signals();
	assert_true(signals.end && signals.reload);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(hup_reloads),
		test(nothing_came),
		test(term_ends),
		test(both_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
