// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines of /proc/net/dev, whose columns are what its titles say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ktach/wire.h>

#include "host/net/net_dev.h"

static const char usual[] =
	"Inter-|   Receive                                                |  Transmit\n"
	" face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n";
static const char line[] = "  eth0:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n";

static void values(const char *text, const char *of, const uint64_t *want)
{
	struct net_dev_titles t;
	uint64_t value[NET_DEV_VALUES];
	char name[IF_NAMESIZE];

	net_dev_titles(&t, text);
	assert_true(net_dev_line(of, &t, name, value));
	assert_string_equal(name, "eth0");
	assert_memory_equal(value, want, sizeof(value));
}

static void columns(void **state)
{
	static const uint64_t same[] = { 1, 2, 3, 4, 9, 10, 11, 12 };
	static const uint64_t other[] = { 2, 1, 3, 5, 7, 6, 9, WIRE_ABSENT };
	static const uint64_t none[] = { WIRE_ABSENT, 1, 2, 3,
					 WIRE_ABSENT, 6, 7, 8 };

	values(usual, line, same);
	values("", line, same);
	values("a|b\nc|d\n", line, same);
	values("\n face |packets bytes errs new drop|packets bytes fifo errs\n",
	       line, other);
	/* Linux 2.0 */
	values("\n face |packets errs drop fifo frame|packets errs drop fifo colls carrier\n",
	       line, none);
}

static void no_values(void **state)
{
	static const uint64_t absurd[] = { 1, WIRE_ABSENT, 3, 4, 9, 10, 11, 12 };
	struct net_dev_titles t;
	uint64_t value[NET_DEV_VALUES];
	char name[IF_NAMESIZE];

	values(usual,
	       "eth0: 1 18446744073709551615 3 4 5 6 7 8 9 10 11 12 13\n",
	       absurd);
	net_dev_titles(&t, usual);
	assert_false(net_dev_line(usual, &t, name, value));
	assert_false(net_dev_line("eth0: 1 2 3 4 5 6 7 8 9 10 11\n", &t, name,
				  value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns),
		cmocka_unit_test(no_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
