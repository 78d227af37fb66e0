// SPDX-License-Identifier: GPL-2.0-or-later
/* Incidents: their parts by the wire, and what is not as it should be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/incidents/decode.h"
#include "collector/incidents/files.h"
#include "collector/incidents/part.h"
#include "lib/wire/wire_bytes.h"

static const struct wire_sender sender = { .session = 7 };
static struct wire_encoder encoder;
static uint8_t frame[WIRE_FRAME_MAX], whole[3 * WIRE_FRAME_MAX];

static const struct incident_head head = {
	.id = 1234,
	.from_ns = 1000000000,
	.to_ns = 3000000000,
	.real_ns = 2000000000,
	.mono_ns = 500000000,
	.cause = INCIDENT_BURST,
	.value = 99,
	.triggers = 3,
	.text = "v0: much",
	.node = "here",
};

static size_t add_frame(size_t at, enum wire_bytes_kind kind,
			const struct pen *pen)
{
	size_t size;

	wire_begin(&encoder, frame, sizeof(frame), 1);
	assert_true(wire_put_bytes(&encoder, kind, pen, NULL, 0));
	size = wire_finish(&encoder, &sender, 1);
	memcpy(whole + at, frame, size);
	return at + size;
}

/* A head, then an interface with two milliseconds of three. */
static size_t make_incident(void)
{
	uint32_t rx[] = { 0, 7, 4000000000u }, tx[] = { 1, 0, 0 };
	const struct incident_buckets b = { .ifindex = 3,
					    .name = "v0",
					    .first_ms = 499,
					    .count = 3,
					    .bytes = { rx, tx } };
	uint8_t bytes[512];
	struct pen pen = { bytes, sizeof(bytes), 0 };
	size_t at;

	incident_put_head(&pen, &head);
	at = add_frame(0, WIRE_INCIDENT_HEAD, &pen);
	pen.used = 0;
	incident_put_buckets(&pen, &b);
	return add_frame(at, WIRE_INCIDENT_BUCKETS, &pen);
}

static void test_whole(void **state)
{
	size_t size = make_incident();
	struct decoded d;

	assert_int_equal(decode_incident(&d, whole, size), 0);
	assert_true(d.has_head);
	assert_false(d.cut);
	assert_int_equal(d.head.value, 99);
	assert_string_equal(d.head.text, "v0: much");
	assert_int_equal(d.bucket_count, 1);
	assert_int_equal(d.buckets[0].bytes[0][1], 7);
	assert_int_equal(d.buckets[0].bytes[0][2], 4000000000u);
	assert_int_equal(d.buckets[0].bytes[1][0], 1);
	assert_int_equal(d.buckets[0].bytes[1][2], 0);
	assert_true(decoded_ms(&d, 499000000) == -1);
	decode_free(&d);
}

/* Whatever bit flips, or wherever it ends, the rest is read, and it says so. */
static void test_damaged(void **state)
{
	size_t size = make_incident(), i;
	struct decoded d;
	int err;

	for (i = 0; i < size; i++) {
		whole[i] ^= 0x10;
		err = decode_incident(&d, whole, size);
		assert_true(err || d.cut);
		if (!err)
			decode_free(&d);
		whole[i] ^= 0x10;
	}
	for (i = 1; i < size; i++) {
		err = decode_incident(&d, whole, i);
		assert_true(err || d.cut || !d.bucket_count);
		if (!err)
			decode_free(&d);
	}
}

static void test_malformed(void **state)
{
	static uint32_t memory[INCIDENT_WAYS * INCIDENT_BUCKETS_MAX];
	/* ifindex, no name, first, 2 buckets; 2 of them, the first behind the end */
	const uint8_t behind[] = { 1, 0, 1, 2, 2, 2, 1, 0, 1, 0 };
	const uint8_t many[] = { 1, 0, 1, 2, 3, 0, 1, 0, 1, 0, 1, 0 };
	const uint8_t text[] = { 1, 200, 1, 'x' };
	struct incident_buckets b;
	struct incident_head h;

	assert_false(incident_get_buckets(&b, behind, sizeof(behind), memory));
	assert_false(incident_get_buckets(&b, many, sizeof(many), memory));
	assert_false(incident_get_buckets(&b, text, sizeof(text), memory));
	assert_false(incident_get_head(&h, text, sizeof(text)));
}

