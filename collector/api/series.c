// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "collector/api/series.h"
#include "lib/base/globs.h"

static bool is_asked_for(const char *names, const char *family,
			 enum series_type type)
{
	char total[128];

	if (!*names || names_match(names, family))
		return true;
	snprintf(total, sizeof(total), "%s_total", family);
	return type == SERIES_COUNTER && names_match(names, total);
}

/* OpenMetrics names a counter without its _total, and calls untyped unknown. */
bool series_family(struct page *p, const char *name, enum series_type type,
		   const char *help)
{
	static const char *const types[] = { "gauge", "counter", "untyped" };
	const char *suffix =
		type == SERIES_COUNTER && !p->openmetrics ? "_total" : "";
	const char *word = type == SERIES_UNTYPED && p->openmetrics ?
				   "unknown" :
				   types[type];
	char line[512];

	if (!is_asked_for(p->names, name, type))
		return false;
	p->name = name;
	p->type = type;
	snprintf(line, sizeof(line), "# HELP %s%s %s\n# TYPE %s%s %s\n", name,
		 suffix, help, name, suffix, word);
	write_text(p->w, line);
	return true;
}

const struct series_count *series_count(const struct page *p)
{
	return p->counts ? &p->counts[p->visit->at - 1] : NULL;
}

bool series_allowed(struct page *p)
{
	struct series_count *c = (struct series_count *)series_count(p);

	if (!c || c->written < p->per_node - SERIES_FIXED)
		return true;
	c->left_out++;
	return false;
}

static void write_label(struct page *p, const char *name, const char *value)
{
	const char *from = value;

	write_text(p->w, name);
	write_text(p->w, "=\"");
	for (; *value; value++) {
		if (*value != '"' && *value != '\\')
			continue;
		write_bytes(p->w, from, (size_t)(value - from));
		write_text(p->w, "\\");
		from = value;
	}
	write_text(p->w, from);
	write_text(p->w, "\"");
}

void series_label(struct page *p, const char *name, const char *value)
{
	write_text(p->w, ",");
	write_label(p, name, value);
}

void series_number_label(struct page *p, const char *name, uint64_t value)
{
	char number[24];

	snprintf(number, sizeof(number), "%" PRIu64, value);
	series_label(p, name, number);
}

void series_begin_node(struct page *p, const struct node *node)
{
	struct series_count *c = (struct series_count *)series_count(p);

	if (c)
		c->written++;
	write_text(p->w, p->name);
	write_text(p->w, p->type == SERIES_COUNTER ? "_total{" : "{");
	write_label(p, "instance", node->name);
	series_label(p, "node_id", node->id_text);
}

void series_end_count(struct page *p, uint64_t value)
{
	write_text(p->w, "} ");
	write_digits(p->w, value);
	write_text(p->w, "\n");
}

void series_end_real(struct page *p, double value)
{
	write_text(p->w, "} ");
	write_real(p->w, value);
	write_text(p->w, "\n");
}

void series_end_exact(struct page *p, double value)
{
	char text[32];

	snprintf(text, sizeof(text), "} %.15g\n", value);
	write_text(p->w, text);
}

void series_of_nodes(struct page *p, double (*value)(const struct page *p,
						     const struct node *node))
{
	const struct node *node;

	for (node = visit_first(p->visit); node; node = visit_next(p->visit)) {
		double v = value(p, node);

		if (isnan(v))
			continue;
		series_begin_node(p, node);
		series_end_real(p, v);
	}
}

void series_of_rows(struct page *p, uint32_t kind,
		    void (*row)(struct page *p, const struct node *node,
				const struct samples *s,
				const struct samples_row *row))
{
	const struct node *node;
	size_t j;

	for (node = visit_first(p->visit); node; node = visit_next(p->visit)) {
		const struct samples *s = node_samples(node, kind);

		for (j = 0; !node_is_away(node) && j < s->count; j++)
			if (samples_current(s, s->rows[j]))
				row(p, node, s, s->rows[j]);
	}
}
