// SPDX-License-Identifier: GPL-2.0-or-later
/* Chunks: what goes in comes out, to the bit; what is damaged is refused. */
#include <endian.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <isa-l/crc.h>

#include "collector/history/chunk/chunk.h"
#include "collector/history/fold/rollup.h"

static uint64_t seed = 1;

static uint64_t next(uint64_t below)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (seed >> 20) % below;
}

/* Values of several kinds: constants, counters, noise, extremes, absent. */
static uint64_t value(uint32_t column, uint64_t i)
{
	switch (column % 8) {
	case 0:
		return 7;
	case 1:
		return i * 4000000 * (1 + next(3));
	case 2:
		return UINT64_MAX - next(3);
	case 3:
		return next(2) ? WIRE_ABSENT : next(100);
	case 4:
		return i * 1000000000 + next(50);
	case 5:
		return -next(1000);
	default:
		return seed;
	}
}

static void put_sample(struct gather *g, uint64_t at, uint32_t rows,
		       uint32_t columns, bool sparse)
{
	static uint64_t cells[64 * 32];
	static struct wire_text texts[64];
	struct wire_table t = { .origin = 1,
				.sample = at,
				.real_ns = at * 1000000000 + next(1000),
				.mono_ns = at * 1000000000,
				.columns = columns + 1,
				.texts = 1,
				.text = texts,
				.cells = cells };
	uint32_t row, column;

	for (row = 0; row < rows; row++) {
		uint64_t *to = cells + (size_t)t.rows * (columns + 1);

		if (sparse && next(3) == 0)
			continue;
		texts[t.rows] = (struct wire_text){ "some name", row % 10 };
		to[0] = row * 3;
		for (column = 0; column < columns; column++)
			to[column + 1] = value(column, at);
		t.rows++;
	}
	assert_int_equal(gather_add(g, &t), 0);
}

static void make(struct block *b, uint32_t samples, uint32_t rows,
		 uint32_t columns, bool sparse)
{
	struct gather g = { 0 };
	uint32_t i;

	for (i = 0; i < samples; i++)
		put_sample(&g, i + 1, rows, columns, sparse);
	memset(b, 0, sizeof(*b));
	assert_int_equal(gather_build(&g, 2, 0, gather_sort(&g), b), 0);
	gather_free(&g);
}

static void same(const struct block *a, const struct block *b)
{
	size_t rows = a->rows;

	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->columns, b->columns);
	assert_int_equal(a->samples, b->samples);
	assert_int_equal(a->rows, b->rows);
	assert_memory_equal(a->heads, b->heads, a->samples * sizeof(*a->heads));
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->full, b->full);
	if (!rows)
		return;
	assert_memory_equal(a->keys, b->keys, rows * sizeof(*a->keys));
	assert_memory_equal(a->word, b->word, rows * sizeof(*a->word));
	assert_memory_equal(a->first, b->first, (rows + 1) * sizeof(*a->first));
	if (!a->full)
		assert_memory_equal(a->at, b->at, a->count * sizeof(*a->at));
	assert_memory_equal(a->cells, b->cells,
			    a->columns * a->count * sizeof(*a->cells));
	assert_int_equal(a->words.used, b->words.used);
	assert_memory_equal(a->words.data, b->words.data, a->words.used);
}

