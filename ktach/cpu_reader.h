/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CPUs' times or softirqs, from the ring while the kernel module is there
 * and from /proc while it is not.
 */
#ifndef KTACH_KTACH_CPU_READER_H
#define KTACH_KTACH_CPU_READER_H

#include <limits.h>

#include "host/options.h"
#include "ktach/rates.h"
#include "lib/proc.h"
#include "lib/ring.h"

/* Where the user wants figures from. */
enum from {
	FROM_BEST,		/* netlink, else rings, else /proc */
	FROM_NETLINK,
	FROM_RING,
	FROM_PROC,
};

/**
 * struct cpu_reader - one of the two tables
 * @spec: which
 * @path: its file, wherever /proc is
 * @between: makes its figures
 * @from: what may be read
 * @mapped: the ring is open
 * @ring_error: -errno: why it is not
 */
struct cpu_reader {
	const struct cpu_source_spec *spec;
	char path[PATH_MAX];
	void (*between)(const struct cpu_moment *a, const struct cpu_moment *b,
			struct cpu_figures *f);
	enum from from;
	bool mapped;
	int ring_error;
	struct ring ring;
	struct proc_file proc;
	uint32_t cpus;			/* rows that the moments have room for */
	struct cpu_held *held;		/* of each of @cpus, from /proc */
	struct cpu_moment last, now;
};

/**
 * cpu_reader_open() - open, and take the moment that figures begin at
 * @r: filled
 * @section: SECTION_CPU or SECTION_SOFTIRQ
 * @from: FROM_BEST, FROM_RING or FROM_PROC
 * @history_ns: begin that long ago, where the ring reaches back so far
 * @host: where /proc and /sys are
 *
 * Return: 0; 1 if time must pass before there are figures; or -errno after a
 * message.
 */
int cpu_reader_open(struct cpu_reader *r, enum section section, enum from from,
		    uint64_t history_ns, const struct host_options *host);
void cpu_reader_close(struct cpu_reader *r);

/* Is its ring open, and its module there? */
bool cpu_reader_live(const struct cpu_reader *r);

/* Figures from the last time to now; @f stays as it was left that time when the
 * ring has no newer sample. Return 0, or -errno after a message.
 */
int cpu_reader_read(struct cpu_reader *r, struct cpu_figures *f);

#endif /* KTACH_KTACH_CPU_READER_H */
