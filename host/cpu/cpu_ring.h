/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ring of one of the two tables with a row a CPU: the kernel module's, or the one
 * that BPF fills where that is not there. It changes over by itself.
 *
 * Nothing wakes up for a ring's tick: samples wait in the ring, whose reading
 * costs no system call, until all of them are taken in one go.
 */
#ifndef KTACH_HOST_CPU_CPU_RING_H
#define KTACH_HOST_CPU_CPU_RING_H

#include "host/collector.h"
#include "host/cpu/ring_bpf.h"

/**
 * struct cpu_ring - which, and how far it was read
 * @spec: of the table
 * @options: as given
 * @is_another: /proc is not of the kernel that rings are of, and nobody asked for those
 * @origin: of the ring that is open; 0: none is
 * @error: -errno: why the module's is not
 * @is_coming: the module's is there, and has no sample yet
 * @bpf: the one that BPF fills, if that is for us to look after
 * @bpf_error: -errno: why it is not filled
 * @bpf_map_error: the same: why it is not open
 * @why: the first in words
 * @tried_ns: when that was tried last, CLOCK_MONOTONIC
 * @ring: the one that is open
 * @next: number of the sample to put next
 * @begun: something was put from it
 * @cells: a sample's rows, of @columns
 * @lost: samples lapped, or not read: the table's
 */
struct cpu_ring {
	const struct cpu_source_spec *spec;
	const struct host_options *options;
	bool is_another;
	enum wire_origin origin;
	int error;
	bool is_coming;
	struct ring_bpf bpf;
	int bpf_error;
	int bpf_map_error;
	char why[RING_BPF_WHY];
	uint64_t tried_ns;
	struct ring ring;
	uint64_t next;
	bool begun;
	uint64_t *cells;
	uint32_t columns;
	uint64_t *lost;
};

/* Nothing is open yet. */
void cpu_ring_init(struct cpu_ring *r, const struct cpu_source_spec *spec,
		   const struct host_options *options);

/* Open the better one if it is there; @devices: look for the module's, too. */
void cpu_ring_try(struct cpu_ring *r, bool devices);

/* A ring that BPF fills goes on to be filled. */
void cpu_ring_close(struct cpu_ring *r);

/* Put the new samples. False if there is no ring, if it has no sample yet, or if
 * nobody fills it any more.
 */
bool cpu_ring_read(struct cpu_ring *r, const struct host_sink *sink);

/* As a collector's. */
bool cpu_ring_origin(const struct cpu_ring *r, char *text, size_t size);

#endif /* KTACH_HOST_CPU_CPU_RING_H */