static void round_trips(void **state)
{
	static const uint32_t shapes[][4] = {
		{ 1, 1, 1, 0 },	   { 1, 0, 1, 0 },   { 100, 4, 11, 0 },
		{ 100, 5, 17, 1 }, { 2, 60, 31, 1 }, { 700, 1, 3, 1 },
	};
	struct chunk_writer *w = chunk_writer_new();
	struct block in, out = { 0 }, one = { 0 };
	const void *data;
	struct chunk c;
	size_t i, size;
	uint32_t column;

	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		make(&in, shapes[i][0], shapes[i][1], shapes[i][2],
		     shapes[i][3]);
		chunk_begin(w, i % 2 ? COLUMN_SMALL : COLUMN_SMALLEST);
		assert_true(chunk_empty(w));
		assert_int_equal(chunk_put(w, &in), 0);
		data = chunk_finish(w, &size);
		assert_int_equal(chunk_open(&c, data, size), 0);
		assert_int_equal(chunk_next(&c, &out, 0, CHUNK_ALL, 0), 1);
		same(&in, &out);
		assert_int_equal(chunk_next(&c, &out, 0, CHUNK_ALL, 0), 0);
		chunk_close(&c);
		for (column = 0; column < in.columns; column++) {
			assert_int_equal(chunk_open(&c, data, size), 0);
			assert_int_equal(
				chunk_next(&c, &one, 2, (int)column, 1), 1);
			assert_memory_equal(one.cells,
					    block_column(&in, column),
					    in.count * 8);
			chunk_close(&c);
		}
		block_free(&in);
	}
	block_free(&out);
	block_free(&one);
	chunk_writer_free(w);
}

/* Gathered from its block, a block comes out again. */
static void gathers_again(void **state)
{
	static const bool sparse[] = { false, true };
	struct block in, out = { 0 };
	struct gather g = { 0 };
	size_t i;

	for (i = 0; i < 2; i++) {
		make(&in, 70, 9, 5, sparse[i]);
		gather_clear(&g);
		assert_int_equal(gather_block(&g, &in), 0);
		assert_int_equal(gather_build(&g, 2, 0, gather_sort(&g), &out),
				 0);
		same(&in, &out);
		block_free(&in);
	}
	block_free(&out);
	gather_free(&g);
}

/* What stays readable for ever: rows that come and go, then full ones, then rollups of
 * those, in the order of a chunk; then two tables of the same samples, of counters that
 * grow steadily.
 */
static const uint32_t golden_shapes[][4] = { { 50, 5, 9, 1 },
					     { 40, 4, 11, 0 } };

enum {
	GOLDEN = 5,
};

static void make_counters(struct block *b)
{
	size_t i;

	make(b, 40, 4, 3, false);
	for (i = 0; i < b->columns * b->count; i++)
		b->cells[i] = i % 40 * 8000000 + next(8) * 4000;
}

static void make_golden(struct block blocks[GOLDEN])
{
	static const uint64_t golden_ns[] = { UINT64_C(10000000000) };
	int i;

	seed = 42;
	for (i = 0; i < 2; i++)
		make(&blocks[i], golden_shapes[i][0], golden_shapes[i][1],
		     golden_shapes[i][2], golden_shapes[i][3]);
	memset(&blocks[2], 0, sizeof(blocks[2]));
	assert_int_equal(rollup_make(&blocks[1], golden_ns, &blocks[2], 1), 0);
	make_counters(&blocks[3]);
	make_counters(&blocks[4]);
	memcpy(blocks[4].heads, blocks[3].heads,
	       blocks[3].samples * sizeof(*blocks[3].heads));
	blocks[4].heads[7].origin = 3;
}

/* WRITE_GOLDEN=1 in the environment makes a file of the present version, for a new
 * one only: those that are there are never written again.
 */
static void write_golden(const char *path, const struct block *blocks,
			 enum column_effort effort)
{
	struct chunk_writer *w = chunk_writer_new();
	FILE *f = fopen(path, "wx");
	const void *data;
	size_t size, i;

	assert_non_null(f);
	assert_int_equal(chunk_begin(w, effort), 0);
	for (i = 0; i < GOLDEN; i++)
		assert_int_equal(chunk_put(w, &blocks[i]), 0);
	data = chunk_finish(w, &size);
	assert_int_equal(fwrite(data, 1, size, f), size);
	fclose(f);
	chunk_writer_free(w);
}

