// SPDX-License-Identifier: GPL-2.0-or-later
/* Gauges, counters and facts: a line each, and pressure as a table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ktach/account.h"

enum {
	TITLE_COLUMNS = 18,
	VALUE_COLUMNS = 12,
	BAR_COLUMNS = 20,
	PRESSURE_COLUMNS = 4, /* metrics of a line */
};

static void put_value(struct paper *p, int columns, const struct value *v,
		      enum unit unit)
{
	char text[FIELD_SIZE];

	paper_put(p, value_weight(v) > 0 ? STYLE_PLAIN : STYLE_DIM, "%*s",
		  columns, value_format(v, unit, text));
}

/* What part of the memory it is, or of the swap. */
static void put_part(struct paper *p, const struct account *a, uint32_t key,
		     const struct value *v)
{
	const bool swap = key == WIRE_SWAP_TOTAL_BYTES ||
			  key == WIRE_SWAP_FREE_BYTES;
	struct bar_part part = { 0, STYLE_USER };
	struct change c;
	uint64_t total;

	if (!v->type || !reading_find(a->now, a->before, WIRE_GAUGES,
				      swap ? WIRE_SWAP_TOTAL_BYTES :
					     WIRE_MEMORY_TOTAL_BYTES,
				      &c))
		return;
	total = c.now[WIRE_VALUE];
	if (total == WIRE_ABSENT || !total)
		return;
	part.share = (uint64_t)(value_weight(v) * SHARE_ONE / (double)total);
	paper_put(p, STYLE_DIM, " %6.1f %%  ", (double)part.share / 100);
	paper_bar(p, BAR_COLUMNS, &part, 1);
}

static void put_gauge(struct paper *p, const struct account *a,
		      const struct metric *m, const struct change *c)
{
	struct value v;

	metric_value(m, c, &v);
	put_value(p, VALUE_COLUMNS, &v, m->unit);
	if (m->unit == UNIT_BYTES)
		put_part(p, a, m->key, &v);
}

static void put_counter(struct paper *p, const struct metric *m,
			const struct change *c)
{
	struct value v;

	metric_rate(m, c, &v);
	put_value(p, VALUE_COLUMNS, &v, m->unit);
	paper_put(p, STYLE_DIM, " /s");
	metric_value(m, c, &v);
	put_value(p, VALUE_COLUMNS, &v, m->unit);
	paper_put(p, STYLE_DIM, " since boot");
}

static void put_metric(struct paper *p, const struct account *a,
		       const struct metric *m)
{
	struct change c;

	if (!reading_find(a->now, a->before, m->kind, m->key, &c))
		return;
	paper_put(p, STYLE_TITLE, "%-*s", TITLE_COLUMNS, m->title);
	if (m->kind == WIRE_GAUGES)
		put_gauge(p, a, m, &c);
	else
		put_counter(p, m, &c);
	paper_line(p);
}

/* Each line the last 10, 60 and 300 s, and the interval. */
static void view_pressure(struct paper *p, const struct account *a)
{
	const struct metric *m;
	struct change c;
	struct value v;
	int i;

	paper_put(p, STYLE_TITLE, "%-*s%8s%8s%8s%10s", TITLE_COLUMNS,
		  "% of time lost", "10 s", "60 s", "300 s", "interval");
	paper_line(p);
	for (m = a->subject->metrics; m->name; m += PRESSURE_COLUMNS) {
		if (!reading_find(a->now, a->before, m->kind, m->key, &c))
			continue;
		paper_put(p, STYLE_TITLE, "%-*s", TITLE_COLUMNS, m->title);
		for (i = 0; i < PRESSURE_COLUMNS; i++) {
			v.type = VALUE_ABSENT;
			if (!reading_find(a->now, a->before, m[i].kind,
					  m[i].key, &c))
				;
			else if (m[i].kind == WIRE_GAUGES)
				metric_value(&m[i], &c, &v);
			else
				metric_rate(&m[i], &c, &v);
			put_value(p, i < PRESSURE_COLUMNS - 1 ? 8 : 10, &v,
				  UNIT_SHARE);
		}
		paper_line(p);
	}
}

void view_metrics(struct paper *p, const struct account *a)
{
	const struct metric *m = a->subject->metrics;

	if (m->unit == UNIT_SHARE) {
		view_pressure(p, a);
		return;
	}
	for (; m->name; m++)
		put_metric(p, a, m);
}

static void put_fact(struct paper *p, const struct fact *f,
		     const struct wire_text *t)
{
	int left = paper_width(p) - TITLE_COLUMNS;
	char text[FORMAT_SIZE];

	paper_put(p, STYLE_TITLE, "%-*s", TITLE_COLUMNS, f->title);
	if (f->format) {
		snprintf(text, sizeof(text), "%.*s", (int)t->size, t->data);
		f->format(text, strtoull(text, NULL, 10));
		paper_put(p, STYLE_PLAIN, "%s", text);
	} else {
		paper_cell(p, STYLE_PLAIN, left, t->data, t->size);
	}
	paper_line(p);
}

void view_facts(struct paper *p, const struct account *a)
{
	const struct rows *rows = &a->now->table[WIRE_FACTS].rows;
	const struct fact *f;
	uint32_t i;

	for (f = a->subject->facts; f->name; f++) {
		for (i = 0; i < rows->count; i++) {
			struct change c = reading_change(a->now, a->before,
							 WIRE_FACTS, i);
			struct wire_text t = change_text(&c, WIRE_FACT);

			if (c.now[WIRE_FACT_KEY] == f->key)
				put_fact(p, f, &t);
		}
	}
}
