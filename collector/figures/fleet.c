// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <stdlib.h>

#include "collector/figures/fleet.h"
#include "collector/figures/topk.h"
#include "lib/base/barrier.h"

enum {
	WORST = 5,
	WORSTS = 5,
};

/* The figures by which the worst nodes are found. */
static const char *const worst_names[WORSTS] = {
	"cpu.busy", "memory.used", "softirq.all", "mount.used", "lost",
};

/* A sum is not known until one node has the value. */
static void add_known(double *sum, double value)
{
	if (!isnan(value))
		*sum = isnan(*sum) ? value : *sum + value;
}

/* The figures that are summed, found once; by several threads, perhaps. */
static const struct figure *named(const struct figure **known, const char *name)
{
	const struct figure *f = load_relaxed(known);

	if (!f) {
		f = figure_find(name);
		store_relaxed(known, f);
	}
	return f;
}

static void add_memory(struct fleet *f, const struct node *node)
{
	static const struct figure *used;
	double bytes = figure_of_node(named(&used, "memory.used_bytes"), node);

	if (isnan(bytes))
		return;
	add_known(&f->memory_bytes,
		  gauges_value(&node->gauges, WIRE_MEMORY_TOTAL_BYTES));
	add_known(&f->memory_used_bytes, bytes);
}

static void add_node(struct fleet *f, const struct node *node)
{
	static const struct figure *count, *busy, *rx, *tx, *softirqs;
	double cpus = figure_of_node(named(&count, "cpus"), node);
	double share = figure_of_node(named(&busy, "cpu.busy"), node);

	f->cpus += (size_t)cpus;
	if (!isnan(share))
		f->told_cpus += (size_t)cpus;
	add_known(&f->busy_cpus, cpus * share);
	add_known(&f->rx_bytes_per_s,
		  figure_of_node(named(&rx, "net.rx_bytes_per_s"), node));
	add_known(&f->tx_bytes_per_s,
		  figure_of_node(named(&tx, "net.tx_bytes_per_s"), node));
	add_known(&f->softirqs_per_s,
		  figure_of_node(named(&softirqs, "softirq.all"), node));
	add_memory(f, node);
}

/**
 * struct extremes - who stands out
 * @worst: by worst_names
 * @silent: the first few, in the order of ids
 * @silent_count: of them
 */
struct extremes {
	struct topk worst[WORSTS];
	const struct node *silent[WORST];
	size_t silent_count;
};

static void extremes_begin(struct extremes *x)
{
	int i;

	x->silent_count = 0;
	for (i = 0; i < WORSTS; i++) {
		x->worst[i].count = 0;
		x->worst[i].offered = 0;
		x->worst[i].k = WORST;
		x->worst[i].smallest = false;
	}
}

static void offer(struct extremes *x, const struct node *node)
{
	static const struct figure *figures[WORSTS];
	int i;

	if (node->state != NODE_FRESH && x->silent_count < WORST)
		x->silent[x->silent_count++] = node;
	if (node->state != NODE_FRESH)
		return;
	for (i = 0; i < WORSTS; i++) {
		const struct topk_entry e = {
			.node = node,
			.value = figure_of_node(
				named(&figures[i], worst_names[i]), node),
		};

		topk_offer(&x->worst[i], &e);
	}
}

/* Each node is looked at once, for it has a lock. @x may be NULL. */
static void look_at_nodes(struct fleet *f, struct extremes *x, struct visit *v)
{
	const struct node *node;

	*f = (struct fleet){ .busy_cpus = NAN,
			     .memory_bytes = NAN,
			     .memory_used_bytes = NAN,
			     .rx_bytes_per_s = NAN,
			     .tx_bytes_per_s = NAN,
			     .softirqs_per_s = NAN };
	for (node = visit_first(v); node; node = visit_next(v)) {
		f->states[node->state]++;
		f->received += node->received;
		f->lost += node_lost(node);
		if (node->state == NODE_FRESH)
			add_node(f, node);
		if (x)
			offer(x, node);
	}
}

void fleet_sum(struct fleet *f, struct visit *v)
{
	look_at_nodes(f, NULL, v);
}

double fleet_busy(const struct fleet *f)
{
	return f->told_cpus ? f->busy_cpus / (double)f->told_cpus : NAN;
}

static void write_entry(struct document *w, struct visit *v,
			const struct topk_entry *e)
{
	json_open(w, '{');
	json_key_text(w, "id", e->node->id_text);
	json_key_text(w, "name", visit_hold(v, e->node)->name);
	json_key_number(w, "value", e->value);
	json_close(w, '}');
}

static void write_worst(struct document *w, struct visit *v, struct extremes *x)
{
	struct topk *worst = x->worst;
	size_t i, n;

	json_key(w, "worst");
	json_open(w, '{');
	for (i = 0; i < WORSTS; i++) {
		topk_sort(&worst[i]);
		json_key(w, worst_names[i]);
		json_open(w, '[');
		for (n = 0; n < worst[i].count; n++)
			if (worst[i].entries[n].value > 0)
				write_entry(w, v, &worst[i].entries[n]);
		json_close(w, ']');
	}
	visit_leave(v);
	json_close(w, '}');
}

static void write_silent(struct document *w, struct visit *v,
			 const struct extremes *x, const struct node_time *now)
{
	size_t i;

	json_key(w, "silent");
	json_open(w, '[');
	for (i = 0; i < x->silent_count; i++) {
		const struct node *node = visit_hold(v, x->silent[i]);

		json_open(w, '{');
		json_key_text(w, "id", node->id_text);
		json_key_text(w, "name", node->name);
		json_key_text(w, "state", node_state_name(node->state));
		json_key_count(w, "age_ns", node_age_ns(node, now->mono_ns));
		json_close(w, '}');
	}
	visit_leave(v);
	json_close(w, ']');
}

static void write_sums(struct document *w, const struct fleet *f)
{
	json_key_count(w, "received", f->received);
	json_key_count(w, "lost", f->lost);
	json_key_count(w, "cpus", f->cpus);
	json_key_number(w, "busy_cpus", f->busy_cpus);
	json_key_number(w, "cpu_busy", fleet_busy(f));
	json_key_number(w, "memory_bytes", f->memory_bytes);
	json_key_number(w, "memory_used_bytes", f->memory_used_bytes);
	json_key_number(w, "rx_bytes_per_s", f->rx_bytes_per_s);
	json_key_number(w, "tx_bytes_per_s", f->tx_bytes_per_s);
	json_key_number(w, "softirqs_per_s", f->softirqs_per_s);
}

void fleet_write(struct document *w, struct visit *v,
		 const struct node_time *now, fleet_more *more)
{
	struct extremes *x = malloc(sizeof(*x)); /* too large for a stack */
	struct fleet f;
	int state;

	if (!x) {
		w->failed = true;
		return;
	}
	extremes_begin(x);
	look_at_nodes(&f, x, v);
	json_open(w, '{');
	json_key_count(w, "now_ns", now->real_ns);
	json_key(w, "nodes");
	json_open(w, '{');
	for (state = 0; state < NODE_STATES; state++)
		json_key_count(w, node_state_name((enum node_state)state),
			       f.states[state]);
	json_close(w, '}');
	json_key_count(w, "left_out", v->count - f.states[NODE_FRESH]);
	write_sums(w, &f);
	write_worst(w, v, x);
	write_silent(w, v, x, now);
	more(w, v);
	json_close(w, '}');
	free(x);
}
