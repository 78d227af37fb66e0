// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "collector/metric.h"
#include "lib/wire_schema.h"

enum {
	METRICS_MAX = 512,
};

static const char *const node_names[] = {
	"key",		 "period_ns",	 "send_failed",	  "sample_ns",
	"cpu_ns",	 "memory_bytes", "queued_frames", "queued_bytes",
	"spooled_bytes", "reconnects",	 "lost_queue",	  "lost_spool",
	"lost_size",	 "lost_key",	 "unknown",	  "accepts",
};

static const char *const cpu_names[] = {
	"cpu",		 "flags",	  "user_ns",   "nice_ns",
	"system_ns",	 "idle_ns",	  "iowait_ns", "irq_ns",
	"softirq_ns",	 "steal_ns",	  "guest_ns",  "guest_nice_ns",
	"exact_busy_ns", "exact_idle_ns",
};

#define VECTORS(suffix)                                                \
	"hi" suffix, "timer" suffix, "net_tx" suffix, "net_rx" suffix, \
		"block" suffix, "irq_poll" suffix, "tasklet" suffix,   \
		"sched" suffix, "hrtimer" suffix, "rcu" suffix

static const char *const softirq_names[] = {
	"cpu",
	"flags",
	VECTORS(""),
	VECTORS("_time_ns"),
	VECTORS("_max_ns"),
	VECTORS("_max_at_ns"),
};

#define NET_MORE(way)                                                          \
	way "_bytes_per_s_1s", way "_bytes_per_s_10s", way "_bytes_per_s_60s", \
		way "_packets_per_s_1s", way "_packets_per_s_10s",             \
		way "_packets_per_s_60s", way "_max_bucket_bytes",             \
		way "_max_bucket_ms", way "_p99_bucket_bytes",                 \
		way "_over_bytes", way "_buckets_over", way "_unicast_bytes",  \
		way "_unicast_packets", way "_multicast_bytes",                \
		way "_multicast_packets", way "_broadcast_bytes",              \
		way "_broadcast_packets", way "_ipv4_bytes",                   \
		way "_ipv4_packets", way "_ipv6_bytes", way "_ipv6_packets",   \
		way "_not_ip_bytes", way "_not_ip_packets", way "_tcp_bytes",  \
		way "_tcp_packets", way "_udp_bytes", way "_udp_packets",      \
		way "_other_bytes", way "_other_packets"

static const char *const net_names[] = {
	"ifindex",	    "rx_bytes",	    "rx_packets",   "rx_bytes_per_s",
	"rx_packets_per_s", "tx_bytes",	    "tx_packets",   "tx_bytes_per_s",
	"tx_packets_per_s", NET_MORE("rx"), NET_MORE("tx"),
};

static const char *const value_names[] = { "key", "value" };

static const char *const disk_names[] = {
	"device",   "reads",	       "reads_merged",	"read_bytes",
	"read_ns",  "writes",	       "writes_merged", "written_bytes",
	"write_ns", "in_flight",       "busy_ns",	"queue_ns",
	"discards", "discarded_bytes", "discard_ns",	"flushes",
	"flush_ns", "size_bytes",      "stacked",
};

static const char *const mount_names[] = {
	"mount",	   "flags",  "size_bytes",  "used_bytes",
	"available_bytes", "inodes", "inodes_free",
};

static const char *const link_names[] = {
	"ifindex",
	"flags",
	"speed_bits_per_s",
	"mtu_bytes",
	"rx_bytes",
	"rx_packets",
	"rx_errors",
	"rx_dropped",
	"tx_bytes",
	"tx_packets",
	"tx_errors",
	"tx_dropped",
	"collisions",
	"carrier_changes",
	"qdisc_drops",
	"qdisc_overlimits",
	"qdisc_backlog_bytes",
	"qdisc_backlog_packets",
};

static const char *const sensor_names[] = { "sensor", "type", "value", "max",
					    "critical" };

static const char *const process_names[] = {
	"pid",	     "state",	"cpu_ns",   "cpu_share",
	"rss_bytes", "threads", "start_ns", "parent",
};

static const char *const core_names[] = { "cpu", "hz", "packets", "dropped",
					  "squeezed" };

static const char *const irq_names[] = { "irq", "count" };

