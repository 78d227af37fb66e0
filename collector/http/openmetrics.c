// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "collector/nodes/cpu.h"
#include "collector/http/openmetrics.h"

enum {
	STATES_PLAIN = WIRE_CPU_STEAL_NS - WIRE_CPU_USER_NS + 1,
};

struct page {
	struct document *w;
	struct visit *visit;
	const struct ingest_counts *counts;
	const struct node_time *now;
	bool openmetrics;
	bool counter; /* of the family that is being written */
	const char *name;
	uint32_t column; /* of interfaces */
};

const char *openmetrics_type(bool openmetrics)
{
	return openmetrics ?
		       "application/openmetrics-text; version=1.0.0; charset=utf-8" :
		       "text/plain; version=0.0.4; charset=utf-8";
}

/* A family's head. OpenMetrics names a counter without its _total. */
static void family(struct page *p, const char *name, bool counter,
		   const char *help)
{
	const char *suffix = counter && !p->openmetrics ? "_total" : "";
	char line[256];

	p->name = name;
	p->counter = counter;
	snprintf(line, sizeof(line), "# HELP %s%s %s\n# TYPE %s%s %s\n", name,
		 suffix, help, name, suffix, counter ? "counter" : "gauge");
	write_text(p->w, line);
}

static void label(struct page *p, const char *name, const char *value)
{
	const char *from = value;

	write_text(p->w, name);
	write_text(p->w, "=\"");
	for (; *value; value++) {
		if (*value != '"' && *value != '\\')
			continue;
		write_bytes(p->w, from, (size_t)(value - from));
		write_text(p->w, "\\");
		from = value;
	}
	write_text(p->w, from);
	write_text(p->w, "\"");
}

static void begin(struct page *p)
{
	write_text(p->w, p->name);
	if (p->counter)
		write_text(p->w, "_total");
}

static void begin_node(struct page *p, const struct node *node)
{
	begin(p);
	write_text(p->w, "{");
	label(p, "instance", node->name);
	write_text(p->w, ",");
	label(p, "node_id", node->id_text);
}

static void more(struct page *p, const char *name, const char *value)
{
	write_text(p->w, ",");
	label(p, name, value);
}

static void end_count(struct page *p, uint64_t value)
{
	write_text(p->w, "} ");
	write_digits(p->w, value);
	write_text(p->w, "\n");
}

static void end_real(struct page *p, double value)
{
	write_text(p->w, "} ");
	write_real(p->w, value);
	write_text(p->w, "\n");
}

/* A family of one number a node. @value may give NaN: none. */
static void of_nodes(struct page *p, const char *name, bool counter,
		     const char *help,
		     double (*value)(const struct page *p,
				     const struct node *node, uint64_t key),
		     uint64_t key)
{
	const struct node *node;

	family(p, name, counter, help);
	for (node = visit_first(p->visit); node; node = visit_next(p->visit)) {
		double v = value(p, node, key);

		if (isnan(v))
			continue;
		begin_node(p, node);
		end_real(p, v);
	}
}

/* Rows of a table of all nodes that are there. */
static void of_rows(struct page *p, size_t offset,
		    void (*row)(struct page *p, const struct node *node,
				const struct samples_row *row))
{
	const struct node *node;
	size_t j;

	for (node = visit_first(p->visit); node; node = visit_next(p->visit)) {
		const struct samples *s =
			(const struct samples *)((const char *)node + offset);

		for (j = 0; node->state != NODE_GONE && j < s->count; j++)
			if (samples_current(s, s->rows[j]))
				row(p, node, s->rows[j]);
	}
}

static void cpu_label(struct page *p, const struct samples_row *row)
{
	char number[24];

	snprintf(number, sizeof(number), "%" PRIu64, row->key);
	more(p, "cpu", number);
}

static void cpu_row(struct page *p, const struct node *node,
		    const struct samples_row *row)
{
	int i;

	for (i = 0; i < STATES_PLAIN; i++) {
		begin_node(p, node);
		cpu_label(p, row);
		more(p, "mode", cpu_state_names[i]);
		end_real(p, (double)row->cells[WIRE_CPU_USER_NS + i] / 1e9);
	}
}

static void guest_row(struct page *p, const struct node *node,
		      const struct samples_row *row)
{
	static const char *const modes[] = { "user", "nice" };
	int i;

	for (i = 0; i < 2; i++) {
		begin_node(p, node);
		cpu_label(p, row);
		more(p, "mode", modes[i]);
		end_real(p, (double)row->cells[WIRE_CPU_GUEST_NS + i] / 1e9);
	}
}

static void softirq_row(struct page *p, const struct node *node,
			const struct samples_row *row)
{
	static const char *const types[WIRE_SOFTIRQ_VECTORS] = {
		"HI",	    "TIMER",   "NET_TX", "NET_RX",  "BLOCK",
		"IRQ_POLL", "TASKLET", "SCHED",	 "HRTIMER", "RCU",
	};
	int i;

	for (i = 0; i < WIRE_SOFTIRQ_VECTORS; i++) {
		begin_node(p, node);
		cpu_label(p, row);
		more(p, "type", types[i]);
		end_count(p, row->cells[WIRE_SOFTIRQ_HI + i]);
	}
}

static void net_row(struct page *p, const struct node *node,
		    const struct samples_row *row)
{
	begin_node(p, node);
	more(p, "device", samples_text(row, WIRE_NET_NAME));
	end_count(p, row->cells[p->column]);
}

