/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table with a row a CPU, from its ring while the kernel module is there and
 * from /proc while it is not. It changes over by itself, and says so.
 *
 * Nothing wakes up for a ring's tick: samples wait in the ring, whose reading
 * costs no system call, until they are collected in one go.
 */
#ifndef KTACH_HOST_CPU_H
#define KTACH_HOST_CPU_H

#include "host/options.h"
#include "lib/cpu_table.h"
#include "lib/proc.h"
#include "lib/ring.h"
#include "shipper/output.h"

struct cpu_source {
	const struct cpu_source_spec *spec;
	struct output *output;
	bool mapped;
	struct ring ring;		/* while mapped */
	uint64_t *ring_cells;		/* a sample's rows, of @columns */
	uint32_t columns;
	uint64_t next;			/* number of the next sample to ship */
	char *path;			/* of the file of /proc */
	struct proc_file proc;
	struct host_text read;		/* what it gave last */
	bool proc_failed;		/* said so already */
	uint64_t lost;			/* samples lapped, or not read */
	uint64_t *cells;
	uint32_t cpus;			/* rows that @cells has room for */
	struct cpu_held *held;		/* of each of @cpus, from /proc */
};

/**
 * cpu_source_open() - start, on the ring or on /proc
 * @s: filled
 * @spec: CPU times, or softirqs
 * @host: where /proc and /sys are
 * @output: gets the samples
 *
 * Return: 0, or -errno after a message when not even /proc can be read.
 */
int cpu_source_open(struct cpu_source *s, const struct cpu_source_spec *spec,
		    const struct host_options *host, struct output *output);
void cpu_source_close(struct cpu_source *s);

/* The device may have come: look, unless it is mapped already. */
void cpu_source_device_changed(struct cpu_source *s);

/* Take a sample from /proc, or all that are new from the ring. */
void cpu_source_collect(struct cpu_source *s);

/* How long samples may wait in the ring, ns; UINT64_MAX without one. */
uint64_t cpu_source_patience_ns(const struct cpu_source *s);

#endif /* KTACH_HOST_CPU_H */
