// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "shipper/series.h"

static size_t cells_of(const struct wire_table *t)
{
	return (size_t)t->rows * t->columns;
}

static bool same_keys(const struct wire_table *a, const struct wire_table *b)
{
	size_t i;

	for (i = 0; i < cells_of(a); i += a->columns)
		if (a->cells[i] != b->cells[i])
			return false;
	return true;
}

static bool fits(const struct wire_table *a, const struct wire_table *b)
{
	return a->kind == b->kind && a->schema == b->schema &&
	       a->origin == b->origin && a->columns == b->columns &&
	       a->rows == b->rows && same_keys(a, b);
}

/* Memory for samples of a new shape; untouched pages cost nothing. */
static bool begin(struct series *s, const struct wire_table *table)
{
	size_t cells = cells_of(table);

	if (table->texts || !cells || cells > SERIES_CELLS / 2)
		return false;
	if (!s->cells)
		s->cells = malloc(SERIES_CELLS * sizeof(*s->cells));
	if (!s->tables)
		s->tables = malloc(WIRE_SAMPLES_MAX * sizeof(*s->tables));
	s->room = (uint32_t)(SERIES_CELLS / cells);
	if (s->room > WIRE_SAMPLES_MAX)
		s->room = WIRE_SAMPLES_MAX;
	return s->cells && s->tables;
}

bool series_put(struct series *s, const struct wire_table *table)
{
	size_t cells = cells_of(table);
	uint64_t *copy;

	if (s->count ? s->count == s->room || !fits(&s->tables[0], table) :
		       !begin(s, table))
		return false;
	copy = s->cells + s->count * cells;
	memcpy(copy, table->cells, cells * sizeof(*copy));
	s->tables[s->count] = *table;
	s->tables[s->count].cells = copy;
	s->count++;
	return true;
}

void series_clear(struct series *s)
{
	s->count = 0;
}

void series_exit(struct series *s)
{
	free(s->cells);
	free(s->tables);
	*s = (struct series){ 0 };
}