/* Pieces are as large as frames have room; other readers see no table. */
static void test_pieces(void **state)
{
	static uint8_t data[100000];
	struct incident_piece piece = { .id = 5, .total = sizeof(data) }, got;
	uint8_t node[WIRE_ID_SIZE] = { 1 };
	struct incidents_part *part = NULL;
	struct wire_frame f;
	size_t i, put, at = 0, frames = 0;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 >> 3);
	while (at < sizeof(data)) {
		const uint8_t *from;

		wire_begin(&encoder, frame, 1232, 1);
		piece.at = at;
		piece.data = data + at;
		piece.size = sizeof(data) - at;
		put = incident_put_piece(&encoder, &piece);
		assert_true(put);
		assert_int_equal(wire_open(&f, frame,
					   wire_finish(&encoder, &sender, 1)),
				 WIRE_OK);
		assert_int_equal(wire_cells(&f), 0);
		from = f.at;
		assert_true(incident_next_piece(&from, f.end, &got));
		part = part ? part : part_new(node, &got);
		assert_false(part_is_whole(part));
		assert_true(part_add(part, &got));
		assert_true(part_add(part, &got)); /* twice is once */
		assert_false(incident_next_piece(&from, f.end, &got));
		at += put;
		frames++;
	}
	assert_true(frames > 80);
	assert_true(part_is_whole(part));
	assert_memory_equal(part->data, data, sizeof(data));
	part_free(part);
}

static void test_gaps(void **state)
{
	static const uint8_t data[10];
	uint8_t node[WIRE_ID_SIZE] = { 1 };
	struct incident_piece piece = {
		.id = 5, .total = 3000, .data = data, .size = 1
	};
	struct incidents_part *part = part_new(node, &piece);
	unsigned int i;

	for (i = 0; i < INCIDENTS_RANGES; i++) {
		piece.at = 2 * i;
		assert_true(part_add(part, &piece));
	}
	piece.at = 2 * i;
	assert_false(part_add(part, &piece));
	piece.at = 1;
	piece.size = 3;
	assert_true(part_add(part, &piece));
	assert_int_equal(part->range_count, INCIDENTS_RANGES - 2);
	piece.total = 2999;
	assert_false(part_add(part, &piece));
	part_free(part);
}

/* What a kill leaves of a journal: the pieces before the one that is cut off. */
static void test_journal(void **state)
{
	static const uint8_t data[] = "abcdefghij";
	char path[] = "/tmp/incidentXXXXXX";
	uint8_t node[WIRE_ID_SIZE] = { 1 };
	struct incident_piece piece = { .id = 5, .total = 10, .size = 4 };
	struct incidents_part *part;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	assert_null(part_read(path, node, 5));
	for (piece.at = 0; piece.at < 8; piece.at += 4) {
		piece.data = data + piece.at;
		assert_int_equal(part_write(path, &piece), 0);
	}
	part = part_read(path, node, 5);
	assert_int_equal(part->range_count, 1);
	assert_int_equal(part->ranges[0].to, 8);
	assert_memory_equal(part->data, "abcdefgh\0\0", 10);
	part_free(part);
	assert_int_equal(truncate(path, 2 * 28 - 1), 0);
	part = part_read(path, node, 5);
	assert_int_equal(part->ranges[0].to, 4);
	piece.at = 4;
	piece.size = 6;
	piece.data = data + 4;
	assert_true(part_add(part, &piece));
	assert_true(part_is_whole(part));
	assert_memory_equal(part->data, data, 10);
	part_free(part);
	unlink(path);
}

/* A piece that lies outside of its incident is none. */
static void test_bad_pieces(void **state)
{
	struct incident_piece piece = {
		.id = 5, .total = 10, .at = 8, .data = frame, .size = 4
	};
	const uint8_t *at;
	struct wire_frame f;
	uint8_t other[256];

	wire_begin(&encoder, other, sizeof(other), 1);
	assert_int_equal(incident_put_piece(&encoder, &piece), 4);
	piece.total = UINT64_C(1) << 40;
	assert_int_equal(incident_put_piece(&encoder, &piece), 4);
	assert_int_equal(wire_open(&f, other,
				   wire_finish(&encoder, &sender, 1)),
			 WIRE_OK);
	at = f.at;
	assert_false(incident_next_piece(&at, f.end, &piece));
}

/* A piece that was there, or has much in common with others, does not make a journal
 * grow for ever.
 */
static void test_journal_is_bounded(void **state)
{
	static uint8_t data[100000];
	uint8_t node[WIRE_ID_SIZE] = { 1 };
	struct incident_piece piece = {
		.id = 5, .total = 1 << 20, .data = data, .size = sizeof(data)
	};
	struct incidents_part *part = part_new(node, &piece);
	unsigned int added = 0;

	assert_false(part_has(part, &piece));
	while (piece.at < 1000 && part_add(part, &piece)) {
		assert_true(part_has(part, &piece));
		added++;
		piece.at++;
		assert_false(part_has(part, &piece));
	}
	assert_in_range(added, 20, 21);
	part_free(part);
}

