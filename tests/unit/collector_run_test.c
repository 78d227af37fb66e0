// SPDX-License-Identifier: GPL-2.0-or-later
/* Rows that are not in the newest sample are not there any more; those of which it is
 * not known yet, or never will be, are still there.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "collector/figures/figure.h"
#include "collector/figures/told.h"
#include "collector/state/state.h"
#include "tests/unit/nodes_table.h"

/* Temperatures of @from to @to - 1, each 1 degree. */
static void sensors(uint64_t mono_ns, uint64_t from, uint64_t to)
{
	static const struct wire_text texts[8 * WIRE_SENSOR_TEXTS];
	uint64_t cells[8 * WIRE_SENSOR_COLUMNS] = { 0 };
	uint64_t i;

	for (i = 0; i < to - from; i++) {
		uint64_t *row = cells + i * WIRE_SENSOR_COLUMNS;

		row[0] = from + i;
		row[WIRE_SENSOR_VALUE] = 1000;
	}
	take(WIRE_SENSOR, mono_ns, WIRE_SENSOR_COLUMNS, (uint32_t)(to - from),
	     cells, WIRE_SENSOR_TEXTS, texts);
}

static void load(uint64_t mono_ns)
{
	const uint64_t cells[] = { WIRE_LOAD_1MIN, 1 };

	take(WIRE_GAUGES, mono_ns, WIRE_VALUE_COLUMNS, 1, cells, 0, NULL);
}

/* Keys of rows that count, as digits of a number. */
static int there(void)
{
	const struct samples *s = node_samples(node, WIRE_SENSOR);
	const struct book_entry *e = book_find("sensor.value");
	int keys = 0;
	size_t i;

	for (i = 0; i < s->count; i++) {
		assert_int_equal(told_row_counts(e, s, s->rows[i]),
				 samples_current(s, s->rows[i]));
		if (samples_current(s, s->rows[i]))
			keys = 10 * keys + (int)s->rows[i]->key;
	}
	return keys;
}

/* Frames 1, 2, 3 with a sample a second of sensors 1 to 4, and something behind. */
static void three_frames(void)
{
	uint64_t t;

	for (t = 1; t <= 3; t++) {
		node_begin_frame(node, t);
		load(t * S);
		sensors(t * S, 1, 5);
		load(t * S);
	}
	assert_int_equal(there(), 1234);
}

static void gone_at_once(void **state)
{
	three_frames();
	node_begin_frame(node, 4);
	load(4 * S);
	sensors(4 * S, 2, 5);
	load(4 * S);
	assert_int_equal(there(), 234);

	/* Back again, and another one gone. */
	node_begin_frame(node, 5);
	load(5 * S);
	sensors(5 * S, 1, 4);
	load(5 * S);
	assert_int_equal(there(), 123);
}

/* Nothing tells that a frame's last table is whole, before the next frame comes. */
static void at_the_end_of_a_frame(void **state)
{
	three_frames();
	node_begin_frame(node, 4);
	load(4 * S);
	sensors(4 * S, 2, 5);
	assert_int_equal(there(), 1234);
	node_begin_frame(node, 5);
	assert_int_equal(there(), 1234);
	load(5 * S);
	assert_int_equal(there(), 234);
}

/* Each moment of a sample that comes in three frames has all rows. */
static void in_parts(void **state)
{
	three_frames();
	node_begin_frame(node, 4);
	load(4 * S);
	sensors(4 * S, 1, 2);
	assert_int_equal(there(), 1234);
	node_begin_frame(node, 5);
	sensors(4 * S, 2, 3);
	assert_int_equal(there(), 1234);
	node_begin_frame(node, 6);
	sensors(4 * S, 4, 5);
	assert_int_equal(there(), 1234);
	load(4 * S);
	assert_int_equal(there(), 124);
}

/* What was in a frame that is missing may be there: for a period. */
static void a_part_that_is_lost(void **state)
{
	three_frames();
	node_begin_frame(node, 4);
	load(4 * S);
	sensors(4 * S, 1, 3);
	node_begin_frame(node, 6);
	load(4 * S);
	assert_int_equal(there(), 1234);
	sensors(5 * S, 1, 3);
	assert_int_equal(there(), 12);
}

/* Neither the frame that overtakes nor the one that is late has a whole sample. */
static void frames_that_overtake(void **state)
{
	three_frames();
	node_begin_frame(node, 5);
	sensors(4 * S, 3, 4);
	load(4 * S);
	assert_int_equal(there(), 1234);
	node_begin_frame(node, 4);
	load(4 * S);
	sensors(4 * S, 1, 2);
	assert_int_equal(there(), 1234);
	node_begin_frame(node, 6);
	load(5 * S);
	sensors(5 * S, 1, 5);
	load(5 * S);
	assert_int_equal(there(), 1234);
}

/* Of a table that is refused, the rows that are there are not known. */
static void a_part_that_is_refused(void **state)
{
	const uint64_t cells[] = { 3, 0, 1000, 0, 0 };
	const struct wire_table t = { .kind = WIRE_SENSOR,
				      .columns = WIRE_SENSOR_COLUMNS,
				      .rows = 1,
				      .cells = cells };

	three_frames();
	node_begin_frame(node, 4);
	load(4 * S);
	sensors(4 * S, 1, 3);
	node_begin_frame(node, 5);
	assert_int_equal(node_take(&nodes, node, &t), NODE_ABSURD);
	load(4 * S);
	assert_int_equal(there(), 1234);
}

/* A run of the history's values does not bring back what was gone. */
static void over_a_restart(void **state)
{
	struct buffer values = { 0 };

	gone_at_once(state);
	assert_int_equal(state_values(node, &values), 0);
	node_forget_tables(&nodes, node);
	state_restore_values(&nodes, node, values.data, values.used);
	buffer_free(&values);
	assert_int_equal(there(), 123);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(gone_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(at_the_end_of_a_frame, setup,
						teardown),
		cmocka_unit_test_setup_teardown(in_parts, setup, teardown),
		cmocka_unit_test_setup_teardown(a_part_that_is_lost, setup,
						teardown),
		cmocka_unit_test_setup_teardown(frames_that_overtake, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_part_that_is_refused, setup,
						teardown),
		cmocka_unit_test_setup_teardown(over_a_restart, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
