// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What goes into the history comes out of it, bit by bit: tables of all kinds, with
 * values of all types, gaps, rows that come and go, columns that old senders lack, parts
 * of a sample that come apart and late ones, by frames, parts, and chunks merged twice.
 * All of it is told by functions of kind, row and sample, so that nothing but the
 * history remembers it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/history/write/writer.h"
#include "lib/wire/wire.h"
#include "lib/wire/wire_schema.h"
#include "tests/unit/history_place.h"
#include "tests/unit/scratch.h"

enum {
	SAMPLES = 120,
	OLD_SAMPLES = 30, /* whose sender has the required columns only */
	ROWS = 7,
	PORTIONS = 6, /* that are folded one after the other */
	MERGED_AFTER = 3, /* of them, for the first time */
	HOURS_MAX = 64,
};

#define BEGIN_NS (UINT64_C(450000) * 3600000000000 + 1000000000000)
#define STEP_NS UINT64_C(97000000000)

static char folder[64];
static struct writer w;
static struct buffer frames[PORTIONS];
static const uint8_t node[WIRE_ID_SIZE] = { 9 };
static const struct store_policy policy = { .memory_max = 1 << 20 };

static uint64_t dice(uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	uint64_t x = a * 0x9e3779b97f4a7c15 + b;

	x = (x ^ x >> 29) * 0xbf58476d1ce4e5b9 + c;
	x = (x ^ x >> 32) * 0x94d049bb133111eb + d;
	x = (x ^ x >> 29) * 0xbf58476d1ce4e5b9;
	return x ^ x >> 31;
}

static uint64_t real_ns(uint64_t sample)
{
	return BEGIN_NS + sample * STEP_NS + dice(1, 2, 3, sample) % 999999999;
}

static bool has_sample(uint32_t kind, uint64_t sample)
{
	return dice(kind, 1, 1, sample) % 10;
}

/* All rows in all samples, some of them, or as processes come and go. */
static bool has_row(uint32_t kind, uint64_t key, uint64_t sample)
{
	if (kind == WIRE_NODE)
		return !key;
	switch (kind % 3) {
	case 0:
		return key && key <= ROWS;
	case 1:
		return key && key <= ROWS && dice(kind, key, 4, sample) % 3;
	default:
		return key > 2 * sample && key <= 2 * sample + ROWS;
	}
}

static uint32_t columns_of(uint32_t kind, uint64_t sample)
{
	const struct wire_schema *schema = wire_schema(kind);

	return sample < OLD_SAMPLES ? schema->required : schema->columns;
}

static uint64_t value(uint32_t kind, uint32_t column, uint64_t key,
		      uint64_t sample)
{
	const struct wire_schema *schema = wire_schema(kind);
	uint64_t roll = dice(kind, column, key, sample);
	bool any = kind > WIRE_NET ||
		   (kind != WIRE_NET && schema->types[column] == WIRE_GAUGE);

	if (column >= columns_of(kind, sample))
		return WIRE_ABSENT;
	switch (dice(kind, column, 0, 0) % 8) {
	case 0:
		return dice(kind, column, key, 0) >> 1;
	case 1:
		return sample * 4000000 * (key + 1);
	case 2:
		return sample * 1000000000 + roll % 50;
	case 3:
		return roll % 2 && (any || column >= schema->required) ?
			       WIRE_ABSENT :
			       roll % 100;
	case 4:
		return any ? roll : roll >> 1;
	case 5:
		return any ? -(roll % 1000) : roll % 1000;
	case 6:
		return roll % 7 ? 0 : INT64_MAX + (uint64_t)(2 * any);
	default:
		return roll % 30 * 4096;
	}
}

static const char *text(uint32_t kind, uint64_t key, uint32_t number)
{
	static char name[64];

	snprintf(name, sizeof(name), "kind %u, row %d, %u", kind, (int)key,
		 number);
	return name;
}

/* A frame of its own for some rows of a sample. */
static void put_rows(struct buffer *to, struct wire_table *t)
{
	static struct wire_encoder encoder;
	static uint8_t frame[WIRE_FRAME_MAX];
	const struct wire_sender sender = { .session = 1 };
	struct kept_frame kept = { .time = t->real_ns + 12345 };

	memcpy(kept.node, node, sizeof(node));
	wire_begin(&encoder, frame, sizeof(frame), kept.time);
	assert_int_equal(wire_put(&encoder, t, 0), t->rows);
	kept.size = (uint32_t)(wire_finish(&encoder, &sender, 1) -
			       WIRE_HEADER_SIZE);
	assert_int_equal(buffer_put(to, &kept, sizeof(kept)), 0);
	assert_int_equal(buffer_put(to, frame + WIRE_HEADER_SIZE, kept.size),
			 0);
}

/* Rows from @first on, each @step of them. Return how many there are. */
static uint32_t put_sample(struct buffer *to, uint32_t kind, uint64_t sample,
			   uint64_t first, uint64_t step)
{
	static uint64_t cells[(ROWS + 1) * WIRE_COLUMNS_MAX];
	static struct wire_text texts[(ROWS + 1) * WIRE_TEXTS_MAX];
	struct wire_table t = { .kind = kind,
				.schema = wire_schema(kind)->schema,
				.origin = WIRE_ORIGIN_PROC,
				.sample = sample,
				.real_ns = real_ns(sample),
				.mono_ns = real_ns(sample) - BEGIN_NS / 2,
				.lost = sample / 9,
				.columns = columns_of(kind, sample),
				.texts = wire_schema(kind)->texts,
				.cells = cells,
				.text = texts };
	uint64_t key;
	uint32_t i;

	for (key = first; key <= 2 * SAMPLES + ROWS; key += step) {
		uint64_t *row = cells + (size_t)t.rows * t.columns;

		if (!has_row(kind, key, sample))
			continue;
		row[0] = key;
		for (i = 1; i < t.columns; i++)
			row[i] = value(kind, i, key, sample);
		for (i = 0; i < t.texts; i++) {
			char *copy = strdup(text(kind, key, i));

			texts[t.rows * t.texts + i] =
				(struct wire_text){ copy, strlen(copy) };
		}
		t.rows++;
	}
	if (t.rows)
		put_rows(to, &t);
	for (i = 0; i < t.rows * t.texts; i++)
		free((void *)texts[i].data);
	return t.rows;
}

