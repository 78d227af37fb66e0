// SPDX-License-Identifier: GPL-2.0-or-later
/* The frame: what goes in comes out, and nothing else gets in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/wire/wire.h"

enum {
	ROWS = 64,
	CELLS = 16384,
	TEXTS = 4096,
};

static const struct wire_sender sender = {
	.node = "0123456789abcdef",
	.boot = "fedcba987654321",
	.session = 1234567890123456789ULL,
};

static uint64_t room_cells[CELLS];
static struct wire_text room_text[TEXTS];
static struct wire_stamp room_stamps[WIRE_SAMPLES_MAX];
static const struct wire_room room = { room_cells, CELLS, room_text, TEXTS,
				       room_stamps };

/* Counters as a host has them: large, close to each other, some at the ends. */
static uint64_t cell(uint32_t row, uint32_t column)
{
	if (column == 0)
		return row;
	if (column == 5)
		return row % 2 ? UINT64_MAX - row : row;
	return 1000000007ULL * column * (row + 1) * (row + 1);
}

static struct wire_table cpu_table(uint64_t *cells, uint32_t rows)
{
	uint32_t row, column;

	for (row = 0; row < rows; row++)
		for (column = 0; column < WIRE_CPU_COLUMNS; column++)
			cells[row * WIRE_CPU_COLUMNS + column] =
				cell(row, column);
	return (struct wire_table){
		.kind = WIRE_CPU,
		.schema = 1,
		.origin = WIRE_ORIGIN_RING,
		.sample = 42,
		.real_ns = 5000000000,
		.mono_ns = 77,
		.lost = 3,
		.columns = WIRE_CPU_COLUMNS,
		.rows = rows,
		.cells = cells,
	};
}

static size_t cpu_frame(uint8_t *frame, size_t size, uint32_t rows,
			uint64_t sequence)
{
	uint64_t cells[ROWS * WIRE_CPU_COLUMNS];
	struct wire_table t = cpu_table(cells, rows);
	struct wire_encoder e = { 0 };

	wire_begin(&e, frame, size, 6000000000);
	assert_true(wire_empty(&e));
	assert_int_equal(wire_put(&e, &t, 0), rows);
	assert_false(wire_empty(&e));
	return wire_finish(&e, &sender, sequence);
}

static void round_trip(void **state)
{
	uint8_t frame[8192];
	size_t size = cpu_frame(frame, sizeof(frame), ROWS, 9);
	struct wire_frame f;
	struct wire_table t;
	uint32_t row, column;

	assert_int_equal(wire_open(&f, frame, size), WIRE_OK);
	assert_memory_equal(&f.sender, &sender, sizeof(sender));
	assert_int_equal(f.sequence, 9);
	assert_int_equal(f.time, 6000000000);
	assert_int_equal(wire_next(&f, &t, &room), 1);
	assert_int_equal(t.kind, WIRE_CPU);
	assert_int_equal(t.origin, WIRE_ORIGIN_RING);
	assert_int_equal(t.sample, 42);
	assert_int_equal(t.real_ns, 5000000000);
	assert_int_equal(t.mono_ns, 77);
	assert_int_equal(t.lost, 3);
	assert_int_equal(t.columns, WIRE_CPU_COLUMNS);
	assert_int_equal(t.rows, ROWS);
	for (row = 0; row < ROWS; row++)
		for (column = 0; column < t.columns; column++)
			assert_int_equal(t.cells[row * t.columns + column],
					 cell(row, column));
	assert_int_equal(wire_next(&f, &t, &room), 0);
}

static void texts(void **state)
{
	uint64_t cells[2 * WIRE_NET_REQUIRED] = { 1, 10, 20 };
	struct wire_text names[] = { { "eth0", 4 }, { "", 0 } };
	struct wire_table t = {
		.kind = WIRE_NET,
		.schema = 1,
		.columns = WIRE_NET_REQUIRED,
		.rows = 2,
		.texts = WIRE_NET_TEXTS,
		.cells = cells,
		.text = names,
	};
	struct wire_encoder e = { 0 };
	struct wire_frame f;
	uint8_t frame[1400];

	wire_begin(&e, frame, sizeof(frame), 0);
	assert_int_equal(wire_put(&e, &t, 0), 2);
	assert_int_equal(wire_open(&f, frame, wire_finish(&e, &sender, 1)), 0);
	assert_int_equal(wire_next(&f, &t, &room), 1);
	assert_int_equal(t.text[0].size, 4);
	assert_memory_equal(t.text[0].data, "eth0", 4);
	assert_int_equal(t.text[1].size, 0);
	assert_int_equal(t.cells[1], 10);
}

