// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "collector/query/out.h"

/* A series whose newest value is not older than this is still being written. */
#define ALIVE_NS UINT64_C(300000000000)

static void write_range(struct out *o)
{
	const struct range *range = &o->q->range;

	json_key_count(&o->w, "from_ns", range->from_ns);
	json_key_count(&o->w, "to_ns", range->to_ns);
	json_key_count(&o->w, "step_ns", range->step_ns);
}

void out_begin(struct out *o)
{
	struct document *w = &o->w;

	if (o->q->form == QUERY_JSON) {
		json_open(w, '{');
		write_range(o);
		json_key(w, "series");
		json_open(w, '[');
	} else if (o->q->goes_on) {
		return;
	} else if (o->q->form == QUERY_CSV) {
		write_text(
			w,
			"time_ns,node,id,metric,aggregate,key,row,group,value\n");
	} else {
		json_open(w, '{');
		write_range(o);
		json_close(w, '}');
		write_text(w, "\n");
		w->comma = false;
	}
}

static void write_object(struct document *w, const struct query_series *s)
{
	char name[BOOK_NAME_SIZE];
	size_t i;

	json_open(w, '{');
	json_key_note(w, "node", s->node ? s->node->name : NULL);
	json_key_note(w, "id", s->node ? s->node->id_text : NULL);
	json_key_text(w, "metric", book_metric(s->metric, name));
	json_key_text(w, "unit", book_unit_name(s->metric));
	json_key_text(w, "aggregate", history_aggregate_name(s->aggregate));
	if (s->group) {
		json_key_text(w, "group", s->group);
		json_key_count(w, "of", s->of);
	} else {
		json_key_count(w, "key", s->key);
		json_key_text(w, "row", s->row ? s->row : "");
	}
	json_key(w, "values");
	json_open(w, '[');
	for (i = 0; i < s->count; i++)
		json_number(w, s->values[i]);
	json_close(w, ']');
	json_close(w, '}');
}

/* Quoted if it has to be. */
static void write_cell(struct document *w, const char *text)
{
	const char *quote;

	if (!strpbrk(text, ",\"\n\r")) {
		write_text(w, text);
		return;
	}
	write_text(w, "\"");
	while ((quote = strchr(text, '"'))) {
		write_bytes(w, text, (size_t)(quote - text) + 1);
		write_text(w, "\"");
		text = quote + 1;
	}
	write_text(w, text);
	write_text(w, "\"");
}

/* What stands between a line's time and its value. */
static void write_middle(struct document *w, const struct query_series *s)
{
	char name[BOOK_NAME_SIZE];

	write_text(w, ",");
	write_cell(w, s->node ? s->node->name : "");
	write_text(w, ",");
	write_text(w, s->node ? s->node->id_text : "");
	write_text(w, ",");
	write_text(w, book_metric(s->metric, name));
	write_text(w, ",");
	write_text(w, history_aggregate_name(s->aggregate));
	write_text(w, ",");
	if (!s->group)
		write_digits(w, s->key);
	write_text(w, ",");
	write_cell(w, s->row ? s->row : "");
	write_text(w, ",");
	write_cell(w, s->group ? s->group : "");
	write_text(w, ",");
}

static void write_lines(struct out *o, const struct query_series *s)
{
	struct document middle = { 0 };
	struct text *text;
	size_t i;

	write_middle(&middle, s);
	text = document_done(&middle);
	o->w.failed = o->w.failed || !text;
	for (i = 0; text && i < s->count; i++) {
		if (!isfinite(s->values[i]))
			continue;
		write_digits(&o->w,
			     o->q->range.from_ns + i * o->q->range.step_ns);
		write_bytes(&o->w, text->data, text->size);
		write_real(&o->w, s->values[i]);
		write_text(&o->w, "\n");
	}
	text_put(text);
}

/* Where the next question goes on: this step may not be whole yet. */
static void note_newest(struct out *o, const struct query_series *s)
{
	const struct range *range = &o->q->range;
	uint64_t ns = 0;
	size_t i = s->count;

	while (i && isnan(s->values[i - 1]))
		i--;
	if (i)
		ns = range->from_ns + (i - 1) * range->step_ns;
	if (!i || range->to_ns - ns > ALIVE_NS + range->step_ns)
		return;
	if (!o->oldest_ns || ns < o->oldest_ns)
		o->oldest_ns = ns;
}

void out_series(struct out *o, const struct query_series *s)
{
	o->series++;
	o->values += s->count;
	note_newest(o, s);
	if (o->q->form == QUERY_CSV) {
		write_lines(o, s);
		return;
	}
	write_object(&o->w, s);
	if (o->q->form == QUERY_JSON)
		return;
	write_text(&o->w, "\n");
	o->w.comma = false;
}

static void write_end(struct out *o, const char *next)
{
	const struct range *range = &o->q->range;
	char cursor[QUERY_CURSOR_SIZE];
	uint64_t ns = o->oldest_ns;

	if (!ns)
		ns = range->from_ns + (range_steps(range) - 1) * range->step_ns;
	snprintf(cursor, sizeof(cursor), "%" PRIu64, ns);
	json_key_note(&o->w, "next", *next ? next : NULL);
	json_key_text(&o->w, "cursor", cursor);
}

struct text *out_end(struct out *o, const char *next)
{
	struct document *w = &o->w;

	if (o->q->form == QUERY_JSON) {
		json_close(w, ']');
		write_end(o, next);
		json_close(w, '}');
	} else if (o->q->form == QUERY_NDJSON && !*next) {
		json_open(w, '{');
		write_end(o, next);
		json_close(w, '}');
		write_text(w, "\n");
	}
	return document_done(w);
}
