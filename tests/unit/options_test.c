// SPDX-License-Identifier: GPL-2.0-or-later
/* Durations and addresses: what people type. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/address.h"
#include "lib/log.h"
#include "lib/options.h"

static void durations(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} good[] = {
		{ "1ns", 1 },
		{ "100us", 100000 },
		{ "250ms", 250000000 },
		{ "1s", 1000000000 },
		{ "90s", 90000000000 },
		{ "5m", 300000000000 },
		{ "2h", 7200000000000 },
		{ "7d", 604800000000000 },
	};
	static const char *const bad[] = { "",	  "1",		 "s",	 "1x",
					   "-1s", "1 s",	 "1.5s", " 1s",
					   "1ss", "99999999999d" };
	uint64_t ns;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(duration_parse(good[i].text, &ns), 0);
		assert_int_equal(ns, good[i].ns);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(duration_parse(bad[i], &ns), -EINVAL);
}

static void durations_back(void **state)
{
	char text[32];

	duration_format(1000000000, text, sizeof(text));
	assert_string_equal(text, "1s");
	duration_format(1500000000, text, sizeof(text));
	assert_string_equal(text, "1500ms");
	duration_format(86400000000000, text, sizeof(text));
	assert_string_equal(text, "1d");
	duration_format(0, text, sizeof(text));
	assert_string_equal(text, "0ns");
}

static void addresses(void **state)
{
	static const struct {
		const char *text;
		const char *whole;
		bool loopback;
	} good[] = {
		{ "127.0.0.1", "127.0.0.1:4766", true },
		{ "127.0.0.2:99", "127.0.0.2:99", true },
		{ "192.0.2.7:1", "192.0.2.7:1", false },
		{ "::1", "[::1]:4766", true },
		{ "[::1]:99", "[::1]:99", true },
		{ "[2001:db8::7]", "[2001:db8::7]:4766", false },
	};
	static const char *const bad[] = {
		"",	  ":99",	"[::1",		 "[]:1",
		"[::1]x", "127.0.0.1:", "127.0.0.1:port"
	};
	struct address a;
	char text[64];
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(address_resolve(&a, good[i].text, 4766), 0);
		address_format(&a, text, sizeof(text));
		assert_string_equal(text, good[i].whole);
		assert_int_equal(address_is_loopback(&a), good[i].loopback);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_true(address_resolve(&a, bad[i], 4766) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations),
		cmocka_unit_test(durations_back),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
