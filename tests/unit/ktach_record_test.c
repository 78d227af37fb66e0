// SPDX-License-Identifier: GPL-2.0-or-later
/* Recordings: what goes in comes out, as figures; cut and damaged files lose no more
 * than what was cut or damaged, and say so.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ktach/feed.h"
#include "ktach/figures/cpu_figures.h"
#include "ktach/show/json.h"
#include "ktach/figures/net_figures.h"
#include "ktach/record/record_file.h"
#include "lib/base/log.h"
#include "lib/wire/wire_schema.h"
#include "tests/unit/scratch.h"

enum {
	SAMPLES = 5,
	CPUS = 3,
	MANY = 1200, /* more than a frame holds */
	STEP = 7, /* between bytes that are tried */
	IMAGE_MAX = 1 << 22,
};

#define S 1000000000ULL

static char path[64];
static uint8_t image[IMAGE_MAX], bad[IMAGE_MAX];
static size_t image_size;
static size_t ends[SAMPLES]; /* of each sample */
static char *shown[SAMPLES]; /* as JSON */

/* What a host tells, that changes with each sample. */
struct host {
	struct readings times, softirqs, net;
	const struct readings *told[SECTIONS];
	struct figures f;
};

static uint64_t noise(uint64_t seed)
{
	seed *= 0x9e3779b97f4a7c15;
	return (seed ^ seed >> 29) >> 40;
}

/* @rows of counters, which grow by something else each. */
static void put(struct readings *to, uint32_t kind, uint32_t rows, uint64_t n)
{
	const struct wire_schema *schema = wire_schema(kind);
	const struct host_sink sink = { readings_put, to };
	struct rows r = { .kind = kind };
	struct wire_table table;
	char name[16];
	uint32_t i, c;

	for (i = 0; i < rows; i++) {
		uint64_t *row = rows_add(&r, i + 1);

		for (c = 1; c < schema->columns; c++)
			row[c] = n * (noise(i * 64 + c) + 1) + c;
		if (kind == WIRE_CPU || kind == WIRE_SOFTIRQ)
			row[WIRE_CPU_FLAGS] = WIRE_CPU_ONLINE | WIRE_CPU_SEEN;
		snprintf(name, sizeof(name), "eth%u", i);
		if (schema->texts)
			rows_text(&r, 0, name, strlen(name));
	}
	table = rows_table(&r);
	table.origin = WIRE_ORIGIN_RING;
	table.sample = 100 + n;
	table.lost = n / 2;
	table.missed = n / 3;
	table.real_ns = 1795261901542006085 + n * S;
	table.mono_ns = 5 + n * S;
	sink.put(sink.arg, &table);
	rows_exit(&r);
}

static void put_stack(struct readings *to)
{
	const struct host_sink sink = { readings_put, to };
	struct rows r = { .kind = WIRE_FACTS };

	rows_add(&r, WIRE_FACT_STACKED);
	rows_text(&r, WIRE_FACT, "eth1 eth0", 9);
	rows_put(&r, &sink, WIRE_ORIGIN_PROC, 1, 1);
	rows_exit(&r);
}

/* Moment @n; from the second on there are figures. */
static void happen(struct host *h, uint64_t n, uint32_t cpus)
{
	struct figures *f = &h->f;

	h->net.put = 0;
	put(&h->times, WIRE_CPU, cpus, n);
	put(&h->softirqs, WIRE_SOFTIRQ, cpus, n);
	put(&h->net, WIRE_LINK, 2, n);
	put(&h->net, WIRE_NET, 1, n);
	put_stack(&h->net);
	h->told[SECTION_CPU] = &h->times;
	h->told[SECTION_SOFTIRQ] = &h->softirqs;
	h->told[SECTION_NET] = &h->net;
	assert_int_equal(cpu_between(&h->times.before.table[WIRE_CPU],
				     &h->times.now.table[WIRE_CPU], &f->cpu),
			 0);
	assert_int_equal(cpu_between(&h->softirqs.before.table[WIRE_SOFTIRQ],
				     &h->softirqs.now.table[WIRE_SOFTIRQ],
				     &f->softirq),
			 0);
	assert_int_equal(net_between(&h->net, &f->net), 0);
	snprintf(f->host, sizeof(f->host), "host-%d", (int)n);
	snprintf(f->release, sizeof(f->release), "6.1.0-%d-amd64", (int)n);
	f->mem = (struct mem_figures){ { ORIGIN_PROC, 7 + n, 8 + n },
				       n,
				       2,
				       FIGURE_UNKNOWN,
				       4,
				       5,
				       6,
				       7,
				       8 };
	f->load = (struct load_figures){ { ORIGIN_PROC, 7 + n, 8 + n },
					 { n * 10, 20, 30 },
					 FIGURE_UNKNOWN,
					 5,
					 6 };
	f->notes = 0;
	figures_note(f, "note %d", (int)n);
}

