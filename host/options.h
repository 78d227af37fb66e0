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
	HOST_CGROUPS_MAX = 8192,
	HOST_OWN_MAX = 4096,
	HOST_PARTS_MAX = 8192,
};

#define HOST_RING_PERIOD_MIN_NS UINT64_C(1000000)
#define HOST_RING_PERIOD_MAX_NS UINT64_C(60000000000)

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

/* Where figures may come from that there are several origins of. */
enum host_from {
	HOST_FROM_BEST,
	HOST_FROM_NETLINK, /* above what rings know */
	HOST_FROM_RING,
	HOST_FROM_PROC,
};

/**
 * struct host_net_options - which interfaces' packets are counted, and how
 * @with_lo: the loopback interface's, too
 * @include: globs of interfaces, separated by commas; NULL: all
 * @exclude: the same, of those that are left out; NULL: none
 * @pins: folder of the pinned BPF objects
 * @interfaces: how many can be counted at once
 * @record_s: seconds of 1 ms buckets to keep
 * @record_least_s: the same, where nobody said how many: for the flight recorder
 * @over_percent: of a link's speed: a bucket of more is too large
 * @freeze_over: stop recording at such a bucket
 * @clsact: attach by it, even where tcx is there
 */
struct host_net_options {
	int with_lo;
	const char *include;
	const char *exclude;
	const char *pins;
	uint64_t interfaces;
	uint64_t record_s;
	uint64_t record_least_s;
	uint64_t over_percent;
	int freeze_over;
	int clsact;
};

/**
 * struct host_ring_options - rings that BPF fills where the modules are not there
 * @keep: have them filled; false: read those that somebody else has filled
 * @period_ns: time between two samples; 0: as often as they are read
 * @timing: records have exact times
 * @no_bpf: read /proc even where BPF could
 * @off: so it is, by @no_bpf or by what else a program was told
 */
struct host_ring_options {
	bool keep;
	uint64_t period_ns;
	bool timing;
	bool no_bpf;
	bool off;
};

/**
 * struct host_options - all zeroes but the trees: the defaults
 * @proc: where the host's /proc is: "/proc", or its mount in a container
 * @sys: where its /sys is
 * @root: where its root is, "" for our own: /etc, and what mounts are below
 * @labels: what the host is told by, NAME=VALUE with commas between; NULL: nothing
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
 * @include_cgroups: globs of control groups, by their paths; NULL: all
 * @exclude_cgroups: the same; NULL: the default
 * @cgroups: how many are told
 * @own_folder: of files with series of one's own; NULL: none
 * @own_statsd: address where statsd's lines are taken; NULL: nowhere
 * @own_socket: the same, path of a unix socket
 * @own: so many series there may be
 * @include_parts: globs of groups of tables/parts.def; NULL: all
 * @exclude_parts: the same; NULL: the default
 * @parts: so many series there may be
 * @part_ethtool: globs of drivers' statistics; NULL: none
 * @net: packets
 * @rings: times and softirqs of each CPU
 * @interval_ns: time between two readings, while it is opened; 0: not known
 * @from: which origin may be used
 * @history_ns: of what keeps samples, a reading puts the newest one only, and the
 *              first reading before it the one of so long ago; 0: every one from
 *              the newest on
 * @stat: where the text of PROC/stat is left, which is large on a large host, by
 *        who reads it, and found by who needs it, too; NULL: nowhere
 * @memory: what files are read into whose text is not kept; NULL: each has its own
 */
struct host_options {
	const char *proc;
	const char *sys;
	const char *root;
	const char *labels;
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
	const char *include_cgroups;
	const char *exclude_cgroups;
	uint64_t cgroups;
	const char *own_folder;
	const char *own_statsd;
	const char *own_socket;
	uint64_t own;
	const char *include_parts;
	const char *exclude_parts;
	uint64_t parts;
	const char *part_ethtool;
	struct host_net_options net;
	struct host_ring_options rings;
	uint64_t interval_ns;
	enum host_from from;
	uint64_t history_ns;
	struct host_text *stat;
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

/* Their options, for a program's table; those of packets and rings are others'. */
void host_options_specs(struct host_options *o, struct option_list *list);
void host_net_options_specs(struct host_net_options *o,
			    struct option_list *list);
void host_ring_options_specs(struct host_ring_options *o,
			     struct option_list *list);

/* The options of where the host's trees are, which every program takes from the
 * environment, too; ends with a NULL name.
 */
const struct option_spec *host_options_trees(void);

/* Whether two say the same to a collector, by its name. */
bool host_options_same(const struct host_options *a,
		       const struct host_options *b, const char *name);

/* Whether /proc is not our own, but the host's in a container, or a copy: what
 * follows a reader, as PROC/self and PROC/net do, is another's there.
 */
bool host_options_foreign(const struct host_options *o);

/* Where the files are that only the host's root has: its name, its distribution, what
 * says that it is a container. Where /proc or /sys is another's and nobody said where
 * its root is, none are known: a place that nothing is below.
 */
const char *host_options_root(const struct host_options *o);

/* The file of all interfaces' counters, below @o->proc. */
const char *host_options_net_dev(const struct host_options *o);

#endif /* KTACH_HOST_OPTIONS_H */