static const char *const gauge_names[WIRE_GAUGE_KEYS] = {
	[WIRE_LOAD_1MIN] = "load_1min",
	[WIRE_LOAD_5MIN] = "load_5min",
	[WIRE_LOAD_15MIN] = "load_15min",
	[WIRE_TASKS_RUNNING] = "tasks_running",
	[WIRE_TASKS_BLOCKED] = "tasks_blocked",
	[WIRE_TASKS_SLEEPING] = "tasks_sleeping",
	[WIRE_TASKS_ZOMBIE] = "tasks_zombie",
	[WIRE_TASKS_STOPPED] = "tasks_stopped",
	[WIRE_THREADS] = "threads",
	[WIRE_MEMORY_TOTAL_BYTES] = "memory_total_bytes",
	[WIRE_MEMORY_FREE_BYTES] = "memory_free_bytes",
	[WIRE_MEMORY_AVAILABLE_BYTES] = "memory_available_bytes",
	[WIRE_MEMORY_BUFFERS_BYTES] = "memory_buffers_bytes",
	[WIRE_MEMORY_CACHED_BYTES] = "memory_cached_bytes",
	[WIRE_MEMORY_SLAB_BYTES] = "memory_slab_bytes",
	[WIRE_MEMORY_SHARED_BYTES] = "memory_shared_bytes",
	[WIRE_MEMORY_DIRTY_BYTES] = "memory_dirty_bytes",
	[WIRE_MEMORY_WRITEBACK_BYTES] = "memory_writeback_bytes",
	[WIRE_MEMORY_HUGE_TOTAL_BYTES] = "memory_huge_total_bytes",
	[WIRE_MEMORY_HUGE_FREE_BYTES] = "memory_huge_free_bytes",
	[WIRE_SWAP_TOTAL_BYTES] = "swap_total_bytes",
	[WIRE_SWAP_FREE_BYTES] = "swap_free_bytes",
	[WIRE_PSI_CPU_SOME_10S] = "psi_cpu_some_10s",
	[WIRE_PSI_CPU_SOME_60S] = "psi_cpu_some_60s",
	[WIRE_PSI_CPU_SOME_300S] = "psi_cpu_some_300s",
	[WIRE_PSI_MEMORY_SOME_10S] = "psi_memory_some_10s",
	[WIRE_PSI_MEMORY_SOME_60S] = "psi_memory_some_60s",
	[WIRE_PSI_MEMORY_SOME_300S] = "psi_memory_some_300s",
	[WIRE_PSI_MEMORY_FULL_10S] = "psi_memory_full_10s",
	[WIRE_PSI_MEMORY_FULL_60S] = "psi_memory_full_60s",
	[WIRE_PSI_MEMORY_FULL_300S] = "psi_memory_full_300s",
	[WIRE_PSI_IO_SOME_10S] = "psi_io_some_10s",
	[WIRE_PSI_IO_SOME_60S] = "psi_io_some_60s",
	[WIRE_PSI_IO_SOME_300S] = "psi_io_some_300s",
	[WIRE_PSI_IO_FULL_10S] = "psi_io_full_10s",
	[WIRE_PSI_IO_FULL_60S] = "psi_io_full_60s",
	[WIRE_PSI_IO_FULL_300S] = "psi_io_full_300s",
	[WIRE_MEMORY_RECLAIMABLE_BYTES] = "memory_reclaimable_bytes",
	[WIRE_PROCESSES] = "processes",
	[WIRE_PROCESSES_RUNNING] = "processes_running",
	[WIRE_PROCESSES_BLOCKED] = "processes_blocked",
};

static const char *const counter_names[WIRE_COUNTER_KEYS] = {
	[WIRE_CONTEXT_SWITCHES] = "context_switches",
	[WIRE_FORKS] = "forks",
	[WIRE_INTERRUPTS] = "interrupts",
	[WIRE_EXITS] = "exits",
	[WIRE_PAGES_IN_BYTES] = "pages_in_bytes",
	[WIRE_PAGES_OUT_BYTES] = "pages_out_bytes",
	[WIRE_SWAPPED_IN_BYTES] = "swapped_in_bytes",
	[WIRE_SWAPPED_OUT_BYTES] = "swapped_out_bytes",
	[WIRE_FAULTS] = "faults",
	[WIRE_MAJOR_FAULTS] = "major_faults",
	[WIRE_OOM_KILLS] = "oom_kills",
	[WIRE_PSI_CPU_SOME_NS] = "psi_cpu_some_ns",
	[WIRE_PSI_MEMORY_SOME_NS] = "psi_memory_some_ns",
	[WIRE_PSI_MEMORY_FULL_NS] = "psi_memory_full_ns",
	[WIRE_PSI_IO_SOME_NS] = "psi_io_some_ns",
	[WIRE_PSI_IO_FULL_NS] = "psi_io_full_ns",
};

