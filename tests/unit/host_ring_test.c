// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which ring is read: the module's before BPF's, and neither of them where there is none.
 * The module's is a file here, BPF's an array of the kernel that is pinned; this test
 * writes samples into both.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/cpu/cpu_ring.h"
#include "lib/base/clock.h"
#include "tests/unit/scratch.h"

enum {
	SLOTS = 4,
	STRIDE = 128,
	SLOT = 2 * STRIDE,
	SIZE = 4096 + SLOTS * SLOT,
};

/**
 * struct rings - both of them, as far as they are there
 * @spec: of a source of this test's own
 * @options: where they are
 * @device: the module's path
 * @pins: the folder of BPF's
 * @module: its memory
 * @bpf: the same
 * @map: BPF's, before it is pinned and after
 * @r: the reader
 * @lost: its
 * @table: what it put last; kind 0: nothing
 */
struct rings {
	struct cpu_source_spec spec;
	struct host_options options;
	char device[64];
	char pins[64];
	uint8_t *module;
	uint8_t *bpf;
	int map;
	struct cpu_ring r;
	uint64_t lost;
	struct wire_table table;
};

static struct ktach_ring_header *header(uint8_t *ring)
{
	return (struct ktach_ring_header *)ring;
}

static void format(uint8_t *ring)
{
	*header(ring) = (struct ktach_ring_header){
		.magic = KTACH_RING_MAGIC,
		.version = KTACH_RING_VERSION,
		.header_size = sizeof(*header(ring)),
		.kind = KTACH_RING_CPUSTAT,
		.slots = SLOTS,
		.records = 1,
		.records_seen = 1,
		.record_size = 88,
		.record_stride = STRIDE,
		.records_offset = STRIDE,
		.slot_stride = SLOT,
		.slots_offset = 4096,
		.period_ns = 1000000000,
		.state = KTACH_RING_LIVE,
	};
}

static void write_sample(uint8_t *ring, uint64_t n, uint64_t mono_ns)
{
	struct ktach_slot *s = (void *)(ring + 4096 + (n & (SLOTS - 1)) * SLOT);

	s->mono_ns = mono_ns;
	s->sequence = 2 * n;
	header(ring)->head = n;
}

static void put(void *arg, const struct wire_table *table)
{
	struct rings *t = arg;

	t->table = *table;
}

/* The origin of what is read next; 0: no ring has anything. */
static uint32_t origin(struct rings *t)
{
	const struct host_sink sink = { .put = put, .arg = t };

	t->table.origin = 0;
	cpu_ring_try(&t->r, true);
	cpu_ring_read(&t->r, &sink);
	return t->table.origin;
}

static int setup(void **state)
{
	struct rings *t = calloc(1, sizeof(*t));
	char pin[96];
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);

	assert_non_null(t);
	close(scratch_file(t->device));
	unlink(t->device);
	snprintf(t->pins, sizeof(t->pins), "/sys/fs/bpf/ktach-unit-%d",
		 getpid());
	t->spec = cpu_source_times;
	t->spec.device = t->device;
	t->spec.pins = "test";
	t->options.net.pins = t->pins;
	t->options.proc = "/proc";
	t->options.sys = "/sys";
	cpu_ring_init(&t->r, &t->spec, &t->options);
	t->r.lost = &t->lost;
	t->map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "ring", 4, STRIDE,
				SIZE / STRIDE, &opts);
	if (t->map >= 0 && !mkdir(t->pins, 0700)) {
		snprintf(pin, sizeof(pin), "%s/test", t->pins);
		assert_int_equal(mkdir(pin, 0700), 0);
		t->bpf = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
			      t->map, 0);
		assert_ptr_not_equal(t->bpf, MAP_FAILED);
		format(t->bpf);
	}
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct rings *t = *state;
	char pin[96];

	cpu_ring_close(&t->r);
	unlink(t->device);
	snprintf(pin, sizeof(pin), "%s/test/ring", t->pins);
	unlink(pin);
	snprintf(pin, sizeof(pin), "%s/test", t->pins);
	rmdir(pin);
	rmdir(t->pins);
	if (t->module)
		munmap(t->module, SIZE);
	if (t->bpf)
		munmap(t->bpf, SIZE);
	if (t->map >= 0)
		close(t->map);
	free(t);
	return 0;
}

