// SPDX-License-Identifier: GPL-2.0-or-later
/* The flight recorder: its memory is bounded, many triggers are one incident, and samples go
 * before it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/incidents/decode.h"
#include "lib/base/clock.h"
#include "shipper/flight/flight.h"

enum {
	CPUS = 16,
	QUEUE = 1 << 20,
};

static const struct wire_sender sender = { .session = 1 };
static struct queue queue;
static struct output output;
static struct flight *flight;
static uint64_t cells[CPUS * WIRE_CPU_REQUIRED];
static uint64_t kills;

static const struct flight_setup usual = {
	.memory = FLIGHT_MEMORY_MIN,
	.before_ns = UINT64_C(60000000000),
	.after_ns = 1,
	.triggers = { .causes = 1U << INCIDENT_OOM | 1U << INCIDENT_BUSY,
		      .busy_ns = 30000000 },
};

static int setup(void **state)
{
	kills = 0;
	memset(cells, 0, sizeof(cells));
	if (queue_init(&queue, QUEUE) ||
	    output_init(&output, &sender, &queue, 16384))
		return -1;
	return flight_open(&flight, &usual, &sender, "here", &output);
}

static int teardown(void **state)
{
	flight_close(flight, &output);
	output_exit(&output);
	queue_exit(&queue);
	return 0;
}

/* Times that no packing makes small; @busy: the first CPU is never idle. */
static void put_cpus(uint64_t passed_ns, bool busy)
{
	static uint64_t mono_ns = UINT64_C(1000000000), sample;
	struct wire_table t = { .kind = WIRE_CPU,
				.schema = 1,
				.columns = WIRE_CPU_REQUIRED,
				.rows = CPUS,
				.cells = cells };
	uint64_t *row = cells;
	int i;

	mono_ns += passed_ns;
	for (i = 0; i < CPUS; i++, row += WIRE_CPU_REQUIRED) {
		row[WIRE_CPU_KEY] = (uint64_t)i;
		row[WIRE_CPU_FLAGS] = WIRE_CPU_ONLINE;
		row[WIRE_CPU_USER_NS] += (uint64_t)random();
		row[WIRE_CPU_SYSTEM_NS] += (uint64_t)random();
		row[WIRE_CPU_IDLE_NS] += busy && !i ? 0 : passed_ns;
	}
	t.sample = ++sample;
	t.mono_ns = mono_ns;
	t.real_ns = clock_real_ns();
	output_put(&output, &t);
}

static void put_kill(void)
{
	const uint64_t row[] = { WIRE_OOM_KILLS, kills++ };
	const struct wire_table t = { .kind = WIRE_COUNTERS,
				      .schema = 1,
				      .real_ns = clock_real_ns(),
				      .mono_ns = clock_mono_ns(),
				      .columns = WIRE_VALUE_COLUMNS,
				      .rows = 1,
				      .cells = row };

	output_put(&output, &t);
}

static void take_all(void)
{
	struct queue_frame *f;
	uint32_t spooled;

	while ((f = queue_next(&queue))) {
		f->done = true;
		queue_take(&queue);
	}
	queue_trim(&queue, &spooled);
}

static void test_bounded(void **state)
{
	uint64_t newest = 0;
	int i;

	for (i = 0; i < 2000; i++) {
		put_cpus(10000000, false);
		newest = cells[WIRE_CPU_USER_NS];
		if (i % 20)
			continue;
		output_flush(&output);
		flight_ship(flight, &output, false);
		take_all();
		assert_true(flight_memory(flight) <= FLIGHT_MEMORY_MIN / 2);
	}
	assert_true(flight_memory(flight) > FLIGHT_MEMORY_MIN / 4);
	assert_true(newest);
	assert_int_equal(flight->counts.incidents, 0);
}

/* What it froze, from the pieces in the queue. */
static uint8_t *gather(size_t *size)
{
	struct queue_frame *q;
	uint8_t *data = NULL;

	*size = 0;
	for (queue_rewind(&queue); (q = queue_next(&queue));
	     queue_take(&queue)) {
		struct incident_piece piece;
		struct wire_frame f;
		const uint8_t *at;

		assert_int_equal(wire_open(&f, q->data, q->size), WIRE_OK);
		at = f.at;
		while (incident_next_piece(&at, f.end, &piece)) {
			data = data ? data : calloc(1, piece.total);
			memcpy(data + piece.at, piece.data, piece.size);
			*size += piece.size;
		}
	}
	return data;
}

static void test_many_are_one(void **state)
{
	struct decoded d;
	uint8_t *data;
	size_t size;
	int i;

	put_cpus(10000000, false);
	for (i = 0; i <= 10; i++)
		put_kill();
	output_flush(&output);
	flight_ship(flight, &output, false);
	assert_int_equal(flight->counts.triggers, 10);
	assert_int_equal(flight->counts.incidents, 1);
	data = gather(&size);
	assert_non_null(data);
	assert_int_equal(decode_incident(&d, data, size), 0);
	assert_int_equal(d.head.triggers, 10);
	assert_int_equal(d.head.cause, INCIDENT_OOM);
	assert_string_equal(d.head.node, "here");
	assert_true(d.table_count > 1);
	decode_free(&d);
	free(data);
	/* Too soon for another one. */
	put_kill();
	flight_ship(flight, &output, false);
	assert_int_equal(flight->counts.triggers, 11);
	assert_int_equal(flight->counts.incidents, 1);
}

static void test_busy(void **state)
{
	int i;

	put_cpus(10000000, true);
	put_cpus(10000000, true);
	put_cpus(10000000, true);
	put_cpus(10000000, false);
	for (i = 0; i < 2; i++)
		put_cpus(10000000, true);
	assert_int_equal(flight->counts.triggers, 0);
	for (i = 0; i < 20; i++)
		put_cpus(10000000, true);
	assert_int_equal(flight->counts.triggers, 1);
	assert_int_equal(flight->head.cause, INCIDENT_BUSY);
}

/* A queue that is not taken from: samples still find a place, incidents wait, then are
 * dropped.
 */
static void test_queue_full(void **state)
{
	uint64_t frames;
	int i;

	while (queue_percent(&queue) <= OUTPUT_INCIDENT_PERCENT) {
		put_cpus(10000000, false);
		output_flush(&output);
	}
	frames = output.sequence;
	put_kill();
	for (i = 0; i < 40; i++) {
		flight->quiet_ns = 0;
		put_kill();
		put_cpus(10000000, false);
		output_flush(&output);
		flight_ship(flight, &output, false);
	}
	assert_int_equal(flight->counts.incidents, 40);
	assert_true(flight->counts.dropped > 0);
	assert_true(flight->waiting_count > 0);
	assert_true(flight->waiting_bytes <= FLIGHT_MEMORY_MIN / 2);
	/* A frame a round, all of samples. */
	assert_int_equal(output.sequence - frames, 40);
	assert_int_equal(output.shed[WIRE_CPU], 0);
	for (i = 0; i < 10; i++) {
		take_all();
		flight_ship(flight, &output, false);
	}
	assert_int_equal(flight->waiting_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_are_one, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_busy, setup, teardown),
		cmocka_unit_test_setup_teardown(test_queue_full, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
