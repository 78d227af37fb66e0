// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "ktach/show/account.h"
#include "ktach/show/json.h"

static void put_member_json(void *o, const char *name, const struct value *v)
{
	json_object_set_new(o, name, value_json(v));
}

static json_t *row_json(const struct account *a, uint32_t at)
{
	const uint32_t kind = a->subject->kind;
	struct change c = reading_change(a->now, a->before, kind, at);
	json_t *o = json_object();

	row_members(&c, kind, put_member_json, o);
	return o;
}

static json_t *rows_json(const struct account *a)
{
	uint32_t count, i;
	uint32_t *numbers = account_order(a, &count);
	json_t *rows = json_array();

	for (i = 0; i < count; i++)
		json_array_append_new(rows, row_json(a, numbers[i]));
	free(numbers);
	return rows;
}

static json_t *fact_json(const struct fact *f, const struct wire_text *t)
{
	char text[WIRE_TEXT_MAX + 1];

	if (f->form != BOOK_WHOLE)
		return json_stringn(t->data, t->size);
	snprintf(text, sizeof(text), "%.*s", (int)t->size, t->data);
	return json_integer(strtoll(text, NULL, 10));
}

static void put_fact(json_t *o, const struct account *a, const struct fact *f)
{
	const struct rows *rows = &a->now->table[WIRE_FACTS].rows;
	json_t *all = f->form == BOOK_LIST ? json_array() : NULL;
	uint32_t i;

	for (i = 0; i < rows->count; i++) {
		struct change c =
			reading_change(a->now, a->before, WIRE_FACTS, i);
		struct wire_text t = change_text(&c, WIRE_FACT);

		if (c.now[WIRE_FACT_KEY] != f->key)
			continue;
		if (all)
			json_array_append_new(all, fact_json(f, &t));
		else
			json_object_set_new(o, f->name, fact_json(f, &t));
	}
	if (all)
		json_object_set_new(o, f->name, all);
}

json_t *account_json(const struct account *a)
{
	const struct subject *s = a->subject;
	struct span span = account_span(a);
	json_t *o = span_json(&span);
	struct fact f;
	uint32_t i;

	if (s->group)
		group_members(a->now, a->before, s->group, true,
			      put_member_json, o);
	for (i = 0; s->facts && (f = fact_at(i)).name; i++)
		put_fact(o, a, &f);
	if (s->kind)
		json_object_set_new(o, book_table(s->kind)->rows, rows_json(a));
	return o;
}
