// SPDX-License-Identifier: GPL-2.0-or-later
/* Everything that the book has a series of (tables/book.h), and facts as labels. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/api/series.h"
#include "collector/nodes/labels.h"
#include "collector/figures/figure.h"
#include "collector/figures/told.h"
#include "lib/kernel/irq_symbol.h"
#include "tables/series.h"

/* Of each entry: the next one of its family, and whether there is one before it. */
static struct {
	pthread_once_t joined;
	unsigned int next[BOOK_ENTRIES];
	bool follows[BOOK_ENTRIES];
} families = { .joined = PTHREAD_ONCE_INIT };

static bool is_same_family(const struct book_entry *a,
			   const struct book_entry *b)
{
	size_t size = book_family_size(a->series);

	return book_has_series(a) && book_has_series(b) &&
	       !strncmp(a->series, b->series, size) &&
	       !book_family_size(b->series + size);
}

static void join_families(void)
{
	unsigned int i, next;

	for (i = 0; i < BOOK_ENTRIES; i++) {
		next = i + 1;
		while (next < BOOK_ENTRIES &&
		       !is_same_family(&book[i], &book[next]))
			next++;
		families.next[i] = next;
		if (next < BOOK_ENTRIES)
			families.follows[next] = true;
	}
}

static void write_labels(struct page *p, const struct book_entry *e,
			 const struct samples_row *row)
{
	const struct book_text *texts = book_table(e->kind)->texts;
	const char *key = book_first(e->kind)->series;
	char symbol[IRQ_SYMBOL_SIZE];
	uint32_t i;

	for (i = 0; i < WIRE_TEXTS_MAX && texts[i].name; i++)
		if (*texts[i].label)
			series_label(p, texts[i].label, samples_text(row, i));
	if (*key && e->kind == WIRE_IRQ)
		series_label(p, key, irq_symbol(row->key, symbol));
	else if (*key)
		series_number_label(p, key, row->key);
}

static void end_labels(struct page *p, const struct book_series *parts)
{
	if (!parts->label)
		return;
	write_text(p->w, ",");
	write_bytes(p->w, parts->label, parts->label_size);
}

/* Whole numbers are told to the last digit. */
static bool is_whole(const struct book_entry *e,
		     const struct book_series *parts)
{
	return e->what == BOOK_COLUMN && parts->divisor == 1 &&
	       book_unit_parts(e->unit) == 1;
}

static void write_row(struct page *p, const struct node *node,
		      const struct book_entry *e,
		      const struct book_series *parts,
		      const struct samples_row *row)
{
	const struct samples *s = node_samples(node, e->kind);
	double value = told_value(e, s, row);
	uint64_t cell = e->what == BOOK_COLUMN ?
				samples_cell(s, row, e->column) :
				WIRE_ABSENT;

	if (isnan(value) || !series_allowed(p))
		return;
	series_begin_node(p, node);
	write_labels(p, e, row);
	end_labels(p, parts);
	if (is_whole(e, parts) && (int64_t)cell >= 0)
		series_end_count(p, cell);
	else
		series_end_real(p, value / parts->divisor);
}

static void write_rows(struct page *p, const struct node *node,
		       const struct book_entry *e,
		       const struct book_series *parts)
{
	const struct samples *s = node_samples(node, e->kind);
	size_t i;

	for (i = 0; i < s->count; i++)
		if (samples_current(s, s->rows[i]))
			write_row(p, node, e, parts, s->rows[i]);
}

static double shipper_value(const struct book_entry *e, const struct node *node)
{
	uint64_t cell = node->shipper[e->column];

	return !node->shipper[WIRE_NODE_PERIOD_NS] || cell == WIRE_ABSENT ?
		       NAN :
		       (double)cell;
}

static double value_of(const struct book_entry *e, const struct node *node)
{
	if (e->kind == WIRE_NODE)
		return shipper_value(e, node);
	if (e->what == BOOK_OF_NODE)
		return figure_of_node(figure_of(e), node);
	if (e->type == WIRE_COUNTER)
		return counters_total(&node->counters, e->column);
	return told_of_values(e, &node->gauges, &node->counters);
}

static void write_value(struct page *p, const struct node *node,
			const struct book_entry *e,
			const struct book_series *parts)
{
	double value = value_of(e, node);

	if (parts->pages)
		value /= gauges_value(&node->gauges, WIRE_PAGE_BYTES);
	if (isnan(value) || !series_allowed(p))
		return;
	series_begin_node(p, node);
	end_labels(p, parts);
	if (e->unit == BOOK_REAL)
		series_end_exact(p, value);
	else
		series_end_real(p, value / parts->divisor);
}

