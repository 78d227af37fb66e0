// SPDX-License-Identifier: GPL-2.0-or-later
/* Frames that wait to be folded: whose do not wait for older ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "collector/history/frames/frame_log.h"
#include "collector/history/frames/open.h"

#define S UINT64_C(1000000000)

enum {
	FRAME = 8192,
	LARGE = OPEN_LARGE / FRAME,
	FULL = OPEN_FULL / FRAME,
};

static struct open_table table;
static uint64_t row_id;

static int set_up(void **state)
{
	open_init(&table);
	row_id = 0;
	return 0;
}

static int tear_down(void **state)
{
	open_exit(&table);
	return 0;
}

static void put(char node, uint64_t at_ns)
{
	static const uint8_t payload[FRAME];
	struct kept_frame f = { .node = { (uint8_t)node }, .size = FRAME };
	struct buffer row = { 0 };
	uint64_t missing = 0;

	assert_int_equal(frame_log_begin(&row), 0);
	assert_int_equal(frame_log_put(&row, &f, payload), 0);
	assert_int_equal(frame_log_finish(&row), 0);
	assert_int_equal(open_log(&table, ++row_id, row.data, row.used, at_ns,
				  &missing),
			 0);
	assert_int_equal(missing, 0);
	buffer_free(&row);
}

static void put_many(char node, int count, uint64_t from_ns, uint64_t every_ns)
{
	int i;

	for (i = 0; i < count; i++)
		put(node, from_ns + (uint64_t)i * every_ns);
}

static void fold(char node)
{
	const uint8_t uid[WIRE_ID_SIZE] = { (uint8_t)node };

	open_pop(&table, open_get(&table, uid), row_id);
}

/* Memory of a flood is given back once that is over, not when its time has come. */
static void much_of_one_that_is_silent(void **state)
{
	put_many('a', LARGE, S, 0);
	assert_int_equal(open_count_apart(&table, 15 * S), 0);
	assert_int_equal(open_count_apart(&table, 16 * S), 1);
	put('a', 16 * S);
	assert_int_equal(open_count_apart(&table, 30 * S), 0);
	assert_int_equal(open_count_apart(&table, 31 * S), 1);
	fold('a');
	assert_int_equal(table.large, 0);
	assert_int_equal(open_count_apart(&table, 100 * S), 0);
}

static void little_of_one_that_is_silent(void **state)
{
	put_many('a', LARGE / 2, S, 0);
	assert_int_equal(open_count_apart(&table, 100 * S), 0);
}

/* One that sends each 20 s is not silent for that long. */
static void much_of_one_that_is_slow(void **state)
{
	uint64_t last_ns = (LARGE - 1) * 20 * S;

	put_many('a', LARGE, 0, 20 * S);
	assert_int_equal(open_count_apart(&table, last_ns + 70 * S), 0);
	assert_int_equal(open_count_apart(&table, last_ns + 80 * S), 1);
}

static void more_than_there_is_room_for(void **state)
{
	put_many('a', FULL, S, 0);
	put('b', S);
	assert_int_equal(open_count_apart(&table, S), 1);
	put_many('b', LARGE, S, 0);
	assert_int_equal(open_count_apart(&table, S), 1);
	assert_int_equal(table.large, 2);
	fold('a');
	assert_int_equal(open_count_apart(&table, S), 0);
	assert_int_equal(table.large, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(much_of_one_that_is_silent,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(little_of_one_that_is_silent,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(much_of_one_that_is_slow,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(more_than_there_is_room_for,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
