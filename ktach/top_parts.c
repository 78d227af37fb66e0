// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <ncurses.h>

#include "ktach/top_parts.h"

enum {
	ESCAPE = 27,
	DELETE = 127,
	STEP = 10,
	BELOW_MIN = 4, /* lines that a subject needs: a gap, titles, two rows */
	NAME_COLUMNS = 24,
	PRESSURE_LINES = 8,
};

/* What comes a little after a reading, as of mounts that answer late. */
#define LATE_NS 20000000ULL

static const char *const names[PAGES] = {
	[PAGE_ALL] = "all",	      [PAGE_PROCESS] = "process",
	[PAGE_DISK] = "disk",	      [PAGE_MOUNT] = "mount",
	[PAGE_PRESSURE] = "pressure", [PAGE_LINK] = "link",
	[PAGE_SENSOR] = "sensor",
};

/* What comes first where there is room below everything else. */
static const enum top_page below[] = { PAGE_PROCESS, PAGE_PRESSURE, PAGE_DISK,
				       PAGE_MOUNT, PAGE_SENSOR };

static bool open_part(struct top_parts *parts, enum top_page page)
{
	struct top_part *part = &parts->part[page];

	if (!part->state && !part->failed) {
		part->collector = host_collector_find(names[page]);
		part->failed =
			part->collector->open(&part->state, parts->host) != 0;
	}
	return !part->failed;
}

static void take(struct top_part *part)
{
	const struct host_collector *c = part->collector;
	struct reading older = part->before;

	part->before = part->now;
	part->now = older;
	reading_take(&part->now, c, part->state);
	if (c->waits && c->waits(part->state))
		reading_follow(&part->now, c, part->state, LATE_NS);
}

static bool is_below(enum top_page page)
{
	size_t i;

	for (i = 0; i < sizeof(below) / sizeof(below[0]); i++)
		if (below[i] == page)
			return true;
	return false;
}

void top_parts_step(struct top_parts *parts, bool roomy)
{
	int page;

	for (page = PAGE_ALL + 1; parts->host && page < PAGES; page++) {
		bool seen = (int)parts->page == page ||
			    (parts->page == PAGE_ALL && roomy &&
			     is_below((enum top_page)page));

		if (seen && open_part(parts, (enum top_page)page))
			take(&parts->part[page]);
	}
}

void top_parts_close(struct top_parts *parts)
{
	int page;

	for (page = 0; page < PAGES; page++) {
		struct top_part *part = &parts->part[page];

		if (part->state)
			part->collector->close(part->state);
		reading_free(&part->now);
		reading_free(&part->before);
	}
}

static struct account account_of(const struct top_parts *parts,
				 enum top_page page)
{
	const struct top_part *part = &parts->part[page];
	struct account a = {
		.subject = subject_find(names[page]),
		.now = &part->now,
		.before = &part->before,
		.order = page == PAGE_DISK ? ORDER_ACTIVITY : ORDER_NUMBER,
	};

	return a;
}

static uint32_t rows_of(const struct account *a)
{
	uint32_t count = 0;

	if (a->subject->kind)
		free(account_order(a, &count));
	return count;
}

/* The page's account with all that was wished. */
static struct account account_wished(const struct top_parts *parts)
{
	struct account a = account_of(parts, parts->page);

	a.wish.filter = parts->filter;
	a.wish.reverse = parts->reverse;
	a.wish.mark = parts->mark;
	a.wish.first = parts->first;
	if (a.subject->kind && parts->sort)
		a.wish.sort = a.subject->fields[parts->sort - 1].name;
	return a;
}

/* Fields that have a name can be sorted by. */
static void sort_by(struct top_parts *parts, int step)
{
	const struct account a = account_of(parts, parts->page);
	const struct field *f = a.subject->fields;
	int count = 0, next = parts->sort;

	if (!a.subject->kind)
		return;
	while (f[count].title)
		count++;
	do
		next = (next + step + count + 1) % (count + 1);
	while (next && !f[next - 1].name);
	parts->sort = next;
}

static void turn_to(struct top_parts *parts, int page)
{
	parts->page = (enum top_page)page;
	parts->sort = 0;
	parts->reverse = false;
	parts->filter[0] = '\0';
	parts->typing = false;
	parts->mark = 1;
	parts->first = 0;
	parts->whole = false;
	top_parts_step(parts, false);
}

static bool type_filter(struct top_parts *parts, int key)
{
	size_t n = strlen(parts->filter);

	if (key == ESCAPE)
		parts->filter[0] = '\0';
	if (key == ESCAPE || key == '\n' || key == KEY_ENTER)
		parts->typing = false;
	else if ((key == KEY_BACKSPACE || key == DELETE || key == '\b') && n)
		parts->filter[n - 1] = '\0';
	else if (key < DELETE && isprint(key) && n + 1 < TOP_FILTER_SIZE)
		snprintf(parts->filter + n, 2, "%c", key);
	parts->mark = 1;
	return true;
}

static void mark(struct top_parts *parts, int64_t row)
{
	parts->mark = row < 1	       ? 1 :
		      row > UINT16_MAX ? UINT16_MAX :
					 (uint32_t)row;
}

