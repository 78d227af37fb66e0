// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "collector/nodes/cpu.h"
#include "collector/http/openmetrics.h"
#include "collector/http/series.h"
#include "lib/node_id.h"

enum {
	STATES_PLAIN = WIRE_CPU_STEAL_NS - WIRE_CPU_USER_NS + 1,
};

const char *openmetrics_type(bool openmetrics)
{
	return openmetrics ?
		       "application/openmetrics-text; version=1.0.0; charset=utf-8" :
		       "text/plain; version=0.0.4; charset=utf-8";
}

static void cpu_row(struct page *p, const struct node *node,
		    const struct samples *s, const struct samples_row *row)
{
	int i;

	for (i = 0; i < STATES_PLAIN; i++) {
		series_begin_node(p, node);
		series_number_label(p, "cpu", row->key);
		series_label(p, "mode", cpu_state_names[i]);
		series_end_real(p,
				(double)row->cells[WIRE_CPU_USER_NS + i] / 1e9);
	}
}

static void guest_row(struct page *p, const struct node *node,
		      const struct samples *s, const struct samples_row *row)
{
	static const char *const modes[] = { "user", "nice" };
	int i;

	for (i = 0; i < 2; i++) {
		series_begin_node(p, node);
		series_number_label(p, "cpu", row->key);
		series_label(p, "mode", modes[i]);
		series_end_real(p, (double)row->cells[WIRE_CPU_GUEST_NS + i] /
					   1e9);
	}
}

static void softirq_row(struct page *p, const struct node *node,
			const struct samples *s, const struct samples_row *row)
{
	static const char *const types[WIRE_SOFTIRQ_VECTORS] = {
		"HI",	    "TIMER",   "NET_TX", "NET_RX",  "BLOCK",
		"IRQ_POLL", "TASKLET", "SCHED",	 "HRTIMER", "RCU",
	};
	int i;

	for (i = 0; i < WIRE_SOFTIRQ_VECTORS; i++) {
		series_begin_node(p, node);
		series_number_label(p, "cpu", row->key);
		series_label(p, "type", types[i]);
		series_end_count(p, row->cells[WIRE_SOFTIRQ_HI + i]);
	}
}

static void net_row(struct page *p, const struct node *node,
		    const struct samples *s, const struct samples_row *row)
{
	series_begin_node(p, node);
	series_label(p, "device", samples_text(row, WIRE_NET_NAME));
	series_end_count(p, row->cells[p->column]);
}

