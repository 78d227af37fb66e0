// SPDX-License-Identifier: GPL-2.0-or-later
/* Questions about all nodes, answered from memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/api/api.h"
#include "collector/figures/fleet.h"
#include "collector/api/json.h"
#include "collector/figures/topk.h"
#include "collector/base/self.h"
#include "collector/outlets/outlets.h"
#include "lib/base/barrier.h"

/* An alarm that waits for longer is late. */
#define LAG_NS UINT64_C(60000000000)

static const struct parameter no_parameters[] = { { 0 } };

void api_get_cluster(const struct api *api, const struct request *request,
		     struct reply *r)
{
	struct node_time now = api_now();
	struct document w = { 0 };

	if (!api_parse(no_parameters, request, r))
		return;
	fleet_write(&w, api->visit, &now, json_fleet_health);
	reply_json(r, 200, document_done(&w));
}

/* Which one it is; its texts, if it is still there. */
static void write_row(struct document *w, const struct samples *s, uint64_t key,
		      enum figure_over over)
{
	static const char *const keys[FIGURE_OVERS] = {
		[FIGURE_CPUS] = "cpu",
		[FIGURE_INTERFACES] = "interface",
		[FIGURE_DISKS] = "disk",
		[FIGURE_MOUNTS] = "mount",
		[FIGURE_SENSORS] = "sensor",
		[FIGURE_PROCESSES] = "process",
		[FIGURE_INTERRUPTS] = "interrupt",
		[FIGURE_AGENTS] = "agent",
		[FIGURE_CGROUPS] = "cgroup",
		[FIGURE_OWN] = "own",
		[FIGURE_PARTS] = "part",
		[FIGURE_LATENCIES] = "latency",
	};
	const struct samples_row *row = samples_find(s, key);

	if (over == FIGURE_CPUS)
		json_key_count(w, keys[over], key);
	else
		json_key_text(w, keys[over], row ? samples_text(row, 0) : "");
	if (over == FIGURE_SENSORS)
		json_key_text(w, "label",
			      row ? samples_text(row, WIRE_SENSOR_LABEL) : "");
	if (over == FIGURE_PROCESSES)
		json_key_count(w, "pid", key);
	if (over == FIGURE_PARTS)
		json_key_text(w, "labels",
			      row ? samples_text(row, WIRE_PART_LABELS) : "");
	if (over == FIGURE_OWN)
		json_key_text(w, "labels",
			      row ? samples_text(row, WIRE_OWN_LABELS) : "");
	if (over == FIGURE_LATENCIES)
		json_key_text(w, "wait",
			      row ? samples_text(row, WIRE_LATENCY_WAIT) : "");
	if (over == FIGURE_CGROUPS)
		json_key_text(w, "path",
			      row ? samples_text(row, WIRE_CGROUP_PATH) : "");
}

static void write_entry(struct document *w, struct visit *v,
			const struct topk_entry *e, const struct figure *f,
			enum figure_over over)
{
	const struct node *node = visit_hold(v, e->node);

	json_open(w, '{');
	json_key_text(w, "id", node->id_text);
	json_key_text(w, "name", node->name);
	if (over != FIGURE_NODES)
		write_row(w, figure_samples(f, node), e->key, over);
	visit_leave(v);
	json_key_number(w, "value", e->value);
	json_close(w, '}');
}

static void write_topk(struct document *w, struct visit *v,
		       const struct topk *t, const struct figure *f,
		       enum figure_over over)
{
	size_t i;

	json_open(w, '{');
	json_key_text(w, "metric", figure_name(f));
	json_key_text(w, "over", figure_over_names[over]);
	json_key_count(w, "of", t->offered);
	json_key(w, "top");
	json_open(w, '[');
	for (i = 0; i < t->count; i++)
		write_entry(w, v, &t->entries[i], f, over);
	json_close(w, ']');
	json_close(w, '}');
}

/* NULL: @r says why. */
static const struct figure *find_figure(const char *metric,
					enum figure_over over, struct reply *r)
{
	const struct figure *f = figure_find(metric);

	if (!f) {
		reply_refuse(
			r, 400,
			"metric: the name of a live metric is expected, such as cpu.busy; /api/v1/metrics lists all");
		return NULL;
	}
	if (over != FIGURE_NODES && over != figure_rows(f)) {
		reply_refuse(
			r, 400,
			"over: this metric has no such rows; /api/v1/metrics tells which each has, and nodes is always allowed");
		return NULL;
	}
	return f;
}

