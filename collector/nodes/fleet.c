// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>

#include "collector/nodes/fleet.h"
#include "collector/nodes/topk.h"

enum {
	WORST = 5,
};

static void add(double *sum, double value)
{
	if (!isnan(value))
		*sum += value;
}

/* The figures that are summed, found once. */
static const struct figure *named(const struct figure **known, const char *name)
{
	if (!*known)
		*known = figure_find(name);
	return *known;
}

static void add_memory(struct fleet *f, const struct node *node)
{
	double total = gauges_value(&node->gauges, WIRE_MEMORY_TOTAL_BYTES);
	double free = gauges_value(&node->gauges, WIRE_MEMORY_AVAILABLE_BYTES);

	if (isnan(total) || isnan(free))
		return;
	f->memory_bytes += total;
	f->memory_used_bytes += total - free;
}

static void add_node(struct fleet *f, const struct node *node)
{
	static const struct figure *count, *busy, *rx, *tx, *softirqs;
	double cpus = figure_of_node(named(&count, "cpus"), node);

	f->cpus += (size_t)cpus;
	add(&f->busy_cpus,
	    cpus * figure_of_node(named(&busy, "cpu.busy"), node));
	add(&f->rx_bytes_per_s,
	    figure_of_node(named(&rx, "net.rx_bytes_per_s"), node));
	add(&f->tx_bytes_per_s,
	    figure_of_node(named(&tx, "net.tx_bytes_per_s"), node));
	add(&f->softirqs_per_s,
	    figure_of_node(named(&softirqs, "softirq.all"), node));
	add_memory(f, node);
}

void fleet_sum(struct fleet *f, struct visit *v)
{
	const struct node *node;

	*f = (struct fleet){ 0 };
	for (node = visit_first(v); node; node = visit_next(v)) {
		f->states[node->state]++;
		f->received += node->received;
		f->lost += node_lost(node);
		if (node->state != NODE_GONE)
			add_node(f, node);
	}
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

static void write_worst(struct document *w, struct visit *v, const char *figure)
{
	static struct topk t;
	size_t i;

	t.k = WORST;
	t.smallest = false;
	topk_of(&t, v, figure_find(figure), FIGURE_NODES);
	json_key(w, figure);
	json_open(w, '[');
	for (i = 0; i < t.count && t.entries[i].value > 0; i++)
		write_entry(w, v, &t.entries[i]);
	visit_leave(v);
	json_close(w, ']');
}

/* The first few, in the order of ids. */
static void write_silent(struct document *w, struct visit *v,
			 const struct node_time *now)
{
	const struct node *node;
	size_t n = 0;

	json_key(w, "silent");
	json_open(w, '[');
	for (node = visit_first(v); node && n < WORST; node = visit_next(v)) {
		if (node->state == NODE_FRESH)
			continue;
		n++;
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
	json_key_number(w, "cpu_busy",
			f->cpus ? f->busy_cpus / (double)f->cpus : NAN);
	json_key_number(w, "memory_bytes",
			f->memory_bytes > 0 ? f->memory_bytes : NAN);
	json_key_number(w, "memory_used_bytes",
			f->memory_bytes > 0 ? f->memory_used_bytes : NAN);
	json_key_number(w, "rx_bytes_per_s", f->rx_bytes_per_s);
	json_key_number(w, "tx_bytes_per_s", f->tx_bytes_per_s);
	json_key_number(w, "softirqs_per_s", f->softirqs_per_s);
}

void fleet_write(struct document *w, struct visit *v,
		 const struct node_time *now)
{
	struct fleet f;
	int state;

	fleet_sum(&f, v);
	json_open(w, '{');
	json_key_count(w, "now_ns", now->real_ns);
	json_key(w, "nodes");
	json_open(w, '{');
	for (state = 0; state < NODE_STATES; state++)
		json_key_count(w, node_state_name((enum node_state)state),
			       f.states[state]);
	json_close(w, '}');
	write_sums(w, &f);
	json_key(w, "worst");
	json_open(w, '{');
	write_worst(w, v, "cpu.busy");
	write_worst(w, v, "memory_used");
	write_worst(w, v, "softirq.all");
	write_worst(w, v, "mount.used");
	write_worst(w, v, "lost");
	json_close(w, '}');
	write_silent(w, v, now);
	json_close(w, '}');
}
