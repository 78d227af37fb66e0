// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/most.h"
#include "host/rows.h"
#include "lib/base/clean.h"
#include "lib/base/resized.h"
#include "lib/wire/wire_schema.h"

void rows_clear(struct rows *r)
{
	r->count = 0;
	r->texts_used = 0;
}

void rows_exit(struct rows *r)
{
	free(r->cells);
	free(r->at);
	free(r->text);
	free(r->texts);
	*r = (struct rows){ .kind = r->kind };
}

static bool grow_rows(struct rows *r, const struct wire_schema *schema)
{
	uint32_t room = r->room ? 2 * r->room : 16;
	size_t texts = (size_t)room * schema->texts;
	bool failed = false;

	r->cells = resized(r->cells, (size_t)room * schema->columns,
			   sizeof(*r->cells), &failed);
	r->at = resized(r->at, texts, sizeof(*r->at), &failed);
	r->text = resized(r->text, texts, sizeof(*r->text), &failed);
	if (!failed)
		r->room = room;
	return !failed;
}

uint64_t *rows_add(struct rows *r, uint64_t key)
{
	const struct wire_schema *schema = wire_schema(r->kind);
	uint64_t *row;
	uint32_t i;

	if (r->count == r->room && !grow_rows(r, schema))
		return NULL;
	row = r->cells + (size_t)r->count * schema->columns;
	row[0] = key;
	for (i = 1; i < schema->columns; i++)
		row[i] = WIRE_ABSENT;
	if (schema->texts)
		memset(r->at + (size_t)r->count * schema->texts, 0,
		       schema->texts * sizeof(*r->at));
	r->count++;
	return row;
}

uint64_t *rows_find(const struct rows *r, uint64_t key)
{
	const size_t columns = wire_schema(r->kind)->columns;
	uint64_t *row = r->cells;
	uint32_t i;

	for (i = 0; i < r->count; i++, row += columns)
		if (row[0] == key)
			return row;
	return NULL;
}

void rows_text(struct rows *r, uint32_t index, const char *text, size_t size)
{
	const struct wire_schema *schema = wire_schema(r->kind);
	const struct wire_text from = { text, size };
	struct rows_text *t =
		&r->at[(size_t)(r->count - 1) * schema->texts + index];

	if (r->texts_used + WIRE_TEXT_MAX + 1 > r->texts_room) {
		size_t room = 2 * r->texts_room + WIRE_TEXT_MAX + 1;
		char *texts = realloc(r->texts, room);

		if (!texts)
			return;
		r->texts = texts;
		r->texts_room = room;
	}
	t->at = r->texts_used;
	clean_text(r->texts + t->at, WIRE_TEXT_MAX + 1, &from);
	t->size = strlen(r->texts + t->at);
	r->texts_used += t->size;
}

/* FNV-1a */
static uint32_t checksum(const char *text, size_t size)
{
	uint32_t sum = 2166136261;
	size_t i;

	for (i = 0; i < size; i++)
		sum = (sum ^ (uint8_t)text[i]) * 16777619;
	return sum;
}

void rows_name(struct rows *r, uint32_t index, const char *text, size_t size)
{
	const struct wire_text from = { text, size };
	char clean[WIRE_TEXT_MAX + 1], sum[16];
	size_t n;

	clean_text(clean, sizeof(clean), &from);
	n = strlen(clean);
	if (n != size || memcmp(clean, text, size)) {
		snprintf(sum, sizeof(sum), " (%08x)", checksum(text, size));
		clean_text(clean, sizeof(clean) - strlen(sum), &from);
		strcat(clean, sum);
		n = strlen(clean);
	}
	rows_text(r, index, clean, n);
}

struct wire_table rows_table(const struct rows *r)
{
	const struct wire_schema *schema = wire_schema(r->kind);
	size_t i;

	for (i = 0; i < (size_t)r->count * schema->texts; i++)
		r->text[i] = (struct wire_text){ r->texts + r->at[i].at,
						 r->at[i].size };
	return (struct wire_table){
		.kind = r->kind,
		.schema = schema->schema,
		.columns = schema->columns,
		.rows = r->count,
		.texts = schema->texts,
		.cells = r->cells,
		.text = schema->texts ? r->text : NULL,
	};
}

void rows_put(struct rows *r, const struct host_sink *sink,
	      enum wire_origin origin, uint64_t real_ns, uint64_t mono_ns)
{
	struct wire_table table = rows_table(r);
	bool ended = r->told && !r->count && r->kind != WIRE_GAUGES &&
		     r->kind != WIRE_COUNTERS;

	r->told = r->count;
	if (!r->count && !ended)
		return;
	most_cells(r->kind, table.columns, r->cells, r->count);
	table.origin = origin;
	table.real_ns = real_ns;
	table.mono_ns = mono_ns;
	sink->put(sink->arg, &table);
}

void rows_value(struct rows *r, uint64_t key, uint64_t value)
{
	uint64_t *row = rows_add(r, key);

	if (row)
		row[WIRE_VALUE] = value;
}
