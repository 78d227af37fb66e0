// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "lib/wire/wire_schema.h"
#include "tests/unit/wire_samples.h"

enum {
	ROWS = 5,
	SERIES = 8,
	CPUS = 4,
};

#define TIME_NS UINT64_C(1790000000000000000)
#define SECOND_NS UINT64_C(1000000000)

const struct wire_sender samples_sender = {
	.node = { 0x11, 0x11, 0x11, 0x11, 0x22, 0x22, 0x43, 0x33, 0x84, 0x44,
		  0x55, 0x55, 0x55, 0x55, 0x55, 0x55 },
	.boot = { 0x0f, 0x1e, 0x2d, 0x3c, 0x4b, 0x5a, 0x49, 0x78, 0x87, 0x96,
		  0xa5, 0xb4, 0xc3, 0xd2, 0xe1, 0xf0 },
	.session = UINT64_C(1789999000123456789),
};

const struct seal_key samples_key = {
	.id = 0x7f3a9c01,
	.node = { 0x11, 0x11, 0x11, 0x11, 0x22, 0x22, 0x43, 0x33, 0x84, 0x44,
		  0x55, 0x55, 0x55, 0x55, 0x55, 0x55 },
	.secret = "thirty-two bytes, not a secret.",
};

static const struct wire_text names[ROWS * WIRE_TEXTS_MAX] = {
	{ "alpha", 5 }, { "beta", 4 }, { "", 0 }, { "delta", 5 }, { "eps", 3 }
};

static struct wire_table table(uint32_t kind, uint32_t rows,
			       const uint64_t *cells)
{
	const struct wire_schema *schema = wire_schema(kind);

	return (struct wire_table){
		.kind = kind,
		.schema = schema->schema,
		.origin = WIRE_ORIGIN_PROC,
		.sample = 7,
		.real_ns = TIME_NS - 1500000,
		.mono_ns = 86400 * SECOND_NS,
		.lost = 2,
		.columns = schema->columns,
		.rows = rows,
		.texts = schema->texts,
		.cells = cells,
		.text = schema->texts ? names : NULL,
	};
}

static size_t node(uint8_t *frame)
{
	static struct wire_encoder e;
	uint64_t cells[WIRE_NODE_REQUIRED] = { 0, SECOND_NS, 3 };
	struct wire_text text[] = { { "db7", 3 }, { "0.1.0", 5 } };
	struct wire_table t = table(WIRE_NODE, 1, cells);

	t.origin = WIRE_ORIGIN_SHIPPER;
	t.schema = 1;
	t.columns = WIRE_NODE_REQUIRED;
	t.sample = 0;
	t.lost = 0;
	t.text = text;
	wire_begin(&e, frame, WIRE_FRAME_MAX - WIRE_SEAL_SIZE, TIME_NS);
	wire_put(&e, &t, 0);
	return wire_finish(&e, &samples_sender, 42);
}

/* Counters, gauges below zero, absent cells, constants, multiples. */
static uint64_t host_cell(uint32_t kind, uint32_t row, uint32_t column)
{
	const struct wire_schema *schema = wire_schema(kind);

	if (!column)
		return row * 3;
	if (column >= schema->required && row == 2)
		return WIRE_ABSENT;
	switch ((kind + column) % 5) {
	case 0:
		return 0;
	case 1:
		return UINT64_C(4000000) * (row + 1) * column * 977;
	case 2:
		return (uint64_t) - (int64_t)(row * 17 + column);
	case 3:
		return 4096;
	default:
		return UINT64_C(123456789) * (row * row + 1) << kind;
	}
}

static size_t host(uint8_t *frame)
{
	static struct wire_encoder e;
	static uint64_t cells[ROWS * WIRE_COLUMNS_MAX];
	uint32_t kind, row, i;

	wire_begin(&e, frame, WIRE_FRAME_MAX, TIME_NS);
	for (kind = WIRE_NODE; kind < WIRE_KINDS; kind++) {
		struct wire_table t = table(kind, ROWS, cells);

		/* As it was at first: these bytes are read for ever. */
		if (kind == WIRE_NODE) {
			t.schema = 1;
			t.columns = WIRE_NODE_UNKNOWN;
		}
		if (kind == WIRE_LINK) {
			t.schema = 1;
			t.columns = WIRE_LINK_REQUIRED;
		}
		for (row = 0; row < ROWS; row++)
			for (i = 0; i < t.columns; i++)
				cells[row * t.columns + i] =
					host_cell(kind, row, i);
		wire_put(&e, &t, 0);
	}
	return wire_finish(&e, &samples_sender, 43);
}

static size_t series(uint8_t *frame)
{
	static struct wire_encoder e;
	static uint64_t cells[SERIES][CPUS * WIRE_SOFTIRQ_COLUMNS];
	struct wire_table tables[SERIES];
	uint32_t kind, s, i;

	wire_begin(&e, frame, WIRE_FRAME_MAX, TIME_NS);
	for (kind = WIRE_CPU; kind <= WIRE_SOFTIRQ; kind++) {
		for (s = 0; s < SERIES; s++) {
			uint32_t columns = wire_schema(kind)->required;

			for (i = 0; i < CPUS * columns; i++)
				cells[s][i] =
					i % columns < 2 ?
						i / columns :
						(i * i + 1) * 4000000 * 5000 +
							s * (i % 7) * 4000000;
			tables[s] = table(kind, CPUS, cells[s]);
			tables[s].columns = columns;
			tables[s].sample += s;
			tables[s].real_ns += s * SECOND_NS + s % 3;
			tables[s].mono_ns += s * SECOND_NS;
		}
		wire_put_series(&e, tables, SERIES, 0);
	}
	return wire_finish(&e, &samples_sender, 44);
}

/* A nonce is random in life; here it is not. */
static size_t sealed(uint8_t *frame)
{
	static const uint8_t nonce[WIRE_NONCE_SIZE] = "a random number\0\1";
	struct seal s = { .id = samples_key.id };

	memcpy(s.secret, samples_key.secret, sizeof(s.secret));
	return seal_frame_with(&s, frame, node(frame), nonce);
}

size_t samples_make(enum wire_samples which, uint8_t *frame)
{
	switch (which) {
	case SAMPLES_NODE:
		return node(frame);
	case SAMPLES_HOST:
		return host(frame);
	case SAMPLES_SERIES:
		return series(frame);
	case SAMPLES_ACK:
		return wire_message(frame, WIRE_ACK, &samples_sender, 44,
				    TIME_NS, NULL, 0);
	case SAMPLES_SEALED:
		return sealed(frame);
	default:
		return 0;
	}
}

const char *samples_name(enum wire_samples which)
{
	static const char *const all[SAMPLES_FRAMES] = {
		[SAMPLES_NODE] = "node",     [SAMPLES_HOST] = "host",
		[SAMPLES_SERIES] = "series", [SAMPLES_ACK] = "ack",
		[SAMPLES_SEALED] = "sealed",
	};

	return all[which];
}