static void write_member(struct page *p, const struct book_entry *e,
			 const char *series)
{
	struct book_series parts;
	const struct node *node;

	book_series(&parts, e, series);
	for (node = visit_first(p->visit); node; node = visit_next(p->visit)) {
		if (node_is_away(node))
			continue;
		if (e->group || e->what == BOOK_OF_NODE || e->kind == WIRE_NODE)
			write_value(p, node, e, &parts);
		else
			write_rows(p, node, e, &parts);
	}
}

static bool begin_family(struct page *p, const struct book_entry *e,
			 const char *series, const char *help)
{
	struct book_series parts;
	enum series_type type;
	const char *of_all;
	char text[256];

	book_series(&parts, e, series);
	type = parts.counter ? SERIES_COUNTER :
	       parts.untyped ? SERIES_UNTYPED :
			       SERIES_GAUGE;
	of_all = book_family(parts.family, strlen(parts.family));
	snprintf(p->family, sizeof(p->family), "%s", parts.family);
	snprintf(text, sizeof(text), "%s.", of_all ? of_all : help);
	return series_family(p, p->family, type, text);
}

/* Those of processes and interrupts are others each time: only for who asks. */
static bool is_wanted(const struct page *p, const struct book_entry *e)
{
	return (e->kind != WIRE_PROCESS || p->process) &&
	       (e->kind != WIRE_IRQ || p->interrupt);
}

static void write_book(struct page *p)
{
	unsigned int i, member;

	pthread_once(&families.joined, join_families);
	for (i = 0; i < BOOK_ENTRIES; i++) {
		const struct book_entry *e = &book[i];

		if (!book_has_series(e) || !is_wanted(p, e) ||
		    families.follows[i] ||
		    !begin_family(p, e, e->series, e->help))
			continue;
		for (member = i; member < BOOK_ENTRIES;
		     member = families.next[member])
			write_member(p, &book[member], book[member].series);
	}
}

static void write_also(struct page *p)
{
	const struct book_also *also;
	size_t i;

	for (i = 0; (also = book_also(i)); i++) {
		const struct book_entry *e = book_find(also->metric);

		if (begin_family(p, e, also->series, also->help))
			write_member(p, e, also->series);
	}
}

static double boot_s(const struct page *p, const struct node *node)
{
	const char *boot = facts_text(&node->facts, WIRE_FACT_BOOT_REAL_NS);

	return boot && !node_is_away(node) ? strtod(boot, NULL) / 1e9 : NAN;
}

/* By its samples; as it is compared with that of who asks, all digits count. */
static void write_time(struct page *p)
{
	const struct node *node;

	if (!series_family(p, "node_time_seconds", SERIES_GAUGE,
			   "The host's clock now, in seconds since 1970."))
		return;
	for (node = visit_first(p->visit); node; node = visit_next(p->visit)) {
		double ahead_s = clock_offset_s(&node->clock);

		if (node_is_away(node) || isnan(ahead_s))
			continue;
		series_begin_node(p, node);
		series_end_exact(p, (double)p->now->real_ns / 1e9 + ahead_s);
	}
}

/* A fact as a label; one that is not known is an empty one. */
struct fact_label {
	const char *name;
	uint32_t key;
};

static void write_info(struct page *p, const struct fact_label *labels)
{
	const struct node *node;

	for (node = visit_first(p->visit); node; node = visit_next(p->visit)) {
		const struct fact_label *l;

		if (node_is_away(node) || !node->facts.count)
			continue;
		series_begin_node(p, node);
		for (l = labels; l->name; l++) {
			const char *text = facts_text(&node->facts, l->key);

			series_label(p, l->name, text ? text : "");
		}
		series_end_count(p, 1);
	}
}

/* Names get a beginning of their own, so that none is another label's. */
static void write_node_labels(struct page *p)
{
	char name[LABEL_NAME_MAX + 16];
	const struct fact *fact;
	const struct node *node;
	const char *value;
	unsigned int count;
	size_t size;

	if (!series_family(p, "ktach_node_labels", SERIES_GAUGE,
			   "What the host's operator tells it by, as labels."))
		return;
	for (node = visit_first(p->visit); node; node = visit_next(p->visit)) {
		fact = labels_next(&node->facts, NULL);
		if (!fact)
			continue;
		series_begin_node(p, node);
		for (count = 0; fact && count < LABELS_MAX; count++) {
			value = labels_value(fact, &size);
			snprintf(name, sizeof(name), "label_%.*s", (int)size,
				 fact->text);
			series_label(p, name, value);
			fact = labels_next(&node->facts, fact);
		}
		series_end_count(p, 1);
	}
}