static void read_golden(int version, const struct block *blocks, size_t tables)
{
	static uint8_t data[32768];
	struct block out = { 0 };
	char path[64];
	struct chunk c;
	size_t size, i;
	FILE *f;

	snprintf(path, sizeof(path), "tests/unit/golden/chunk-%d.bin", version);
	if (version == CHUNK_VERSION && getenv("WRITE_GOLDEN"))
		write_golden(path, blocks, COLUMN_SMALL);
	if (version == CHUNK_VERSION_AGAIN && getenv("WRITE_GOLDEN"))
		write_golden(path, blocks, COLUMN_SMALLEST);
	f = fopen(path, "r");
	assert_non_null(f);
	size = fread(data, 1, sizeof(data), f);
	fclose(f);
	assert_int_equal(data[0], version);
	assert_int_equal(chunk_open(&c, data, size), 0);
	for (i = 0; i < tables; i++) {
		assert_int_equal(chunk_next(&c, &out, 0, CHUNK_ALL, 0), 1);
		same(&blocks[i], &out);
	}
	assert_int_equal(chunk_next(&c, &out, 0, CHUNK_ALL, 0), 0);
	chunk_close(&c);
	block_free(&out);
}

/* Version 1 had presence as bits; its file has no rollups. */
static void golden(void **state)
{
	struct block blocks[GOLDEN];
	int i;

	make_golden(blocks);
	read_golden(CHUNK_VERSION_BITS, blocks, 2);
	read_golden(CHUNK_VERSION_PACKED, blocks, 3);
	read_golden(CHUNK_VERSION, blocks, GOLDEN);
	read_golden(CHUNK_VERSION_AGAIN, blocks, GOLDEN);
	for (i = 0; i < GOLDEN; i++)
		block_free(&blocks[i]);
}

/* A table that has its heads in common with one before is read alone, too; what it has of
 * them is not written again.
 */
static void same_heads(void **state)
{
	struct chunk_writer *w = chunk_writer_new();
	struct block blocks[GOLDEN], out = { 0 };
	const void *data;
	size_t size, alone;
	struct chunk c;
	int i;

	make_golden(blocks);
	blocks[4].kind = 5;
	chunk_begin(w, COLUMN_SMALL);
	chunk_put(w, &blocks[4]);
	chunk_finish(w, &alone);
	chunk_begin(w, COLUMN_SMALL);
	chunk_put(w, &blocks[3]);
	chunk_finish(w, &size);
	alone += size - CHUNK_HEAD_SIZE;
	chunk_put(w, &blocks[4]);
	data = chunk_finish(w, &size);
	assert_true(size + 40 < alone);
	assert_int_equal(chunk_open(&c, data, size), 0);
	assert_int_equal(chunk_next(&c, &out, 5, CHUNK_ALL, 0), 1);
	same(&blocks[4], &out);
	chunk_close(&c);
	block_free(&out);
	for (i = 0; i < GOLDEN; i++)
		block_free(&blocks[i]);
	chunk_writer_free(w);
}

enum {
	HOST_SAMPLES = 3600,
	HOST_ROWS = 20,
	HOST_NEW = 10,
};

/* A rollup's columns are written like each other: read as the group that they are,
 * they are the same; that of most rows in one sample adds little.
 */
static void rollup_comes_out(struct chunk_writer *w, const struct block *sum,
			     size_t raw_size)
{
	struct block out = { 0 };
	const void *data;
	uint32_t column;
	struct chunk c;
	size_t size;

	chunk_begin(w, COLUMN_SMALL);
	assert_int_equal(chunk_put(w, sum), 0);
	data = chunk_finish(w, &size);
	assert_in_range(size, 1, 4 * raw_size);
	assert_int_equal(chunk_open(&c, data, size), 0);
	assert_int_equal(chunk_next(&c, &out, 0, CHUNK_ALL, 0), 1);
	same(sum, &out);
	chunk_close(&c);
	for (column = 0; column < sum->columns; column += ROLLUP_PARTS) {
		assert_int_equal(chunk_open(&c, data, size), 0);
		assert_int_equal(chunk_next(&c, &out, sum->kind, (int)column,
					    ROLLUP_PARTS),
				 1);
		assert_memory_equal(out.cells, block_column(sum, column),
				    ROLLUP_PARTS * sum->count * 8);
		chunk_close(&c);
	}
	block_free(&out);
}