static void write_rows(struct page *p)
{
	static const struct {
		const char *name;
		uint32_t column;
		const char *help;
	} nets[] = {
		{ "ktach_network_received_bytes", WIRE_NET_RX_BYTES,
		  "Bytes received, after XDP, in the wire's measure." },
		{ "ktach_network_received_packets", WIRE_NET_RX_PACKETS,
		  "Packets received, after XDP." },
		{ "ktach_network_offered_bytes", WIRE_NET_TX_BYTES,
		  "Bytes offered to be sent, before the queueing discipline." },
		{ "ktach_network_offered_packets", WIRE_NET_TX_PACKETS,
		  "Packets offered to be sent." },
	};
	size_t i;

	series_family(p, "node_cpu_seconds", SERIES_COUNTER,
		      "Time of each CPU by mode.");
	series_of_rows(p, WIRE_CPU, cpu_row);
	series_family(
		p, "node_cpu_guest_seconds", SERIES_COUNTER,
		"Time of each CPU in guests, which is in user and nice, too.");
	series_of_rows(p, WIRE_CPU, guest_row);
	series_family(p, "node_softirqs_functions", SERIES_COUNTER,
		      "Softirqs of each CPU.");
	series_of_rows(p, WIRE_SOFTIRQ, softirq_row);
	for (i = 0; i < sizeof(nets) / sizeof(nets[0]); i++) {
		series_family(p, nets[i].name, SERIES_COUNTER, nets[i].help);
		p->column = nets[i].column;
		series_of_rows(p, WIRE_NET, net_row);
	}
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

static double clones(const struct page *p, const struct node *node,
		     uint64_t key)
{
	return sender_rivals(node, p->now->mono_ns);
}

static double elsewhere(const struct page *p, const struct node *node,
			uint64_t key)
{
	return (double)node->elsewhere;
}

static double refused(const struct page *p, const struct node *node,
		      uint64_t key)
{
	return (double)node->refused;
}

static void write_sender(struct page *p, const struct node *node,
			 const struct sender *s, const char *name, bool taken)
{
	char boot[NODE_ID_TEXT_SIZE];

	node_id_format(s->boot, boot);
	series_begin_node(p, node);
	series_label(p, "boot_id", boot);
	series_label(p, "address", s->address);
	series_label(p, "name", name);
	series_end_count(p, taken);
}

/* Only of nodes that have several. */
static void write_senders(struct page *p)
{
	const struct node *node;
	const struct rival *r;

	series_family(
		p, "ktach_node_sender", SERIES_GAUGE,
		"Hosts that send as one node: 1 the one that is taken, 0 those that are refused.");
	for (node = visit_first(p->visit); node; node = visit_next(p->visit)) {
		if (!sender_rivals(node, p->now->mono_ns))
			continue;
		write_sender(p, node, &node->from, node->name, true);
		for (r = node->rivals; r; r = r->next)
			if (r->proven)
				write_sender(p, node, &r->who, r->name, false);
	}
}

static double clock_offset(const struct page *p, const struct node *node,
			   uint64_t key)
{
	return clock_offset_s(&node->clock);
}

static double redated(const struct page *p, const struct node *node,
		      uint64_t key)
{
	return (double)node->redated;
}

static double rows_refused(const struct page *p, const struct node *node,
			   uint64_t key)
{
	return (double)node->budget.refused;
}

static void write_frames(struct page *p)
{
	series_family(p, "ktach_node_fresh", SERIES_GAUGE,
		      "1 while samples of the node come in time.");
	series_of_nodes(p, fresh, 0);
	series_family(p, "ktach_node_age_seconds", SERIES_GAUGE,
		      "Time since the newest sample of the node.");
	series_of_nodes(p, age_s, 0);
	series_family(p, "ktach_node_frames_received", SERIES_COUNTER,
		      "Frames of the node that came.");
	series_of_nodes(p, received, 0);
	series_family(p, "ktach_node_frames_lost", SERIES_COUNTER,
		      "Frames of the node that are missing.");
	series_of_nodes(p, lost, 0);
	series_family(p, "ktach_node_frames_elsewhere", SERIES_COUNTER,
		      "Frames of the node that went to another collector.");
	series_of_nodes(p, elsewhere, 0);
	series_family(p, "ktach_node_frames_refused", SERIES_COUNTER,
		      "Frames of other hosts that have the node's id.");
	series_of_nodes(p, refused, 0);
	series_family(p, "ktach_node_clones", SERIES_GAUGE,
		      "Other hosts that send with the node's id.");
	series_of_nodes(p, clones, 0);
	write_senders(p);
	series_family(p, "ktach_node_rows_refused", SERIES_COUNTER,
		      "Rows of the node that there was no room for.");
	series_of_nodes(p, rows_refused, 0);
	series_family(p, "ktach_node_clock_offset_seconds", SERIES_GAUGE,
		      "The node's clock less the collector's.");
	series_of_nodes(p, clock_offset, 0);
	series_family(
		p, "ktach_node_frames_redated", SERIES_COUNTER,
		"Frames stored by the collector's time, as the node's is far off.");
	series_of_nodes(p, redated, 0);
}

void openmetrics_write(struct document *w, struct visit *v,
		       const struct ingest_counts *counts,
		       const struct store_stats *stats,
		       const struct judge *judge, const struct node_time *now,
		       bool openmetrics)
{
	struct page p = {
		.w = w, .visit = v, .now = now, .openmetrics = openmetrics
	};

	write_frames(&p);
	write_rows(&p);
	openmetrics_host(&p);
	openmetrics_self(w, counts, stats, judge, openmetrics);
	if (openmetrics)
		write_text(w, "# EOF\n");
}