/* Late ones come with the last portion, and some in halves. */
static uint64_t put_kind(uint32_t kind)
{
	uint64_t sample, rows = 0;

	for (sample = 0; sample < SAMPLES; sample++) {
		uint64_t roll = dice(kind, 7, 7, sample);
		size_t portion = roll % 6 ? sample * PORTIONS / SAMPLES :
					    PORTIONS - 1;

		if (!has_sample(kind, sample))
			continue;
		if (roll / 6 % 4) {
			rows += put_sample(&frames[portion], kind, sample, 0,
					   1);
			continue;
		}
		rows += put_sample(&frames[PORTIONS - 1], kind, sample, 1, 2);
		rows += put_sample(&frames[portion], kind, sample, 0, 2);
	}
	return rows;
}

static void fold_portion(size_t portion)
{
	struct open_node open = { .frames = frames[portion] };
	struct engine_fold made;

	memcpy(open.uid, node, sizeof(node));
	assert_int_equal(fold_node(&w.fold, &open, portion + 1, &made), 0);
	assert_true(made.part_count > 0);
	assert_int_equal(w.e->ops->fold(w.e, &made, 1), 0);
	outbox_free_fold(&made);
}

static void merge_all(void)
{
	struct engine_key keys[HOURS_MAX];
	struct engine_merge made;
	int i, count = w.e->ops->ripe(w.e, INT64_MAX, 1, keys, HOURS_MAX);

	assert_in_range(count, 1, HOURS_MAX - 1);
	for (i = 0; i < count; i++) {
		assert_int_equal(
			fold_merge(&w.fold, w.e, &keys[i], false, &made), 0);
		assert_int_equal(w.e->ops->merge(w.e, &made, 1), 0);
		outbox_free_merge(&made);
	}
	assert_int_equal(w.fold.damaged, 0);
}

/* A row's values, each in a sample that it was in, and its newest texts. */
static void check_row(const struct block *b, size_t row, uint64_t *rows)
{
	const struct wire_schema *schema = wire_schema(b->kind);
	uint64_t key = b->keys[row];
	uint32_t column;
	size_t i;

	for (column = 0; column < schema->texts; column++)
		assert_string_equal(block_text(b, row, column),
				    text(b->kind, key, column));
	for (i = b->first[row]; i < b->first[row + 1]; i++) {
		const struct block_head *h = &b->heads[block_sample(b, row, i)];

		assert_true(has_sample(b->kind, h->sample) &&
			    has_row(b->kind, key, h->sample));
		assert_int_equal(h->real_ns, real_ns(h->sample));
		assert_int_equal(h->mono_ns, h->real_ns - BEGIN_NS / 2);
		assert_int_equal(h->lost, h->sample / 9);
		assert_int_equal(h->origin, WIRE_ORIGIN_PROC);
		for (column = 1; column < schema->columns; column++)
			assert_true((column > b->columns ?
					     WIRE_ABSENT :
					     block_column(b, column - 1)[i]) ==
				    value(b->kind, column, key, h->sample));
		++*rows;
	}
}

static int check_chunk(void *context, const struct engine_piece *p)
{
	uint64_t *rows = context; /* of each kind */
	struct block b = { 0 };
	struct chunk c;
	size_t row;
	int ret;

	assert_int_equal(chunk_open(&c, p->data.data, p->data.size), 0);
	while ((ret = chunk_next(&c, &b, 0, CHUNK_ALL, 0)) == 1)
		for (row = 0; row < b.rows; row++)
			check_row(&b, row, &rows[b.kind]);
	assert_int_equal(ret, 0);
	chunk_close(&c);
	block_free(&b);
	return 0;
}

static void comes_out(void **state)
{
	struct engine_walk walk = { .tier = TIER_RAW };
	uint64_t in[WIRE_KINDS] = { 0 }, out[WIRE_KINDS] = { 0 };
	uint32_t kind;
	size_t i;

	assert_int_equal(writer_open(&w, place, &policy), 0);
	for (kind = 0; kind < WIRE_KINDS; kind++)
		if (wire_schema(kind) && kind != WIRE_FACTS)
			in[kind] = put_kind(kind);
	for (i = 0; i < PORTIONS; i++) {
		fold_portion(i);
		if (i + 1 == MERGED_AFTER)
			merge_all();
	}
	merge_all();
	assert_int_equal(w.e->ops->walk(w.e, &walk, check_chunk, out), 0);
	for (kind = 0; kind < WIRE_KINDS; kind++)
		assert_int_equal(in[kind], out[kind]);
	assert_in_range(in[WIRE_PROCESS], SAMPLES / 2 * ROWS, SAMPLES * ROWS);
	for (i = 0; i < PORTIONS; i++)
		buffer_free(&frames[i]);
	writer_close(&w);
}

static int setup(void **state)
{
	if (!scratch_folder(folder))
		return -1;
	choose_place(folder);
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(comes_out, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
