/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What collectors may be told; texts stay the caller's. */
#ifndef KTACH_HOST_OPTIONS_H
#define KTACH_HOST_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct host_memory;
struct option_list;

enum host_options_limits {
	HOST_PROCESSES_MAX = 1000,
	HOST_IRQS_MAX = 1000,
};

/**
 * struct host_text - a file's text that somebody read for another purpose
 * @text: NULL: there is none
 * @real_ns: when it was read, CLOCK_REALTIME
 * @mono_ns: the same, CLOCK_MONOTONIC
 */
struct host_text {
	const char *text;
	uint64_t real_ns;
	uint64_t mono_ns;
};

/**
 * struct host_options - all zeroes but the trees: the defaults
 * @proc: where the host's /proc is: "/proc", or its mount in a container
 * @sys: where its /sys is
 * @root: where its root is, "" for our own: /etc, and what mounts are below
 * @no_paging: leave out what /proc/vmstat tells
 * @include_links: globs of interfaces, separated by commas; NULL: the default
 * @exclude_links: the same
 * @include_disks: globs of block devices; NULL: whole disks that are real
 * @exclude_disks: the same
 * @partitions: disks' partitions, too
 * @exclude_mounts: globs of mount points
 * @mount_deadline_ns: what a mount may take to answer
 * @processes: the top so many by CPU, and as many by memory
 * @command_lines: send processes' command lines
 * @redact: globs of words, separated by commas: what follows them in a command
 *          line is not sent; NULL: the default
 * @no_bpf: read processes from /proc even where BPF could
 * @irqs: the top so many interrupts
 * @stat: what the owner reads of PROC/stat, which is large on a large host: if it
 *        did so just now, that is taken; NULL: it does not
 * @memory: what files are read into whose text is not kept; NULL: each has its own
 */
struct host_options {
	const char *proc;
	const char *sys;
	const char *root;
	bool no_paging;
	const char *include_links;
	const char *exclude_links;
	const char *include_disks;
	const char *exclude_disks;
	bool partitions;
	const char *exclude_mounts;
	uint64_t mount_deadline_ns;
	uint64_t processes;
	bool command_lines;
	const char *redact;
	bool no_bpf;
	uint64_t irqs;
	const struct host_text *stat;
	struct host_memory *memory;
};

/**
 * host_options_preset() - the defaults
 * @o: filled
 *
 * Trees are those of the environment: KTACH_PROC_ROOT, KTACH_SYS_ROOT and
 * KTACH_ROOT, or our own.
 */
void host_options_preset(struct host_options *o);

/* Their options, for a program's table. */
void host_options_specs(struct host_options *o, struct option_list *list);

/* Whether two say the same. */
bool host_options_same(const struct host_options *a,
		       const struct host_options *b);

/* Whether /proc is not our own, but the host's in a container, or a copy: what
 * follows a reader, as PROC/self and PROC/net do, is another's there.
 */
bool host_options_foreign(const struct host_options *o);

/* The file of all interfaces' counters, below @o->proc. */
const char *host_options_net_dev(const struct host_options *o);

#endif /* KTACH_HOST_OPTIONS_H */