/* Where a frame seems to begin everywhere, not all of them are checked. */
static void test_false_frames(void **state)
{
	enum {
		FALSE_SIZE = 12,
		LONG = 60000,
		SIZE = 2 * LONG
	};
	const uint8_t false_head[FALSE_SIZE] = {
		'K',	      'T',	    'C', 'H',
		WIRE_VERSION, WIRE_SAMPLES, 0,	 0,
		LONG & 255,   LONG >> 8,    0,	 0
	};
	const size_t most = DECODE_DAMAGED_MAX / LONG;
	size_t good = make_incident(), at, n;
	uint8_t *data = calloc(1, SIZE + sizeof(whole));
	struct incident_head h;

	assert_non_null(data);
	for (n = 0, at = 0; n < most / 2; n++, at += FALSE_SIZE)
		memcpy(data + at, false_head, FALSE_SIZE);
	memcpy(data + SIZE, whole, good);
	assert_true(decode_head(&h, data, SIZE + good));
	for (; n < most + 2; n++, at += FALSE_SIZE)
		memcpy(data + at, false_head, FALSE_SIZE);
	assert_true(at < LONG);
	assert_false(decode_head(&h, data, SIZE + good));
	free(data);
}

/* Rows come in any order, and are found. */
static void test_order(void **state)
{
	const uint64_t cells[] = { 9, 90, 2, 20, 7, 70 };
	const struct wire_table t = { .kind = WIRE_GAUGES,
				      .schema = 1,
				      .origin = WIRE_ORIGIN_PROC,
				      .real_ns = 1,
				      .mono_ns = 1,
				      .columns = WIRE_VALUE_COLUMNS,
				      .rows = 3,
				      .cells = cells };
	struct decoded_samples s;
	struct decoded d;
	size_t size, i;

	wire_begin(&encoder, frame, sizeof(frame), 1);
	assert_int_equal(wire_put(&encoder, &t, 0), 3);
	size = wire_finish(&encoder, &sender, 1);
	assert_int_equal(decode_incident(&d, frame, size), 0);
	decoded_begin(&s, &d, WIRE_GAUGES);
	assert_true(decoded_next(&s));
	for (i = 0; i < t.rows; i++)
		assert_int_equal(decoded_value(&s, cells[2 * i], WIRE_VALUE),
				 cells[2 * i + 1]);
	for (i = 0; i < 11; i++)
		assert_true(!decoded_row(&s, i, NULL) ==
			    (i != 2 && i != 7 && i != 9));
	decode_free(&d);
}

static void make_file(const struct incidents *in, uint8_t first, uint64_t id,
		      size_t size)
{
	uint8_t node[WIRE_ID_SIZE] = { first };
	char path[FILES_PATH_SIZE];
	FILE *f;

	files_path(in, node, id, FILES_WHOLE, path);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(whole, size, 1, f), 1);
	assert_int_equal(fclose(f), 0);
}

static bool count_first(void *context, const struct incidents_entry *e)
{
	unsigned int *of = context;

	of[e->node[0]]++;
	return true;
}

/* Many small ones take no room from a node that has a few large ones. */
static void test_room(void **state)
{
	static struct incidents in;
	static const struct incidents_policy policy = { UINT64_MAX >> 1,
							64 << 20 };
	char data[] = "/tmp/incidentsXXXXXX";
	unsigned int of[256] = { 0 };
	uint64_t id;

	assert_non_null(mkdtemp(data));
	snprintf(in.folder, sizeof(in.folder), "%s/incidents", data);
	assert_int_equal(mkdir(in.folder, 0700), 0);
	for (id = 1; id <= 3; id++)
		make_file(&in, 1, id, sizeof(whole));
	for (; id <= INCIDENTS_MAX + 20; id++)
		make_file(&in, 2, id, 1);
	assert_int_equal(incidents_open(&in, data, &policy), 0);
	incidents_change(&in, &policy);
	incidents_each(&in, count_first, of);
	assert_int_equal(of[1], 3);
	assert_int_equal(of[2], INCIDENTS_MAX - 3);
	incidents_change(&in, &(struct incidents_policy){ policy.keep_ns, 0 });
	assert_int_equal(in.count, 0);
	incidents_close(&in);
	assert_int_equal(rmdir(in.folder), 0);
	assert_int_equal(rmdir(data), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_journal),
		cmocka_unit_test(test_bad_pieces),
		cmocka_unit_test(test_journal_is_bounded),
		cmocka_unit_test(test_false_frames),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