static bool page_key(struct top_parts *parts, int key)
{
	switch (key) {
	case KEY_UP:
		mark(parts, (int64_t)parts->mark - 1);
		return true;
	case KEY_DOWN:
		mark(parts, (int64_t)parts->mark + 1);
		return true;
	case KEY_PPAGE:
		mark(parts, (int64_t)parts->mark - STEP);
		return true;
	case KEY_NPAGE:
		mark(parts, (int64_t)parts->mark + STEP);
		return true;
	case KEY_HOME:
		mark(parts, 1);
		return true;
	case KEY_END:
		mark(parts, UINT16_MAX);
		return true;
	case '<':
	case '>':
		sort_by(parts, key == '<' ? -1 : 1);
		return true;
	case 's':
		sort_by(parts, 1);
		return true;
	case 'r':
		parts->reverse = !parts->reverse;
		return true;
	case '/':
		parts->typing = true;
		return true;
	case '\n':
	case KEY_ENTER:
		parts->whole = !parts->whole;
		return true;
	case ESCAPE:
		if (!parts->whole && !*parts->filter)
			turn_to(parts, PAGE_ALL);
		parts->whole = false;
		parts->filter[0] = '\0';
		return true;
	default:
		return false;
	}
}

bool top_parts_key(struct top_parts *parts, int key)
{
	if (!parts->host)
		return false;
	if (parts->typing)
		return type_filter(parts, key);
	if (key == '\t' || key == KEY_BTAB) {
		turn_to(parts,
			(int)(parts->page + (key == '\t' ? 1 : PAGES - 1)) %
				PAGES);
		return true;
	}
	if (key >= '0' && key < '0' + PAGES) {
		turn_to(parts, key - '0');
		return true;
	}
	return parts->page != PAGE_ALL && page_key(parts, key);
}

void top_parts_title(const struct top_parts *parts, struct paper *p)
{
	int page;

	for (page = 0; page < PAGES; page++)
		paper_put(p, page == (int)parts->page ? STYLE_MARK : STYLE_DIM,
			  "%d %s%s", page, names[page],
			  page + 1 < PAGES ? "  " : "");
	if (parts->typing || *parts->filter)
		paper_put(p, STYLE_WARN, "  filter: %s%s", parts->filter,
			  parts->typing ? "_" : "");
}

static void put_value(void *arg, const char *name, const struct value *v)
{
	struct paper *p = arg;
	char text[FIELD_SIZE];

	if (v->type == VALUE_ABSENT)
		return;
	paper_put(p, STYLE_TITLE, "%-*s ", NAME_COLUMNS, name);
	if (v->type == VALUE_TEXT || v->type == VALUE_WORDS) {
		char whole[WIRE_TEXT_MAX + 1];

		snprintf(whole, sizeof(whole), "%.*s", (int)v->text.size,
			 v->text.data);
		paper_wrap(p, STYLE_PLAIN, NAME_COLUMNS + 1, whole);
		return;
	}
	paper_put(p, STYLE_PLAIN, "%s", value_format(v, UNIT_BOOK, text));
	paper_line(p);
}

/* All that is known of the marked row. */
static void draw_whole(struct paper *p, const struct account *a)
{
	const uint32_t kind = a->subject->kind;
	uint32_t count, *numbers = account_order(a, &count);

	if (numbers && a->wish.mark <= count) {
		struct change c = reading_change(a->now, a->before, kind,
						 numbers[a->wish.mark - 1]);

		row_members(&c, kind, put_value, p);
	}
	free(numbers);
}

void top_parts_draw(struct top_parts *parts, struct paper *p)
{
	struct account a = account_wished(parts);
	uint32_t count = rows_of(&a);
	/* Titles, and the line that says from where it is. */
	int room = p->rows - 2;

	if (parts->part[parts->page].failed) {
		paper_put(p, STYLE_DIM,
			  "%s: this host has none, or it cannot be read",
			  names[parts->page]);
		paper_line(p);
		return;
	}
	if (!a.subject->kind) {
		view_account(p, &a);
		return;
	}
	if (parts->mark > count)
		parts->mark = count ? count : 1;
	if (parts->mark <= parts->first)
		parts->first = parts->mark - 1;
	else if (room > 0 && parts->mark > parts->first + (uint32_t)room)
		parts->first = parts->mark - (uint32_t)room;
	a.wish.mark = parts->mark;
	a.wish.first = parts->first;
	if (parts->whole)
		draw_whole(p, &a);
	else
		view_rows(p, &a);
	if (!count) {
		paper_put(p, STYLE_DIM,
			  *parts->filter ? "  none has \"%s\"" : "  none",
			  parts->filter);
		paper_line(p);
	}
}

/* In @lines of the paper's. */
static void draw_below(struct paper *p, const struct account *a, int lines)
{
	int rest;

	paper_line(p);
	rest = p->rows - (lines - 1);
	p->rows = lines - 1;
	if (a->subject->kind)
		view_rows(p, a);
	else
		view_group(p, a);
	p->rows += rest;
}

void top_parts_below(struct top_parts *parts, struct paper *p, int lines)
{
	int end = p->line + lines;
	size_t i;

	for (i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		struct account a = account_of(parts, below[i]);
		int left = end - p->line, want = PRESSURE_LINES;

		if (left < BELOW_MIN || !account_span(&a).origin)
			continue;
		if (a.subject->kind)
			want = (int)rows_of(&a) + 2;
		/* Of processes there are always more. */
		draw_below(p, &a, least(want, i ? left : left / 2 + 2));
	}
}
