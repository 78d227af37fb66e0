// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collector/figures/topk.h"

static int compare_keys(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Below 0: @a is better. Ids and keys decide between equals. */
static int compare_entries(const struct topk *t, const struct topk_entry *a,
			   const struct topk_entry *b)
{
	int order;

	if (a->value != b->value)
		return (a->value > b->value) == t->smallest ? 1 : -1;
	order = memcmp(a->node->id, b->node->id, sizeof(a->node->id));
	return order ? order : compare_keys(a->key, b->key);
}

static void swap(struct topk *t, size_t i, size_t j)
{
	struct topk_entry e = t->entries[i];

	t->entries[i] = t->entries[j];
	t->entries[j] = e;
}

static bool worse(const struct topk *t, size_t i, size_t j)
{
	return compare_entries(t, &t->entries[i], &t->entries[j]) > 0;
}

static void sift_up(struct topk *t, size_t i)
{
	for (; i && worse(t, i, (i - 1) / 2); i = (i - 1) / 2)
		swap(t, i, (i - 1) / 2);
}

static void sift_down(struct topk *t, size_t count)
{
	size_t i = 0, child;

	while ((child = 2 * i + 1) < count) {
		if (child + 1 < count && worse(t, child + 1, child))
			child++;
		if (!worse(t, child, i))
			return;
		swap(t, i, child);
		i = child;
	}
}

void topk_offer(struct topk *t, const struct topk_entry *entry)
{
	if (isnan(entry->value))
		return;
	t->offered++;
	if (t->count < t->k) {
		t->entries[t->count] = *entry;
		sift_up(t, t->count++);
	} else if (compare_entries(t, entry, &t->entries[0]) < 0) {
		t->entries[0] = *entry;
		sift_down(t, t->count);
	}
}

void topk_sort(struct topk *t)
{
	size_t left;

	for (left = t->count; left > 1; left--) {
		swap(t, 0, left - 1);
		sift_down(t, left - 1);
	}
}

static void offer_rows(struct topk *t, const struct node *node,
		       const struct figure *figure)
{
	const struct samples *s = figure_samples(figure, node);
	struct topk_entry e = { .node = node };
	size_t i;

	for (i = 0; i < s->count; i++) {
		const struct samples_row *row = s->rows[i];

		if (!figure_row_counts(figure, s, row))
			continue;
		e.value = figure_of_row(figure, s, row);
		e.key = row->key;
		topk_offer(t, &e);
	}
}

void topk_of(struct topk *t, struct visit *v, const struct figure *figure,
	     enum figure_over over)
{
	const struct node *node;

	t->count = 0;
	t->offered = 0;
	for (node = visit_first(v); node; node = visit_next(v)) {
		struct topk_entry e = { .node = node };

		if (node_is_away(node))
			continue;
		if (over != FIGURE_NODES) {
			offer_rows(t, node, figure);
			continue;
		}
		e.value = figure_of_node(figure, node);
		topk_offer(t, &e);
	}
	topk_sort(t);
}
