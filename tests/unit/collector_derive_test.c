// SPDX-License-Identifier: GPL-2.0-or-later
/* Columns that follow from others: they take little, and come out as they went in, asked
 * for alone or with all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "collector/history/chunk/chunk.h"

enum {
	CPUS = 3,
	SAMPLES = 200,
	TRIES = 40,
};

static uint64_t seed = 11;

static uint64_t next(uint64_t below)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (seed >> 20) % below;
}

/* @odd: now and then a value that is not known, or any other. */
static uint64_t noise(uint64_t v, bool odd)
{
	if (!odd || next(40))
		return v;
	return next(2) ? WIRE_ABSENT : seed;
}

/* An idle time that is what the others left of the clock, in us; rates of counters. */
static void fill_cpu(uint64_t *cells, uint64_t *sums, uint64_t passed, bool odd)
{
	uint64_t used = 0;
	uint32_t i;

	for (i = WIRE_CPU_USER_NS; i < WIRE_CPU_REQUIRED; i++) {
		if (i == WIRE_CPU_IDLE_NS || i >= WIRE_CPU_GUEST_NS)
			continue;
		sums[i] += next(40) * 1000000;
		used += sums[i];
		cells[i] = noise(sums[i] / 4000000 * 4000000, odd);
	}
	cells[WIRE_CPU_IDLE_NS] = noise((passed - used) / 1000 * 1000, odd);
}

static void fill_net(uint64_t *cells, uint64_t *sums, uint64_t ns, bool odd)
{
	static const uint32_t rates[] = { WIRE_NET_RX_BYTES_PER_S,
					  WIRE_NET_RX_PACKETS_PER_S,
					  WIRE_NET_TX_BYTES_PER_S,
					  WIRE_NET_TX_PACKETS_PER_S };
	static const uint32_t counters[] = { WIRE_NET_RX_BYTES,
					     WIRE_NET_RX_PACKETS,
					     WIRE_NET_TX_BYTES,
					     WIRE_NET_TX_PACKETS };
	uint64_t grown;
	int i;

	for (i = 0; i < 4; i++) {
		grown = next(90000);
		sums[i] += grown;
		cells[counters[i]] = noise(sums[i], odd);
		cells[rates[i]] = noise(grown * 1000000000 / ns, odd);
	}
}

static void make(struct block *b, uint32_t kind, bool gaps, bool odd)
{
	uint64_t sums[CPUS][WIRE_CPU_REQUIRED] = { 0 };
	uint64_t cells[CPUS * WIRE_CPU_REQUIRED] = { 0 }, now = 1000000000;
	struct wire_table t = { .kind = kind, .origin = 1, .cells = cells };
	struct gather g = { 0 };
	uint32_t i, row;

	t.columns = kind == WIRE_CPU ? WIRE_CPU_REQUIRED : WIRE_NET_REQUIRED;
	for (i = 0; i < SAMPLES; i++) {
		uint64_t ns = 1000000000 + next(60000);

		now += ns;
		t.sample = i;
		t.real_ns = t.mono_ns = now;
		t.rows = 0;
		for (row = 0; row < CPUS; row++) {
			uint64_t *to = cells + (size_t)t.rows * t.columns;

			if (gaps && !next(3))
				continue;
			to[0] = row + 1;
			if (kind == WIRE_CPU)
				fill_cpu(to, sums[row], now, odd);
			else
				fill_net(to, sums[row], ns, odd);
			t.rows++;
		}
		assert_int_equal(gather_add(&g, &t), 0);
	}
	memset(b, 0, sizeof(*b));
	assert_int_equal(gather_build(&g, kind, 0, gather_sort(&g), b), 0);
	gather_free(&g);
}

static void read_back(const struct block *in, const void *data, size_t size)
{
	struct block out = { 0 };
	struct chunk c;
	uint32_t column;

	assert_int_equal(chunk_open(&c, data, size), 0);
	assert_int_equal(chunk_next(&c, &out, 0, CHUNK_ALL, 0), 1);
	assert_int_equal(out.columns, in->columns);
	assert_int_equal(out.count, in->count);
	assert_memory_equal(out.cells, in->cells,
			    in->columns * in->count * sizeof(*in->cells));
	for (column = 0; column < in->columns; column++) {
		uint32_t n = column + 2 < in->columns ? 1 + column % 2 : 1;

		assert_int_equal(chunk_again(&c, data, size), 0);
		assert_int_equal(chunk_next(&c, &out, 0, (int)column, n), 1);
		assert_int_equal(out.columns, n);
		assert_memory_equal(out.cells, block_column(in, column),
				    n * in->count * sizeof(*in->cells));
	}
	chunk_close(&c);
	block_free(&out);
}

static void round_trips(void **state)
{
	struct chunk_writer *w = chunk_writer_new();
	const void *data;
	struct block in;
	size_t size;
	int i;

	for (i = 0; i < TRIES; i++) {
		make(&in, i % 2 ? WIRE_CPU : WIRE_NET, i / 2 % 2, i / 4 % 2);
		chunk_begin(w, i / 8 % 2 ? COLUMN_SMALLEST : COLUMN_SMALL);
		assert_int_equal(chunk_put(w, &in), 0);
		data = chunk_finish(w, &size);
		read_back(&in, data, size);
		block_free(&in);
	}
	chunk_writer_free(w);
}

static size_t size_of(const struct block *b, enum column_effort effort)
{
	struct chunk_writer *w = chunk_writer_new();
	size_t size;

	chunk_begin(w, effort);
	chunk_put(w, b);
	chunk_finish(w, &size);
	chunk_writer_free(w);
	return size;
}

/* Half of the values of NET are rates that follow: they are nearly free. */
static void are_small(void **state)
{
	struct block in;

	make(&in, WIRE_NET, false, false);
	assert_true(size_of(&in, COLUMN_SMALL) <
		    size_of(&in, COLUMN_QUICK) * 2 / 3);
	block_free(&in);
	make(&in, WIRE_CPU, false, false);
	assert_true(size_of(&in, COLUMN_SMALL) + CPUS * SAMPLES / 4 <
		    size_of(&in, COLUMN_QUICK));
	block_free(&in);
}

/* As of tests/unit/collector_chunk_test.c: written once, with WRITE_GOLDEN=1. */
static void golden(void **state)
{
	static const char path[] = "tests/unit/golden/chunk-4-derived.bin";
	static uint8_t data[65536];
	struct chunk_writer *w = chunk_writer_new();
	struct block in;
	const void *made;
	size_t size;
	FILE *f;

	seed = 5;
	make(&in, WIRE_NET, false, true);
	if (getenv("WRITE_GOLDEN")) {
		chunk_begin(w, COLUMN_SMALL);
		chunk_put(w, &in);
		made = chunk_finish(w, &size);

		f = fopen(path, "wx");
		assert_non_null(f);
		assert_int_equal(fwrite(made, 1, size, f), size);
		fclose(f);
	}
	f = fopen(path, "r");
	assert_non_null(f);
	size = fread(data, 1, sizeof(data), f);
	fclose(f);
	read_back(&in, data, size);
	block_free(&in);
	chunk_writer_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trips),
		cmocka_unit_test(are_small),
		cmocka_unit_test(golden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
