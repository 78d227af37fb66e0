// SPDX-License-Identifier: GPL-2.0-or-later
/* Recordings: what goes in comes out; cut and damaged files lose no more than
 * what was cut or damaged, and say so.
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

#include "ktach/record_file.h"
#include "lib/log.h"
#include "tests/unit/scratch.h"

enum {
	SAMPLES = 5,
	CPUS = 3,
	IMAGE_MAX = 65536,
};

static char path[64];
static uint8_t image[IMAGE_MAX];
static size_t image_size;
static size_t ends[SAMPLES]; /* of each chunk */

static void fill_cpus(struct cpu_figures *f, uint64_t seed, uint32_t origin)
{
	uint32_t i;
	int v;

	f->span = (struct span){ origin,   seed,     seed + 1, seed + 2,
				 seed + 3, seed + 4, seed + 5 };
	f->has_exact = seed & 1;
	f->online = CPUS - 1;
	assert_int_equal(cpu_figures_room(f, CPUS), 0);
	f->rows = CPUS;
	for (v = 0; v < CPU_TABLE_VALUES; v++) {
		f->total[v] = seed * 31 + (uint64_t)v;
		f->total_exact[v] = f->has_exact ? seed * 37 + (uint64_t)v : 0;
	}
	for (i = 0; i < CPUS; i++) {
		struct cpu_row *row = &f->row[i];

		memset(row, 0, sizeof(*row));
		row->cpu = i * 2;
		row->flags = WIRE_CPU_ONLINE;
		for (v = 0; v < CPU_TABLE_VALUES; v++) {
			row->values[v] = seed * 1000003 * (i + 1) + (uint64_t)v;
			row->exact[v] = f->has_exact ? row->values[v] / 7 : 0;
		}
	}
}

/* Sample @n, different from all others in every part. */
static void fill(struct figures *f, uint64_t n)
{
	uint64_t seed = 1795261901542006085 + n * 1000000007;
	int side;

	memset(f, 0, sizeof(*f));
	snprintf(f->host, sizeof(f->host), "host-%d", (int)n);
	snprintf(f->release, sizeof(f->release), "6.1.0-%d-amd64", (int)n);
	fill_cpus(&f->cpu, seed, ORIGIN_RING);
	fill_cpus(&f->softirq, seed + 77, ORIGIN_NETLINK);
	f->net.span = f->cpu.span;
	f->net.span.origin = ORIGIN_BPF;
	assert_int_equal(net_figures_room(&f->net, 1), 0);
	f->net.rows = 1;
	memset(f->net.row, 0, sizeof(*f->net.row));
	memset(f->net.row->traffic, 0x11 + (int)n, sizeof(f->net.row->traffic));
	/* Of the device and its queueing discipline a recording knows nothing. */
	net_forget_queue(f->net.row);
	for (side = 0; side < NET_SIDES; side++) {
		struct net_traffic *t = &f->net.row->traffic[side];

		t->device_bytes_per_s = FIGURE_UNKNOWN;
		t->device_packets_per_s = FIGURE_UNKNOWN;
	}
	snprintf(f->net.row->name, IF_NAMESIZE, "eth%d", (int)n);
	f->net.row->origin = ORIGIN_BPF;
	f->mem = (struct mem_figures){ f->cpu.span, seed, n, 3, 4, 5, 6, 7, 8 };
	f->load = (struct load_figures){ f->cpu.span, { n, 2, 3 }, 4, 5, 6 };
	figures_note(f, "note %d", (int)n);
}

static void same_cpus(const struct cpu_figures *a, const struct cpu_figures *b)
{
	assert_memory_equal(&a->span, &b->span, sizeof(a->span));
	assert_int_equal(a->rows, b->rows);
	assert_int_equal(a->online, b->online);
	assert_int_equal(a->has_exact, b->has_exact);
	assert_memory_equal(a->total, b->total, sizeof(a->total));
	if (!a->has_exact)
		return;
	assert_memory_equal(a->total_exact, b->total_exact,
			    sizeof(a->total_exact));
	assert_memory_equal(a->row, b->row, a->rows * sizeof(*a->row));
}

static void same(const struct figures *a, uint64_t n)
{
	struct figures b;

	assert_true(n < SAMPLES);
	fill(&b, n);
	assert_string_equal(a->host, b.host);
	assert_string_equal(a->release, b.release);
	same_cpus(&a->cpu, &b.cpu);
	same_cpus(&a->softirq, &b.softirq);
	assert_int_equal(a->net.rows, 1);
	assert_string_equal(a->net.row->name, b.net.row->name);
	assert_int_equal(a->net.row->origin, ORIGIN_BPF);
	assert_memory_equal(a->net.row->traffic, b.net.row->traffic,
			    sizeof(b.net.row->traffic));
	assert_memory_equal(&a->mem, &b.mem, sizeof(b.mem));
	assert_memory_equal(&a->load, &b.load, sizeof(b.load));
	assert_int_equal(a->notes, 1);
	assert_string_equal(a->note[0], b.note[0]);
	figures_free(&b);
}

