// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of rights in the code and the one of docs/security.md: each line of one is the
 * same line of the other, so that tests/e2e/visitors_test.sh, which asks for what the
 * document says, asks for all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "collector/login/rights.h"

static const char *const names[LOGIN_ROLES] = {
	[LOGIN_NOBODY] = "nobody", [LOGIN_READ] = "view",
	[LOGIN_SEND] = "send",	   [LOGIN_OPERATE] = "operate",
	[LOGIN_ADMIN] = "admin",   [LOGIN_SERVICE] = "service",
};

/* "view send operate" */
static unsigned int roles_of(char *text)
{
	unsigned int roles = 0;
	char *role, *rest;
	int i;

	for (role = strtok_r(text, " ", &rest); role;
	     role = strtok_r(NULL, " ", &rest)) {
		for (i = 0; i < LOGIN_ROLES && strcmp(names[i], role);)
			i++;
		assert_true(i < LOGIN_ROLES);
		roles |= 1u << i;
	}
	return roles;
}

/* "| `GET` | `/path` | roles |", "| frame | samples | roles |" */
static bool read_line(const char *line, struct right *r, char verb[16],
		      char path[128])
{
	char roles[128];

	strcpy(verb, "frame");
	if (sscanf(line, "| frame | %127[a-z] | %127[a-z ] |", path, roles) !=
		    2 &&
	    sscanf(line, "| `%15[A-Z]` | `%127[^`]` | %127[a-z ] |", verb, path,
		   roles) != 3)
		return false;
	*r = (struct right){ verb, path, roles_of(roles) };
	return true;
}

static void same_tables(void **state)
{
	FILE *f = fopen("docs/security.md", "re");
	const struct right *right = rights;
	char line[1024], verb[16], path[128];
	struct right said;
	bool inside = false;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		inside = inside || !strcmp(line, "| verb | path | roles |\n");
		if (inside && *line == '\n')
			break;
		if (!inside || !read_line(line, &said, verb, path))
			continue;
		assert_non_null(right->verb);
		assert_string_equal(right->verb, said.verb);
		assert_string_equal(right->path, said.path);
		assert_int_equal(right->roles, said.roles);
		right++;
	}
	assert_null(right->verb);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