static void forget(struct host *h)
{
	readings_free(&h->times);
	readings_free(&h->softirqs);
	readings_free(&h->net);
	figures_free(&h->f);
}

static char *json_of(const struct figures *f)
{
	json_t *o = figures_json(f);
	char *text = json_dumps(o, 0);

	json_decref(o);
	return text;
}

static void write_image(const uint8_t *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), size);
	close(fd);
}

static void record(uint32_t cpus)
{
	static struct record_writer w;
	struct host h = { 0 };
	uint64_t n;
	int fd;

	unlink(path);
	assert_int_equal(record_create(&w, path, S), 0);
	happen(&h, 0, cpus);
	for (n = 0; n < SAMPLES; n++) {
		happen(&h, n + 1, cpus);
		assert_int_equal(record_append(&w, h.told, &h.f), 0);
		ends[n] = (size_t)lseek(w.fd, 0, SEEK_CUR);
		free(shown[n]);
		shown[n] = json_of(&h.f);
	}
	assert_int_equal(record_finish(&w), 0);
	forget(&h);
	fd = open(path, O_RDONLY);
	image_size = (size_t)read(fd, image, sizeof(image));
	close(fd);
	assert_int_equal(image_size, ends[SAMPLES - 1]);
}

static int make_path(void **state)
{
	log_init("test", LOG_ERROR - 1);
	close(scratch_file(path));
	return 0;
}

static int record_few(void **state)
{
	record(CPUS);
	return 0;
}

static int remove_all(void **state)
{
	int i;

	for (i = 0; i < SAMPLES; i++)
		free(shown[i]);
	return unlink(path);
}

/* Reads all; returns how many samples, which must be those that were shown but for
 * @skip: what comes after it is compared with the one before.
 */
static uint64_t read_all(struct record_reader *r, uint64_t skip)
{
	struct figures f = { 0 };
	uint64_t n = 0;
	int ret;

	assert_int_equal(record_open(r, path), 0);
	while ((ret = record_next(r, &f)) == 0) {
		char *text;

		n += n == skip;
		text = json_of(&f);
		assert_true(n < SAMPLES);
		if (n != skip + 1)
			assert_string_equal(text, shown[n]);
		assert_int_equal(f.cpu.span.sample, 101 + n);
		free(text);
		n++;
	}
	assert_int_equal(ret, 1);
	figures_free(&f);
	record_close(r);
	return r->samples;
}

static void what_goes_in_comes_out(void **state)
{
	struct record_reader r;

	write_image(image, image_size);
	assert_int_equal(read_all(&r, SAMPLES), SAMPLES);
	assert_int_equal(r.damaged, 0);
	assert_false(r.cut);
}

/* The end of what the first sample is compared with. */
static size_t beginning(void)
{
	size_t size;

	assert_int_equal(wire_size(image, image_size, &size), WIRE_OK);
	return size;
}

/* Each around the end of a sample, some in between. */
static size_t next_size(size_t size)
{
	int i;

	for (i = 0; i < SAMPLES; i++)
		if (size + STEP > ends[i] - 1 && size <= ends[i])
			return size + 1;
	return size + STEP;
}

static void a_file_cut_anywhere_keeps_its_whole_samples(void **state)
{
	struct record_reader r;
	uint64_t whole = 0;
	size_t size;

	for (size = WIRE_HEADER_SIZE; size < image_size;
	     size = next_size(size)) {
		write_image(image, size);
		while (ends[whole] <= size)
			whole++;
		assert_int_equal(read_all(&r, SAMPLES), whole);
		assert_int_equal(r.damaged, 0);
		assert_int_equal(r.cut,
				 size != beginning() &&
					 size != (whole ? ends[whole - 1] : 0));
	}
}

static void a_file_cut_in_its_head_is_refused(void **state)
{
	struct record_reader r;
	size_t size;

	for (size = 0; size < WIRE_HEADER_SIZE; size++) {
		write_image(image, size);
		assert_int_equal(record_open(&r, path), -EPROTO);
	}
}

/* A byte of sample 2 is wrong, each in turn: the other four are all there. */
static void a_damaged_sample_costs_itself(void **state)
{
	struct record_reader r;
	size_t at;

	for (at = ends[1]; at < ends[2]; at += STEP) {
		memcpy(bad, image, image_size);
		bad[at] ^= 0x41;
		write_image(bad, image_size);
		assert_int_equal(read_all(&r, 2), SAMPLES - 1);
		assert_int_equal(r.damaged, 1);
		assert_int_equal(r.skipped, ends[2] - ends[1]);
		assert_false(r.cut);
	}
}

