// SPDX-License-Identifier: GPL-2.0-or-later
/* How far one word is from another, by which a mistyped one is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/nearest.h"

static void letters_are_counted(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned int letters;
	} of[] = {
		{ "", "", 0 },
		{ "disk", "disk", 0 },
		{ "disk", "disc", 1 },
		{ "disk", "disks", 1 },
		{ "disk", "isk", 1 },
		{ "interval", "intreval", 2 },
		{ "kitten", "sitting", 3 },
		{ "", "abc", 3 },
		{ "abc", "", 3 },
		{ "abcdef", "ghijkl", 6 },
		{ "saturday", "sunday", 3 },
		{ "ab", "ba", 2 },
	};
	size_t i;

	for (i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		assert_int_equal(word_distance(of[i].a, of[i].b),
				 of[i].letters);
		assert_int_equal(word_distance(of[i].b, of[i].a),
				 of[i].letters);
	}
}

/* The longest words that are compared; a longer one is near to none. */
static void long_words(void **state)
{
	char a[66], b[66];

	memset(a, 'a', sizeof(a));
	memset(b, 'b', sizeof(b));
	a[64] = b[64] = '\0';
	assert_int_equal(word_distance(a, b), 64);
	assert_int_equal(word_distance(a, a), 0);
	b[63] = '\0';
	assert_int_equal(word_distance(a, b), 64);
	assert_int_equal(word_distance("", a), 64);
	a[64] = 'a';
	a[65] = '\0';
	assert_int_equal(word_distance(a, a), 64);
	assert_int_equal(word_distance(a, "b"), 64);
	assert_int_equal(word_distance("b", a), 64);
}

static void short_words_are_told_by_less(void **state)
{
	assert_int_equal(word_distance_max("cpu"), 1);
	assert_int_equal(word_distance_max("disk"), 2);
	assert_int_equal(word_distance_max("pressure"), 2);
	assert_int_equal(word_distance_max("interrupt"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters_are_counted),
		cmocka_unit_test(long_words),
		cmocka_unit_test(short_words_are_told_by_less),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
