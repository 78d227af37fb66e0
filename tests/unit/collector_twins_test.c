// SPDX-License-Identifier: GPL-2.0-or-later
/* Rows of one table with the same names: no two are shown with one name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "collector/nodes/twins.h"
#include "lib/wire/wire_schema.h"

#define S UINT64_C(1000000000)

enum {
	ROWS = 8,
};

static struct samples samples;
static size_t all;
static struct samples_budget budget;

static int setup(void **state)
{
	memset(&samples, 0, sizeof(samples));
	all = ROWS;
	budget = (struct samples_budget){ .left = all, .all = &all };
	return 0;
}

static int teardown(void **state)
{
	samples_clear(&samples, &budget);
	return 0;
}

/* A sample of @count rows: their keys, and the first text of each. */
static void take(uint32_t kind, uint64_t mono_ns, size_t count,
		 const uint64_t *keys, const char *const *names)
{
	const struct wire_schema *schema = wire_schema(kind);
	uint64_t cells[ROWS * WIRE_COLUMNS_MAX] = { 0 };
	struct wire_text text[ROWS * WIRE_TEXTS_MAX] = { 0 };
	const struct wire_table t = { .kind = kind,
				      .origin = WIRE_ORIGIN_PROC,
				      .real_ns = S,
				      .mono_ns = mono_ns,
				      .columns = schema->columns,
				      .rows = (uint32_t)count,
				      .texts = schema->texts,
				      .cells = cells,
				      .text = text };
	size_t i;

	for (i = 0; i < count; i++) {
		cells[i * schema->columns] = keys[i];
		text[i * schema->texts] =
			(struct wire_text){ names[i], strlen(names[i]) };
	}
	assert_int_equal(samples_take(&samples, &t, &budget), 0);
}

/* NULL: it is not shown. */
static void assert_named(uint64_t key, const char *name)
{
	const struct samples_row *row = samples_find(&samples, key);

	assert_non_null(row);
	assert_int_equal(samples_current(&samples, row), name != NULL);
	if (name)
		assert_string_equal(samples_text(row, 0), name);
}

static void same(void **state)
{
	const uint64_t keys[] = { 0x10, 0x20, 0x30 };
	const char *const names[] = { "a\1b", "a?b", "c" };

	take(WIRE_DISK, S, 3, keys, names);
	samples.whole = true;
	assert_true(samples.renamed && budget.renamed);
	assert_true(twins_tell(&samples, WIRE_DISK));
	assert_named(0x10, "a?b (10)");
	assert_named(0x20, "a?b (20)");
	assert_named(0x30, "c");

	/* One goes: the other is alone with its name. */
	take(WIRE_DISK, 2 * S, 2, keys + 1, names + 1);
	samples.whole = true;
	assert_false(twins_tell(&samples, WIRE_DISK));
	assert_named(0x10, NULL);
	assert_named(0x20, "a?b");

	/* It comes back. */
	samples.renamed = false;
	take(WIRE_DISK, 4 * S, 3, keys, names);
	samples.whole = true;
	assert_true(samples.renamed);
	assert_true(twins_tell(&samples, WIRE_DISK));
	assert_named(0x10, "a?b (10)");
}

/* As another one with its key. */
static void with_key(void **state)
{
	const uint64_t keys[] = { 1, 2, 3 };
	const char *const names[] = { "x", "x", "x (1)" };

	take(WIRE_DISK, S, 3, keys, names);
	assert_true(twins_tell(&samples, WIRE_DISK));
	assert_named(1, "x (1)");
	assert_named(2, "x (2)");
	assert_named(3, "x (1) (3)");
}

/* An interface is made anew: the one before is not known to be gone yet. */
static void anew(void **state)
{
	const uint64_t keys[] = { 5, 9 };
	const char *const names[] = { "eth0", "eth0" };

	take(WIRE_NET, S, 1, keys, names);
	take(WIRE_NET, 2 * S, 1, keys, names);
	take(WIRE_NET, 3 * S, 1, keys + 1, names + 1);
	assert_true(samples_current(&samples, samples_find(&samples, 5)));
	assert_true(twins_tell(&samples, WIRE_NET));
	assert_named(5, NULL);
	assert_named(9, "eth0");
}

/* As long as a text can be, with a character cut off whole. */
static void longest(void **state)
{
	const uint64_t keys[] = { 1, 2 };
	char name[WIRE_TEXT_MAX + 1];
	const char *const names[] = { name, name };
	const char *text;

	memset(name, 'x', WIRE_TEXT_MAX);
	name[WIRE_TEXT_MAX] = '\0';
	memcpy(name + WIRE_TEXT_MAX - 5, "\xc3\xa4", 2);
	take(WIRE_AGENT, S, 2, keys, names);
	assert_true(twins_tell(&samples, WIRE_AGENT));
	text = samples_text(samples_find(&samples, 2), 0);
	assert_int_equal(strlen(text), WIRE_TEXT_MAX - 1);
	assert_string_equal(text + WIRE_TEXT_MAX - 6, "x (2)");
}

/* Told by keys as well. */
static void processes(void **state)
{
	const uint64_t keys[] = { 1, 2 };
	const char *const names[] = { "sh", "sh" };

	take(WIRE_PROCESS, S, 2, keys, names);
	assert_false(twins_tell(&samples, WIRE_PROCESS));
	assert_named(1, "sh");
	assert_named(2, "sh");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(same, setup, teardown),
		cmocka_unit_test_setup_teardown(with_key, setup, teardown),
		cmocka_unit_test_setup_teardown(anew, setup, teardown),
		cmocka_unit_test_setup_teardown(longest, setup, teardown),
		cmocka_unit_test_setup_teardown(processes, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
