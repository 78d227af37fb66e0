/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The K largest, or smallest, of a figure over all nodes, CPUs, disks ... */
#ifndef KTACH_COLLECTOR_FIGURES_TOPK_H
#define KTACH_COLLECTOR_FIGURES_TOPK_H

#include "collector/figures/figure.h"
#include "collector/nodes/visit.h"

enum topk_limits {
	TOPK_MAX = 1000,
};

/* One of them; @key is its row's, 0 of a node. Of the node only the ids may be
 * looked at, unless the visit holds it.
 */
struct topk_entry {
	double value;
	const struct node *node;
	uint64_t key;
};

/**
 * struct topk - the best so far: a heap whose root is the worst of them
 * @entries: @count of them
 * @count: at most @k
 * @k: how many are wanted, 1 to TOPK_MAX
 * @smallest: not the largest
 * @offered: how many there were in all
 */
struct topk {
	struct topk_entry entries[TOPK_MAX];
	size_t count;
	size_t k;
	bool smallest;
	size_t offered;
};

/* NaN is not offered. */
void topk_offer(struct topk *t, const struct topk_entry *entry);

/* The best comes first. Equal ones are in the order of nodes and rows. */
void topk_sort(struct topk *t);

/**
 * topk_of() - find them
 * @t: @k and @smallest are set; the rest is filled, sorted
 * @v: a visit, that is to last as long as the entries are used; nodes that are
 *     gone are left out
 * @figure: what they are measured by
 * @over: FIGURE_NODES, or figure_rows(@figure)
 */
void topk_of(struct topk *t, struct visit *v, const struct figure *figure,
	     enum figure_over over);

#endif /* KTACH_COLLECTOR_FIGURES_TOPK_H */
