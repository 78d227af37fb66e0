// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "shipper/queue/series.h"

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

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Tables know where their cells are. */
static bool grow_cells(struct series *s, size_t need)
{
	size_t room = least(2 * need, SERIES_CELLS), size = 0;
	uint64_t *cells = realloc(s->cells, room * sizeof(*cells));
	uint32_t i;

	if (!cells)
		return false;
	s->cells = cells;
	s->cells_room = room;
	for (i = 0; i < s->count; i++, size += cells_of(s->tables))
		s->tables[i].cells = cells + size;
	return true;
}

static bool grow_tables(struct series *s)
{
	size_t room = least(2 * (s->count + 1), WIRE_SAMPLES_MAX);
	struct wire_table *tables = realloc(s->tables, room * sizeof(*tables));

	if (!tables)
		return false;
	s->tables = tables;
	s->tables_room = (uint32_t)room;
	return true;
}

/* For a sample more, all being of this shape. */
static bool has_room(struct series *s, const struct wire_table *table)
{
	size_t cells = cells_of(table), need = (s->count + 1) * cells;

	if (table->texts || !cells || cells > SERIES_CELLS / 2 ||
	    need > SERIES_CELLS || s->count == WIRE_SAMPLES_MAX)
		return false;
	return (need <= s->cells_room || grow_cells(s, need)) &&
	       (s->count < s->tables_room || grow_tables(s));
}

bool series_put(struct series *s, const struct wire_table *table)
{
	size_t cells = cells_of(table);
	uint64_t *copy;

	if ((s->count && !fits(&s->tables[0], table)) || !has_room(s, table))
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