#define COUNT(names) (sizeof(names) / sizeof((names)[0]))

_Static_assert(COUNT(node_names) == WIRE_NODE_COLUMNS, "names of node");
_Static_assert(COUNT(cpu_names) == WIRE_CPU_COLUMNS, "names of cpu");
_Static_assert(COUNT(softirq_names) == WIRE_SOFTIRQ_COLUMNS, "of softirq");
_Static_assert(COUNT(net_names) == WIRE_NET_COLUMNS, "names of net");
_Static_assert(COUNT(disk_names) == WIRE_DISK_COLUMNS, "names of disk");
_Static_assert(COUNT(mount_names) == WIRE_MOUNT_COLUMNS, "names of mount");
_Static_assert(COUNT(link_names) == WIRE_LINK_COLUMNS, "names of link");
_Static_assert(COUNT(sensor_names) == WIRE_SENSOR_COLUMNS, "of sensor");
_Static_assert(COUNT(process_names) == WIRE_PROCESS_COLUMNS, "of process");
_Static_assert(COUNT(core_names) == WIRE_CORE_COLUMNS, "names of core");
_Static_assert(COUNT(irq_names) == WIRE_IRQ_COLUMNS, "names of irq");

/* Facts are texts, and not kept. */
static const char *const *const columns[WIRE_KINDS] = {
	[WIRE_NODE] = node_names,	[WIRE_CPU] = cpu_names,
	[WIRE_SOFTIRQ] = softirq_names, [WIRE_NET] = net_names,
	[WIRE_GAUGES] = value_names,	[WIRE_COUNTERS] = value_names,
	[WIRE_DISK] = disk_names,	[WIRE_MOUNT] = mount_names,
	[WIRE_LINK] = link_names,	[WIRE_SENSOR] = sensor_names,
	[WIRE_PROCESS] = process_names, [WIRE_CORE] = core_names,
	[WIRE_IRQ] = irq_names,
};

static struct metric all[METRICS_MAX];
static size_t count;

const char *metric_table(uint32_t kind)
{
	return kind < WIRE_KINDS && columns[kind] ? wire_schema(kind)->name :
						    NULL;
}

const char *metric_column(uint32_t kind, uint32_t column)
{
	return columns[kind][column];
}

static void add_rows(uint32_t kind, const char *const *names, size_t keys)
{
	size_t i;

	for (i = 0; i < keys; i++) {
		struct metric *m = &all[count++];

		snprintf(m->name, sizeof(m->name), "%s", names[i]);
		m->kind = kind;
		m->column = WIRE_VALUE;
		m->type = wire_schema(kind)->types[WIRE_VALUE];
		m->fixed = true;
		m->key = i;
	}
}

static void add_columns(uint32_t kind)
{
	const struct wire_schema *s = wire_schema(kind);
	uint32_t i;

	for (i = 1; i < s->columns; i++) {
		struct metric *m = &all[count++];

		snprintf(m->name, sizeof(m->name), "%s.%s", s->name,
			 columns[kind][i]);
		m->kind = kind;
		m->column = i;
		m->type = s->types[i];
	}
}

const struct metric *metric_all(size_t *n)
{
	uint32_t kind;

	*n = count;
	if (count)
		return all;
	for (kind = 0; kind < WIRE_KINDS; kind++) {
		if (kind == WIRE_GAUGES)
			add_rows(kind, gauge_names, WIRE_GAUGE_KEYS);
		else if (kind == WIRE_COUNTERS)
			add_rows(kind, counter_names, WIRE_COUNTER_KEYS);
		else if (columns[kind])
			add_columns(kind);
	}
	*n = count;
	return all;
}

const struct metric *metric_find(const char *name)
{
	size_t n, i;
	const struct metric *m = metric_all(&n);

	for (i = 0; i < n; i++)
		if (!strcmp(m[i].name, name))
			return &m[i];
	return NULL;
}