void api_get_topk(const struct api *api, const struct request *request,
		  struct reply *r)
{
	const char *overs[FIGURE_OVERS + 1] = { NULL };
	static const char *const orders[] = { "largest", "smallest", NULL };
	struct topk *t;
	char metric[PARAMETER_TEXT_SIZE] = "cpu.busy";
	unsigned int over = FIGURE_NODES, order = 0;
	uint64_t k = 10;
	const struct parameter specs[] = {
		{ "metric", PARAMETER_TEXT, metric },
		{ "over", PARAMETER_CHOICE, &over, .choices = overs },
		{ "k", PARAMETER_NUMBER, &k, 1, TOPK_MAX },
		{ "order", PARAMETER_CHOICE, &order, .choices = orders },
		{ 0 }
	};
	const struct figure *f;
	struct document w = { 0 };

	memcpy(overs, figure_over_names, sizeof(figure_over_names));
	if (!api_parse(specs, request, r))
		return;
	f = find_figure(metric, (enum figure_over)over, r);
	if (!f)
		return;
	t = calloc(1, sizeof(*t)); /* too large for a stack */
	if (t) {
		t->k = k;
		t->smallest = order;
		topk_of(t, api->visit, f, (enum figure_over)over);
		write_topk(&w, api->visit, t, f, (enum figure_over)over);
	}
	w.failed = w.failed || !t;
	free(t);
	reply_json(r, 200, document_done(&w));
}

static void write_metric(struct document *w, const char *name,
			 const struct book_entry *e)
{
	json_key_text(w, "name", name);
	json_key_text(w, "title", e->title);
	json_key_text(w, "unit", book_unit_name(e));
	json_key_text(w, "help", e->help);
}

static void write_figures(struct document *w)
{
	size_t i, n = figure_count();

	json_open(w, '[');
	for (i = 0; i < n; i++) {
		const struct figure *f = figure_at(i);

		json_open(w, '{');
		write_metric(w, figure_name(f), figure_entry(f));
		json_key_text(w, "rows", figure_over_names[figure_rows(f)]);
		json_close(w, '}');
	}
	json_close(w, ']');
}

/* Of the history. One without rows is a node's own. */
static void write_metrics(struct document *w)
{
	const struct book_entry *e;
	char name[BOOK_NAME_SIZE];

	json_open(w, '[');
	for (e = book; e < book + BOOK_ENTRIES; e++) {
		if (!book_is_metric(e) || e->what == BOOK_OF_NODE)
			continue;
		json_open(w, '{');
		write_metric(w, book_metric(e, name), e);
		json_key_bool(w, "counter", e->type == WIRE_COUNTER);
		json_key_bool(w, "rows", !e->group);
		json_close(w, '}');
	}
	json_close(w, ']');
}

void api_get_metrics(const struct api *api, const struct request *request,
		     struct reply *r)
{
	struct document w = { 0 };

	if (!api_parse(no_parameters, request, r))
		return;
	json_open(&w, '{');
	json_key(&w, "live");
	write_figures(&w);
	json_key(&w, "history");
	write_metrics(&w);
	json_close(&w, '}');
	reply_json(r, 200, document_done(&w));
}

void api_get_losses(const struct api *api, const struct request *request,
		    struct reply *r)
{
	struct document w = { 0 };
	struct ingest_counts counts;
	const struct node *node;

	if (!api_parse(no_parameters, request, r))
		return;
	json_open(&w, '{');
	json_key(&w, "dropped");
	ingest_sum(api->ingest, &counts);
	json_dropped(&w, &counts);
	json_key(&w, "nodes");
	json_open(&w, '[');
	for (node = visit_first(api->visit); node;
	     node = visit_next(api->visit)) {
		json_open(&w, '{');
		json_key_text(&w, "id", node->id_text);
		json_key_text(&w, "name", node->name);
		json_key(&w, "loss");
		json_loss(&w, node);
		json_close(&w, '}');
	}
	json_close(&w, ']');
	json_close(&w, '}');
	reply_json(r, 200, document_done(&w));
}

static bool is_clock_wrong(const struct api *api)
{
	return api->judge && load_relaxed(&api->judge->verdict) == JUDGE_WRONG;
}

/* Nodes of which rows were left out lately; the first one's name. */
static size_t count_cut(const struct api *api, char *name)
{
	uint64_t mono_ns = api_now().mono_ns;
	const struct node *node;
	size_t count = 0;

	for (node = visit_first(api->visit); node;
	     node = visit_next(api->visit))
		if (node_is_cut(node, mono_ns) && !count++)
			strcpy(name, node->name);
	return count;
}

static void write_damage(struct document *w, const struct store_trouble *t)
{
	char text[NODE_ID_TEXT_SIZE + 256], node[NODE_ID_TEXT_SIZE];

	if (t->chunks || t->frames) {
		snprintf(
			text, sizeof(text),
			"%llu chunks and %llu frames of its history are damaged; 'ktach-collector check' names them",
			(unsigned long long)t->chunks,
			(unsigned long long)t->frames);
		json_text(w, text);
	}
	if (t->aside) {
		node_id_format(t->node, node);
		snprintf(
			text, sizeof(text),
			"%llu times frames or chunks are set aside, of node %s the last, as they could not be put into its history; its next version tries again, or a start with more memory",
			(unsigned long long)t->aside, node);
		json_text(w, text);
	}
}

