// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "collector/alarms/warden.h"
#include "collector/api/openmetrics.h"
#include "collector/api/series.h"
#include "collector/nodes/sender.h"
#include "lib/base/node_id.h"

const char *openmetrics_type(bool openmetrics)
{
	return openmetrics ?
		       "application/openmetrics-text; version=1.0.0; charset=utf-8" :
		       "text/plain; version=0.0.4; charset=utf-8";
}

static double is_fresh(const struct page *p, const struct node *node)
{
	return node->state == NODE_FRESH;
}

static double age_s(const struct page *p, const struct node *node)
{
	return (double)node_age_ns(node, p->now->mono_ns) / 1e9;
}

static double lost_frames(const struct page *p, const struct node *node)
{
	return (double)node_lost(node);
}

static double clones(const struct page *p, const struct node *node)
{
	return sender_rivals(node, p->now->mono_ns);
}

static double refused_rows(const struct page *p, const struct node *node)
{
	return (double)node->budget.refused;
}

static double offset_s(const struct page *p, const struct node *node)
{
	return clock_offset_s(&node->clock);
}

#define OF_NODE_COUNT(member)                              \
	static double member##_of(const struct page *p,    \
				  const struct node *node) \
	{                                                  \
		return (double)node->member;               \
	}
OF_NODE_COUNT(received)
OF_NODE_COUNT(elsewhere)
OF_NODE_COUNT(redated)

static double refused_of(const struct page *p, const struct node *node)
{
	return (double)node->dropped[NODE_DROP_CLONE];
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

	if (!series_family(
		    p, "ktach_node_sender", SERIES_GAUGE,
		    "Hosts that send as one node: 1 the one that is taken, 0 those that are refused."))
		return;
	for (node = visit_first(p->visit); node; node = visit_next(p->visit)) {
		if (!sender_rivals(node, p->now->mono_ns))
			continue;
		write_sender(p, node, &node->from, node->name, true);
		for (r = node->rivals; r; r = r->next)
			if (r->proven)
				write_sender(p, node, &r->who, r->name, false);
	}
}

/* Only of nodes that said so. */
static void write_left(struct page *p)
{
	const struct node *node;

	if (!series_family(
		    p, "ktach_node_left", SERIES_GAUGE,
		    "1 of a node that said that it goes: to which collector, or that it ends."))
		return;
	for (node = visit_first(p->visit); node; node = visit_next(p->visit)) {
		if (node->state != NODE_MOVED && node->state != NODE_ENDED)
			continue;
		series_begin_node(p, node);
		series_label(p, "how", node_state_name(node->state));
		series_label(p, "moved_to", node->moved_to);
		series_end_count(p, 1);
	}
}

static double score_of(const struct page *p, const struct node *node)
{
	return warden_health(node).score;
}

/* The state as a label: 1 of the one that it is in. */
static void write_states(struct page *p)
{
	const struct node *node;

	if (!series_family(
		    p, "ktach_node_health_state", SERIES_GAUGE,
		    "1 of the state that the node is in: ok, notice, warning, critical or unknown."))
		return;
	for (node = visit_first(p->visit); node; node = visit_next(p->visit)) {
		series_begin_node(p, node);
		series_label(p, "state",
			     health_names[warden_health(node).state]);
		series_end_count(p, 1);
	}
}

static void write_alarms_of(struct page *p, const struct node *node)
{
	const struct alarm *alarm;

	for (alarm = node->alarms.first; alarm; alarm = alarm->next) {
		if (!alarm->firing)
			continue;
		series_begin_node(p, node);
		series_label(p, "rule", alarm->rule->name);
		series_label(p, "severity",
			     severity_names[alarm->rule->severity]);
		series_label(p, "row", alarm->row);
		series_end_count(p, 1);
	}
}

/* @fleet: has those about all nodes together; may be NULL. */
static void write_alarms(struct page *p, const struct node *fleet)
{
	const struct node *node;

	if (!series_family(p, "ktach_alert_firing", SERIES_GAUGE,
			   "1 for each alarm of the node that fires."))
		return;
	for (node = visit_first(p->visit); node; node = visit_next(p->visit))
		write_alarms_of(p, node);
	if (!fleet)
		return;
	nodes_lock(p->visit->nodes, fleet->id);
	write_alarms_of(p, fleet);
	nodes_unlock(p->visit->nodes, fleet->id);
}

