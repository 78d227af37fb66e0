// SPDX-License-Identifier: GPL-2.0-or-later
/* Loading the programs: once, for as long as they stay pinned. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <isa-l/crc.h>

#include "bpf/layout.h"
#include "bpf/net.skel.h"
#include "lib/kernel/proc.h"
#include "shipper/packets/rate_table.h"

enum {
	START_FRAME = 64, /* bytes of packet that a test run asks for */
};

uint64_t rate_build(void)
{
	size_t size;
	const void *object = net_bpf__elf_bytes(&size);

	return (uint64_t)size << 32 |
	       crc32_iscsi((unsigned char *)object, (int)size, 0);
}

/*
 * One place for each number up to that of the last possible CPU: the numbers may have
 * gaps. CPUs beyond the layout's are not counted.
 */
static uint32_t cpu_words(void)
{
	uint32_t words =
		(possible_cpus("/sys") + NET_WORD_BITS - 1) / NET_WORD_BITS;

	return words < NET_CPU_WORDS ? words : NET_CPU_WORDS;
}

static int set_sizes(struct net_bpf *bpf, const struct rate_settings *s)
{
	struct bpf_map *sized[] = {
		bpf->maps.counters, bpf->maps.rings,  bpf->maps.assignments,
		bpf->maps.controls, bpf->maps.states, bpf->maps.table,
	};
	uint32_t recorded = s->recorded ? s->recorded : 1;
	int error = 0;
	size_t i;

	for (i = 0; !error && i < sizeof(sized) / sizeof(*sized); i++)
		error = bpf_map__set_max_entries(sized[i], s->slots);
	if (!error && s->recorded)
		error = bpf_map__set_max_entries(bpf->maps.recordings,
						 s->slots);
	if (!error)
		error = bpf_map__set_value_size(
			bpf->maps.recordings,
			sizeof(struct ktach_net_recording) +
				recorded * sizeof(uint32_t) *
					KTACH_NET_DIRECTIONS);
	bpf->rodata->slots = s->slots;
	bpf->rodata->recorded = recorded;
	bpf->rodata->recording = s->recorded != 0;
	bpf->rodata->cpu_words = cpu_words();
	return error;
}

static int load_programs(struct net_bpf **out, const struct rate_settings *s)
{
	struct net_bpf *bpf = net_bpf__open();
	int error;

	if (!bpf)
		return -errno;
	error = set_sizes(bpf, s);
	if (!error)
		error = net_bpf__load(bpf);
	if (error)
		net_bpf__destroy(bpf);
	*out = bpf;
	return error;
}

static int write_head(struct net_bpf *bpf, const struct rate_settings *s)
{
	const struct ktach_net_head head = {
		.magic = KTACH_NET_MAGIC,
		.version = KTACH_NET_VERSION,
		.slots = s->slots,
		.slot_size = sizeof(struct ktach_net_slot),
		.recorded = s->recorded,
		.build = rate_build(),
		.netns_cookie = net_namespace_cookie(),
		.period_ns = s->period_ns,
	};
	uint32_t zero = 0;

	return bpf_map_update_elem(bpf_map__fd(bpf->maps.head), &zero, &head,
				   BPF_ANY);
}

/*
 * The packet programs do not use the head. It is bound to them so that who finds a
 * program finds its head, too, and sees whether its timer ticks (lib/kernel/tc.c).
 */
static int bind_head(struct net_bpf *bpf)
{
	int head = bpf_map__fd(bpf->maps.head), error;

	error = bpf_prog_bind_map(bpf_program__fd(bpf->progs.ktach_ingress),
				  head, NULL);
	if (error)
		return error;
	return bpf_prog_bind_map(bpf_program__fd(bpf->progs.ktach_egress), head,
				 NULL);
}

/* A timer can only be started by a program: run one, on a packet of zeroes. */
static int start_timer(struct net_bpf *bpf)
{
	char frame[START_FRAME] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame,
		    .data_size_in = sizeof(frame));
	int error = bpf_prog_test_run_opts(
		bpf_program__fd(bpf->progs.ktach_start), &run);

	return error ? error : (int)run.retval;
}

static int pin_all(const struct pins *p, struct net_bpf *bpf)
{
	struct bpf_map *map;
	int error = 0;

	bpf_object__for_each_map(map, bpf->obj)
	{
		/* constants: a dot in their name, that no pin may have */
		if (!error && !bpf_map__is_internal(map))
			error = pins_put(p, bpf_map__name(map),
					 bpf_map__fd(map));
	}
	if (!error)
		error = pins_put(p, "ingress",
				 bpf_program__fd(bpf->progs.ktach_ingress));
	if (!error)
		error = pins_put(p, "egress",
				 bpf_program__fd(bpf->progs.ktach_egress));
	return error;
}

int rate_table_load(const struct pins *p, const struct rate_settings *s,
		    const char **what)
{
	struct net_bpf *bpf;
	int error;

	*what = "load BPF programs";
	error = load_programs(&bpf, s);
	if (error == -EACCES)
		error = -ENOEXEC; /* the verifier refused it: that is not about rights */
	if (error)
		return error;
	*what = "start the BPF timer";
	error = write_head(bpf, s);
	if (!error)
		error = bind_head(bpf);
	if (!error)
		error = start_timer(bpf);
	if (error)
		goto destroy;
	*what = "pin programs and maps";
	error = pin_all(p, bpf);
destroy:
	net_bpf__destroy(bpf);
	return error;
}
