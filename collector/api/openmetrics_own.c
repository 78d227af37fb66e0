// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Series that rows name: of one's own, and parts of hosts. Those of all nodes that have one
 * name are a family. They are gathered first, as a family's series have to stand together.
 * What they say of themselves comes from strangers: what is no name or no labels, names of
 * our own families, and parts that are in no book are left out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/api/series.h"
#include "collector/figures/own.h"
#include "collector/figures/told.h"
#include "lib/base/labels.h"
#include "lib/base/resized.h"
#include "tables/parts.h"

static const char total[] = "_total";

/**
 * struct own_series - one of a node
 * @name: its name; the labels' memory, too
 * @labels: behind it
 * @value: now
 * @counter: it only grows
 * @node: its number in the visit
 */
struct own_series {
	char *name;
	const char *labels;
	double value;
	bool counter;
	size_t node;
};

/* @kind: WIRE_OWN or WIRE_PART, whose rows are alike; @value: its metric. */
struct own_list {
	uint32_t kind;
	const struct book_entry *value;
	struct own_series *all;
	size_t count;
	size_t room;
};

static void gather_row(struct own_list *l, const struct page *p,
		       const struct samples *s, const struct samples_row *row)
{
	const struct book_entry *value = l->value;
	const char *name = samples_text(row, WIRE_OWN_NAME);
	const char *labels = samples_text(row, WIRE_OWN_LABELS);
	uint64_t type = row->cells[WIRE_OWN_TYPE];
	size_t size = strlen(name) + 1;
	struct own_series one = { .node = p->visit->at - 1 }, *all;

	one.value = told_value(value, s, row);
	one.counter = type == WIRE_OWN_COUNTER ||
		      type == WIRE_OWN_COUNTER_THOUSANDTHS;
	if (one.value != one.value || !own_series_fits(l->kind, name, labels))
		return;
	all = grown(l->all, l->count, &l->room, sizeof(*l->all));
	if (!all)
		return;
	l->all = all;
	one.name = malloc(size + strlen(labels) + 1);
	if (!one.name)
		return;
	memcpy(one.name, name, size);
	one.labels = strcpy(one.name + size, labels);
	l->all[l->count++] = one;
}

static void gather(struct own_list *l, struct page *p)
{
	const struct node *node;
	size_t i;

	for (node = visit_first(p->visit); node; node = visit_next(p->visit)) {
		const struct samples *s = node_samples(node, l->kind);

		for (i = 0; !node_is_away(node) && i < s->count; i++)
			if (samples_current(s, s->rows[i]))
				gather_row(l, p, s, s->rows[i]);
	}
}

static int compare(const void *a, const void *b)
{
	const struct own_series *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order)
		return order;
	return x->node < y->node ? -1 : x->node > y->node;
}

/* A label that says whose series it is keeps its value by another name, as Prometheus
 * has it; own_series_fits() sees to it that this is none that is there.
 */
static void write_labels(struct page *p, const char *labels)
{
	static const char *const ours[] = { "instance", "node_id" };
	struct label l;
	size_t i;

	while (*labels && label_take(&labels, &l)) {
		write_text(p->w, ",");
		for (i = 0; i < 2; i++)
			if (label_is(&l, ours[i]))
				write_text(p->w, "exported_");
		write_bytes(p->w, l.name, l.name_size);
		write_text(p->w, "=\"");
		write_bytes(p->w, l.value, l.value_size);
		write_text(p->w, "\"");
	}
}

static void write_one(struct page *p, const struct own_series *one)
{
	const struct node *node;

	p->visit->at = one->node;
	node = visit_next(p->visit);
	if (!node || !series_allowed(p))
		return;
	series_begin_node(p, node);
	write_labels(p, one->labels);
	series_end_exact(p, one->value);
}

static int compare_names(const void *a, const void *b)
{
	const struct own_series *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* A counter's family has its name without the suffix, unless that is another's. */
static bool cut_total(const struct own_list *l, char *name)
{
	size_t size = strlen(name), cut = size - strlen(total);
	const struct own_series other = { .name = name };

	if (size <= strlen(total) || strcmp(name + cut, total))
		return false;
	name[cut] = '\0';
	if (!bsearch(&other, l->all, l->count, sizeof(other), compare_names))
		return true;
	name[cut] = *total;
	return false;
}

/* A counter whose name ends as one is one; of others nobody knows, once they differ. */
static bool begin_family(struct page *p, const struct own_list *l,
			 const struct own_series *from,
			 const struct own_series *end)
{
	const struct book_part *part = book_part_find(from->name);
	const char *help = part ? part->help : "A series of one's own";
	char text[200];
	const struct own_series *one;
	size_t size = strlen(from->name);
	bool counters = true, gauges = true;

	for (one = from; one < end; one++) {
		counters &= one->counter;
		gauges &= !one->counter;
	}
	snprintf(text, sizeof(text), "%s.", help);
	memcpy(p->family, from->name, size + 1);
	if (counters && cut_total(l, p->family))
		return series_family(p, p->family, SERIES_COUNTER, text);
	return series_family(p, p->family,
			     gauges ? SERIES_GAUGE : SERIES_UNTYPED, text);
}

static void put_kind(struct page *p, uint32_t kind, const char *metric)
{
	struct own_list l = { .kind = kind, .value = book_find(metric) };
	size_t i, from, end;

	gather(&l, p);
	if (l.count)
		qsort(l.all, l.count, sizeof(*l.all), compare);
	for (from = 0; from < l.count; from = end) {
		for (end = from + 1; end < l.count &&
				     !strcmp(l.all[from].name, l.all[end].name);
		     end++)
			;
		if (!begin_family(p, &l, l.all + from, l.all + end))
			continue;
		for (i = from; i < end; i++)
			write_one(p, &l.all[i]);
	}
	visit_leave(p->visit);
	for (i = 0; i < l.count; i++)
		free(l.all[i].name);
	free(l.all);
}

void openmetrics_own(struct page *p)
{
	put_kind(p, WIRE_OWN, "own.value");
	put_kind(p, WIRE_PART, "part.value");
}
