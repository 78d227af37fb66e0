// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory for answers: who does not read theirs makes room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/http/connection.h"
#include "collector/http/visitor.h"
#include "lib/base/clock.h"

enum {
	MANY = 3,
	MORE_THAN_HALF = CONNECTIONS_HELD_MAX / 2 + 1,
};

static struct door door;
static struct connections all;
static struct connection *c[MANY];
static int far[MANY];

static int admit(void **state)
{
	const struct sockaddr_storage from = { .ss_family = AF_INET };
	int i, ends[2];

	connections_init(&all, 2 * MANY, &door);
	for (i = 0; i < MANY; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
			return -1;
		c[i] = connection_admit(&all, ends[0], &from);
		far[i] = ends[1];
	}
	return 0;
}

static int leave(void **state)
{
	int i;

	for (i = 0; i < MANY; i++) {
		close(c[i]->fd);
		close(far[i]);
		connection_free(c[i]);
	}
	return all.first ? -1 : 0;
}

static void answer(struct connection *one, uint64_t since_ns)
{
	connection_enter(one, CONNECTION_ANSWER);
	one->since_ns = since_ns;
}

static void memory(void **state)
{
	uint64_t now = clock_mono_ns();

	assert_true(connection_hold(c[0], MORE_THAN_HALF));
	answer(c[0], now);
	assert_false(connection_hold(c[1], MORE_THAN_HALF));
	assert_int_equal(all.held, MORE_THAN_HALF);
	assert_false(c[0]->ended);
	answer(c[0], now - UINT64_C(10000000000));
	assert_true(connection_hold(c[1], MORE_THAN_HALF));
	assert_true(c[0]->ended);
	assert_int_equal(all.held, MORE_THAN_HALF);
	connection_release(c[1]);
	assert_int_equal(all.held, 0);
	/* One alone may be of any size. */
	assert_true(connection_hold(c[2], (size_t)CONNECTIONS_HELD_MAX + 1));
	answer(c[2], now);
	assert_false(connection_hold(c[1], 1));
	connection_end(c[2]);
	assert_int_equal(all.held, 0);
	assert_true(connection_hold(c[1], 1));
	connection_release(c[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(memory, admit, leave),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