static void write_facts(struct page *p)
{
	static const struct fact_label uname[] = {
		{ "nodename", WIRE_FACT_HOST_NAME },
		{ "release", WIRE_FACT_KERNEL },
		{ "machine", WIRE_FACT_ARCHITECTURE },
		{ NULL }
	};
	static const struct fact_label os[] = {
		{ "pretty_name", WIRE_FACT_DISTRIBUTION }, { NULL }
	};
	static const struct fact_label host[] = {
		{ "cpu_model", WIRE_FACT_CPU_MODEL },
		{ "sockets", WIRE_FACT_SOCKETS },
		{ "cores", WIRE_FACT_CORES },
		{ "threads", WIRE_FACT_THREADS },
		{ "virtualisation", WIRE_FACT_VIRTUALISATION },
		{ "time_zone", WIRE_FACT_TIME_ZONE },
		{ "boot_id", WIRE_FACT_BOOT_ID },
		{ "modules_version", WIRE_FACT_MODULES_VERSION },
		{ NULL }
	};

	write_time(p);
	if (series_family(p, "node_boot_time_seconds", SERIES_GAUGE,
			  "When the host booted, in seconds since 1970."))
		series_of_nodes(p, boot_s);
	if (series_family(p, "node_uname_info", SERIES_GAUGE,
			  "The host's kernel, as labels."))
		write_info(p, uname);
	if (series_family(p, "node_os_info", SERIES_GAUGE,
			  "The host's distribution, as labels."))
		write_info(p, os);
	if (series_family(p, "ktach_host_info", SERIES_GAUGE,
			  "What else the host is, as labels."))
		write_info(p, host);
	write_node_labels(p);
}

/* What is no number of a link, as labels. */
static void link_info(struct page *p, const struct node *node,
		      const struct samples *s, const struct samples_row *row)
{
	const uint64_t flags = row->cells[WIRE_LINK_FLAGS];

	if (!series_allowed(p))
		return;
	series_begin_node(p, node);
	series_label(p, "device", samples_text(row, WIRE_LINK_NAME));
	series_label(p, "address", samples_text(row, WIRE_LINK_MAC));
	series_label(p, "duplex",
		     flags & WIRE_LINK_FULL_DUPLEX ? "full" :
		     flags & WIRE_LINK_HALF_DUPLEX ? "half" :
						     "unknown");
	series_label(p, "driver", samples_text(row, WIRE_LINK_DRIVER));
	series_end_count(p, 1);
}

static void link_stacked(struct page *p, const struct node *node,
			 const struct samples *s, const struct samples_row *row)
{
	if (!series_allowed(p))
		return;
	series_begin_node(p, node);
	series_label(p, "device", samples_text(row, WIRE_LINK_NAME));
	series_end_count(p, row->stacked);
}

static void write_links(struct page *p)
{
	if (series_family(p, "node_network_info", SERIES_GAUGE,
			  "What a link is, as labels."))
		series_of_rows(p, WIRE_LINK, link_info);
	if (series_family(
		    p, "ktach_network_stacked", SERIES_GAUGE,
		    "1 if the link lies on others, where the same packets are counted."))
		series_of_rows(p, WIRE_LINK, link_stacked);
}

static double series_written(const struct page *p, const struct node *node)
{
	const struct series_count *c = series_count(p);

	/* This one is counted when it is begun, and the next one follows. */
	return c && !node_is_away(node) ? (double)c->written + 2 : NAN;
}

static double series_left_out(const struct page *p, const struct node *node)
{
	const struct series_count *c = series_count(p);

	return c && !node_is_away(node) ? (double)c->left_out : NAN;
}

static void write_counts(struct page *p)
{
	if (series_family(p, "ktach_node_series", SERIES_GAUGE,
			  "Series that the node has in this answer."))
		series_of_nodes(p, series_written);
	if (series_family(
		    p, "ktach_node_series_left_out", SERIES_GAUGE,
		    "Series of the node that were left out, as it has more than one may have."))
		series_of_nodes(p, series_left_out);
}

void openmetrics_book(struct page *p)
{
	write_book(p);
	write_also(p);
	write_facts(p);
	write_links(p);
	openmetrics_own(p);
	write_counts(p);
}
