// SPDX-License-Identifier: GPL-2.0-or-later
/* Nobody takes the frames: what goes first, and whether each loss is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shipper/queue/output.h"

enum {
	QUEUE = 65536,
	FRAME = 1400,
	SAMPLES = 2000,
	CPUS = 8,
};

static const struct wire_sender sender = { .node = "node",
					   .boot = "boot",
					   .session = 9 };
static const uint32_t kinds[] = { WIRE_NODE, WIRE_CPU, WIRE_NET, WIRE_IRQ };

enum {
	KINDS = sizeof(kinds) / sizeof(kinds[0]),
};

static uint64_t last_accepted[OUTPUT_KINDS], arrived[OUTPUT_KINDS];
static uint64_t lost[OUTPUT_KINDS], newest[OUTPUT_KINDS];
static uint32_t rows[OUTPUT_KINDS][SAMPLES + 2];
static uint32_t without_rows;
static struct queue queue;
static struct output output;

static void ready(void *carrier)
{
}

static void put(uint32_t kind, uint64_t sample)
{
	static uint64_t cells[CPUS * WIRE_COLUMNS_MAX];
	struct wire_text name = { "eth0", 4 },
			 text[CPUS * WIRE_TEXTS_MAX] = { 0 };
	struct wire_table t = { .kind = kind,
				.schema = 1,
				.origin = WIRE_ORIGIN_PROC,
				.sample = sample,
				.real_ns = sample,
				.mono_ns = sample,
				.columns = WIRE_CPU_REQUIRED,
				.rows = CPUS,
				.cells = cells,
				.text = text };
	uint64_t before = output.shed[kind];
	size_t i;

	for (i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
		cells[i] = sample * 1000003 + i;
	for (i = 0; i < CPUS; i++)
		cells[i * WIRE_CPU_REQUIRED] = i;
	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		text[i] = name;
	if (kind == WIRE_NODE) {
		t.columns = WIRE_NODE_REQUIRED;
		t.rows = 1;
		t.texts = WIRE_NODE_TEXTS;
	}
	if (kind == WIRE_NET) {
		t.columns = WIRE_NET_REQUIRED;
		t.texts = WIRE_NET_TEXTS;
	}
	if (kind == WIRE_IRQ) {
		t.columns = WIRE_IRQ_COLUMNS;
		t.texts = WIRE_IRQ_TEXTS;
	}
	output_put(&output, &t);
	if (output.shed[kind] == before)
		last_accepted[kind] = sample;
}

/* There are none any more. */
static void put_none(uint32_t kind, uint64_t sample)
{
	const struct wire_table t = { .kind = kind,
				      .schema = 1,
				      .origin = WIRE_ORIGIN_PROC,
				      .sample = sample,
				      .real_ns = sample,
				      .mono_ns = sample,
				      .columns = WIRE_IRQ_COLUMNS,
				      .texts = WIRE_IRQ_TEXTS };

	output_put(&output, &t);
}

/* Every row of a sample, perhaps in two frames, makes it one that arrived. */
static void read_frame(const struct queue_frame *frame)
{
	static uint64_t cells[WIRE_CELLS_MAX];
	static struct wire_text text[WIRE_FRAME_MAX];
	static struct wire_stamp stamps[WIRE_SAMPLES_MAX];
	struct wire_room room = { cells, WIRE_CELLS_MAX, text, WIRE_FRAME_MAX,
				  stamps };
	struct wire_frame f;
	struct wire_table t;

	assert_int_equal(wire_open(&f, frame->data, frame->size), WIRE_OK);
	assert_int_equal(f.sequence, frame->sequence);
	while (wire_next(&f, &t, &room) == 1) {
		if (t.sample > newest[t.kind])
			newest[t.kind] = t.sample;
		lost[t.kind] = t.lost;
		rows[t.kind][t.sample] += t.rows;
		without_rows += !t.rows;
		if (rows[t.kind][t.sample] == (t.kind == WIRE_NODE ? 1 : CPUS))
			arrived[t.kind]++;
	}
}

static void drain(uint64_t *sequence)
{
	struct queue_frame *f;

	while ((f = queue_next(&queue))) {
		assert_int_equal(f->sequence, ++*sequence);
		assert_true(f->size <= FRAME);
		read_frame(f);
		queue_take(&queue);
		f->done = true;
		output_trim(&output);
	}
}

static int forget(void **state)
{
	memset(last_accepted, 0, sizeof(last_accepted));
	memset(arrived, 0, sizeof(arrived));
	memset(lost, 0, sizeof(lost));
	memset(newest, 0, sizeof(newest));
	memset(rows, 0, sizeof(rows));
	return 0;
}

