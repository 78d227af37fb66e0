// SPDX-License-Identifier: GPL-2.0-or-later
/* The whole host, by node_exporter's names. */
#include <math.h>
#include <stdlib.h>

#include "collector/http/series.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static double gauge(const struct page *p, const struct node *node, uint64_t key)
{
	return node->state == NODE_GONE ? NAN :
					  gauges_value(&node->gauges, key);
}

static double counter(const struct page *p, const struct node *node,
		      uint64_t key)
{
	return node->state == NODE_GONE ? NAN :
					  counters_total(&node->counters, key);
}

static double counter_s(const struct page *p, const struct node *node,
			uint64_t key)
{
	return counter(p, node, key) / 1e9;
}

static const struct {
	const char *name;
	const char *help;
	uint64_t key;
} gauge_names[] = {
	{ "node_load1", "Load average of 1 min.", WIRE_LOAD_1MIN },
	{ "node_load5", "Load average of 5 min.", WIRE_LOAD_5MIN },
	{ "node_load15", "Load average of 15 min.", WIRE_LOAD_15MIN },
	{ "node_procs_running", "Tasks that run.", WIRE_TASKS_RUNNING },
	{ "node_procs_blocked", "Tasks that wait for I/O.",
	  WIRE_TASKS_BLOCKED },
	{ "node_memory_MemTotal_bytes", "Memory.", WIRE_MEMORY_TOTAL_BYTES },
	{ "node_memory_MemFree_bytes", "Memory that is free.",
	  WIRE_MEMORY_FREE_BYTES },
	{ "node_memory_MemAvailable_bytes", "Memory that can be had.",
	  WIRE_MEMORY_AVAILABLE_BYTES },
	{ "node_memory_Buffers_bytes", "Memory in buffers.",
	  WIRE_MEMORY_BUFFERS_BYTES },
	{ "node_memory_Cached_bytes", "Memory in the page cache.",
	  WIRE_MEMORY_CACHED_BYTES },
	{ "node_memory_Slab_bytes", "Memory in slabs.",
	  WIRE_MEMORY_SLAB_BYTES },
	{ "node_memory_SReclaimable_bytes",
	  "Memory in slabs that can be freed.", WIRE_MEMORY_RECLAIMABLE_BYTES },
	{ "node_memory_Shmem_bytes", "Memory that is shared.",
	  WIRE_MEMORY_SHARED_BYTES },
	{ "node_memory_Dirty_bytes", "Memory to be written back.",
	  WIRE_MEMORY_DIRTY_BYTES },
	{ "node_memory_Writeback_bytes", "Memory being written back.",
	  WIRE_MEMORY_WRITEBACK_BYTES },
	{ "node_memory_Hugetlb_bytes", "Memory in huge pages.",
	  WIRE_MEMORY_HUGE_TOTAL_BYTES },
	{ "ktach_huge_free_bytes", "Memory in huge pages that nobody has.",
	  WIRE_MEMORY_HUGE_FREE_BYTES },
	{ "node_processes_threads", "Threads.", WIRE_THREADS },
	{ "node_processes_pids", "Processes.", WIRE_PROCESSES },
	{ "node_memory_SwapTotal_bytes", "Swap.", WIRE_SWAP_TOTAL_BYTES },
	{ "node_memory_SwapFree_bytes", "Swap that is free.",
	  WIRE_SWAP_FREE_BYTES },
};

static const struct {
	const char *name;
	const char *help;
	uint64_t key;
	bool ns;
	enum series_type type;
} counter_names[] = {
	{ "node_context_switches", "Context switches.", WIRE_CONTEXT_SWITCHES,
	  false, SERIES_COUNTER },
	{ "node_forks", "Forks.", WIRE_FORKS, false, SERIES_COUNTER },
	{ "ktach_exits", "Tasks that ended.", WIRE_EXITS, false,
	  SERIES_COUNTER },
	{ "node_intr", "Interrupts.", WIRE_INTERRUPTS, false, SERIES_COUNTER },
	{ "node_pressure_cpu_waiting_seconds", "Time some task had no CPU.",
	  WIRE_PSI_CPU_SOME_NS, true, SERIES_COUNTER },
	{ "node_pressure_memory_waiting_seconds",
	  "Time some task waited for memory.", WIRE_PSI_MEMORY_SOME_NS, true,
	  SERIES_COUNTER },
	{ "node_pressure_memory_stalled_seconds",
	  "Time all tasks waited for memory.", WIRE_PSI_MEMORY_FULL_NS, true,
	  SERIES_COUNTER },
	{ "node_pressure_io_waiting_seconds", "Time some task waited for I/O.",
	  WIRE_PSI_IO_SOME_NS, true, SERIES_COUNTER },
	{ "node_pressure_io_stalled_seconds", "Time all tasks waited for I/O.",
	  WIRE_PSI_IO_FULL_NS, true, SERIES_COUNTER },
	{ "node_vmstat_pgfault", "Page faults.", WIRE_FAULTS, false,
	  SERIES_UNTYPED },
	{ "node_vmstat_pgmajfault", "Page faults that waited for a disk.",
	  WIRE_MAJOR_FAULTS, false, SERIES_UNTYPED },
	{ "node_vmstat_oom_kill", "Processes killed for want of memory.",
	  WIRE_OOM_KILLS, false, SERIES_UNTYPED },
	{ "ktach_paged_in_bytes", "Bytes read from disks.", WIRE_PAGES_IN_BYTES,
	  false, SERIES_COUNTER },
	{ "ktach_paged_out_bytes", "Bytes written to disks.",
	  WIRE_PAGES_OUT_BYTES, false, SERIES_COUNTER },
	{ "ktach_swapped_in_bytes", "Bytes that came back from swap.",
	  WIRE_SWAPPED_IN_BYTES, false, SERIES_COUNTER },
	{ "ktach_swapped_out_bytes", "Bytes that went to swap.",
	  WIRE_SWAPPED_OUT_BYTES, false, SERIES_COUNTER },
};

