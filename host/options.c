// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include <ktach/net.h>

#include "host/options.h"
#include "lib/base/options.h"

static const char *tree(const char *variable, const char *own)
{
	const char *path = getenv(variable);

	return path && *path ? path : own;
}

const struct option_spec *host_options_trees(void)
{
	static const struct option_spec trees[] = {
		{ .name = "proc-root" },
		{ .name = "sys-root" },
		{ .name = "root" },
		{ NULL },
	};

	return trees;
}

void host_options_preset(struct host_options *o)
{
	*o = (struct host_options){
		.proc = tree("KTACH_PROC_ROOT", "/proc"),
		.sys = tree("KTACH_SYS_ROOT", "/sys"),
		.root = tree("KTACH_ROOT", ""),
		.mount_deadline_ns = 2000000000,
		.processes = 10,
		.irqs = 10,
		.cgroups = 1000,
		.own = 1000,
		.parts = 1000,
		.net = {
			.pins = KTACH_NET_PINS,
			.interfaces = KTACH_NET_SLOTS,
			.over_percent = 90,
		},
	};
}

void host_options_specs(struct host_options *o, struct option_list *list)
{
	const struct option_spec all[] = {
		{ "proc-root", 0, OPTION_TEXT, &o->proc, "DIR",
		  "where the host's /proc is", .start = true },
		{ "sys-root", 0, OPTION_TEXT, &o->sys, "DIR",
		  "where the host's /sys is", .start = true },
		{ "root", 0, OPTION_TEXT, &o->root, "DIR",
		  "where the host's root is, if not here", .start = true },
		{ "facts-labels", 0, OPTION_TEXT, &o->labels,
		  "NAME=VALUE[,NAME=VALUE]",
		  "what to tell this host by, such as rack=r1",
		  .section = "facts" },
		{ "memory-no-paging", 0, OPTION_SWITCH, &o->no_paging, "yes|no",
		  "leave out paging, faults and OOM kills",
		  .section = "memory" },
		{ "disk-include", 0, OPTION_TEXT, &o->include_disks,
		  "GLOB[,GLOB]", "these block devices, instead of real disks",
		  .section = "disk" },
		{ "disk-exclude", 0, OPTION_TEXT, &o->exclude_disks,
		  "GLOB[,GLOB]", "leave these out", .section = "disk" },
		{ "disk-partitions", 0, OPTION_SWITCH, &o->partitions, "yes|no",
		  "disks' partitions, too", .section = "disk" },
		{ "mount-exclude", 0, OPTION_TEXT, &o->exclude_mounts,
		  "GLOB[,GLOB]", "leave these mount points out",
		  .section = "mount" },
		{ "mount-deadline", 0, OPTION_DURATION, &o->mount_deadline_ns,
		  "TIME", "what a mount may take to answer", 1000000,
		  60000000000, .section = "mount" },
		{ "link-include", 0, OPTION_TEXT, &o->include_links,
		  "GLOB[,GLOB]", "tell of these interfaces only",
		  .section = "link" },
		{ "link-exclude", 0, OPTION_TEXT, &o->exclude_links,
		  "GLOB[,GLOB]", "leave these out", .section = "link" },
		{ "process-count", 0, OPTION_NUMBER, &o->processes, "COUNT",
		  "the top so many by CPU, and by memory", 1,
		  HOST_PROCESSES_MAX, .section = "process" },
		{ "process-command-lines", 0, OPTION_SWITCH, &o->command_lines,
		  "yes|no", "send their command lines, too",
		  .section = "process" },
		{ "process-redact", 0, OPTION_TEXT, &o->redact, "GLOB[,GLOB]",
		  "words of a command line whose value is left out",
		  .section = "process" },
		{ "process-no-bpf", 0, OPTION_SWITCH, &o->no_bpf, "yes|no",
		  "read them from /proc even where BPF could",
		  .section = "process" },
		{ "interrupts-count", 0, OPTION_NUMBER, &o->irqs, "COUNT",
		  "the top so many", 1, HOST_IRQS_MAX,
		  .section = "interrupts" },
		{ "cgroup-include", 0, OPTION_TEXT, &o->include_cgroups,
		  "GLOB[,GLOB]", "these control groups, by their paths",
		  .section = "cgroup" },
		{ "cgroup-exclude", 0, OPTION_TEXT, &o->exclude_cgroups,
		  "GLOB[,GLOB]", "leave these out", .section = "cgroup" },
		{ "cgroup-count", 0, OPTION_NUMBER, &o->cgroups, "COUNT",
		  "at most so many", 1, HOST_CGROUPS_MAX, .section = "cgroup" },
		{ "own-folder", 0, OPTION_TEXT, &o->own_folder, "DIR",
		  "take series from *.prom files in it", .section = "own" },
		{ "own-statsd", 0, OPTION_TEXT, &o->own_statsd,
		  "ADDRESS[:PORT]", "take statsd's lines there, over UDP",
		  .section = "own" },
		{ "own-socket", 0, OPTION_TEXT, &o->own_socket, "FILE",
		  "take them at this unix socket, too", .section = "own" },
		{ "own-count", 0, OPTION_NUMBER, &o->own, "COUNT",
		  "series of your own there may be", 1, HOST_OWN_MAX,
		  .section = "own" },
		{ "part-include", 0, OPTION_TEXT, &o->include_parts,
		  "GLOB[,GLOB]", "these groups of parts", .section = "part" },
		{ "part-exclude", 0, OPTION_TEXT, &o->exclude_parts,
		  "GLOB[,GLOB]", "leave these out", .section = "part" },
		{ "part-ethtool", 0, OPTION_TEXT, &o->part_ethtool,
		  "GLOB[,GLOB]", "these statistics of interfaces' drivers",
		  .section = "part" },
		{ "part-count", 0, OPTION_NUMBER, &o->parts, "COUNT",
		  "at most so many series", 1, HOST_PARTS_MAX,
		  .section = "part" },
	};

	OPTION_LIST_ADD(list, all);
}

