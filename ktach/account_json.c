// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "ktach/account.h"
#include "ktach/json.h"

static void put(json_t *o, const char *name, const struct value *v,
		enum unit unit)
{
	json_object_set_new(o, name, value_json(v, unit));
}

static void put_metric(json_t *o, const struct account *a,
		       const struct metric *m)
{
	char name[FIELD_SIZE];
	struct change c;
	struct value v;

	if (!reading_find(a->now, a->before, m->kind, m->key, &c))
		return;
	metric_value(m, &c, &v);
	put(o, m->name, &v, m->unit);
	if (m->kind != WIRE_COUNTERS)
		return;
	metric_rate(m, &c, &v);
	put(o, metric_rate_name(m, name), &v, m->unit);
}

static json_t *row_json(const struct account *a, uint32_t at)
{
	const struct subject *s = a->subject;
	struct change c = reading_change(a->now, a->before, s->kind, at);
	json_t *o = json_object();
	const struct field *f;
	struct value v;

	for (f = s->fields; f->name; f++) {
		if (!*f->name)
			continue;
		field_value(f, &c, &v);
		put(o, f->name, &v, f->unit);
	}
	return o;
}

static json_t *rows_json(const struct account *a)
{
	uint32_t *numbers = account_order(a), i;
	json_t *rows = json_array();

	for (i = 0; numbers && i < a->now->table[a->subject->kind].rows.count;
	     i++)
		json_array_append_new(rows, row_json(a, numbers[i]));
	free(numbers);
	return rows;
}

static json_t *fact_json(const struct fact *f, const struct wire_text *t)
{
	char text[WIRE_TEXT_MAX + 1];

	if (!f->number)
		return json_stringn(t->data, t->size);
	snprintf(text, sizeof(text), "%.*s", (int)t->size, t->data);
	return json_integer(strtoll(text, NULL, 10));
}

static void put_fact(json_t *o, const struct account *a, const struct fact *f)
{
	const struct rows *rows = &a->now->table[WIRE_FACTS].rows;
	json_t *all = f->many ? json_array() : NULL;
	uint32_t i;

	for (i = 0; i < rows->count; i++) {
		struct change c =
			reading_change(a->now, a->before, WIRE_FACTS, i);
		struct wire_text t = change_text(&c, WIRE_FACT);

		if (c.now[WIRE_FACT_KEY] != f->key)
			continue;
		if (f->many)
			json_array_append_new(all, fact_json(f, &t));
		else
			json_object_set_new(o, f->name, fact_json(f, &t));
	}
	if (f->many)
		json_object_set_new(o, f->name, all);
}

json_t *account_json(const struct account *a)
{
	const struct subject *s = a->subject;
	struct span span = account_span(a);
	json_t *o = span_json(&span);
	const struct metric *m;
	const struct fact *f;

	for (m = s->metrics; m && m->name; m++)
		put_metric(o, a, m);
	for (f = s->facts; f && f->name; f++)
		put_fact(o, a, f);
	if (s->kind)
		json_object_set_new(o, s->rows, rows_json(a));
	return o;
}
