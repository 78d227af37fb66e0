// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as a frame, and any bytes as the payload of a good frame: the
 * decoder stays in bounds, and what it makes of them survives encoding.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/wire_samples.h"

static uint64_t cells[WIRE_CELLS_MAX], again_cells[WIRE_CELLS_MAX];
static struct wire_text texts[WIRE_FRAME_MAX], again_texts[WIRE_FRAME_MAX];
static struct wire_stamp stamps[WIRE_SAMPLES_MAX],
	again_stamps[WIRE_SAMPLES_MAX];
static const struct wire_room room = { cells, WIRE_CELLS_MAX, texts,
				       WIRE_FRAME_MAX, stamps };
static const struct wire_room again_room = { again_cells, WIRE_CELLS_MAX,
					     again_texts, WIRE_FRAME_MAX,
					     again_stamps };
static uint8_t frame[WIRE_FRAME_MAX], copy[WIRE_FRAME_MAX];
static uint8_t plain[WIRE_FRAME_MAX];
static struct wire_encoder encoder;

static void same(const struct wire_table *a, const struct wire_table *b,
		 uint32_t first)
{
	size_t values = (size_t)b->rows * b->columns, i;

	if (a->kind != b->kind || a->columns != b->columns ||
	    a->texts != b->texts || a->sample != b->sample ||
	    a->real_ns != b->real_ns || a->mono_ns != b->mono_ns ||
	    a->lost != b->lost || a->origin != b->origin ||
	    memcmp(a->cells + (size_t)first * a->columns, b->cells,
		   values * sizeof(*cells)))
		abort();
	for (i = 0; i < (size_t)b->rows * b->texts; i++) {
		const struct wire_text *x = &a->text[first * a->texts + i];

		if (x->size != b->text[i].size ||
		    memcmp(x->data, b->text[i].data, x->size))
			abort();
	}
}

/* Encode a table that was decoded, decode that, compare. */
static void again(const struct wire_table *t)
{
	struct wire_frame f;
	struct wire_table got;
	uint32_t row = 0;

	while (row < t->rows) {
		uint32_t put;

		wire_begin(&encoder, copy, sizeof(copy), 12345);
		put = wire_put(&encoder, t, row);
		if (!put)
			abort();
		if (wire_open(&f, copy,
			      wire_finish(&encoder, &samples_sender, 1)) ||
		    wire_next(&f, &got, &again_room) != 1 || got.rows != put)
			abort();
		same(t, &got, row);
		row += put;
	}
}

static void read_tables(struct wire_frame *f)
{
	struct wire_table t;

	while (wire_next(f, &t, &room) == 1)
		again(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct seal_key key = samples_key;
	const struct seal_keys keys = { (struct seal_key *)&key, 1 };
	struct wire_frame f;
	size_t whole;

	if (size > WIRE_FRAME_MAX - WIRE_HEADER_SIZE)
		return 0;
	wire_size(data, size, &whole);
	if (!wire_open(&f, data, size))
		read_tables(&f);
	if (!seal_open(&f, &keys, data, size, plain))
		read_tables(&f);

	wire_begin(&encoder, frame, sizeof(frame), 1);
	if (size)
		memcpy(frame + WIRE_HEADER_SIZE, data, size);
	encoder.used += size;
	if (wire_open(&f, frame, wire_finish(&encoder, &samples_sender, 1)))
		abort();
	read_tables(&f);
	return 0;
}
