// SPDX-License-Identifier: GPL-2.0-or-later
/* Moments as people and programs write them: what each means, and what means nothing. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "collector/api/moment.h"

#define S UINT64_C(1000000000)
#define NOW (1795000000 * S + 7)
/* 2026-01-31T00:00:00Z */
#define DAY (UINT64_C(1769817600) * S)

static void they_mean(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} of[] = {
		{ "now", NOW },
		{ "-1s", NOW - S },
		{ "-90m", NOW - 5400 * S },
		{ "0", 0 },
		{ "1", S },
		{ "1795000000", 1795000000 * S },
		{ "99999999999", INT64_MAX },
		{ "1795000000123", 1795000000 * S + 123000000 },
		{ "99999999999999", INT64_MAX },
		{ "9000000000000", 9000000000 * S },
		{ "100000000000", 100000000 * S },
		{ "100000000000000", 100000 * S },
		{ "1795000000123456789", UINT64_C(1795000000123456789) },
		{ "9223372036854775807", INT64_MAX },
		{ "2026-01-31", DAY },
		{ "2026-01-31T15:04", DAY + (15 * 3600 + 4 * 60) * S },
		{ "2026-01-31 15:04:05", DAY + (15 * 3600 + 4 * 60 + 5) * S },
		{ "2026-01-31T15:04:05.678Z",
		  DAY + (15 * 3600 + 4 * 60 + 5) * S + 678000000 },
		{ "2026-01-31T00:00:00.000000001", DAY + 1 },
		{ "2026-01-31T00:00:00+01:00", DAY - 3600 * S },
		{ "2026-01-31T00:00:00 01:30", DAY - 5400 * S },
		{ "2026-01-31T00:00:00-02:00", DAY + 7200 * S },
		{ "2026-01-31T00:00:00+23:59", DAY - (24 * 3600 - 60) * S },
		{ "2026-01-31T23:59:59", DAY + (24 * 3600 - 1) * S },
		{ "2028-02-29", UINT64_C(1835395200) * S },
		{ "1970-01-01", 0 },
	};
	uint64_t ns;
	size_t i;

	for (i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		ns = 1;
		if (moment_parse(of[i].text, NOW, &ns) || ns != of[i].ns)
			fail_msg("%s: %llu, not %llu", of[i].text,
				 (unsigned long long)ns,
				 (unsigned long long)of[i].ns);
	}
}

static void they_mean_nothing(void **state)
{
	static const char *const bad[] = {
		"",
		"x",
		"-",
		"-1",
		"-x",
		"-100000w",
		"1x",
		"12 ",
		"9223372036854775808",
		"18446744073709551616",
		"2026-",
		"2026-01",
		"2026-13-01",
		"2026-00-01",
		"2026-01-32",
		"2026-01-00",
		"2026-02-30",
		"2027-02-29",
		"2026-1-31",
		"1969-12-31",
		"2400-01-01",
		"2026-01-31X00:00",
		"2026-01-31T",
		"2026-01-31T24:00",
		"2026-01-31T15:60",
		"2026-01-31T15:04:61",
		"2026-01-31T15:04:05.",
		"2026-01-31T15:04:05Zx",
		"2026-01-31T15:04:05+24:00",
		"2026-01-31T15:04:05+01:60",
		"2026-01-31T15:04:05+",
	};
	uint64_t ns;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (moment_parse(bad[i], NOW, &ns) != -EINVAL)
			fail_msg("'%s' is taken for %llu", bad[i],
				 (unsigned long long)ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_mean),
		cmocka_unit_test(they_mean_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
