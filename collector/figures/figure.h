/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A figure is one number of now: of a node, a CPU, a disk ... Every metric of the
 * book (tables/book.h) is one that is known of what is held in memory, and that a
 * node's rows make together.
 */
#ifndef KTACH_COLLECTOR_FIGURES_FIGURE_H
#define KTACH_COLLECTOR_FIGURES_FIGURE_H

#include "collector/nodes/node.h"
#include "tables/book.h"

/* What a figure can be asked of. */
enum figure_over {
	FIGURE_NODES,
	FIGURE_CPUS,
	FIGURE_INTERFACES,
	FIGURE_DISKS,
	FIGURE_MOUNTS,
	FIGURE_SENSORS,
	FIGURE_PROCESSES,
	FIGURE_INTERRUPTS,
	FIGURE_AGENTS,
	FIGURE_CGROUPS,
	FIGURE_OWN,
	FIGURE_PARTS,
	FIGURE_LATENCIES,
	FIGURE_OVERS
};

/* "nodes", "cpus", "interfaces", ... */
extern const char *const figure_over_names[FIGURE_OVERS];

struct figure;

/* All of them. */
const struct figure *figure_at(size_t index);
size_t figure_count(void);

/* NULL if there is no such. */
const struct figure *figure_find(const char *name);
const struct figure *figure_of(const struct book_entry *e);

const char *figure_name(const struct figure *f);
const struct book_entry *figure_entry(const struct figure *f);

/* Rows that it has: FIGURE_NODES if it is only the node's. */
enum figure_over figure_rows(const struct figure *f);

/* NaN where nothing is known yet. */
double figure_of_node(const struct figure *f, const struct node *node);

/* Whether a row says something of now: a CPU that is offline keeps its last
 * values.
 */
bool figure_row_counts(const struct figure *f, const struct samples *s,
		       const struct samples_row *row);

/* The table whose rows have it; NULL if it is only the node's. */
const struct samples *figure_samples(const struct figure *f,
				     const struct node *node);
double figure_of_row(const struct figure *f, const struct samples *s,
		     const struct samples_row *row);

#endif /* KTACH_COLLECTOR_FIGURES_FIGURE_H */
