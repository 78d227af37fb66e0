// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables with a row a thing: interfaces, disks, mounts, sensors, processes ... */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "collector/api/json.h"
#include "collector/figures/told.h"
#include "lib/kernel/irq_symbol.h"

/* They are separated by spaces. */
static void write_words(struct document *w, const char *text)
{
	char one[WIRE_TEXT_MAX + 1];

	json_open(w, '[');
	while (*(text += strspn(text, " "))) {
		size_t size = strcspn(text, " ");

		snprintf(one, sizeof(one), "%.*s", (int)size, text);
		json_text(w, one);
		text += size;
	}
	json_close(w, ']');
}

static void write_texts(struct document *w, const struct samples_row *row,
			const struct book_text *texts)
{
	uint32_t i;

	for (i = 0; i < WIRE_TEXTS_MAX && texts[i].name; i++) {
		const char *text = samples_text(row, i);

		json_key(w, texts[i].name);
		if (texts[i].words)
			write_words(w, text);
		else if (*text)
			json_text(w, text);
		else
			json_none(w);
	}
}

static void write_letter(struct document *w, uint64_t letter)
{
	const char text[2] = { (char)letter };

	if (letter > ' ' && letter <= '~')
		json_text(w, text);
	else
		json_none(w);
}

void json_cell(struct document *w, const struct book_entry *e, uint64_t value)
{
	json_key(w, e->name);
	if (e->unit == BOOK_LETTER)
		write_letter(w, value);
	else if (e->unit == BOOK_SENSOR)
		json_text(w, book_sensor(value)->type);
	else if (value == WIRE_ABSENT)
		json_none(w);
	else if (e->unit == BOOK_TRUTH)
		json_bool(w, value);
	else if (e->unit == BOOK_SHARE)
		json_number(w,
			    (double)(int64_t)value / book_unit_parts(e->unit));
	else if ((int64_t)value < 0)
		json_number(w, (double)(int64_t)value);
	else
		json_count(w, value);
}

/* What a sender may leave out of interfaces is not there then: it is a lot. */
static bool is_left_out(const struct book_entry *e, uint64_t value)
{
	return e->unit == BOOK_HIDDEN || e->unit == BOOK_FLAGS ||
	       (e->kind == WIRE_NET && value == WIRE_ABSENT);
}

static void write_column(struct document *w, const struct samples *s,
			 const struct samples_row *row,
			 const struct book_entry *e)
{
	uint64_t value = samples_cell(s, row, e->column);
	char name[BOOK_NAME_SIZE];

	if (is_left_out(e, value))
		return;
	json_cell(w, e, value);
	if (e->unit == BOOK_SENSOR)
		json_key_text(w, "unit", book_sensor(value)->unit);
	if (e->type == WIRE_COUNTER && told_now(e) && book_rate_name(e, name))
		json_key_number(w, name, told_metric(e, s, row));
}

static void write_flag(struct document *w, const struct book_entry *e,
		       uint64_t flags)
{
	if (flags != WIRE_ABSENT) {
		json_key_bool(w, e->name, flags & e->bit);
		return;
	}
	json_key(w, e->name);
	json_none(w);
}

static void write_entry(struct document *w, const struct samples *s,
			const struct samples_row *row,
			const struct book_entry *e)
{
	if (e->what == BOOK_COLUMN)
		write_column(w, s, row, e);
	else if (e->what == BOOK_FLAG)
		write_flag(w, e, row->cells[e->column]);
	else if (!e->quiet && told_now(e))
		json_key_number(w, e->name, told_metric(e, s, row));
}

static void write_row(struct document *w, const struct samples *s,
		      const struct samples_row *row, uint32_t kind)
{
	const struct book_entry *e, *end = book_end(kind);
	char text[IRQ_SYMBOL_SIZE];

	json_open(w, '{');
	write_texts(w, row, book_table(kind)->texts);
	for (e = book_first(kind); e < end; e++)
		write_entry(w, s, row, e);
	if (kind == WIRE_NET || kind == WIRE_LINK)
		json_key_bool(w, "stacked", row->stacked);
	if (kind == WIRE_IRQ)
		json_key_text(w, "symbol", irq_symbol(row->key, text));
	json_close(w, '}');
}

void json_each_row(struct document *w, const struct samples *s, uint32_t kind,
		   void (*write)(struct document *w, const struct samples *s,
				 const struct samples_row *row, uint32_t kind))
{
	size_t i;

	json_key(w, book_table(kind)->rows);
	json_open(w, '[');
	for (i = 0; i < s->count; i++)
		if (samples_current(s, s->rows[i]))
			write(w, s, s->rows[i], kind);
	json_close(w, ']');
}

void json_rows(struct document *w, const struct node *node, uint32_t kind)
{
	const struct samples *s = node_samples(node, kind);

	/* Of processes there are counts, too, which come by themselves. */
	if (!s->count &&
	    (kind != WIRE_PROCESS || !json_group_known(node, BOOK_PROCESS))) {
		json_none(w);
		return;
	}
	json_open(w, '{');
	json_samples_head(w, s);
	if (kind == WIRE_PROCESS)
		json_group_members(w, node, BOOK_PROCESS);
	json_each_row(w, s, kind, write_row);
	json_close(w, '}');
}