void host_net_options_specs(struct host_net_options *o,
			    struct option_list *list)
{
	const struct option_spec all[] = {
		{ "include", 0, OPTION_TEXT, &o->include, "GLOB[,GLOB]",
		  "count these interfaces only" },
		{ "exclude", 0, OPTION_TEXT, &o->exclude, "GLOB[,GLOB]",
		  "leave these interfaces out" },
		{ "lo", 0, OPTION_FLAG, &o->with_lo, NULL,
		  "count the loopback interface, too" },
		{ "interfaces", 0, OPTION_NUMBER, &o->interfaces, "COUNT",
		  "interfaces that can be counted at once", 1,
		  KTACH_NET_SLOTS_MAX },
		{ "record", 0, OPTION_NUMBER, &o->record_s, "SECONDS",
		  "keep the last 1 ms buckets of each interface; 0: none", 0,
		  KTACH_NET_RECORDED_MAX / 1000 },
		{ "over", 0, OPTION_NUMBER, &o->over_percent, "PERCENT",
		  "count 1 ms buckets above this share of the link's speed", 0,
		  100 },
		{ "freeze-over", 0, OPTION_FLAG, &o->freeze_over, NULL,
		  "stop recording when there is such a bucket" },
		{ "pins", 0, OPTION_TEXT, &o->pins, "DIR",
		  "folder in a bpffs that keeps the counters", .start = true },
		{ "clsact", 0, OPTION_FLAG, &o->clsact, NULL,
		  "attach by clsact, even where tcx is there" },
	};

	OPTION_LIST_ADD(list, all);
}

void host_ring_options_specs(struct host_ring_options *o,
			     struct option_list *list)
{
	const struct option_spec all[] = {
		{ "ring-period", 0, OPTION_DURATION, &o->period_ns, "TIME",
		  "time between two samples of CPUs that BPF takes",
		  HOST_RING_PERIOD_MIN_NS, HOST_RING_PERIOD_MAX_NS },
		{ "ring-timing", 0, OPTION_SWITCH, &o->timing, "yes|no",
		  "have BPF measure exactly how long CPUs and softirqs run" },
		{ "ring-no-bpf", 0, OPTION_SWITCH, &o->no_bpf, "yes|no",
		  "read CPUs from /proc even where BPF could" },
	};

	OPTION_LIST_ADD(list, all);
}

/* Trees are of no section: they are everybody's. */
static bool is_told(const struct option_spec *s, const char *name)
{
	return !s->section || !strcmp(s->section, name);
}

bool host_options_same(const struct host_options *a,
		       const struct host_options *b, const char *name)
{
	struct host_options one = *a, other = *b;
	struct option_list ones = { 0 }, others = { 0 };
	bool same;
	size_t i;

	host_options_specs(&one, &ones);
	host_options_specs(&other, &others);
	if (!strcmp(name, "net")) {
		host_net_options_specs(&one.net, &ones);
		host_net_options_specs(&other.net, &others);
	}
	if (!strcmp(name, "cpu") || !strcmp(name, "softirq")) {
		host_ring_options_specs(&one.rings, &ones);
		host_ring_options_specs(&other.rings, &others);
	}
	same = !ones.failed && !others.failed;
	for (i = 0; same && i < ones.count; i++)
		same = !is_told(&ones.specs[i], name) ||
		       option_same(&ones.specs[i], &others.specs[i]);
	option_list_free(&ones);
	option_list_free(&others);
	return same;
}

bool host_options_foreign(const struct host_options *o)
{
	return strcmp(o->proc, "/proc");
}

const char *host_options_root(const struct host_options *o)
{
	if (*o->root || (!host_options_foreign(o) && !strcmp(o->sys, "/sys")))
		return o->root;
	return "/dev/null";
}

/* PROC/net is always the reader's own network. */
const char *host_options_net_dev(const struct host_options *o)
{
	return host_options_foreign(o) ? "1/net/dev" : "net/dev";
}