static void importance(void **state)
{
	uint64_t sample, sequence = 0;
	size_t i;

	assert_int_equal(queue_init(&queue, QUEUE), 0);
	assert_int_equal(output_init(&output, &sender, &queue, FRAME), 0);
	output.ready = ready;
	for (sample = 1; sample <= SAMPLES; sample++)
		for (i = 0; i < KINDS; i++)
			put(kinds[i], sample);
	assert_true(last_accepted[WIRE_IRQ] < last_accepted[WIRE_NET]);
	assert_true(last_accepted[WIRE_NET] < last_accepted[WIRE_CPU]);
	assert_true(last_accepted[WIRE_CPU] < last_accepted[WIRE_NODE]);
	assert_true(last_accepted[WIRE_NODE] < SAMPLES);
	assert_true(last_accepted[WIRE_IRQ] > 10);
	assert_int_equal(output.shed_class[OUTPUT_DEVICE],
			 output.shed[WIRE_NET]);
	assert_int_equal(output.shed_class[OUTPUT_DETAIL],
			 output.shed[WIRE_IRQ]);

	/* Someone takes them: samples go in again, numbers have no gap. */
	drain(&sequence);
	for (i = 0; i < KINDS; i++)
		put(kinds[i], SAMPLES + 1);
	output_flush(&output);
	drain(&sequence);
	assert_int_equal(sequence, output.sequence);
	for (i = 0; i < KINDS; i++) {
		assert_int_equal(newest[kinds[i]], SAMPLES + 1);
		assert_int_equal(lost[kinds[i]], output.shed[kinds[i]]);
		assert_int_equal(arrived[kinds[i]] + lost[kinds[i]],
				 SAMPLES + 1);
	}
	output_exit(&output);
	queue_exit(&queue);
}

/* Samples that are flushed together arrive one by one, in fewer bytes. */
static void together(void **state)
{
	uint64_t sample, sequence = 0;
	uint64_t alone;

	assert_int_equal(queue_init(&queue, QUEUE), 0);
	assert_int_equal(output_init(&output, &sender, &queue, FRAME), 0);
	output.ready = ready;
	newest[WIRE_CPU] = 0;
	put(WIRE_CPU, 1);
	assert_false(output_empty(&output));
	output_flush(&output);
	alone = queue.tail;
	for (sample = 2; sample <= 21; sample++)
		put(WIRE_CPU, sample);
	output_flush(&output);
	assert_true(output_empty(&output));
	assert_true(queue.tail - alone < 20 * alone / 3);
	drain(&sequence);
	assert_int_equal(arrived[WIRE_CPU], 21);
	assert_int_equal(newest[WIRE_CPU], 21);
	output_exit(&output);
	queue_exit(&queue);
}

/* Tables without rows arrive, too, wherever a frame ends. */
static void none(void **state)
{
	uint64_t sample, sequence = 0;

	assert_int_equal(queue_init(&queue, QUEUE), 0);
	assert_int_equal(output_init(&output, &sender, &queue, FRAME), 0);
	output.ready = ready;
	for (sample = 1; sample <= 300; sample++) {
		if (sample % 7 == 0)
			put(WIRE_IRQ, sample);
		else
			put_none(WIRE_IRQ, sample);
	}
	output_flush(&output);
	drain(&sequence);
	assert_true(sequence > 2);
	assert_int_equal(arrived[WIRE_IRQ], 300 / 7);
	assert_int_equal(without_rows, 300 - 300 / 7);
	assert_int_equal(newest[WIRE_IRQ], 300);
	output_exit(&output);
	queue_exit(&queue);
}

/* Nobody takes anything until the end: what has a number, and what is counted. */
static void ended(void **state)
{
	uint64_t told[LOST_CAUSES];
	uint64_t sample, sequence = 0;

	assert_int_equal(queue_init(&queue, QUEUE), 0);
	assert_int_equal(output_init(&output, &sender, &queue, FRAME), 0);
	output.ready = ready;
	newest[WIRE_NODE] = 0;
	for (sample = 1; sample <= SAMPLES; sample++)
		put(WIRE_NODE, sample);
	output_flush(&output);
	assert_true(output.open); /* it finds no place */
	output_end(&output);
	output_end(&output);
	output_lost(&output, told);
	assert_true(told[LOST_QUEUE] > output.shed[WIRE_NODE]);
	drain(&sequence);
	assert_int_equal(sequence, output.sequence);
	assert_int_equal(arrived[WIRE_NODE] + told[LOST_QUEUE], SAMPLES);
	output_exit(&output);
	queue_exit(&queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(importance, forget),
		cmocka_unit_test_setup(together, forget),
		cmocka_unit_test_setup(none, forget),
		cmocka_unit_test_setup(ended, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
