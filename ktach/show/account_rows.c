// SPDX-License-Identifier: GPL-2.0-or-later
/* A line a row, in columns of which one text takes what the others leave. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "ktach/show/account.h"

enum {
	COLUMNS_MAX = 48, /* fields of a row */
	TEXT_MIN = 8, /* of the text that takes what is left */
};

/* Width of each field, 0 for those that are not on the paper. */
struct layout {
	int columns[COLUMNS_MAX];
	bool right[COLUMNS_MAX]; /* it stands there */
};

/* What @f says of a row; absent if it can't tell. Return how it is written. */
static enum unit read_field(const struct field *f, const struct change *c,
			    struct value *v)
{
	enum unit unit = f->unit;

	v->type = VALUE_ABSENT;
	if (f->make)
		f->make(c, v);
	else
		unit = row_member(c, c->table->rows.kind, f->name, v);
	return f->unit ? f->unit : unit;
}

static struct wire_text shown(enum unit unit, const struct value *v,
			      char text[FIELD_SIZE])
{
	if (v->type == VALUE_WORDS && !v->text.size)
		return (struct wire_text){ "-", 1 };
	if (v->type == VALUE_TEXT || v->type == VALUE_WORDS)
		return v->text;
	value_format(v, unit, text);
	return (struct wire_text){ text, strlen(text) };
}

static int characters(const struct wire_text *t)
{
	int n = 0;
	size_t i;

	for (i = 0; i < t->size; i++)
		n += (t->data[i] & 0xc0) != 0x80;
	return n;
}

/* The longest text of a column. */
static int longest(const struct account *a, const struct field *f)
{
	const uint32_t kind = a->subject->kind;
	int columns = text_columns(f->title);
	char text[FIELD_SIZE];
	uint32_t i;

	for (i = 0; i < a->now->table[kind].rows.count; i++) {
		struct change c = reading_change(a->now, a->before, kind, i);
		struct wire_text t;
		struct value v;
		int n;

		t = shown(read_field(f, &c, &v), &v, text);
		n = characters(&t);
		columns = n > columns ? n : columns;
	}
	return columns;
}

static bool is_text(const struct field *f, uint32_t kind)
{
	struct value v;

	if (f->make)
		return f->unit == UNIT_TEXT;
	return row_member(NULL, kind, f->name, &v) == UNIT_TEXT;
}

/* A file has no width, and its texts are not cut. */
static void lay_out(struct layout *l, const struct paper *p,
		    const struct account *a)
{
	const struct field *f = a->subject->fields;
	int left = p->columns + 1, i, flexible = -1;

	for (i = 0; f[i].title; i++) {
		bool text = is_text(&f[i], a->subject->kind);

		l->columns[i] = 0;
		l->right[i] = !text || f[i].columns < 0;
		if (f[i].from > paper_width(p))
			continue;
		if (!f[i].columns)
			flexible = i;
		else if (text && p->columns == INT_MAX)
			l->columns[i] = longest(a, &f[i]);
		else
			l->columns[i] = abs(f[i].columns);
		left -= l->columns[i] + 1;
	}
	if (flexible < 0)
		return;
	l->columns[flexible] = longest(a, &f[flexible]);
	if (l->columns[flexible] > left)
		l->columns[flexible] = left > TEXT_MIN ? left : TEXT_MIN;
}

static enum style style_of(const struct field *f, enum unit unit,
			   const struct value *v)
{
	double weight = value_weight(v);

	if (v->type == VALUE_TEXT || v->type == VALUE_WORDS)
		return STYLE_PLAIN;
	if (f->warn > 0 && weight >= f->warn)
		return STYLE_WARN;
	return weight > 0 || unit == UNIT_PLAIN ? STYLE_PLAIN : STYLE_DIM;
}

/* @sort: name of the value that rows are sorted by, whose title stands out. */
static void put_titles(struct paper *p, const struct layout *l,
		       const struct field *f, const char *sort)
{
	int i, at = 0;

	for (i = 0; f[i].title; i++) {
		int columns = l->columns[i];

		if (!columns)
			continue;
		paper_pad(p, at);
		paper_cell(p,
			   sort && f[i].name && !strcmp(sort, f[i].name) ?
				   STYLE_MARK :
				   STYLE_TITLE,
			   l->right[i] ? -columns : columns, f[i].title,
			   strlen(f[i].title));
		at += columns + 1;
	}
	paper_line(p);
}

static void put_row(struct paper *p, const struct layout *l,
		    const struct field *f, const struct change *c, bool marked)
{
	char text[FIELD_SIZE];
	int i, at = 0;

	for (i = 0; f[i].title; i++) {
		int columns = l->columns[i];
		struct wire_text t;
		enum unit unit;
		struct value v;

		if (!columns)
			continue;
		unit = read_field(&f[i], c, &v);
		t = shown(unit, &v, text);
		paper_pad(p, at);
		paper_cell(p, marked ? STYLE_MARK : style_of(&f[i], unit, &v),
			   l->right[i] ? -columns : columns, t.data, t.size);
		at += columns + 1;
	}
	paper_line(p);
}

void view_rows(struct paper *p, const struct account *a)
{
	const struct subject *s = a->subject;
	uint32_t count, i;
	uint32_t *numbers = account_order(a, &count);
	struct layout l;

	if (!numbers)
		return;
	lay_out(&l, p, a);
	put_titles(p, &l, s->fields, a->wish.sort);
	for (i = a->wish.first; i < count; i++) {
		struct change c =
			reading_change(a->now, a->before, s->kind, numbers[i]);

		put_row(p, &l, s->fields, &c, a->wish.mark == i + 1);
	}
	free(numbers);
}
