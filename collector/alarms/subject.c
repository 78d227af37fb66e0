// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>

#include "collector/alarms/rule.h"
#include "collector/figures/figure.h"
#include "collector/figures/told.h"

double subject_value(const struct subject *u, const struct samples *s,
		     const struct samples_row *row, struct told_rates *rates)
{
	return u->entry->what == BOOK_FLAG ?
		       told_value(u->entry, s, row) :
		       told_metric_with(u->entry, s, row, rates);
}

static void take_row(const struct subject *first, size_t count,
		     const struct samples *s, const struct samples_row *row,
		     struct extremes *extremes)
{
	struct told_rates rates;
	size_t i;

	rates.known = 0;
	for (i = 0; i < count; i++) {
		struct extremes *e = &extremes[i];
		double value;

		if (first[i].figure || !told_row_counts(first[i].entry, s, row))
			continue;
		value = subject_value(&first[i], s, row, &rates);
		e->least = value < e->least ? value : e->least;
		e->most = value > e->most ? value : e->most;
	}
}

void subject_extremes(const struct subject *first, size_t count,
		      const struct node *node, struct extremes *extremes)
{
	const struct samples *s = node_samples(node, first->kind);
	size_t i;

	for (i = 0; i < count; i++) {
		extremes[i] = (struct extremes){ INFINITY, -INFINITY };
		if (first[i].figure)
			extremes[i].least = extremes[i].most =
				figure_of_node(first[i].figure, node);
	}
	for (i = 0; s && i < s->count; i++)
		if (samples_current(s, s->rows[i]))
			take_row(first, count, s, s->rows[i], extremes);
}