static void write_rows(struct page *p)
{
	static const struct {
		const char *name;
		uint32_t column;
		const char *help;
	} nets[] = {
		{ "node_network_receive_bytes", WIRE_NET_RX_BYTES,
		  "Bytes received, as on the wire." },
		{ "node_network_receive_packets", WIRE_NET_RX_PACKETS,
		  "Packets received." },
		{ "node_network_transmit_bytes", WIRE_NET_TX_BYTES,
		  "Bytes sent, as on the wire." },
		{ "node_network_transmit_packets", WIRE_NET_TX_PACKETS,
		  "Packets sent." },
	};
	size_t i;

	family(p, "node_cpu_seconds", true, "Time of each CPU by mode.");
	of_rows(p, offsetof(struct node, cpu), cpu_row);
	family(p, "node_cpu_guest_seconds", true,
	       "Time of each CPU in guests, which is in user and nice, too.");
	of_rows(p, offsetof(struct node, cpu), guest_row);
	family(p, "node_softirqs_functions", true, "Softirqs of each CPU.");
	of_rows(p, offsetof(struct node, softirq), softirq_row);
	for (i = 0; i < sizeof(nets) / sizeof(nets[0]); i++) {
		family(p, nets[i].name, true, nets[i].help);
		p->column = nets[i].column;
		of_rows(p, offsetof(struct node, net), net_row);
	}
}

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
	{ "node_memory_Shmem_bytes", "Memory that is shared.",
	  WIRE_MEMORY_SHARED_BYTES },
	{ "node_memory_Dirty_bytes", "Memory to be written back.",
	  WIRE_MEMORY_DIRTY_BYTES },
	{ "node_memory_Writeback_bytes", "Memory being written back.",
	  WIRE_MEMORY_WRITEBACK_BYTES },
	{ "node_memory_SwapTotal_bytes", "Swap.", WIRE_SWAP_TOTAL_BYTES },
	{ "node_memory_SwapFree_bytes", "Swap that is free.",
	  WIRE_SWAP_FREE_BYTES },
};

static const struct {
	const char *name;
	const char *help;
	uint64_t key;
	bool ns;
} counter_names[] = {
	{ "node_context_switches", "Context switches.", WIRE_CONTEXT_SWITCHES },
	{ "node_forks", "Forks.", WIRE_FORKS },
	{ "node_intr", "Interrupts.", WIRE_INTERRUPTS },
	{ "node_pressure_cpu_waiting_seconds", "Time some task had no CPU.",
	  WIRE_PSI_CPU_SOME_NS, true },
	{ "node_pressure_memory_waiting_seconds",
	  "Time some task waited for memory.", WIRE_PSI_MEMORY_SOME_NS, true },
	{ "node_pressure_memory_stalled_seconds",
	  "Time all tasks waited for memory.", WIRE_PSI_MEMORY_FULL_NS, true },
	{ "node_pressure_io_waiting_seconds", "Time some task waited for I/O.",
	  WIRE_PSI_IO_SOME_NS, true },
	{ "node_pressure_io_stalled_seconds", "Time all tasks waited for I/O.",
	  WIRE_PSI_IO_FULL_NS, true },
};

static void write_values(struct page *p)
{
	size_t i;

	for (i = 0; i < sizeof(gauge_names) / sizeof(gauge_names[0]); i++)
		of_nodes(p, gauge_names[i].name, false, gauge_names[i].help,
			 gauge, gauge_names[i].key);
	for (i = 0; i < sizeof(counter_names) / sizeof(counter_names[0]); i++)
		of_nodes(p, counter_names[i].name, true, counter_names[i].help,
			 counter_names[i].ns ? counter_s : counter,
			 counter_names[i].key);
}

static double fresh(const struct page *p, const struct node *node, uint64_t key)
{
	return node->state == NODE_FRESH;
}

static double age_s(const struct page *p, const struct node *node, uint64_t key)
{
	return (double)node_age_ns(node, p->now->mono_ns) / 1e9;
}

static double received(const struct page *p, const struct node *node,
		       uint64_t key)
{
	return (double)node->received;
}

static double lost(const struct page *p, const struct node *node, uint64_t key)
{
	return (double)node_lost(node);
}

static void write_frames(struct page *p)
{
	of_nodes(p, "ktach_node_fresh", false,
		 "1 while frames of the node come in time.", fresh, 0);
	of_nodes(p, "ktach_node_age_seconds", false,
		 "Time since the newest frame of the node.", age_s, 0);
	of_nodes(p, "ktach_node_frames_received", true,
		 "Frames of the node that came.", received, 0);
	of_nodes(p, "ktach_node_frames_lost", true,
		 "Frames of the node that are missing.", lost, 0);
}

void openmetrics_write(struct document *w, struct visit *v,
		       const struct ingest_counts *counts,
		       const struct store_stats *stats,
		       const struct node_time *now, bool openmetrics)
{
	struct page p = {
		.w = w,
		.visit = v,
		.counts = counts,
		.now = now,
		.openmetrics = openmetrics,
	};

	write_frames(&p);
	write_rows(&p);
	write_values(&p);
	openmetrics_self(w, counts, stats, openmetrics);
	if (openmetrics)
		write_text(w, "# EOF\n");
}