static void write_values(struct page *p)
{
	size_t i;

	for (i = 0; i < COUNT(gauge_names); i++) {
		series_family(p, gauge_names[i].name, SERIES_GAUGE,
			      gauge_names[i].help);
		series_of_nodes(p, gauge, gauge_names[i].key);
	}
	for (i = 0; i < COUNT(counter_names); i++) {
		series_family(p, counter_names[i].name, counter_names[i].type,
			      counter_names[i].help);
		series_of_nodes(p, counter_names[i].ns ? counter_s : counter,
				counter_names[i].key);
	}
}

/* Not by node_exporter's letters: sleeping ones are S and I. */
static const struct {
	const char *name;
	uint64_t key;
} process_states[] = {
	{ "running", WIRE_PROCESSES_RUNNING },
	{ "blocked", WIRE_PROCESSES_BLOCKED },
	{ "sleeping", WIRE_TASKS_SLEEPING },
	{ "stopped", WIRE_TASKS_STOPPED },
	{ "zombie", WIRE_TASKS_ZOMBIE },
};

static void write_states(struct page *p)
{
	const struct node *node;
	size_t i;

	series_family(p, "ktach_processes", SERIES_GAUGE,
		      "Processes in each state.");
	for (node = visit_first(p->visit); node; node = visit_next(p->visit)) {
		for (i = 0; i < COUNT(process_states); i++) {
			double v = gauge(p, node, process_states[i].key);

			if (isnan(v))
				continue;
			series_begin_node(p, node);
			series_label(p, "state", process_states[i].name);
			series_end_real(p, v);
		}
	}
}

static double boot_s(const struct page *p, const struct node *node,
		     uint64_t key)
{
	const char *boot = facts_text(&node->facts, WIRE_FACT_BOOT_REAL_NS);

	return boot && node->state != NODE_GONE ? strtod(boot, NULL) / 1e9 :
						  NAN;
}

/* A fact as a label; one that is not known is an empty one. */
struct fact_label {
	const char *name;
	uint32_t key;
};

static void write_info(struct page *p, const struct fact_label *labels)
{
	const struct node *node;

	for (node = visit_first(p->visit); node; node = visit_next(p->visit)) {
		const struct fact_label *l;

		if (node->state == NODE_GONE || !node->facts.count)
			continue;
		series_begin_node(p, node);
		for (l = labels; l->name; l++) {
			const char *text = facts_text(&node->facts, l->key);

			series_label(p, l->name, text ? text : "");
		}
		series_end_count(p, 1);
	}
}

static void write_facts(struct page *p)
{
	static const struct fact_label uname[] = {
		{ "nodename", WIRE_FACT_HOST_NAME },
		{ "release", WIRE_FACT_KERNEL },
		{ "machine", WIRE_FACT_ARCHITECTURE },
		{ NULL }
	};
	static const struct fact_label os[] = {
		{ "pretty_name", WIRE_FACT_DISTRIBUTION }, { NULL }
	};
	static const struct fact_label host[] = {
		{ "cpu_model", WIRE_FACT_CPU_MODEL },
		{ "sockets", WIRE_FACT_SOCKETS },
		{ "cores", WIRE_FACT_CORES },
		{ "threads", WIRE_FACT_THREADS },
		{ "virtualisation", WIRE_FACT_VIRTUALISATION },
		{ "time_zone", WIRE_FACT_TIME_ZONE },
		{ "boot_id", WIRE_FACT_BOOT_ID },
		{ "modules_version", WIRE_FACT_MODULES_VERSION },
		{ NULL }
	};

	series_family(p, "node_boot_time_seconds", SERIES_GAUGE,
		      "When it booted, since 1970.");
	series_of_nodes(p, boot_s, 0);
	series_family(p, "node_uname_info", SERIES_GAUGE,
		      "Its kernel, as labels.");
	write_info(p, uname);
	series_family(p, "node_os_info", SERIES_GAUGE,
		      "Its distribution, as labels.");
	write_info(p, os);
	series_family(p, "ktach_host_info", SERIES_GAUGE,
		      "What else it is, as labels.");
	write_info(p, host);
}

void openmetrics_host(struct page *p)
{
	write_values(p);
	write_states(p);
	write_facts(p);
	openmetrics_rows(p);
}