static void another_file_is_refused(void **state)
{
	struct record_reader r;

	memcpy(bad, image, image_size);
	bad[0] ^= 1;
	write_image(bad, image_size);
	assert_int_equal(record_open(&r, path), -EPROTO);
	/* As it was before it was made of frames. */
	memcpy(bad, "KTACHREC\1\0\0\0", 12);
	write_image(bad, image_size);
	assert_int_equal(record_open(&r, path), -EPROTO);
	assert_int_equal(record_open(&r, "/no/such/file"), -ENOENT);
	assert_int_equal(record_open(&r, "/tmp"), -EINVAL);
}

static void a_recording_is_never_written_over(void **state)
{
	static struct record_writer w;

	write_image(image, image_size);
	assert_int_equal(record_create(&w, path, S), -EEXIST);
}

/* Frames that are whole and not of a sample, such as one that somebody caught on
 * the wire.
 */
static void other_frames_are_passed_over(void **state)
{
	static struct wire_encoder e;
	const struct wire_sender sender = { .session = 1 };
	uint64_t cells[WIRE_NODE_REQUIRED] = { [WIRE_NODE_PERIOD_NS] = S };
	struct wire_text texts[WIRE_NODE_TEXTS] = { { "a", 1 }, { "b", 1 } };
	const struct wire_table node = {
		.kind = WIRE_NODE,
		.schema = 2,
		.origin = WIRE_ORIGIN_SHIPPER,
		.columns = WIRE_NODE_REQUIRED,
		.rows = 1,
		.texts = WIRE_NODE_TEXTS,
		.cells = cells,
		.text = texts,
	};
	struct record_reader r;
	size_t size;

	wire_begin(&e, bad, 4096, 1);
	assert_int_equal(wire_put(&e, &node, 0), 1);
	size = wire_finish(&e, &sender, 1);
	memcpy(bad + size, image, image_size);
	write_image(bad, size + image_size);
	assert_int_equal(read_all(&r, SAMPLES), SAMPLES);
	assert_int_equal(r.damaged, 0);
}

/* A sample of several frames is whole with all of them, and else none. */
static void a_sample_may_take_several_frames(void **state)
{
	struct record_reader r;
	size_t at, size;
	uint64_t frames = 0;

	record(MANY);
	assert_int_equal(read_all(&r, SAMPLES), SAMPLES);
	for (at = ends[1]; at < ends[2]; at += size, frames++) {
		assert_int_equal(wire_size(image + at, image_size - at, &size),
				 WIRE_OK);
		memcpy(bad, image, image_size);
		bad[at + size / 2] ^= 0x41;
		write_image(bad, image_size);
		if (frames && at + size != ends[2])
			continue;
		assert_int_equal(read_all(&r, 2), SAMPLES - 1);
		assert_int_equal(r.skipped, size);
	}
	assert_true(frames > 2);
}

/* Samples come as far apart as they were, or as much faster as was asked for. */
static void replay_waits_as_long(void **state)
{
	static const uint64_t speeds[] = { 1, 4, 0 };
	size_t i;

	for (i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++) {
		const struct settings s = { .speed = speeds[i] };
		struct replay_feed r;
		struct figures f = { 0 };
		int n;

		assert_int_equal(replay_feed_open(&r, &s, path), 0);
		assert_false(r.feed.live);
		for (n = 0; n < SAMPLES; n++) {
			assert_int_equal(r.feed.next(&r.feed, &f), 0);
			assert_int_equal(r.feed.wait_ns,
					 n + 1 < SAMPLES && speeds[i] ?
						 S / speeds[i] :
						 0);
		}
		assert_int_equal(r.feed.next(&r.feed, &f), 1);
		replay_feed_close(&r);
		figures_free(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_goes_in_comes_out, record_few),
		cmocka_unit_test_setup(replay_waits_as_long, record_few),
		cmocka_unit_test_setup(
			a_file_cut_anywhere_keeps_its_whole_samples,
			record_few),
		cmocka_unit_test_setup(a_file_cut_in_its_head_is_refused,
				       record_few),
		cmocka_unit_test_setup(a_damaged_sample_costs_itself,
				       record_few),
		cmocka_unit_test_setup(another_file_is_refused, record_few),
		cmocka_unit_test_setup(a_recording_is_never_written_over,
				       record_few),
		cmocka_unit_test_setup(other_frames_are_passed_over,
				       record_few),
		cmocka_unit_test_setup(a_sample_may_take_several_frames,
				       record_few),
	};

	return cmocka_run_group_tests(tests, make_path, remove_all);
}
