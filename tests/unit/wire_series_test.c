// SPDX-License-Identifier: GPL-2.0-or-later
/* Several samples in a table, columns of all sorts, and streams of frames. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/wire/wire.h"
#include "lib/wire/wire_schema.h"

enum {
	ROWS = 40,
	SAMPLES = 10,
	COLUMNS = WIRE_SOFTIRQ_REQUIRED,
};

static const struct wire_sender sender = { .node = "0123456789abcde",
					   .session = 5 };
static uint64_t in[SAMPLES][ROWS * COLUMNS];
static struct wire_table tables[SAMPLES];
static struct wire_encoder encoder;
static uint64_t cells[WIRE_CELLS_MAX];
static struct wire_text texts[WIRE_FRAME_MAX];
static struct wire_stamp stamps[WIRE_SAMPLES_MAX];
static const struct wire_room room = { cells, WIRE_CELLS_MAX, texts,
				       WIRE_FRAME_MAX, stamps };
static uint8_t frame[WIRE_FRAME_MAX];

/* Counters with steps of each kind: none, one, ticks, wild, backwards. */
static uint64_t cell(uint32_t s, uint32_t row, uint32_t column)
{
	switch (column % 6) {
	case 0:
		return column ? 0 : row;
	case 1:
		return 1000000007ULL * row + s;
	case 2:
		return 4000000ULL * (row * 1000 + s * 250);
	case 3:
		return (uint64_t)s * s * s * s << (row % 60);
	case 4:
		return (row + s) % 3 ? row : WIRE_ABSENT;
	default:
		return UINT64_MAX - s * row;
	}
}

static void fill(void)
{
	uint32_t s, row, column;

	for (s = 0; s < SAMPLES; s++) {
		for (row = 0; row < ROWS; row++)
			for (column = 0; column < COLUMNS; column++)
				in[s][row * COLUMNS + column] =
					cell(s, row, column);
		tables[s] = (struct wire_table){
			.kind = WIRE_SOFTIRQ,
			.schema = 1,
			.origin = WIRE_ORIGIN_RING,
			.sample = 100 + s + (s > 4),
			.real_ns = 1790000000000000000 + s * 1000000001ULL,
			.mono_ns = 5000 + s * 1000000000ULL,
			.lost = s > 4,
			.columns = COLUMNS,
			.rows = ROWS,
			.cells = in[s],
		};
	}
}

/* The frame has the samples @from to @to of these rows, and nothing else. */
static void check(size_t size, uint32_t to, uint32_t first, uint32_t rows)
{
	struct wire_frame f;
	struct wire_table t;
	uint32_t s;

	assert_int_equal(wire_open(&f, frame, size), WIRE_OK);
	for (s = 0; s < to; s++) {
		assert_int_equal(wire_next(&f, &t, &room), 1);
		assert_int_equal(t.rows, rows);
		assert_int_equal(t.sample, tables[s].sample);
		assert_int_equal(t.real_ns, tables[s].real_ns);
		assert_int_equal(t.mono_ns, tables[s].mono_ns);
		assert_int_equal(t.lost, tables[s].lost);
		assert_memory_equal(t.cells, in[s] + first * COLUMNS,
				    rows * COLUMNS * sizeof(*cells));
	}
	assert_int_equal(wire_next(&f, &t, &room), 0);
}

static void whole(void **state)
{
	size_t alone, series;

	fill();
	wire_begin(&encoder, frame, sizeof(frame), 1);
	assert_int_equal(wire_put(&encoder, tables, 0), ROWS);
	alone = wire_finish(&encoder, &sender, 1);
	check(alone, 1, 0, ROWS);
	wire_begin(&encoder, frame, sizeof(frame), 1);
	assert_int_equal(wire_put_series(&encoder, tables, SAMPLES, 0), ROWS);
	series = wire_finish(&encoder, &sender, 2);
	check(series, SAMPLES, 0, ROWS);
}

