// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/enroll.h"
#include "shipper/enroll/config_edit.h"

static void edit(const char *text, const char *want)
{
	char *got = config_edit(strdup(text), "key", "/k");

	assert_string_equal(got, want);
	free(got);
}

static void key_is_set_where_it_belongs(void **state)
{
	edit("", "key = /k\n");
	edit("[shipper]\n", "[shipper]\nkey = /k\n");
	edit("[shipper]", "[shipper]\nkey = /k\n");
	edit("[shipper]\n#key = /x\nname = a\n",
	     "[shipper]\n#key = /x\nkey = /k\nname = a\n");
	edit("# key things\n[shipper]\nname = a\n",
	     "# key things\n[shipper]\nkey = /k\nname = a\n");
	edit("keys = a\nmonkey = b\n", "key = /k\nkeys = a\nmonkey = b\n");
}

static void key_that_is_there_is_changed(void **state)
{
	edit("[shipper]\n#key = /x\nkey = /old\nname = a\n",
	     "[shipper]\n#key = /x\nkey = /k\nname = a\n");
	edit("[shipper]\n  key: /old", "[shipper]\nkey = /k\n");
	edit("key = 1\nname = a\nkey = 2\n", "key = /k\nname = a\n");
}

static void other_sections_are_left_alone(void **state)
{
	edit("[disk]\nkey = 1\n", "key = /k\n[disk]\nkey = 1\n");
	edit("[disk]\nkey = 1\n[shipper]\nname = a\n",
	     "[disk]\nkey = 1\n[shipper]\nkey = /k\nname = a\n");
	edit("[shipper]\nkey = 2\n[disk]\nkey = 1\n",
	     "[shipper]\nkey = /k\n[disk]\nkey = 1\n");
}

static void no_memory_is_passed_on(void **state)
{
	assert_null(config_edit(NULL, "key", "/k"));
}

static void tokens_go_there_and_back(void **state)
{
	struct enroll_token token, again;
	char text[ENROLL_TOKEN_SIZE];
	size_t i;

	for (i = 0; i < sizeof(token); i++)
		((uint8_t *)&token)[i] = (uint8_t)(i * 37 + 250);
	enroll_token_format(&token, text);
	assert_int_equal(strlen(text), ENROLL_TOKEN_SIZE - 1);
	assert_int_equal(enroll_token_parse(&again, text), 0);
	assert_memory_equal(&token, &again, sizeof(token));
	for (i = 0; i < ENROLL_TOKEN_SIZE - 1; i++) {
		char kept = text[i];

		text[i] = '=';
		assert_int_equal(enroll_token_parse(&again, text), -EINVAL);
		text[i] = '\0';
		assert_int_equal(enroll_token_parse(&again, text), -EINVAL);
		text[i] = kept;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_is_set_where_it_belongs),
		cmocka_unit_test(key_that_is_there_is_changed),
		cmocka_unit_test(other_sections_are_left_alone),
		cmocka_unit_test(no_memory_is_passed_on),
		cmocka_unit_test(tokens_go_there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