static void write_image(const uint8_t *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), size);
	close(fd);
}

static int setup(void **state)
{
	struct record_writer w;
	struct figures f;
	uint64_t n;
	int fd = scratch_file(path);

	log_init("test", LOG_ERROR - 1);
	close(fd);
	unlink(path);
	assert_int_equal(record_create(&w, path), 0);
	for (n = 0; n < SAMPLES; n++) {
		fill(&f, n);
		assert_int_equal(record_append(&w, &f), 0);
		ends[n] = (size_t)lseek(w.fd, 0, SEEK_CUR);
		figures_free(&f);
	}
	assert_int_equal(record_finish(&w), 0);
	fd = open(path, O_RDONLY);
	image_size = (size_t)read(fd, image, sizeof(image));
	close(fd);
	assert_int_equal(image_size, ends[SAMPLES - 1]);
	return 0;
}

static int teardown(void **state)
{
	return unlink(path);
}

/* Reads all; returns how many samples, which must be those of @first on but for
 * @skip.
 */
static uint64_t read_all(struct record_reader *r, uint64_t skip)
{
	struct figures f = { 0 };
	uint64_t n = 0;
	int ret;

	assert_int_equal(record_open(r, path), 0);
	while ((ret = record_next(r, &f)) == 0) {
		if (n == skip)
			n++;
		same(&f, n++);
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

static void a_file_cut_anywhere_keeps_its_whole_samples(void **state)
{
	struct record_reader r;
	uint64_t whole = 0;
	size_t size;

	for (size = RECORD_HEAD; size < image_size; size++) {
		write_image(image, size);
		while (ends[whole] <= size)
			whole++;
		assert_int_equal(read_all(&r, SAMPLES), whole);
		assert_int_equal(r.damaged, 0);
		assert_int_equal(r.cut,
				 size != RECORD_HEAD &&
					 size != (whole ? ends[whole - 1] : 0));
	}
}

static void a_file_cut_in_its_head_is_refused(void **state)
{
	struct record_reader r;
	size_t size;

	for (size = 0; size < RECORD_HEAD; size++) {
		write_image(image, size);
		assert_int_equal(record_open(&r, path), -EPROTO);
	}
}

/* A byte of sample 2 is wrong, each in turn: the other four are all there. */
static void a_damaged_sample_costs_itself(void **state)
{
	static uint8_t bad[IMAGE_MAX];
	struct record_reader r;
	size_t at;

	for (at = ends[1]; at < ends[2]; at++) {
		memcpy(bad, image, image_size);
		bad[at] ^= 0x41;
		write_image(bad, image_size);
		assert_int_equal(read_all(&r, 2), SAMPLES - 1);
		assert_int_equal(r.damaged, 1);
		assert_int_equal(r.skipped, ends[2] - ends[1]);
		assert_false(r.cut);
	}
}

static void another_head_is_refused(void **state)
{
	static uint8_t bad[IMAGE_MAX];
	struct record_reader r;
	size_t at;

	for (at = 0; at < RECORD_HEAD; at++) {
		memcpy(bad, image, image_size);
		bad[at] ^= 1;
		write_image(bad, image_size);
		assert_int_equal(record_open(&r, path), -EPROTO);
	}
	assert_int_equal(record_open(&r, "/no/such/file"), -ENOENT);
	assert_int_equal(record_open(&r, "/tmp"), -EINVAL);
}

static void a_recording_is_never_written_over(void **state)
{
	struct record_writer w;

	write_image(image, image_size);
	assert_int_equal(record_create(&w, path), -EEXIST);
}

/* Numbers that pass the CRC and still are no sample. */
static void nonsense_is_no_sample(void **state)
{
	struct numbers n = { 0 };
	struct figures f, read = { 0 };
	size_t i;

	fill(&f, 1);
	assert_int_equal(sample_pack(&n, &f), 0);
	for (i = 0; i < n.count; i++)
		assert_int_equal(sample_unpack(&read, n.at, i), -EBADMSG);
	assert_int_equal(sample_unpack(&read, n.at, n.count), 0);
	for (i = 0; i < n.count; i++) {
		uint64_t kept = n.at[i];

		n.at[i] = UINT64_MAX;
		sample_unpack(&read, n.at, n.count); /* must not overrun */
		n.at[i] = kept;
	}
	free(n.at);
	figures_free(&f);
	figures_free(&read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(a_file_cut_anywhere_keeps_its_whole_samples),
		cmocka_unit_test(a_file_cut_in_its_head_is_refused),
		cmocka_unit_test(a_damaged_sample_costs_itself),
		cmocka_unit_test(another_head_is_refused),
		cmocka_unit_test(a_recording_is_never_written_over),
		cmocka_unit_test(nonsense_is_no_sample),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