/* Of any size, a frame gets as many rows as fit, and they are right. */
static void cut(void **state)
{
	size_t most;

	fill();
	for (most = 500; most < 6000; most += 53) {
		uint32_t row = 0, put;

		for (; row < ROWS; row += put) {
			size_t size;

			wire_begin(&encoder, frame, most, 1);
			put = wire_put_series(&encoder, tables, SAMPLES, row);
			if (!put) {
				assert_true(most < 1200);
				break;
			}
			size = wire_finish(&encoder, &sender, 1);
			assert_true(size <= most);
			check(size, SAMPLES, row, put);
		}
	}
}

/* Whichever cell it is that changed, in one sample of several. */
static void one_cell_changed(void **state)
{
	uint32_t at;

	fill();
	for (at = 0; at < SAMPLES; at++)
		memcpy(in[at], in[0], sizeof(in[0]));
	for (at = 0; at < ROWS * COLUMNS; at++) {
		if (at % COLUMNS == 0) /* a key: the same in all */
			continue;
		in[at % SAMPLES][at] += 1000 + at;
		wire_begin(&encoder, frame, sizeof(frame), 1);
		assert_int_equal(wire_put_series(&encoder, tables, SAMPLES, 0),
				 ROWS);
		check(wire_finish(&encoder, &sender, 1), SAMPLES, 0, ROWS);
		in[at % SAMPLES][at] -= 1000 + at;
	}
}

/* What takes next to no bytes is cut where a reader's room for cells ends. */
static void cut_by_cells(void **state)
{
	static uint64_t zeroes[2 * WIRE_ROWS_MAX * COLUMNS];
	static struct wire_table same[SAMPLES];
	const uint32_t rows = 2 * WIRE_ROWS_MAX;
	uint32_t samples, row, put, i;

	for (row = 0; row < rows; row++)
		zeroes[row * COLUMNS] = row;
	fill();
	for (i = 0; i < SAMPLES; i++) {
		same[i] = tables[i];
		same[i].rows = rows;
		same[i].cells = zeroes;
	}
	for (samples = 1; samples <= SAMPLES; samples++) {
		for (row = 0; row < rows; row += put) {
			struct wire_frame f;
			struct wire_table t;
			size_t size;

			wire_begin(&encoder, frame, sizeof(frame), 1);
			put = wire_put_series(&encoder, same, samples, row);
			assert_in_range(put, 1, WIRE_ROWS_MAX);
			assert_true(put * COLUMNS * samples <= WIRE_CELLS_MAX);
			assert_true(put * samples <= WIRE_ENCODER_VALUES);
			size = wire_finish(&encoder, &sender, 1);
			assert_int_equal(wire_open(&f, frame, size), WIRE_OK);
			for (i = 0; i < samples; i++) {
				assert_int_equal(wire_next(&f, &t, &room), 1);
				assert_int_equal(t.rows, put);
				assert_memory_equal(
					t.cells, zeroes + row * COLUMNS,
					put * COLUMNS * sizeof(*zeroes));
			}
			assert_int_equal(wire_next(&f, &t, &room), 0);
		}
	}
}

/* A frame that is left with little room gets no table, and stays good. */
static void no_room(void **state)
{
	fill();
	wire_begin(&encoder, frame, WIRE_HEADER_SIZE + 60, 1);
	assert_int_equal(wire_put_series(&encoder, tables, SAMPLES, 0), 0);
	assert_true(wire_empty(&encoder));
	check(wire_finish(&encoder, &sender, 1), 0, 0, 0);
}

/* What the optional columns bring is there if it was sent, and only then. */
static void optional_columns(void **state)
{
	uint64_t values[WIRE_NET_COLUMNS];
	struct wire_text name = { "eth0", 4 };
	struct wire_table t = {
		.kind = WIRE_NET,
		.schema = 1,
		.rows = 1,
		.texts = WIRE_NET_TEXTS,
		.cells = values,
		.text = &name,
	};
	struct wire_table got;
	struct wire_frame f;
	uint32_t i;

	for (i = 0; i < WIRE_NET_COLUMNS; i++)
		values[i] = i * i * i;
	for (i = WIRE_NET_REQUIRED - 1; i <= WIRE_NET_COLUMNS; i++) {
		t.columns = i;
		wire_begin(&encoder, frame, sizeof(frame), 1);
		assert_int_equal(wire_put(&encoder, &t, 0), 1);
		assert_int_equal(wire_open(&f, frame,
					   wire_finish(&encoder, &sender, 1)),
				 0);
		if (i < WIRE_NET_REQUIRED) {
			assert_int_equal(wire_next(&f, &got, &room),
					 -WIRE_E_TABLE);
			continue;
		}
		assert_int_equal(wire_next(&f, &got, &room), 1);
		assert_int_equal(got.columns, i);
		assert_memory_equal(got.cells, values, i * sizeof(*values));
		assert_memory_equal(got.text[0].data, "eth0", 4);
	}
}