/* An alarm that waits is one that nobody knows of. */
static int write_outlets(struct document *w, struct outlets *outlets)
{
	char text[OUTLET_PROBLEM_SIZE + 160];
	struct outlets_stats s = { 0 };
	int reasons = 0;
	size_t i;

	if (outlets)
		outlets_stats(outlets, &s);
	for (i = 0; i < s.count; i++) {
		const struct outlet_stats *o = &s.all[i];

		if (!o->problem[0] && o->lag_ns < LAG_NS)
			continue;
		snprintf(text, sizeof(text),
			 "%s: %llu alarms wait to be told, for %llu s; %s",
			 o->name, (unsigned long long)o->waiting,
			 (unsigned long long)(o->lag_ns / 1000000000),
			 o->problem[0] ? o->problem : "it is slow");
		json_text(w, text);
		reasons++;
	}
	if (s.failing)
		json_text(
			w,
			"alarms.db can't be written: alarms are in memory only");
	return reasons + s.failing;
}

/* What is not as it should be, though frames are taken and kept. Returns how much
 * that is, but for damage, which the status tells.
 */
static int write_reasons(struct document *w, const struct api *api,
			 const struct store_trouble *trouble)
{
	char name[NODE_NAME_SIZE], text[NODE_NAME_SIZE + 128];
	size_t cut = count_cut(api, name);
	int reasons;

	json_open(w, '[');
	if (is_clock_wrong(api))
		json_text(
			w,
			"the clock of this host is wrong: most nodes, all alike, differ from it; nothing is deleted from the history");
	if (cut) {
		snprintf(
			text, sizeof(text),
			"rows of %zu nodes are left out, '%s' is one: they have more than there is memory for",
			cut, name);
		json_text(w, text);
	}
	write_damage(w, trouble);
	reasons = write_outlets(w, api->outlets);
	json_close(w, ']');
	return reasons + is_clock_wrong(api) + !!cut;
}

static void write_clock(struct document *w, const struct judge *judge)
{
	if (!judge) {
		json_none(w);
		return;
	}
	json_open(w, '{');
	json_key_text(w, "verdict", judge_name(judge));
	json_key_number(w, "nodes_offset_ns",
			(double)load_relaxed(&judge->offset_ns));
	json_close(w, '}');
}

/* What is damaged does not come back by a new start, unlike what fails. */
static const char *status_name(const struct store_stats *stats, int reasons)
{
	const struct store_trouble *t = &stats->trouble;

	if (stats->failing)
		return "failing";
	if (t->chunks || t->frames || t->aside)
		return "damaged";
	return reasons ? "degraded" : "ok";
}

/* 503 while the history fails: a balancer or a watchdog needs no more. */
void api_get_health(const struct api *api, const struct request *request,
		    struct reply *r)
{
	struct store_stats stats = { 0 };
	struct node_time now = api_now();
	struct ingest_counts counts;
	struct document w = { 0 };
	struct self self;
	int reasons;

	if (!api_parse(no_parameters, request, r))
		return;
	ingest_sum(api->ingest, &counts);
	if (api->store)
		store_stats(api->store, &stats);
	self_look(&self);
	json_open(&w, '{');
	json_key(&w, "reasons");
	reasons = write_reasons(&w, api, &stats.trouble);
	json_key_text(&w, "status", status_name(&stats, reasons));
	json_key(&w, "clock");
	write_clock(&w, api->judge);
	json_key_count(&w, "uptime_ns", now.mono_ns - api->started.mono_ns);
	json_key_count(&w, "nodes", api->visit->count);
	json_key_count(&w, "frames", counts.frames);
	json_key_count(&w, "cpu_ns", self.cpu_ns);
	json_key_count(&w, "memory_bytes", self.memory_bytes);
	json_key(&w, "dropped");
	json_dropped(&w, &counts);
	json_key(&w, "refused");
	json_refused(&w);
	json_key(&w, "store");
	json_store(&w, &stats);
	json_close(&w, '}');
	reply_json(r, stats.failing ? 503 : 200, document_done(&w));
}

void api_get_version(const struct api *api, const struct request *request,
		     struct reply *r)
{
	struct document w = { 0 };

	if (!api_parse(no_parameters, request, r))
		return;
	json_open(&w, '{');
	json_key_text(&w, "version", KTACH_VERSION);
	json_key_count(&w, "wire", WIRE_VERSION);
	json_key_count(&w, "api", 1);
	json_close(&w, '}');
	reply_json(r, 200, document_done(&w));
}
