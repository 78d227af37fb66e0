// SPDX-License-Identifier: GPL-2.0-or-later
/* Globs match what fnmatch() says, and soon, whatever they are. */
#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/globs.h"

static void lists(void **state)
{
	assert_true(globs_match("lo, docker*, br-*", "docker0"));
	assert_true(globs_match("lo , br-*", "lo"));
	assert_true(globs_match("lo,br-*", "br-1"));
	assert_false(globs_match("lo, docker*", "eth0"));
	assert_false(globs_match("lo, ", ""));
	assert_false(globs_match("", ""));
	assert_false(globs_match("LO", "lo"));
	assert_true(globs_match_any_case("a, LO[A-C]", "lob"));
	assert_true(globs_choose(NULL, NULL, "eth0"));
	assert_true(globs_choose("eth*", "eth1", "eth0"));
	assert_false(globs_choose("eth*", "eth0, eth1", "eth1"));
	assert_false(globs_choose("eth*", NULL, "lo"));
}

static void make_text(char *text, const char *of, size_t most)
{
	size_t i, length = (size_t)rand() % most;

	for (i = 0; i < length; i++)
		text[i] = of[(size_t)rand() % strlen(of)];
	text[length] = '\0';
}

static void as_fnmatch(void **state)
{
	char glob[16], name[16];
	int i, good = 0;

	srand(1);
	for (i = 0; i < 300000; i++) {
		bool want;

		make_text(glob, "ab*?[]!-\\", 9);
		make_text(name, "ab]-!", 7);
		/* glibc refuses a backslash at the end, and takes one in a set for an escape. */
		if (!*glob || glob[strlen(glob) - 1] == '\\' ||
		    (strchr(glob, '[') && strchr(glob, '\\')))
			continue;
		want = !fnmatch(glob, name, 0);
		good += want;
		if (globs_match(glob, name) != want)
			fail_msg("'%s' and '%s': expected %d", glob, name,
				 want);
	}
	assert_true(good > 1000);
}

/* What takes fnmatch() years. */
static void hostile(void **state)
{
	char glob[512] = "", name[256];
	int i;

	for (i = 0; i < 100; i++)
		strcat(glob, "*a");
	strcat(glob, "*b");
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_false(globs_match(glob, name));
	name[sizeof(name) - 2] = 'b';
	assert_true(globs_match(glob, name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(as_fnmatch),
		cmocka_unit_test(hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
