// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "host/options.h"
#include "lib/options.h"

static const char *tree(const char *variable, const char *own)
{
	const char *path = getenv(variable);

	return path && *path ? path : own;
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
	};

	OPTION_LIST_ADD(list, all);
}

bool host_options_same(const struct host_options *a,
		       const struct host_options *b)
{
	return option_texts_same(a->proc, b->proc) &&
	       option_texts_same(a->sys, b->sys) &&
	       option_texts_same(a->root, b->root) &&
	       option_texts_same(a->include_links, b->include_links) &&
	       option_texts_same(a->exclude_links, b->exclude_links) &&
	       option_texts_same(a->include_disks, b->include_disks) &&
	       option_texts_same(a->exclude_disks, b->exclude_disks) &&
	       a->partitions == b->partitions &&
	       option_texts_same(a->exclude_mounts, b->exclude_mounts) &&
	       a->mount_deadline_ns == b->mount_deadline_ns &&
	       a->processes == b->processes && a->no_paging == b->no_paging &&
	       a->command_lines == b->command_lines &&
	       option_texts_same(a->redact, b->redact) &&
	       a->no_bpf == b->no_bpf && a->irqs == b->irqs;
}

bool host_options_foreign(const struct host_options *o)
{
	return strcmp(o->proc, "/proc");
}

/* PROC/net is always the reader's own network. */
const char *host_options_net_dev(const struct host_options *o)
{
	return host_options_foreign(o) ? "1/net/dev" : "net/dev";
}