/* A build host's hour of processes: each row is in two samples of 3,600. */
static void come_and_go(void **state)
{
	static uint64_t cells[HOST_ROWS * 3];
	struct wire_table t = { .columns = 3,
				.rows = HOST_ROWS,
				.cells = cells };
	static const uint64_t minute_ns[] = { UINT64_C(60000000000) };
	struct chunk_writer *w = chunk_writer_new();
	struct block in = { 0 }, out = { 0 };
	struct gather g = { 0 };
	uint64_t i, row;
	const void *data;
	struct chunk c;
	size_t size;

	for (i = 0; i < HOST_SAMPLES; i++) {
		t.real_ns = t.mono_ns = i * 1000000000;
		for (row = 0; row < HOST_ROWS; row++) {
			cells[row * 3] = 1000 + i * HOST_NEW + row;
			cells[row * 3 + 1] = i * 10000000;
			cells[row * 3 + 2] = row;
		}
		gather_add(&g, &t);
	}
	assert_int_equal(gather_build(&g, 2, 0, gather_sort(&g), &in), 0);
	assert_int_equal(in.count, HOST_SAMPLES * HOST_ROWS);
	assert_int_equal(in.rows, (HOST_SAMPLES + 1) * HOST_NEW);
	chunk_begin(w, COLUMN_SMALL);
	assert_int_equal(chunk_put(w, &in), 0);
	data = chunk_finish(w, &size);
	assert_in_range(size, 1, HOST_SAMPLES * HOST_ROWS);
	assert_int_equal(chunk_open(&c, data, size), 0);
	assert_int_equal(chunk_next(&c, &out, 0, CHUNK_ALL, 0), 1);
	same(&in, &out);
	assert_int_equal(rollup_make(&in, minute_ns, &out, 1), 0);
	assert_in_range(out.count, in.rows, 2 * in.rows);
	chunk_close(&c);
	rollup_comes_out(w, &out, size);
	block_free(&in);
	block_free(&out);
	gather_free(&g);
	chunk_writer_free(w);
}

/* Averages of large values may differ by how their sum was made. */
static void same_sums(const struct block *a, const struct block *b)
{
	uint32_t column;
	size_t i;

	assert_int_equal(a->count, b->count);
	assert_int_equal(a->full, b->full);
	assert_memory_equal(a->first, b->first,
			    (a->rows + 1) * sizeof(*a->first));
	assert_memory_equal(a->at, b->at, a->count * sizeof(*a->at));
	assert_memory_equal(a->heads, b->heads, a->samples * sizeof(*a->heads));
	for (column = 0; column < a->columns; column++)
		for (i = 0; i < a->count; i++) {
			int64_t x = (int64_t)block_column(a, column)[i],
				y = (int64_t)block_column(b, column)[i];

			if (column % ROLLUP_PARTS == ROLLUP_AVG)
				assert_true(fabs((double)x - (double)y) <=
					    fabs((double)x) * 1e-12);
			else
				assert_true(x == y);
		}
}

/* Minutes and what is made of them, in one pass, are what each is by itself. */
static void tiers_at_once(void **state)
{
	static const uint64_t lengths[] = { UINT64_C(10000000000),
					    UINT64_C(50000000000) };
	static const uint32_t kinds[] = { WIRE_CPU, WIRE_SOFTIRQ, WIRE_GAUGES };
	struct block in, out[2] = { { 0 } }, one = { 0 };
	size_t i, tier;

	for (i = 0; i < 6; i++) {
		make(&in, 170, 5, 9, i % 2);
		in.kind = kinds[i / 2];
		assert_int_equal(rollup_make(&in, lengths, out, 2), 0);
		for (tier = 0; tier < 2; tier++) {
			assert_int_equal(
				rollup_make(&in, &lengths[tier], &one, 1), 0);
			same_sums(&one, &out[tier]);
		}
		block_free(&in);
	}
	block_free(&one);
	block_free(&out[0]);
	block_free(&out[1]);
}

