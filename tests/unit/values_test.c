// SPDX-License-Identifier: GPL-2.0-or-later
/* What is read at one tick becomes one sample, and packs well. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shipper/values.h"

enum {
	QUEUE = 131072,
	FRAME = 1400,
	NS_PER_S = 1000000000,
	SEEN_MAX = 512,
};

static const struct wire_sender sender = { .node = "node",
					   .boot = "boot",
					   .session = 9 };
static struct queue queue;
static struct output output;
static struct values values;

/* A row as it arrived. */
static struct {
	uint32_t kind;
	uint64_t mono_ns;
	uint64_t key;
	uint64_t value;
} seen[SEEN_MAX];
static size_t seen_count;

static void ready(void *carrier)
{
}

static int begin(void **state)
{
	seen_count = 0;
	values = (struct values){ 0 };
	assert_int_equal(queue_init(&queue, QUEUE), 0);
	assert_int_equal(output_init(&output, &sender, &queue, FRAME), 0);
	output.ready = ready;
	return 0;
}

static int end(void **state)
{
	values_clear(&values);
	output_exit(&output);
	queue_exit(&queue);
	return 0;
}

static void read_frame(const struct queue_frame *frame)
{
	static uint64_t cells[WIRE_CELLS_MAX];
	static struct wire_text text[WIRE_FRAME_MAX];
	static struct wire_stamp stamps[WIRE_SAMPLES_MAX];
	struct wire_room room = { cells, WIRE_CELLS_MAX, text, WIRE_FRAME_MAX,
				  stamps };
	struct wire_frame f;
	struct wire_table t;
	uint32_t i;

	assert_int_equal(wire_open(&f, frame->data, frame->size), WIRE_OK);
	while (wire_next(&f, &t, &room) == 1) {
		for (i = 0; i < t.rows; i++) {
			assert_true(seen_count < SEEN_MAX);
			seen[seen_count].kind = t.kind;
			seen[seen_count].mono_ns = t.mono_ns;
			seen[seen_count].key = t.cells[i * t.columns];
			seen[seen_count++].value = t.cells[i * t.columns + 1];
		}
	}
}

/* Bytes that the frames took. */
static size_t arrive(void)
{
	struct queue_frame *f;
	size_t bytes = 0;

	output_flush(&output);
	while ((f = queue_next(&queue))) {
		read_frame(f);
		bytes += f->size;
		queue_take(&queue);
		f->done = true;
		output_trim(&output);
	}
	return bytes;
}

static bool add(uint32_t kind, uint64_t interval_ns, uint64_t mono_ns,
		uint64_t key, uint64_t value)
{
	const uint64_t cells[] = { key, value };
	const struct wire_table t = { .kind = kind,
				      .schema = 1,
				      .origin = WIRE_ORIGIN_PROC,
				      .real_ns = mono_ns + 5,
				      .mono_ns = mono_ns,
				      .columns = WIRE_VALUE_COLUMNS,
				      .rows = 1,
				      .cells = cells };

	return values_add(&values, interval_ns, &t);
}

static void one_sample(void **state)
{
	size_t i;

	assert_true(add(WIRE_GAUGES, NS_PER_S, 100, WIRE_LOAD_1MIN, 1));
	assert_true(add(WIRE_COUNTERS, NS_PER_S, 101, WIRE_FORKS, 2));
	assert_true(add(WIRE_GAUGES, NS_PER_S, 102, WIRE_THREADS, 3));
	assert_true(add(WIRE_GAUGES, NS_PER_S, 103, WIRE_TASKS_RUNNING,
			WIRE_ABSENT));
	assert_false(add(WIRE_IRQ, NS_PER_S, 104, 1, 2));
	values_put(&values, &output);
	values_put(&values, &output); /* nothing is put twice */
	arrive();
	assert_int_equal(seen_count, 4);
	for (i = 0; i < seen_count; i++)
		assert_int_equal(seen[i].mono_ns, 100);
	assert_int_equal(seen[0].kind, WIRE_GAUGES);
	assert_int_equal(seen[1].key, WIRE_THREADS);
	assert_int_equal(seen[2].value, WIRE_ABSENT);
	assert_int_equal(seen[3].kind, WIRE_COUNTERS);
	assert_int_equal(seen[3].value, 2);
}

enum {
	TICKS = 10,
	KEYS = 20,
	TICK_NS = NS_PER_S / TICKS,
};

static size_t second(bool rare, uint64_t begin_ns)
{
	uint64_t tick, key;

	seen_count = 0;
	for (tick = 1; tick <= TICKS; tick++) {
		uint64_t mono_ns = begin_ns + tick * TICK_NS;

		for (key = 0; key < KEYS; key++)
			add(WIRE_GAUGES, TICK_NS, mono_ns, key,
			    0x9e3779b97f4a7c15 * (key + 1) / 256 + tick);
		if (rare && tick == TICKS)
			add(WIRE_GAUGES, NS_PER_S, mono_ns, KEYS, 9);
		values_put(&values, &output);
	}
	return arrive();
}

/* A source that is read now and then does not part those that are read often:
 * packed together they take as much as without it, and a little more.
 */
static void rare_source(void **state)
{
	size_t without = second(false, NS_PER_S), with, i;
	size_t last = 0;

	with = second(true, 2 * (uint64_t)NS_PER_S);
	assert_int_equal(seen_count, TICKS * KEYS + 1);
	assert_true(with < without + 64);
	for (i = 0; i < seen_count; i++)
		last += seen[i].mono_ns == 3 * (uint64_t)NS_PER_S;
	assert_int_equal(last, KEYS + 1);
}

static void put_row_keys(uint64_t mono_ns, const uint64_t keys[3])
{
	uint64_t cells[3 * WIRE_CPU_REQUIRED] = { 0 };
	struct wire_table t = { .kind = WIRE_CPU,
				.schema = 1,
				.origin = WIRE_ORIGIN_PROC,
				.real_ns = mono_ns,
				.mono_ns = mono_ns,
				.columns = WIRE_CPU_REQUIRED,
				.rows = 3,
				.cells = cells };
	int i;

	for (i = 0; i < 3; i++)
		cells[i * WIRE_CPU_REQUIRED] = keys[i];
	output_put(&output, &t);
}

/* Samples are packed together where all of their rows are the same, not the first alone. */
static void rows_keep_their_keys(void **state)
{
	static const uint64_t keys[][3] = {
		{ 1, 2, 3 }, { 1, 2, 3 }, { 1, 2, 4 }, { 1, 5, 4 }, { 0, 5, 4 }
	};
	size_t i, n;

	for (i = 0; i < 5; i++)
		put_row_keys(1000 + i, keys[i]);
	arrive();
	assert_int_equal(seen_count, 15);
	for (n = 0; n < seen_count; n++) {
		assert_in_range(seen[n].mono_ns, 1000, 1004);
		i = seen[n].mono_ns - 1000;
		assert_int_equal(seen[n].key, keys[i][n % 3]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rows_keep_their_keys, begin,
						end),
		cmocka_unit_test_setup_teardown(one_sample, begin, end),
		cmocka_unit_test_setup_teardown(rare_source, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