/* Few bytes must not become more cells than there is room for. */
static void bomb(void **state)
{
	static const uint8_t payload[] = { 2,  1, 13, 1, 12, 0, 0x80, 0x80, 1,
					   64, 0, 0,  0, 0,  0, 0,    0 };
	struct wire_frame f;
	struct wire_table t;

	wire_begin(&encoder, frame, sizeof(frame), 1);
	memcpy(frame + WIRE_HEADER_SIZE, payload, sizeof(payload));
	encoder.used += sizeof(payload);
	assert_int_equal(
		wire_open(&f, frame, wire_finish(&encoder, &sender, 1)), 0);
	assert_int_equal(wire_next(&f, &t, &room), -WIRE_E_TABLE);
}

/* Byte by byte, as TCP may bring them. */
static void stream(void **state)
{
	uint8_t bytes[2 * WIRE_HEADER_SIZE];
	struct wire_frame f;
	size_t size, n;

	wire_message(bytes, WIRE_ACK, &sender, 7, 1, NULL, 0);
	wire_message(bytes + WIRE_HEADER_SIZE, WIRE_ACK, &sender, 8, 1, NULL,
		     0);
	for (n = 0; n < WIRE_HEADER_SIZE; n++)
		assert_int_equal(wire_size(bytes, n, &size), WIRE_E_SHORT);
	for (; n <= sizeof(bytes); n++) {
		assert_int_equal(wire_size(bytes, n, &size), WIRE_OK);
		assert_int_equal(size, WIRE_HEADER_SIZE);
	}
	bytes[8] = 5; /* the payload is not here yet */
	memset(&f, 0xff, sizeof(f));
	wire_peek(&f, bytes);
	assert_null(f.at);
	assert_null(f.end);
	assert_int_equal(f.samples, 0);
	assert_int_equal(f.kind, WIRE_ACK);
	assert_memory_equal(&f.sender, &sender, sizeof(sender));
	assert_int_equal(f.sequence, 7);
	assert_int_equal(f.time, 1);
	bytes[11] = 1; /* longer than any frame */
	assert_int_equal(wire_size(bytes, n, &size), WIRE_E_LENGTH);
	bytes[0] = 0;
	assert_int_equal(wire_size(bytes, n, &size), WIRE_E_MAGIC);
}

/* Each kind has types for its columns: the key first, and no other key. */
static void schemas(void **state)
{
	uint32_t kind, i;

	for (kind = 1; kind < WIRE_KINDS; kind++) {
		const struct wire_schema *s = wire_schema(kind);

		assert_non_null(s);
		assert_true(s->required >= 1 && s->required <= s->columns);
		assert_true(s->columns <= WIRE_COLUMNS_MAX);
		assert_true(s->texts <= WIRE_TEXTS_MAX);
		for (i = 0; i < WIRE_COLUMNS_MAX; i++)
			assert_int_equal(s->types[i] == WIRE_KEY,
					 !i || i >= s->columns);
	}
	assert_null(wire_schema(0));
	assert_null(wire_schema(WIRE_KINDS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(cut),
		cmocka_unit_test(no_room),
		cmocka_unit_test(optional_columns),
		cmocka_unit_test(bomb),
		cmocka_unit_test(stream),
		cmocka_unit_test(schemas),
		cmocka_unit_test(one_cell_changed),
		cmocka_unit_test(cut_by_cells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