/* Damage is refused by the checksum; where that is right, by what is read. */
static void damaged(void **state)
{
	struct chunk_writer *w = chunk_writer_new();
	struct block in, out = { 0 };
	const uint8_t *data;
	uint32_t crc;
	struct chunk c;
	uint8_t *copy;
	size_t size, i;
	int try, ret;

	make(&in, 50, 5, 9, true);
	chunk_begin(w, COLUMN_SMALL);
	chunk_put(w, &in);
	chunk_put(w, &in); /* of the same samples */
	data = chunk_finish(w, &size);
	copy = malloc(size);
	for (i = 0; i < size; i++) {
		memcpy(copy, data, size);
		copy[i] ^= 1 << i % 8;
		assert_int_equal(chunk_open(&c, copy, size), -EBADMSG);
		chunk_close(&c);
		assert_int_equal(chunk_open(&c, data, i), -EBADMSG);
		chunk_close(&c);
	}
	for (try = 0; try < 20000; try++) {
		memcpy(copy, data, size);
		for (i = 0; i < 1 + next(3); i++)
			copy[5 + next(try % 2 ? 60 : size - 5)] = (uint8_t)seed;
		crc = htole32(crc32_iscsi(copy + 5, (int)size - 5, ~0U));
		memcpy(copy + 1, &crc, sizeof(crc));
		ret = chunk_open(&c, copy, size);
		while (!ret) {
			ret = chunk_next(&c, &out, 0, CHUNK_ALL, 0);
			if (ret != 1)
				break;
			ret = 0;
		}
		assert_true(ret == 0 || ret == -EBADMSG);
		chunk_close(&c);
	}
	free(copy);
	block_free(&in);
	block_free(&out);
	chunk_writer_free(w);
}

/* Parts of a sample that came in two tables, in any order, are one sample. */
static void parts(void **state)
{
	const uint64_t cells[][2] = { { 9, 90 }, { 1, 10 }, { 1, 11 } };
	struct wire_table t = { .columns = 2, .rows = 1 };
	struct gather g = { 0 };
	struct block b = { 0 };
	int i;

	for (i = 0; i < 3; i++) {
		t.real_ns = i == 2 ? 50 : 100;
		t.cells = cells[i];
		gather_add(&g, &t);
	}
	assert_int_equal(gather_build(&g, 5, 0, gather_sort(&g), &b), 0);
	assert_int_equal(b.samples, 2);
	assert_int_equal(b.rows, 2);
	assert_false(b.full);
	assert_int_equal(b.count, 3);
	assert_int_equal(b.first[1], 2);
	assert_int_equal(block_sample(&b, 1, 2), 1);
	assert_int_equal(block_column(&b, 0)[0], 11);
	assert_int_equal(block_column(&b, 0)[1], 10);
	assert_int_equal(block_column(&b, 0)[2], 90);
	block_free(&b);
	gather_free(&g);
}

static void rates(void **state)
{
	double rate;

	assert_true(isnan(rollup_rate(rollup_code(NAN))));
	assert_true(rollup_rate(rollup_code(0)) == 0);
	for (rate = 0.0011; rate < 1e18; rate *= 1.37)
		assert_true(fabs(rollup_rate(rollup_code(rate)) - rate) <=
			    rate / 512);
	assert_true(isnan(rollup_growth(5, 1, 4, 2)));
	assert_true(isnan(rollup_growth(5, 2, 6, 2)));
	assert_true(rollup_growth(5, 0, 7, 500000000) == 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trips),
		cmocka_unit_test(gathers_again),
		cmocka_unit_test(golden),
		cmocka_unit_test(same_heads),
		cmocka_unit_test(come_and_go),
		cmocka_unit_test(damaged),
		cmocka_unit_test(parts),
		cmocka_unit_test(rates),
		cmocka_unit_test(tiers_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
