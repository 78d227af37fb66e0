// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <string.h>

#include "collector/figures/cpu.h"
#include "collector/figures/figure.h"
#include "collector/figures/told.h"

/**
 * struct figure - a metric of now
 * @entry: in the book
 * @name: the metric's
 * @over: rows that it has
 * @of_node: what the collector knows of a node itself; NULL: something else
 * @place: in a node's figures, from 1 on; 0: none
 */
struct figure {
	const struct book_entry *entry;
	char name[BOOK_NAME_SIZE];
	enum figure_over over;
	double (*of_node)(const struct node *node);
	int place;
};

/* Figures that every list and summary needs of all nodes. */
static const char *const often[NODE_FIGURES] = {
	"cpu.busy",	      "cpus", "softirq.all", "net.rx_bytes_per_s",
	"net.tx_bytes_per_s",
};

const char *const figure_over_names[FIGURE_OVERS] = {
	[FIGURE_NODES] = "nodes",
	[FIGURE_CPUS] = "cpus",
	[FIGURE_INTERFACES] = "interfaces",
	[FIGURE_DISKS] = "disks",
	[FIGURE_MOUNTS] = "mounts",
	[FIGURE_SENSORS] = "sensors",
	[FIGURE_PROCESSES] = "processes",
	[FIGURE_INTERRUPTS] = "interrupts",
	[FIGURE_AGENTS] = "agents",
	[FIGURE_CGROUPS] = "cgroups",
	[FIGURE_OWN] = "own",
	[FIGURE_PARTS] = "parts",
	[FIGURE_LATENCIES] = "latencies",
};

static struct figure all[BOOK_ENTRIES];
static size_t count;

static double cpus(const struct node *node)
{
	return (double)cpu_count(&node->cpu);
}

static double lost(const struct node *node)
{
	return (double)node_lost(node);
}

static double clock_offset(const struct node *node)
{
	return clock_offset_s(&node->clock);
}

static const struct {
	const char *name;
	double (*of)(const struct node *node);
} of_nodes[] = {
	{ "cpus", cpus },
	{ "lost", lost },
	{ "clock.offset_s", clock_offset },
};

static enum figure_over find_over(const struct book_entry *e)
{
	enum figure_over over = FIGURE_NODES;

	if (e->group || e->what == BOOK_OF_NODE)
		return over;
	while (strcmp(figure_over_names[over], book_table(e->kind)->over))
		over++;
	return over;
}

static void add_figure(const struct book_entry *e)
{
	struct figure *f = &all[count++];
	char name[BOOK_NAME_SIZE];
	size_t i;

	strcpy(f->name, book_metric(e, name));
	f->entry = e;
	f->over = find_over(e);
	for (i = 0; i < sizeof(of_nodes) / sizeof(of_nodes[0]); i++)
		if (!strcmp(f->name, of_nodes[i].name))
			f->of_node = of_nodes[i].of;
	for (i = 0; i < NODE_FIGURES; i++)
		if (!strcmp(f->name, often[i]))
			f->place = (int)i + 1;
}

/* A figure that all rows together do not have is none of a node, which it could rank. */
static bool is_figure(const struct book_entry *e)
{
	return book_is_metric(e) && e->kind != WIRE_NODE && told_now(e) &&
	       (e->group || e->what == BOOK_OF_NODE || e->adds != BOOK_NONE);
}

size_t figure_count(void)
{
	size_t i;

	if (count)
		return count;
	for (i = 0; i < BOOK_ENTRIES; i++)
		if (is_figure(&book[i]))
			add_figure(&book[i]);
	return count;
}

const struct figure *figure_at(size_t index)
{
	return &all[index];
}

const struct figure *figure_of(const struct book_entry *e)
{
	size_t i, n = figure_count();

	for (i = 0; i < n; i++)
		if (all[i].entry == e)
			return &all[i];
	return NULL;
}

const struct figure *figure_find(const char *name)
{
	const struct book_entry *e = book_find(name);

	return e ? figure_of(e) : NULL;
}

const char *figure_name(const struct figure *f)
{
	return f->name;
}

const struct book_entry *figure_entry(const struct figure *f)
{
	return f->entry;
}

enum figure_over figure_rows(const struct figure *f)
{
	return f->over;
}

const struct samples *figure_samples(const struct figure *f,
				     const struct node *node)
{
	return node_samples(node, f->entry->kind);
}

bool figure_row_counts(const struct figure *f, const struct samples *s,
		       const struct samples_row *row)
{
	return told_row_counts(f->entry, s, row);
}

double figure_of_row(const struct figure *f, const struct samples *s,
		     const struct samples_row *row)
{
	return told_metric(f->entry, s, row);
}

static double work_out(const struct figure *f, const struct node *node)
{
	if (f->of_node)
		return f->of_node(node);
	if (f->entry->group)
		return told_of_values(f->entry, &node->gauges, &node->counters);
	return told_of_rows(f->entry, figure_samples(f, node));
}

/* Its rows are spread over memory: they are read once for each change. */
static double remembered(const struct figure *f, struct node *node)
{
	uint32_t bit = 1U << f->place;

	if (node->figures_serial != node->serial) {
		node->figures_serial = node->serial;
		node->figures_known = 0;
	}
	if (!(node->figures_known & bit)) {
		node->figures[f->place - 1] = work_out(f, node);
		node->figures_known |= bit;
	}
	return node->figures[f->place - 1];
}

/* The node is const for callers; keeping what was computed changes nothing that they
 * see.
 */
double figure_of_node(const struct figure *f, const struct node *node)
{
	return f->place ? remembered(f, (struct node *)node) :
			  work_out(f, node);
}
