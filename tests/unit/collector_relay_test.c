// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests to nodes: how many there may be at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/agents/relay.h"

static struct relay relay;
static struct relay_request requests[RELAY_MAX + 2];
static unsigned int ended;

static void done(struct relay_request *r)
{
	assert_int_equal(r->fate, RELAY_NOT_SENT);
	ended++;
}

static bool ask(size_t i, uint8_t node)
{
	requests[i] = (struct relay_request){ .node = { node }, .done = done };
	return relay_ask(&relay, &requests[i]);
}

/* One node that does not answer leaves places for others. */
static void places(void **state)
{
	size_t i, n;

	relay_init(&relay);
	for (n = 0; ask(n, 1); n++)
		assert_in_range(n, 0, RELAY_OF_NODE - 1);
	assert_int_equal(n, RELAY_OF_NODE);
	assert_true(ask(n++, 2));
	for (i = 3; ask(n, (uint8_t)i); i++)
		n++;
	assert_int_equal(n, RELAY_MAX);
	relay_stop(&relay);
	assert_int_equal(ended, n);
	assert_false(ask(n, 1));
	relay_exit(&relay);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
