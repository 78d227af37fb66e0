// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bytes a value on the wire, and the time to encode and decode: ours against
 * collectd's and sFlow's for the same values of a 64-CPU host, once a second.
 * All headers are counted, down to IP's.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench/feeds/host.h"
#include "bench/feeds/peers.h"
#include "bench/feeds/varint.h"
#include "lib/base/clock.h"
#include "lib/wire/scale.h"
#include "lib/wire/seal.h"

enum {
	SECONDS = 960, /* a multiple of 3 and of HOST_SAMPLES */
	UDP_PAYLOAD = 1472, /* of 1500 bytes on IPv4 */
	ROWS_MAX = 64, /* of a host's tables */
};

static const struct wire_sender sender = { .node = "0123456789abcde",
					   .boot = "fedcba987654321",
					   .session = 1790000000000000000 };
static uint64_t cells[WIRE_CELLS_MAX];
static struct wire_text texts[WIRE_FRAME_MAX];
static struct wire_stamp stamps[WIRE_SAMPLES_MAX];
static const struct wire_room room = { cells, WIRE_CELLS_MAX, texts,
				       WIRE_FRAME_MAX, stamps };

/* What one way of shipping came to. */
struct tally {
	uint64_t bytes;
	uint64_t frames;
	uint64_t encode_ns;
	uint64_t decode_ns;
	uint64_t columns; /* bytes, without any header */
	uint64_t varints; /* the same columns as varints */
};

struct shipping {
	struct wire_encoder encoder;
	struct seal seal;
	struct seal_keys keys;
	struct seal_key key;
	uint64_t sequence;
	uint8_t frame[UDP_PAYLOAD];
	struct tally tally;
};

/* The collector's side, so that no byte is saved at its cost. */
static void receive(struct shipping *s, size_t size)
{
	static uint8_t plain[WIRE_FRAME_MAX];
	uint64_t begin = clock_mono_ns();
	struct wire_frame f;
	struct wire_table t;

	if (seal_open(&f, &s->keys, s->frame, size, plain)) {
		fprintf(stderr, "a sealed frame does not open\n");
		exit(1);
	}
	s->tally.columns += (uint64_t)(f.end - f.at);
	while (wire_next(&f, &t, &room) == 1)
		;
	s->tally.decode_ns += clock_mono_ns() - begin;
}

static void leave(struct shipping *s)
{
	size_t size = wire_finish_to_seal(&s->encoder, &sender, ++s->sequence);
	uint64_t begin = clock_mono_ns();

	size = seal_frame(&s->seal, s->frame, size);
	s->tally.encode_ns += clock_mono_ns() - begin;
	s->tally.bytes += size + PEER_IP_UDP;
	s->tally.frames++;
	receive(s, size);
}

static void put(struct shipping *s, const struct wire_table *series,
		uint32_t samples)
{
	uint32_t row = 0;

	while (row < series->rows) {
		uint64_t begin = clock_mono_ns();
		uint32_t n = wire_put_series(&s->encoder, series, samples, row);

		s->tally.encode_ns += clock_mono_ns() - begin;
		row += n;
		if (row == series->rows)
			break;
		leave(s);
		wire_begin(&s->encoder, s->frame,
			   sizeof(s->frame) - WIRE_SEAL_SIZE,
			   series->real_ns + 500000);
	}
}

/* Each table's samples are put together, in as many datagrams as it takes. */
static void ship(struct shipping *s, const struct host_sample *samples,
		 uint32_t count)
{
	struct wire_table series[HOST_SAMPLES];
	uint32_t i, table;

	wire_begin(&s->encoder, s->frame, sizeof(s->frame) - WIRE_SEAL_SIZE,
		   samples->tables[0].real_ns + 500000);
	for (table = 0; table < HOST_TABLES; table++) {
		for (i = 0; i < count; i++)
			series[i] = samples[i].tables[table];
		put(s, series, count);
	}
	leave(s);
	s->tally.varints += varint_size_of(samples, count);
}

static struct tally ours(int proc, uint32_t count)
{
	static struct host_sample samples[HOST_SAMPLES + 1];
	static const uint8_t node[WIRE_ID_SIZE] = "0123456789abcde";
	struct shipping s = { .keys = { &s.key, 1 } };
	uint32_t second, i;