static void write_losses(struct page *p)
{
	uint64_t lost[LOSS_CAUSES];
	const struct node *node;
	int cause;

	if (!series_family(
		    p, "ktach_node_losses", SERIES_COUNTER,
		    "What the node lost, by cause: frames, but rows of size, and samples of cpu, softirq and net."))
		return;
	for (node = visit_first(p->visit); node; node = visit_next(p->visit)) {
		node_lost_by_cause(node, lost);
		for (cause = LOSS_MISSING; cause < LOSS_CAUSES; cause++) {
			series_begin_node(p, node);
			series_label(p, "cause", loss_names[cause]);
			series_end_count(p, lost[cause] & INT64_MAX);
		}
	}
}

static void write_dropped(struct page *p)
{
	const struct node *node;
	int i;

	if (!series_family(
		    p, "ktach_node_dropped", SERIES_COUNTER,
		    "Frames and tables of the node that were not taken, by reason."))
		return;
	for (node = visit_first(p->visit); node; node = visit_next(p->visit)) {
		for (i = 0; i < NODE_DROPS; i++) {
			series_begin_node(p, node);
			series_label(p, "reason", node_drop_names[i]);
			series_end_count(p, node->dropped[i] & INT64_MAX);
		}
	}
}

/* Of each node one series. */
static const struct {
	const char *name;
	enum series_type type;
	const char *help;
	double (*value)(const struct page *p, const struct node *node);
} of_nodes[] = {
	{ "ktach_node_fresh", SERIES_GAUGE,
	  "1 while samples of the node come in time.", is_fresh },
	{ "ktach_node_age_seconds", SERIES_GAUGE,
	  "Time since the newest sample of the node.", age_s },
	{ "ktach_node_frames_received", SERIES_COUNTER,
	  "Frames of the node that came.", received_of },
	{ "ktach_node_frames_lost", SERIES_COUNTER,
	  "Frames of the node that are missing.", lost_frames },
	{ "ktach_node_frames_elsewhere", SERIES_COUNTER,
	  "Frames of the node that went to another collector.", elsewhere_of },
	{ "ktach_node_frames_refused", SERIES_COUNTER,
	  "Frames of other hosts that have the node's id.", refused_of },
	{ "ktach_node_clones", SERIES_GAUGE,
	  "Other hosts that send with the node's id.", clones },
	{ "ktach_node_rows_refused", SERIES_COUNTER,
	  "Rows of the node that there was no room for.", refused_rows },
	{ "ktach_node_clock_offset_seconds", SERIES_GAUGE,
	  "The node's clock less the collector's.", offset_s },
	{ "ktach_node_frames_redated", SERIES_COUNTER,
	  "Frames stored by the collector's time, as the node's is far off.",
	  redated_of },
	{ "ktach_node_health_score", SERIES_GAUGE,
	  "100 less the weights of the node's alarms.", score_of },
};

static void write_frames(struct page *p, const struct node *fleet)
{
	size_t i;

	for (i = 0; i < sizeof(of_nodes) / sizeof(of_nodes[0]); i++) {
		if (series_family(p, of_nodes[i].name, of_nodes[i].type,
				  of_nodes[i].help))
			series_of_nodes(p, of_nodes[i].value);
	}
	write_left(p);
	write_states(p);
	write_alarms(p, fleet);
	write_senders(p);
	write_losses(p);
	write_dropped(p);
}

void openmetrics_write(struct document *w, struct visit *v,
		       const struct ingest_counts *counts,
		       const struct store_stats *stats,
		       const struct judge *judge, struct warden *warden,
		       struct outlets *outlets, const struct node_time *now,
		       const struct openmetrics_wish *wish)
{
	struct page p = { .w = w,
			  .visit = v,
			  .now = now,
			  .openmetrics = wish->openmetrics,
			  .process = wish->process,
			  .interrupt = wish->interrupt,
			  .per_node = wish->per_node,
			  .names = wish->names ? wish->names : "",
			  .counts = calloc(v->count + 1, sizeof(*p.counts)) };

	write_frames(&p, warden && !wish->nodes_only ? warden->fleet : NULL);
	openmetrics_book(&p);
	if (!wish->nodes_only && !*p.names) {
		openmetrics_self(w, counts, stats, judge, wish->openmetrics);
		if (outlets)
			openmetrics_outlets(w, outlets, wish->openmetrics);
	}
	if (wish->openmetrics)
		write_text(w, "# EOF\n");
	free(p.counts);
}
