// SPDX-License-Identifier: GPL-2.0-or-later
/* Values with names and facts: a line each, and pressure as a table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ktach/show/account.h"

enum {
	TITLE_COLUMNS = 18,
	VALUE_COLUMNS = 12,
	BAR_COLUMNS = 20,
};

static void put_value(struct paper *p, int columns, const struct value *v,
		      enum unit unit)
{
	char text[FIELD_SIZE];

	paper_put(p, value_weight(v) > 0 ? STYLE_PLAIN : STYLE_DIM, "%*s",
		  columns, value_format(v, unit, text));
}

static bool is_of_swap(const struct book_entry *e)
{
	uint32_t key = e->count ? e->inputs[0].column : e->column;

	return key == WIRE_SWAP_TOTAL_BYTES || key == WIRE_SWAP_FREE_BYTES;
}

/* What part of the memory it is, or of the swap. */
static void put_part(struct paper *p, const struct account *a,
		     const struct book_entry *e, const struct value *v)
{
	struct bar_part part = { 0, STYLE_USER };
	struct change c;
	uint64_t total;

	if (!v->type || !reading_find(a->now, a->before, WIRE_GAUGES,
				      is_of_swap(e) ? WIRE_SWAP_TOTAL_BYTES :
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

static void put_entry(struct paper *p, const struct account *a,
		      const struct book_entry *e)
{
	struct value v;

	if (e->unit == BOOK_SHARE)
		return;
	group_value(a->now, a->before, e, false, &v);
	paper_put(p, STYLE_TITLE, "%-*s", TITLE_COLUMNS, e->title);
	if (e->type != WIRE_COUNTER) {
		put_value(p, VALUE_COLUMNS, &v,
			  e->unit == BOOK_NUMBER ? UNIT_PLAIN :
						   unit_of(e, false));
		if (e->unit == BOOK_BYTES)
			put_part(p, a, e, &v);
		paper_line(p);
		return;
	}
	group_value(a->now, a->before, e, true, &v);
	put_value(p, VALUE_COLUMNS, &v, unit_of(e, false));
	paper_put(p, STYLE_DIM, " /s");
	group_value(a->now, a->before, e, false, &v);
	put_value(p, VALUE_COLUMNS, &v, unit_of(e, false));
	paper_put(p, STYLE_DIM, " since boot");
	paper_line(p);
}

/* The entry of a group that has this name in JSON; NULL. */
static const struct book_entry *find_member(enum book_group group,
					    const char *name)
{
	char member[BOOK_NAME_SIZE];
	const struct book_entry *e;

	for (e = book; e < book + BOOK_ENTRIES; e++)
		if (e->group == group && !strcmp(book_member(e, member), name))
			return e;
	return NULL;
}

static bool is_first(const struct subject *s, const struct book_entry *e)
{
	size_t i;

	for (i = 0; s->first && s->first[i]; i++)
		if (find_member(s->group, s->first[i]) == e)
			return true;
	return false;
}

/* Each line the last 10, 60 and 300 s, and the interval: names that begin alike. */
static void put_stall(struct paper *p, const struct account *a,
		      const struct book_entry *e)
{
	static const char *const over[] = { "_10s", "_60s", "_300s", "" };
	char stall[BOOK_NAME_SIZE], name[BOOK_NAME_SIZE + 8];
	struct value v;
	size_t i;

	if (!group_value(a->now, a->before, e, false, &v))
		return;
	book_member(e, stall);
	paper_put(p, STYLE_TITLE, "%-*s", TITLE_COLUMNS, e->title);
	for (i = 0; i < sizeof(over) / sizeof(over[0]); i++) {
		const struct book_entry *one;

		snprintf(name, sizeof(name), "%s%s", stall, over[i]);
		one = find_member(BOOK_PRESSURE, name);
		v.type = VALUE_ABSENT;
		if (one)
			group_value(a->now, a->before, one, false, &v);
		put_value(p, *over[i] ? 8 : 10, &v, UNIT_SHARE);
	}
	paper_line(p);
}

static void view_pressure(struct paper *p, const struct account *a)
{
	const struct book_entry *e;

	paper_put(p, STYLE_TITLE, "%-*s%8s%8s%8s%10s", TITLE_COLUMNS,
		  "% of time lost", "10 s", "60 s", "300 s", "interval");
	paper_line(p);
	for (e = book; e < book + BOOK_ENTRIES; e++)
		if (e->group == BOOK_PRESSURE && e->what == BOOK_FIGURE)
			put_stall(p, a, e);
}

void view_group(struct paper *p, const struct account *a)
{
	const struct subject *s = a->subject;
	const struct book_entry *e;
	size_t i;

	if (s->group == BOOK_PRESSURE) {
		view_pressure(p, a);
		return;
	}
	for (i = 0; s->first && s->first[i]; i++)
		put_entry(p, a, find_member(s->group, s->first[i]));
	for (e = book; e < book + BOOK_ENTRIES; e++)
		if (e->group == s->group && !is_first(s, e))
			put_entry(p, a, e);
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
	struct fact f;
	uint32_t i, n;

	for (n = 0; (f = fact_at(n)).name; n++) {
		for (i = 0; i < rows->count; i++) {
			struct change c = reading_change(a->now, a->before,
							 WIRE_FACTS, i);
			struct wire_text t = change_text(&c, WIRE_FACT);

			if (c.now[WIRE_FACT_KEY] == f.key)
				put_fact(p, &f, &t);
		}
	}
}
