// SPDX-License-Identifier: GPL-2.0-or-later
/* What a node may send is the node's, however many sessions it begins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/feed/budget.h"
#include "collector/feed/ingest.h"
#include "collector/history/store.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/wire/incident.h"
#include "lib/wire/wire_schema.h"

enum {
	ROWS = 4096, /* that the encoder puts in a table */
	TABLES = WIRE_FRAME_CELLS_MAX / (ROWS * WIRE_CPU_REQUIRED),
	/* The burst, and what a slow machine's seconds add. */
	SESSIONS = 40 * (BUDGET_CELLS_PER_S / WIRE_FRAME_CELLS_MAX),
};

static char folder[] = "/tmp/ktach-budget-XXXXXX";
static const struct store_policy policy = { .memory_max = 1 << 30 };
static struct nodes nodes;
static struct store *store;
static struct feed feed;
static struct ingest ingest;

static int setup(void **state)
{
	log_init("test", LOG_ERROR);
	if (!mkdtemp(folder) || store_open(&store, folder, &policy))
		return -1;
	assert_int_equal(nodes_init(&nodes, 0), 0);
	feed_init(&feed, &nodes, store);
	return ingest_init(&ingest, &feed);
}

static int teardown(void **state)
{
	char command[64];

	ingest_exit(&ingest);
	feed_exit(&feed);
	store_close(store);
	nodes_exit(&nodes);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

/* Of as many values as a frame may have, all of them zero. */
static enum ingest_fate offer(char node, uint64_t session)
{
	static uint64_t cells[ROWS][WIRE_CPU_REQUIRED];
	static uint8_t data[WIRE_FRAME_MAX];
	static struct wire_encoder encoder;
	struct wire_sender sender = { .session = session };
	struct wire_table t = { .kind = WIRE_CPU,
				.schema = 1,
				.origin = WIRE_ORIGIN_PROC,
				.real_ns = clock_real_ns(),
				.mono_ns = 1,
				.columns = WIRE_CPU_REQUIRED,
				.rows = ROWS,
				.cells = cells[0] };
	struct store_mark mark = { 0 };
	size_t size;

	memset(sender.node, node, sizeof(sender.node));
	wire_begin(&encoder, data, sizeof(data), t.real_ns);
	for (; t.mono_ns <= TABLES; t.mono_ns++)
		assert_int_equal(wire_put(&encoder, &t, 0), ROWS);
	size = wire_finish(&encoder, &sender, 1);
	return ingest_stream(&ingest, data, size,
			     &(struct peer){ .text = "there" }, &mark);
}

static void sessions(void **state)
{
	uint64_t session = 1;
	enum ingest_fate fate;

	while ((fate = offer('a', session)) == INGEST_TAKEN &&
	       session < SESSIONS)
		session++;
	assert_in_range(session, 2, SESSIONS - 1);
	assert_int_equal(fate, INGEST_BUSY);
	assert_int_equal(offer('b', 1), INGEST_TAKEN);
}

/* Of @size bytes, of which a first one is a file's begin. */
static bool pieces_fit(size_t count, uint64_t at, size_t size, uint64_t *cost)
{
	static uint8_t data[WIRE_FRAME_MAX], bytes[WIRE_FRAME_MAX];
	static struct wire_encoder encoder;
	const struct wire_sender sender = { .session = 1 };
	struct incident_piece piece = { .id = 1,
					.total = INCIDENT_SIZE_MAX,
					.at = at,
					.data = bytes,
					.size = size };
	struct wire_frame frame;

	wire_begin(&encoder, data, sizeof(data), 1);
	for (; count; count--, piece.id++)
		assert_int_equal(incident_put_piece(&encoder, &piece), size);
	assert_int_equal(wire_open(&frame, data,
				   wire_finish(&encoder, &sender, 1)),
			 WIRE_OK);
	return budget_cost(&frame, cost);
}

/* A shipper's pieces are cheap, files without end are not. */
static void pieces(void **state)
{
	uint64_t cost, first;

	assert_true(pieces_fit(1, 1000, 60000, &cost));
	assert_int_equal(cost, 60000 + BUDGET_PIECE_CELLS);
	assert_true(pieces_fit(1, 0, 60000, &first));
	assert_int_equal(first, cost + BUDGET_INCIDENT_CELLS);
	assert_true(pieces_fit(3, 0, 1, &cost));
	assert_false(pieces_fit(4, 0, 1, &cost));
	assert_false(pieces_fit(2000, 7, 1, &cost));
	/* An incident at once, by datagrams of 1,200 bytes or by frames of 64 kB. */
	assert_true(INCIDENT_SIZE_MAX / 1200 * (1200 + BUDGET_PIECE_CELLS) +
			    BUDGET_INCIDENT_CELLS <
		    BUDGET_BURST_NS / 1000000000 * BUDGET_CELLS_PER_S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sessions, setup, teardown),
		cmocka_unit_test(pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