/* A table that is too long is cut, and its parts give the whole again. */
static void cut(void **state)
{
	uint64_t cells[ROWS * WIRE_CPU_COLUMNS];
	struct wire_table t = cpu_table(cells, ROWS), got;
	uint32_t first = 0, frames = 0;

	while (first < ROWS) {
		struct wire_encoder e = { 0 };
		struct wire_frame f;
		uint8_t frame[600];
		uint32_t rows;
		size_t size;

		wire_begin(&e, frame, sizeof(frame), 0);
		rows = wire_put(&e, &t, first);
		assert_true(rows > 0 && rows < ROWS);
		size = wire_finish(&e, &sender, ++frames);
		assert_true(size <= sizeof(frame));
		assert_int_equal(wire_open(&f, frame, size), WIRE_OK);
		assert_int_equal(wire_next(&f, &got, &room), 1);
		assert_int_equal(got.rows, rows);
		assert_memory_equal(got.cells, cells + first * WIRE_CPU_COLUMNS,
				    rows * WIRE_CPU_COLUMNS * sizeof(*cells));
		first += rows;
	}
	assert_true(frames > 1);
}

/* The bytes of the documented layout, so that it can't drift unseen. */
static void golden(void **state)
{
	static const uint8_t head[] = { 'K', 'T', 'C', 'H', 2, 1, 0, 0 };
	static const uint8_t body[] = {
		1,    1,   26, /* WIRE_NODE, schema 1, size */
		4,    3,   2,	1,   1, /* origin, columns, texts, rows, samples */
		0,    3,   14,	0, /* sample, real_ns, mono_ns, lost */
		0x00, /* key: WIRE_ZEROES */
		0x0a, 8,   128, /* gauge: WIRE_PLAIN, 8 bits */
		0x19, 10, /* counter: WIRE_DELTA, 5 zigzagged */
		4,    'h', 'o', 's', 't', 5, '0', '.', '1', '.', '0',
	};
	uint64_t cells[WIRE_NODE_REQUIRED] = { 0, 128, 5 };
	struct wire_text text[] = { { "host", 4 }, { "0.1.0", 5 } };
	struct wire_table t = {
		.kind = WIRE_NODE,
		.schema = 1,
		.origin = WIRE_ORIGIN_SHIPPER,
		.real_ns = 998,
		.mono_ns = 7,
		.columns = WIRE_NODE_REQUIRED,
		.rows = 1,
		.texts = WIRE_NODE_TEXTS,
		.cells = cells,
		.text = text,
	};
	struct wire_encoder e = { 0 };
	uint8_t frame[512];
	size_t size;

	wire_begin(&e, frame, sizeof(frame), 1000);
	assert_int_equal(wire_put(&e, &t, 0), 1);
	size = wire_finish(&e, &sender, 0x0102030405060708);
	assert_int_equal(size, WIRE_HEADER_SIZE + sizeof(body));
	assert_memory_equal(frame, head, sizeof(head));
	assert_int_equal(frame[8], sizeof(body));
	assert_memory_equal(frame + 16, sender.node, WIRE_ID_SIZE);
	assert_memory_equal(frame + 32, sender.boot, WIRE_ID_SIZE);
	assert_int_equal(frame[56], 8);
	assert_int_equal(frame[63], 1);
	assert_memory_equal(frame + WIRE_HEADER_SIZE, body, sizeof(body));
}

static void refused(void **state)
{
	uint8_t frame[8192];
	size_t size = cpu_frame(frame, sizeof(frame) - 1, 4, 1), i;
	struct wire_frame f;

	for (i = 0; i < WIRE_HEADER_SIZE; i++)
		assert_int_equal(wire_open(&f, frame, i), WIRE_E_SHORT);
	assert_int_equal(wire_open(&f, frame, size - 1), WIRE_E_LENGTH);
	assert_int_equal(wire_open(&f, frame, size + 1), WIRE_E_LENGTH);
	frame[11] = 0x7f;
	assert_int_equal(wire_open(&f, frame, size), WIRE_E_LENGTH);
	frame[11] = 0;
	frame[0] ^= 1;
	assert_int_equal(wire_open(&f, frame, size), WIRE_E_MAGIC);
	frame[0] ^= 1;
	frame[4]++;
	assert_int_equal(wire_open(&f, frame, size), WIRE_E_VERSION);
	frame[4]--;
	assert_int_equal(wire_open(&f, frame, size), WIRE_OK);
}

