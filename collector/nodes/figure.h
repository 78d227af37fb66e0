/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A figure is one number of now: of a node, a CPU, a disk ... Every metric
 * of the tables that are held in memory is one (collector/metric.h), a counter
 * as its rate; and these, made of several:
 *
 *   cpu.busy, cpu.user, cpu.system ...    shares of time, 0 to 1
 *   softirq.all                           softirqs a second
 *   memory_used                           share of memory that isn't available
 *   cpus                                  those that are online
 *   lost                                  frames of the node
 *   disk.busy, disk.queue, disk.await_ns  collector/nodes/derived.h
 *   mount.used, mount.inodes_used         shares
 *   sensor.celsius, sensor.watts          of sensors of that type
 *   process.cpu                           share of one CPU
 *
 * A node's figure is the sum over its rows; for a share of time that of all CPUs
 * together. Of what can't be summed up (the largest bucket, temperatures, how
 * full or busy something is) it is the largest.
 */
#ifndef KTACH_COLLECTOR_NODES_FIGURE_H
#define KTACH_COLLECTOR_NODES_FIGURE_H

#include "collector/nodes/node.h"

enum figure_limits {
	FIGURES_MAX = 320,
};

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

const char *figure_name(const struct figure *f);

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

#endif /* KTACH_COLLECTOR_NODES_FIGURE_H */
