// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any values as a series of samples: what is encoded, into frames of any size
 * and sealed, is decoded as it was.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/wire/wire_schema.h"
#include "tests/unit/wire_samples.h"

enum {
	ROWS = 80,
	SAMPLES = 20,
};

static uint64_t in[SAMPLES][ROWS * WIRE_COLUMNS_MAX];
static uint64_t cells[WIRE_CELLS_MAX];
static struct wire_text names[ROWS * WIRE_TEXTS_MAX], texts[WIRE_FRAME_MAX];
static struct wire_stamp stamps[WIRE_SAMPLES_MAX];
static const struct wire_room room = { cells, WIRE_CELLS_MAX, texts,
				       WIRE_FRAME_MAX, stamps };
static uint8_t frame[WIRE_FRAME_MAX], plain[WIRE_FRAME_MAX];
static struct wire_encoder encoder;

/* What is left of the input; it goes on with zeroes. */
struct input {
	const uint8_t *at;
	const uint8_t *end;
};

static uint8_t byte(struct input *i)
{
	return i->at < i->end ? *i->at++ : 0;
}

/* Of few bytes mostly, and now and then the same, or far away. */
static uint64_t value(struct input *i, uint64_t last)
{
	uint8_t how = byte(i);
	uint64_t v = 0;
	int n = how & 7;

	while (n--)
		v = v << 8 | byte(i);
	if (how & 0x80)
		v = -v;
	if (how & 0x40)
		v *= 4000000;
	return how & 0x20 ? v : last + v;
}

static void fill(struct input *i, struct wire_table *tables, uint32_t samples,
		 uint32_t rows, const struct wire_schema *schema)
{
	uint32_t s, c, last = 0;

	for (s = 0; s < samples; s++) {
		struct wire_table *t = &tables[s];

		t->schema = 1;
		t->rows = rows;
		t->columns = schema->columns;
		t->texts = schema->texts;
		t->text = names;
		t->cells = in[s];
		t->sample = value(i, s ? t[-1].sample : 0);
		t->real_ns = value(i, s ? t[-1].real_ns : 0);
		t->mono_ns = value(i, s ? t[-1].mono_ns : 0);
		t->lost = value(i, 0);
		for (c = 0; c < rows * t->columns; c++, last = c - 1)
			in[s][c] = s && c % t->columns == 0 ?
					   in[0][c] :
					   value(i, s ? in[s - 1][c] :
							in[s][last]);
	}
}

static void check(struct wire_frame *f, const struct wire_table *tables,
		  uint32_t samples, uint32_t first, uint32_t rows)
{
	struct wire_table t;
	uint32_t s;

	for (s = 0; s < samples; s++) {
		const struct wire_table *want = &tables[s];

		if (wire_next(f, &t, &room) != 1 || t.rows != rows ||
		    t.columns != want->columns || t.sample != want->sample ||
		    t.real_ns != want->real_ns || t.mono_ns != want->mono_ns ||
		    t.lost != want->lost ||
		    memcmp(t.cells, want->cells + (size_t)first * t.columns,
			   (size_t)rows * t.columns * sizeof(*cells)))
			abort();
	}
	if (wire_next(f, &t, &room))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input i = { data, data + size };
	struct wire_table tables[SAMPLES] = { 0 };
	uint32_t kind = 1 + byte(&i) % (WIRE_KINDS - 1), s;
	uint32_t samples = 1 + byte(&i) % SAMPLES, rows = 1 + byte(&i) % ROWS;
	size_t most = 120 + (size_t)byte(&i) * 257, bytes;
	struct seal_keys keys = { (struct seal_key *)&samples_key, 1 };
	struct wire_frame f;
	struct seal seal;
	uint32_t row = 0, put;

	if (most > WIRE_FRAME_MAX - WIRE_SEAL_SIZE)
		most = WIRE_FRAME_MAX - WIRE_SEAL_SIZE;
	seal_start(&seal, &samples_key);
	for (s = 0; s < samples; s++)
		tables[s].kind = kind;
	fill(&i, tables, samples, rows, wire_schema(kind));
	for (; row < rows; row += put) {
		wire_begin(&encoder, frame, most, tables[0].real_ns);
		put = wire_put_series(&encoder, tables, samples, row);
		if (!put)
			return 0; /* not even one row fits so small a frame */
		bytes = wire_finish(&encoder, &samples_sender, 1);
		if (bytes > most)
			abort();
		bytes = seal_frame(&seal, frame, bytes);
		if (seal_open(&f, &keys, frame, bytes, plain))
			abort();
		check(&f, tables, samples, row, put);
	}
	return 0;
}