static void pin_bpf(struct rings *t)
{
	char pin[96];

	if (!t->bpf)
		skip();
	snprintf(pin, sizeof(pin), "%s/test/ring", t->pins);
	assert_int_equal(bpf_obj_pin(t->map, pin), 0);
}

static void load_module(struct rings *t)
{
	int fd = open(t->device, O_RDWR | O_CREAT | O_EXCL, 0600);

	assert_true(fd >= 0 && !ftruncate(fd, SIZE));
	t->module = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(t->module, MAP_FAILED);
	close(fd);
	format(t->module);
}

static void says(const struct rings *t, const char *wanted)
{
	char text[256];

	cpu_ring_origin(&t->r, text, sizeof(text));
	if (!strstr(text, wanted))
		print_message("'%s' lacks '%s'\n", text, wanted);
	assert_non_null(strstr(text, wanted));
}

static void none(void **state)
{
	struct rings *t = *state;

	assert_int_equal(origin(t), 0);
	says(t, "from /proc: no /");
	says(t,
	     "(modprobe ktach_cpustat); no ring by BPF (ktach-shipper fills it)");
	t->options.rings.off = true;
	says(t, "; BPF is not wanted");
}

static void bpf_alone(void **state)
{
	struct rings *t = *state;

	pin_bpf(t);
	assert_int_equal(origin(t), 0);
	says(t, "; nobody fills ");
	write_sample(t->bpf, 1, clock_mono_ns());
	assert_int_equal(origin(t), WIRE_ORIGIN_BPF);
	assert_int_equal(t->table.sample, 1);
	says(t, "from BPF's ring: no /");
}

static void not_wanted(void **state)
{
	struct rings *t = *state;

	pin_bpf(t);
	write_sample(t->bpf, 1, clock_mono_ns());
	t->options.rings.off = true;
	assert_int_equal(origin(t), 0);
	t->options.rings.off = false;
	t->options.from = HOST_FROM_PROC;
	assert_int_equal(origin(t), 0);
}

/* From BPF's to the module's once that has a sample, and back when it goes. */
static void module_comes_and_goes(void **state)
{
	struct rings *t = *state;

	pin_bpf(t);
	write_sample(t->bpf, 1, clock_mono_ns());
	assert_int_equal(origin(t), WIRE_ORIGIN_BPF);
	load_module(t);
	write_sample(t->bpf, 2, clock_mono_ns());
	assert_int_equal(origin(t), WIRE_ORIGIN_BPF);
	write_sample(t->module, 1, clock_mono_ns());
	assert_int_equal(origin(t), WIRE_ORIGIN_RING);
	says(t, t->device);

	unlink(t->device);
	header(t->module)->state = 0;
	write_sample(t->module, 2, clock_mono_ns());
	assert_int_equal(origin(t), WIRE_ORIGIN_RING);
	assert_int_equal(t->table.sample, 2);
	write_sample(t->bpf, 3, clock_mono_ns());
	assert_int_equal(origin(t), WIRE_ORIGIN_BPF);
	assert_int_equal(t->table.sample, 3);
}

/* Its pins are gone: nothing says so but the time. */
static void nobody_fills_it(void **state)
{
	struct rings *t = *state;

	pin_bpf(t);
	write_sample(t->bpf, 1, clock_mono_ns());
	assert_int_equal(origin(t), WIRE_ORIGIN_BPF);
	write_sample(t->bpf, 2, clock_mono_ns() - UINT64_C(5000000000));
	assert_int_equal(origin(t), WIRE_ORIGIN_BPF);
	assert_int_equal(origin(t), 0);
	says(t, "; nobody fills ");
	write_sample(t->bpf, 3, clock_mono_ns());
	assert_int_equal(origin(t), WIRE_ORIGIN_BPF);
}

static void ended(void **state)
{
	struct rings *t = *state;

	pin_bpf(t);
	write_sample(t->bpf, 1, clock_mono_ns());
	assert_int_equal(origin(t), WIRE_ORIGIN_BPF);
	header(t->bpf)->state = 0;
	assert_int_equal(origin(t), 0);
	assert_int_equal(origin(t), 0);
	says(t, "; nobody fills ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(none, setup, teardown),
		cmocka_unit_test_setup_teardown(bpf_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(not_wanted, setup, teardown),
		cmocka_unit_test_setup_teardown(module_comes_and_goes, setup,
						teardown),
		cmocka_unit_test_setup_teardown(nobody_fills_it, setup,
						teardown),
		cmocka_unit_test_setup_teardown(ended, setup, teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