	seal_make(&s.key, node);
	seal_start(&s.seal, &s.key);
	host_begin(&samples[0], proc);
	for (second = 0; second < SECONDS; second += count) {
		for (i = 0; i < count; i++)
			host_step(&samples[i + 1], &samples[i]);
		ship(&s, samples + 1, count);
		samples[0] = samples[count];
	}
	return s.tally;
}

static double print(const char *name, const struct tally *t, uint64_t values)
{
	double each = (double)t->bytes / (double)values;

	printf("%-38s %6.2f B a value, %5.1f datagrams a second", name, each,
	       (double)t->frames / SECONDS);
	if (t->encode_ns)
		printf(", %4.1f ns to encode and seal, %4.1f to open and decode; payload %.2f B, as varints %.2f",
		       (double)t->encode_ns / (double)values,
		       (double)t->decode_ns / (double)values,
		       (double)t->columns / (double)values,
		       (double)t->varints / (double)values);
	printf("\n");
	return each;
}

static double peer(const char *name, peer_encode *encode)
{
	static struct host_sample now, next;
	struct tally t = { 0 };
	uint64_t values = 0;
	int i;

	host_begin(&now, 0);
	for (i = 0; i < SECONDS; i++) {
		host_step(&next, &now);
		values += encode(&next, &t.bytes, &t.frames);
		now = next;
	}
	return print(name, &t, values);
}

static unsigned int bits_of(uint64_t v)
{
	return v ? 64 - (unsigned int)__builtin_clzll(v) : 0;
}

static unsigned int column_bits(const struct wire_table *t, uint32_t column)
{
	uint64_t values[ROWS_MAX];
	unsigned int bits = 0;
	uint32_t row;

	for (row = 0; row < t->rows; row++)
		values[row] = t->cells[row * t->columns + column];
	scale_down(values, t->rows, scale_of(values, t->rows));
	for (row = 0; row < t->rows; row++)
		bits += bits_of(values[row]);
	return bits;
}

/* What a frame that decodes alone cannot do without: each value of a sample in
 * as many bits as it has, in units of its column, and nothing that says how many
 * these are; no keys, names and headers.
 */
static double bare(const struct host_sample *s)
{
	unsigned int bits = 0;
	uint32_t table, column;

	for (table = 0; table < HOST_TABLES; table++)
		for (column = 1; column < s->tables[table].columns; column++)
			bits += column_bits(&s->tables[table], column);
	return bits / 8.0 / host_values(s);
}

static double print_ours(const char *name, int proc, uint32_t count,
			 uint64_t values)
{
	struct tally t = ours(proc, count);

	return print(name, &t, values);
}

int main(void)
{
	static struct host_sample s;
	double alone, three, series, collectd, sflow;
	uint64_t values;

	if (seal_init())
		return 1;
	host_begin(&s, 0);
	values = (uint64_t)host_values(&s) * SECONDS;
	printf("%u values a second of a host with %d CPUs; IP, UDP, header and seal counted\n",
	       host_values(&s), HOST_CPUS);
	printf("%-38s %6.2f B a value: a sample's bits, without headers\n",
	       "the least that decodes alone", bare(&s));
	alone = print_ours("ktach, ring, a sample a frame", 0, 1, values);
	print_ours("ktach, /proc, a sample a frame", 1, 1, values);
	print_ours("ktach, ring, 2 samples a frame", 0, 2, values);
	three = print_ours("ktach, ring, 3 samples a frame", 0, 3, values);
	series = print_ours("ktach, ring, 4 samples a frame", 0, 4, values);
	print_ours("ktach, ring, 8 samples a frame", 0, 8, values);
	print_ours("ktach, ring, 16 samples a frame", 0, 16, values);
	collectd = peer("collectd, binary protocol", collectd_encode);
	sflow = peer("sFlow, host_cpu a CPU, no softirqs", sflow_encode);
	printf("a sample a frame: %.1f times less than collectd, %.1f than sFlow\n",
	       collectd / alone, sflow / alone);
	printf("BAR bytes_a_value_one_sample %.2f 2 %s\n", alone,
	       alone <= 2 ? "ok" : "short");
	printf("BAR bytes_a_value_3_samples %.2f 2 %s\n", three,
	       three <= 2 ? "ok" : "short");
	printf("BAR bytes_a_value_4_samples %.2f 2 %s\n", series,
	       series <= 2 ? "ok" : "short");
	return 0;
}
