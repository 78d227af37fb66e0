// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <ctype.h>
#include <errno.h>
#include <isa-l/crc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/rings.h"
#include "bpf/rings.skel.h"
#include "host/cpu/ring_load.h"
#include "host/file.h"
#include "lib/kernel/pinned_map.h"
#include "lib/kernel/proc.h"

enum {
	SLOTS_DEFAULT = 256,
	RING_BYTES_MAX =
		8 << 20, /* counted as memory of the service, of 64 MiB */
};

uint64_t ring_load_build(void)
{
	size_t size;
	const void *object = rings_bpf__elf_bytes(&size);

	return (uint64_t)size << 32 |
	       crc32_iscsi((unsigned char *)object, (int)size, 0);
}

/* --- shape ------------------------------------------------------------------- */

static uint64_t ring_bytes(const struct ktach_ring_header *h)
{
	return h->slots_offset + (uint64_t)h->slots * h->slot_stride;
}

static uint32_t timing_size(const struct cpu_source_spec *spec)
{
	return spec->ring == KTACH_RING_CPUSTAT ?
		       sizeof(struct ktach_cpustat_timing) :
		       sizeof(struct ktach_softirq_timing);
}

void ring_load_shape(struct ktach_ring_header *h,
		     const struct cpu_source_spec *spec,
		     const struct host_options *options)
{
	uint32_t size = sizeof(struct ktach_cpustat_record), cell = RING_CELL;

	if (options->rings.timing)
		size += timing_size(spec);
	if (size > cell)
		cell = RING_CELL_TIMING;
	*h = (struct ktach_ring_header){
		.magic = KTACH_RING_MAGIC,
		.version = KTACH_RING_VERSION,
		.header_size = sizeof(*h),
		.features = options->rings.timing ? KTACH_RING_TIMING : 0,
		.kind = spec->ring,
		.slots = SLOTS_DEFAULT,
		.records = possible_cpus(options->sys),
		.record_size = size,
		.record_stride = cell,
		.records_offset = cell,
		.slots_offset = (RING_HEADER + cell - 1) / cell * cell,
		.state = KTACH_RING_LIVE,
	};
	snprintf(h->name, sizeof(h->name), "%s", spec->pins);
	h->slot_stride = (RING_CELL_RECORDS + h->records) * cell;
	while (h->slots > 2 && ring_bytes(h) > RING_BYTES_MAX)
		h->slots /= 2;
}

/* --- loading ----------------------------------------------------------------- */

/* Exact times have programs of their own. */
static void set_programs(struct rings_bpf *bpf,
			 const struct ktach_ring_header *h)
{
	bool timing = h->features & KTACH_RING_TIMING;

	bpf_program__set_autoload(bpf->progs.ktach_switch,
				  timing && h->kind == KTACH_RING_CPUSTAT);
	bpf_program__set_autoload(bpf->progs.ktach_softirq_begin, timing);
	bpf_program__set_autoload(bpf->progs.ktach_softirq_end, timing);
}

static int set_sizes(struct rings_bpf *bpf, const struct ktach_ring_header *h)
{
	uint32_t cell = h->record_stride;
	int err = bpf_map__set_value_size(bpf->maps.ring, cell);

	if (!err)
		err = bpf_map__set_max_entries(
			bpf->maps.ring, (uint32_t)(ring_bytes(h) / cell));
	if (!err)
		err = bpf_map__set_max_entries(bpf->maps.lasts, h->records);
	if (!err)
		err = bpf_map__set_max_entries(bpf->maps.timings, h->records);
	set_programs(bpf, h);
	bpf->rodata->kind = h->kind;
	bpf->rodata->timing = h->features & KTACH_RING_TIMING;
	bpf->rodata->slots = h->slots;
	bpf->rodata->records = h->records;
	bpf->rodata->cell_size = cell;
	return err;
}

static int load(struct rings_bpf **out, const struct ktach_ring_header *h,
		char *log, size_t size)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .kernel_log_buf = log,
		    .kernel_log_size = size);
	struct rings_bpf *bpf = rings_bpf__open_opts(&opts);
	int err;

	if (!bpf)
		return -errno;
	err = set_sizes(bpf, h);
	if (!err)
		err = rings_bpf__load(bpf);
	if (err)
		rings_bpf__destroy(bpf);
	*out = bpf;
	return err;
}