/* CRC32C finds every single flipped bit. */
static void bit_flips(void **state)
{
	uint8_t frame[8192];
	size_t size = cpu_frame(frame, sizeof(frame), 4, 1), bit;
	struct wire_frame f;

	for (bit = 0; bit < size * 8; bit++) {
		frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(wire_open(&f, frame, size), WIRE_OK);
		frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

/* A frame with a right CRC around any payload. */
static size_t forge(uint8_t *frame, const void *payload, size_t size)
{
	struct wire_encoder e = { 0 };

	wire_begin(&e, frame, WIRE_FRAME_MAX, 0);
	memcpy(frame + WIRE_HEADER_SIZE, payload, size);
	e.used += size;
	return wire_finish(&e, &sender, 1);
}

static int first_table(const void *payload, size_t size)
{
	static uint8_t frame[WIRE_FRAME_MAX];
	struct wire_frame f;
	struct wire_table t;

	assert_int_equal(wire_open(&f, frame, forge(frame, payload, size)), 0);
	return wire_next(&f, &t, &room);
}

static void broken_tables(void **state)
{
	static const uint8_t few_columns[] = { 2, 1, 9, 1, 1, 0,
					       0, 1, 0, 0, 0, 0 };
	static const uint8_t many_rows[] = { 2, 1,    12,   1,	  12,
					     0, 0xff, 0xff, 0xff, 0x7f,
					     1, 0,    0,    0,	  0 };
	static const uint8_t size_past_end[] = { 2, 1, 100, 1 };
	static const uint8_t endless[] = { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
					   0x80, 0x80, 0x80, 0x80, 0x80, 1 };
	static const uint8_t unknown[] = { 99, 1, 2, 0, 0 };

	assert_int_equal(first_table(few_columns, sizeof(few_columns)),
			 -WIRE_E_TABLE);
	assert_int_equal(first_table(many_rows, sizeof(many_rows)),
			 -WIRE_E_TABLE);
	assert_int_equal(first_table(size_past_end, sizeof(size_past_end)),
			 -WIRE_E_TABLE);
	assert_int_equal(first_table(endless, sizeof(endless)), -WIRE_E_TABLE);
	assert_int_equal(first_table(unknown, sizeof(unknown)), 0);
	assert_int_equal(first_table("", 0), 0);
}

/* Every truncation of a good payload is refused, or ends between tables. */
static void truncated_tables(void **state)
{
	uint8_t frame[8192];
	size_t size = cpu_frame(frame, sizeof(frame), 4, 1), n;

	for (n = 1; n < size - WIRE_HEADER_SIZE; n++)
		assert_int_equal(first_table(frame + WIRE_HEADER_SIZE, n),
				 -WIRE_E_TABLE);
}

/* Payloads that were damaged in one to four places never break the decoder
 * (the sanitizers and valgrind watch), whatever it says of them.
 */
static void damaged_tables(void **state)
{
	uint8_t good[8192], bad[8192];
	size_t size = cpu_frame(good, sizeof(good), 8, 1) - WIRE_HEADER_SIZE;
	int i, refusals = 0;

	srand(1);
	for (i = 0; i < 20000; i++) {
		int j, n = 1 + rand() % 4;

		memcpy(bad, good + WIRE_HEADER_SIZE, size);
		for (j = 0; j < n; j++)
			bad[(size_t)rand() % size] = (uint8_t)rand();
		refusals += first_table(bad, size) < 0;
	}
	assert_true(refusals > 0);
}

/* Columns that a later schema appends are read past. */
static void newer_schema(void **state)
{
	uint64_t cells[2 * (WIRE_CPU_COLUMNS + 1)];
	uint32_t i;
	struct wire_table t = {
		.kind = WIRE_CPU,
		.schema = 2,
		.columns = WIRE_CPU_COLUMNS + 1,
		.rows = 2,
		.cells = cells,
	};
	struct wire_encoder e = { 0 };
	struct wire_frame f;
	uint8_t frame[1400];

	for (i = 0; i < 2 * (WIRE_CPU_COLUMNS + 1); i++)
		cells[i] = i * i;
	wire_begin(&e, frame, sizeof(frame), 0);
	assert_int_equal(wire_put(&e, &t, 0), 2);
	assert_int_equal(wire_open(&f, frame, wire_finish(&e, &sender, 1)), 0);
	assert_int_equal(wire_next(&f, &t, &room), 1);
	assert_int_equal(t.columns, WIRE_CPU_COLUMNS);
	for (i = 0; i < WIRE_CPU_COLUMNS; i++) {
		assert_int_equal(t.cells[i], cells[i]);
		assert_int_equal(t.cells[WIRE_CPU_COLUMNS + i],
				 cells[WIRE_CPU_COLUMNS + 1 + i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(texts),
		cmocka_unit_test(cut),
		cmocka_unit_test(golden),
		cmocka_unit_test(refused),
		cmocka_unit_test(bit_flips),
		cmocka_unit_test(broken_tables),
		cmocka_unit_test(truncated_tables),
		cmocka_unit_test(damaged_tables),
		cmocka_unit_test(newer_schema),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
