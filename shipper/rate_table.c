// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bpf/layout.h"
#include "bpf/net.skel.h"
#include "lib/barrier.h"
#include "lib/log.h"
#include "shipper/rate_table.h"

enum {
	READ_TRIES = 1000, /* of a slot: the writer needs a microsecond */
	START_FRAME = 64, /* bytes of packet that a test run asks for */
};

/*
 * libbpf speaks in lines and in whole verifier logs: hand on line by line. Its
 * own debug messages, a hundred a load, are left out.
 */
static int libbpf_line(enum libbpf_print_level level, const char *format,
		       va_list args)
{
	char *text, *rest, *line;

	if (level == LIBBPF_DEBUG)
		return 0;
	if (vasprintf(&text, format, args) < 0)
		return 0;
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		if (*line)
			log_debug("%s", line);
	}
	free(text);
	return 0;
}

static size_t map_size(const struct bpf_map *map)
{
	size_t page = sysconf(_SC_PAGESIZE);
	size_t size =
		(size_t)bpf_map__value_size(map) * bpf_map__max_entries(map);

	return (size + page - 1) / page * page;
}

static int map_one(const struct bpf_map *map, int protection, void *where)
{
	void *address = mmap(NULL, map_size(map), protection, MAP_SHARED,
			     bpf_map__fd(map), 0);

	if (address == MAP_FAILED)
		return -errno;
	*(void **)where = address;
	return 0;
}

static int map_all(struct rate_table *t)
{
	int error;

	error = map_one(t->bpf->maps.buckets, PROT_READ | PROT_WRITE,
			&t->buckets);
	if (!error)
		error = map_one(t->bpf->maps.assignments,
				PROT_READ | PROT_WRITE, &t->assignments);
	if (!error)
		error = map_one(t->bpf->maps.states, PROT_READ, &t->states);
	if (!error)
		error = map_one(t->bpf->maps.table, PROT_READ, &t->table);
	return error;
}

static void unmap_one(const struct bpf_map *map, const void *address)
{
	if (address)
		munmap((void *)address, map_size(map));
}

static void unmap_all(struct rate_table *t)
{
	unmap_one(t->bpf->maps.table, t->table);
	unmap_one(t->bpf->maps.states, t->states);
	unmap_one(t->bpf->maps.assignments, t->assignments);
	unmap_one(t->bpf->maps.buckets, t->buckets);
}

static int load(struct rate_table *t, uint64_t period_ns)
{
	int error;

	t->bpf = net_bpf__open();
	if (!t->bpf)
		return -errno;
	t->bpf->rodata->period_ns = period_ns;
	t->bpf->rodata->cpus = libbpf_num_possible_cpus();
	error = net_bpf__load(t->bpf);
	if (error)
		net_bpf__destroy(t->bpf);
	return error;
}

/* A timer can only be started by a program: run one, on a packet of zeroes. */
static int start_timer(struct rate_table *t)
{
	char frame[START_FRAME] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame,
		    .data_size_in = sizeof(frame));
	int error;

	error = bpf_prog_test_run_opts(
		bpf_program__fd(t->bpf->progs.ktach_start), &run);
	return error ? error : (int)run.retval;
}

int rate_table_open(struct rate_table *t, uint64_t period_ns, const char **what)
{
	int error;

	*t = (struct rate_table){ 0 };
	libbpf_set_print(libbpf_line);
	*what = "load BPF programs";
	error = load(t, period_ns);
	if (error)
		return error;
	*what = "map the BPF tables";
	error = map_all(t);
	if (error)
		goto close;
	*what = "start the BPF timer";
	error = start_timer(t);
	if (error)
		goto close;
	return 0;
close:
	rate_table_close(t);
	return error;
}

/* With the last descriptor of the timer's map the timer ends. */
void rate_table_close(struct rate_table *t)
{
	unmap_all(t);
	net_bpf__destroy(t->bpf);
}

void rate_table_programs(const struct rate_table *t,
			 int prog_fd[KTACH_NET_DIRECTIONS])
{
	prog_fd[KTACH_NET_RX] = bpf_program__fd(t->bpf->progs.ktach_ingress);
	prog_fd[KTACH_NET_TX] = bpf_program__fd(t->bpf->progs.ktach_egress);
}

bool rate_table_free(const struct rate_table *t, uint32_t slot)
{
	uint64_t assignment = load_relaxed(&t->assignments[slot]);

	return !net_assignment_ifindex(assignment) &&
	       load_acquire(&t->states[slot].seen) == assignment;
}

/* The generation makes two assignments of one interface differ. */
static void assign(struct rate_table *t, uint32_t slot, uint32_t ifindex)
{
	store_release(&t->assignments[slot],
		      net_assignment(ifindex, ++t->generation[slot]));
}

int rate_table_take(struct rate_table *t, uint32_t slot, uint32_t ifindex,
		    uint32_t link_header)
{
	uint64_t *bucket = &t->buckets[net_bucket_index(ifindex)];

	if (load_relaxed(bucket))
		return -ENOSPC;
	if (slot >= t->bpf->bss->slots_used)
		t->bpf->bss->slots_used = slot + 1;
	assign(t, slot, ifindex);
	store_release(bucket, net_bucket(ifindex, link_header, slot));
	return 0;
}

void rate_table_give(struct rate_table *t, uint32_t slot, uint32_t ifindex)
{
	store_release(&t->buckets[net_bucket_index(ifindex)], 0);
	assign(t, slot, 0);
}

/* The reader's side of the sequence: include/ktach/net.h. */
bool rate_table_copy(const struct rate_table *t, uint32_t number,
		     struct ktach_net_slot *copy)
{
	const struct ktach_net_slot *slot = &t->table[number];
	uint64_t begin;
	int i;

	for (i = 0; i < READ_TRIES; i++) {
		begin = load_acquire(&slot->sequence);
		if (begin & 1)
			continue;
		memcpy(copy, slot, sizeof(*copy));
		load_barrier();
		if (load_relaxed(&slot->sequence) == begin)
			return true;
	}
	return false;
}