static int write_header(struct rings_bpf *bpf,
			const struct ktach_ring_header *h)
{
	struct pinned_map map;
	int err = pinned_map_of(&map, bpf_map__fd(bpf->maps.ring), true);

	if (err)
		return err;
	*(struct ktach_ring_header *)map.data = *h;
	pinned_map_close(&map);
	return 0;
}

/* --- CPUs that are there at the start ---------------------------------------- */

static int know(struct rings_bpf *bpf, uint32_t cpu)
{
	const struct ring_last last = { .known = 1 };

	return bpf_map_update_elem(bpf_map__fd(bpf->maps.lasts), &cpu, &last,
				   BPF_ANY);
}

/* "0-3,8-11": each of a list of ranges. */
static int know_all(struct rings_bpf *bpf, const char *at, uint32_t records,
		    __u64 *end)
{
	unsigned long first, last;
	int err = 0;
	char *next;

	while (!err && isdigit((unsigned char)*at)) {
		first = last = strtoul(at, &next, 10);
		if (*next == '-')
			last = strtoul(next + 1, &next, 10);
		for (; !err && first <= last && first < records; first++) {
			err = know(bpf, (uint32_t)first);
			*end = first + 1;
		}
		at = *next == ',' ? next + 1 : next;
	}
	return err;
}

/* Others come by the hotplug programs, which run already. */
static int write_control(struct rings_bpf *bpf, const char *sys,
			 uint32_t records)
{
	struct ring_control control = { .build = ring_load_build() };
	char text[4096];
	uint32_t zero = 0;
	int err;

	if (!host_line(sys, "devices/system/cpu/online", text, sizeof(text)))
		return -ENOENT;
	err = know_all(bpf, text, records, &control.cpus_end);
	if (err)
		return err;
	return bpf_map_update_elem(bpf_map__fd(bpf->maps.control), &zero,
				   &control, BPF_ANY);
}

/* --- pins -------------------------------------------------------------------- */

static int pin_maps(const struct pins *p, struct rings_bpf *bpf)
{
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, bpf->obj)
	{
		if (!err && !bpf_map__is_internal(map))
			err = pins_put(p, bpf_map__name(map), bpf_map__fd(map));
	}
	return err;
}

/* The pin keeps the link, and that the program. */
static int attach(const struct pins *p, struct bpf_program *program)
{
	struct bpf_link *link = bpf_program__attach(program);
	int err;

	if (!link)
		return -errno;
	err = pins_put(p, bpf_program__name(program), bpf_link__fd(link));
	bpf_link__destroy(link);
	return err;
}

/* All that were loaded but the one that user space runs. */
static int attach_all(const struct pins *p, struct rings_bpf *bpf)
{
	struct bpf_program *program;
	int err = 0;

	bpf_object__for_each_program(program, bpf->obj)
	{
		if (!err && program != bpf->progs.ktach_start &&
		    bpf_program__autoload(program))
			err = attach(p, program);
	}
	return err;
}

int ring_load(const struct pins *p, const struct ktach_ring_header *h,
	      const struct host_options *options, char *log, size_t size)
{
	struct rings_bpf *bpf;
	int err = load(&bpf, h, log, size);

	if (err)
		return err;
	err = write_header(bpf, h);
	if (!err)
		err = pin_maps(p, bpf);
	if (!err)
		err = pins_put(p, "start",
			       bpf_program__fd(bpf->progs.ktach_start));
	if (!err)
		err = attach_all(p, bpf);
	if (!err)
		err = write_control(bpf, options->sys, h->records);
	rings_bpf__destroy(bpf);
	return err;
}

int ring_load_run(const struct pins *p)
{
	LIBBPF_OPTS(bpf_test_run_opts, run);
	int fd = pins_get(p, "start"), err;

	if (fd < 0)
		return fd;
	err = bpf_prog_test_run_opts(fd, &run);
	close(fd);
	return err ? err : (int)run.retval;
}
