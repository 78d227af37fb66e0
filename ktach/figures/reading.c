// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "ktach/figures/reading.h"
#include "lib/wire/wire_schema.h"

static bool copy_row(struct rows *to, const struct wire_table *from,
		     uint32_t at)
{
	const uint64_t *cells = from->cells + (size_t)at * from->columns;
	uint64_t *row = rows_add(to, cells[0]);
	uint32_t i;

	if (!row)
		return false;
	memcpy(row, cells, from->columns * sizeof(*row));
	for (i = 0; i < from->texts; i++) {
		const struct wire_text *text =
			&from->text[(size_t)at * from->texts + i];

		rows_text(to, i, text->data, text->size);
	}
	return true;
}

static void copy_table(void *arg, const struct wire_table *table)
{
	struct reading *r = arg;
	struct reading_table *to = &r->table[table->kind];
	uint32_t i;

	to->origin = table->origin;
	to->real_ns = table->real_ns;
	to->mono_ns = table->mono_ns;
	to->sample = table->sample;
	to->lost = table->lost;
	to->missed = table->missed;
	to->interval_ns = table->interval_ns;
	for (i = 0; i < table->rows; i++)
		if (!copy_row(&to->rows, table, i))
			r->error = -ENOMEM;
}

static int take_tables(struct reading *r, void *state,
		       int (*ask)(void *state, const struct host_sink *sink))
{
	const struct host_sink sink = { copy_table, r };
	uint32_t kind;
	int err;

	for (kind = 0; kind < WIRE_KINDS; kind++) {
		r->table[kind].rows.kind = kind;
		rows_clear(&r->table[kind].rows);
	}
	r->error = 0;
	err = ask(state, &sink);
	return err ? err : r->error;
}

int reading_take(struct reading *r, const struct host_collector *collector,
		 void *state)
{
	return take_tables(r, state, collector->read);
}

int reading_follow(struct reading *r, const struct host_collector *collector,
		   void *state, uint64_t wait_ns)
{
	struct pollfd news = { collector->fd(state), POLLIN };
	int err = poll(&news, 1, (int)(wait_ns / 1000000));

	if (err > 0)
		err = take_tables(r, state, collector->changed);
	else
		return err < 0 ? -errno : 0;
	return err ? err : 1;
}

void reading_free(struct reading *r)
{
	uint32_t kind;

	for (kind = 0; kind < WIRE_KINDS; kind++)
		rows_exit(&r->table[kind].rows);
}

void readings_put(void *arg, const struct wire_table *table)
{
	struct readings *r = arg;
	struct reading_table *now = &r->now.table[table->kind];
	struct reading_table *before = &r->before.table[table->kind];
	struct reading_table kept = *before;

	if (r->adds && r->put & 1U << table->kind) {
		copy_table(&r->now, table);
		return;
	}
	*before = *now;
	*now = kept;
	now->rows.kind = table->kind;
	rows_clear(&now->rows);
	copy_table(&r->now, table);
	r->put |= 1U << table->kind;
}

void readings_free(struct readings *r)
{
	reading_free(&r->now);
	reading_free(&r->before);
}

static const uint64_t *row_at(const struct rows *r, uint32_t at)
{
	return r->cells + (size_t)at * wire_schema(r->kind)->columns;
}

/* Rows mostly stand where they stood: the search begins there. */
static const uint64_t *row_of(const struct rows *r, uint64_t key, uint32_t near)
{
	uint32_t i;

	for (i = 0; i < r->count; i++) {
		const uint64_t *row = row_at(r, (near + i) % r->count);

		if (row[0] == key)
			return row;
	}
	return NULL;
}

/* One count that fell is of another device: all that it has begins anew. */
static bool is_another(const struct change *c)
{
	const struct wire_schema *schema = wire_schema(c->table->rows.kind);
	uint32_t i;

	for (i = 1; i < schema->columns; i++)
		if (schema->types[i] == WIRE_COUNTER &&
		    c->now[i] != WIRE_ABSENT && c->before[i] != WIRE_ABSENT &&
		    c->now[i] < c->before[i])
			return true;
	return false;
}

struct change reading_change(const struct reading *now,
			     const struct reading *before, uint32_t kind,
			     uint32_t at)
{
	const struct reading_table *a = &before->table[kind];
	const struct reading_table *b = &now->table[kind];
	struct change c = { .table = b, .at = at, .now = row_at(&b->rows, at) };

	c.before = row_of(&a->rows, c.now[0], at);
	if (kind == WIRE_DISK && c.before && is_another(&c))
		c.before = NULL;
	if (c.before && b->mono_ns > a->mono_ns)
		c.interval_ns = b->mono_ns - a->mono_ns;
	return c;
}

bool reading_find(const struct reading *now, const struct reading *before,
		  uint32_t kind, uint64_t key, struct change *c)
{
	const struct rows *r = &now->table[kind].rows;
	uint32_t i;

	for (i = 0; i < r->count; i++)
		if (row_at(r, i)[0] == key) {
			*c = reading_change(now, before, kind, i);
			return true;
		}
	return false;
}

struct wire_text change_text(const struct change *c, uint32_t index)
{
	const struct rows *r = &c->table->rows;
	const struct rows_text *t =
		&r->at[(size_t)c->at * wire_schema(r->kind)->texts + index];

	return (struct wire_text){ r->texts + t->at, t->size };
}

bool change_growth(const struct change *c, uint32_t column, uint64_t *growth)
{
	if (!c->interval_ns || c->now[column] == WIRE_ABSENT ||
	    c->before[column] == WIRE_ABSENT ||
	    c->now[column] < c->before[column])
		return false;
	*growth = c->now[column] - c->before[column];
	return true;
}
