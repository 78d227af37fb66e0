// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "collector/history/chunk/gathered.h"
#include "collector/history/chunk/turned.h"
#include "lib/base/clean.h"

static int put(struct gather *g, struct gathered *t)
{
	t->order = (uint32_t)gathered_count(g);
	return buffer_put(&g->tables, t, sizeof(*t));
}

static int put_text(struct gather *g, const struct wire_text *text)
{
	char clean[WIRE_TEXT_MAX + 1];

	clean_text(clean, sizeof(clean), text);
	return buffer_put(&g->words, clean, strlen(clean) + 1);
}

/* Where what comes next is, if it lies row by row, each with its key. */
static struct gathered by_rows(const struct gather *g,
			       const struct block_head *head, uint32_t columns)
{
	size_t at = g->cells.used / sizeof(uint64_t);

	return (struct gathered){ .head = *head,
				  .columns = columns,
				  .keys = at,
				  .key_step = columns + 1,
				  .cells = at + 1,
				  .row_step = columns + 1,
				  .column_step = 1,
				  .words = g->words.used };
}

int gather_add(struct gather *g, const struct wire_table *t)
{
	const struct block_head head = { t->real_ns, t->mono_ns, t->sample,
					 t->lost, t->origin };
	struct gathered add = by_rows(g, &head, t->columns - 1);
	size_t i;

	add.rows = t->rows;
	add.texts = t->text ? t->texts : 0;
	for (i = 0; i < (size_t)t->rows * add.texts; i++)
		if (put_text(g, &t->text[i]))
			return -ENOMEM;
	if (buffer_put(&g->cells, t->cells,
		       (size_t)t->rows * t->columns * sizeof(*t->cells)))
		return -ENOMEM;
	return put(g, &add);
}

static int put_row(struct gather *g, const struct block *b, size_t row,
		   size_t value)
{
	uint32_t column;
	uint64_t *at;

	if (buffer_reserve(&g->cells, (b->columns + 1) * sizeof(*at)))
		return -ENOMEM;
	at = (uint64_t *)(g->cells.data + g->cells.used);
	*at++ = b->keys[row];
	for (column = 0; column < b->columns; column++)
		*at++ = block_column(b, column)[value];
	g->cells.used += (b->columns + 1) * sizeof(*at);
	return 0;
}

static int put_words(struct gather *g, const struct block *b, size_t row)
{
	const char *from = block_text(b, row, 0), *end = from;
	uint32_t i;

	for (i = 0; i < b->texts; i++)
		end += strlen(end) + 1;
	return buffer_put(&g->words, from, (size_t)(end - from));
}

/* Those rows of a sample that go with their texts, or those without. Texts are
 * the same in all samples of a row: they go with its newest one.
 */
static int put_rows(struct gather *g, struct turned *t, size_t sample,
		    struct gathered *add)
{
	size_t i = turned_begin(t, sample), end = turned_end(t, sample);
	const struct block *b = t->b;

	for (; i < end; i++) {
		size_t row = turned_row(t, i), value = t->next[row];
		bool newest = b->texts && value + 1 == b->first[row + 1];

		if (newest != (add->texts > 0) ||
		    block_sample(b, row, value) != sample)
			continue;
		if (put_row(g, b, row, value) ||
		    (newest && put_words(g, b, row)))
			return -ENOMEM;
		t->next[row]++;
		add->rows++;
	}
	return 0;
}

/* A sample is one table, or two if only some of its rows come with texts. */
static int put_sample(struct gather *g, struct turned *t, size_t sample)
{
	const struct block *b = t->b;
	bool any = false;
	int texts, err = 0;

	for (texts = 0; !err && texts <= (b->texts > 0); texts++) {
		struct gathered add = by_rows(g, &b->heads[sample], b->columns);

		add.texts = texts ? b->texts : 0;
		err = put_rows(g, t, sample, &add);
		if (!err && (add.rows || (!any && texts == (b->texts > 0))))
			err = put(g, &add);
		any = any || add.rows;
	}
	return err;
}

static int put_some(struct gather *g, const struct block *b)
{
	struct turned t;
	int err = turned_init(&t, b);
	size_t i;

	for (i = 0; !err && i < b->samples; i++)
		err = put_sample(g, &t, i);
	turned_free(&t);
	return err;
}

/* It stays as it lies; the newest sample has the texts. */
static int put_full(struct gather *g, const struct block *b)
{
	size_t at = g->cells.used / sizeof(uint64_t), i;
	struct gathered add = { .rows = (uint32_t)b->rows,
				.columns = b->columns,
				.keys = at,
				.key_step = 1,
				.cells = at + b->rows,
				.row_step = b->samples,
				.column_step = b->count,
				.words = g->words.used };
	int err = buffer_put(&g->cells, b->keys, b->rows * sizeof(*b->keys));

	if (!err)
		err = buffer_put(&g->cells, b->cells,
				 b->columns * b->count * sizeof(*b->cells));
	if (!err && b->texts)
		err = buffer_put(&g->words, b->words.data, b->words.used);
	for (i = 0; !err && i < b->samples; i++) {
		add.head = b->heads[i];
		add.texts = i + 1 == b->samples ? b->texts : 0;
		err = put(g, &add);
		add.cells++;
	}
	return err;
}

int gather_block(struct gather *g, const struct block *b)
{
	return b->full ? put_full(g, b) : put_some(g, b);
}

int compare_heads(const struct block_head *a, const struct block_head *b)
{
	int order = three_way(a->real_ns, b->real_ns);

	if (!order)
		order = three_way(a->mono_ns, b->mono_ns);
	if (!order)
		order = three_way(a->sample, b->sample);
	return order ? order : three_way(a->origin, b->origin);
}

static int compare(const void *a, const void *b)
{
	const struct gathered *x = a, *y = b;
	int order = compare_heads(&x->head, &y->head);

	return order ? order : three_way(x->order, y->order);
}

size_t gather_sort(struct gather *g)
{
	size_t n = gathered_count(g), i;

	for (i = 1; i < n; i++)
		if (compare(&gathered_tables(g)[i - 1],
			    &gathered_tables(g)[i]) > 0)
			break;
	if (i < n)
		qsort(gathered_tables(g), n, sizeof(struct gathered), compare);
	return n;
}

uint64_t gather_real_ns(const struct gather *g, size_t table)
{
	return gathered_tables(g)[table].head.real_ns;
}

size_t gather_bytes(const struct gather *g)
{
	return g->tables.used + g->cells.used + g->words.used;
}

/* Texts of a table, each with its NUL. */
static size_t words_size(const struct gather *g, const struct gathered *t)
{
	const char *begin = (const char *)g->words.data + t->words, *at = begin;
	size_t n = (size_t)t->rows * t->texts;

	for (; n; n--)
		at += strlen(at) + 1;
	return (size_t)(at - begin);
}

static int copy_rows(struct gather *to, const struct gather *from,
		     const struct gathered *t)
{
	const uint64_t *key = gathered_keys(from, t),
		       *row = gathered_cells(from, t);
	size_t size = t->rows * (t->columns + UINT64_C(1)) * sizeof(*key);
	uint32_t i, column;
	uint64_t *at;

	if (buffer_reserve(&to->cells, size))
		return -ENOMEM;
	at = (uint64_t *)(to->cells.data + to->cells.used);
	for (i = 0; i < t->rows; i++, key += t->key_step, row += t->row_step) {
		*at++ = *key;
		for (column = 0; column < t->columns; column++)
			*at++ = row[column * t->column_step];
	}
	to->cells.used += size;
	return 0;
}

static int copy_table(struct gather *to, const struct gather *from,
		      const struct gathered *t)
{
	struct gathered add = by_rows(to, &t->head, t->columns);

	add.rows = t->rows;
	add.texts = t->texts;
	if (copy_rows(to, from, t) ||
	    buffer_put(&to->words, from->words.data + t->words,
		       words_size(from, t)))
		return -ENOMEM;
	return put(to, &add);
}

int gather_drop(struct gather *g, size_t first)
{
	struct gather kept = { 0 };
	size_t n = gathered_count(g), i;
	int err = 0;

	for (i = first; !err && i < n; i++)
		err = copy_table(&kept, g, &gathered_tables(g)[i]);
	if (err) {
		gather_free(&kept);
		return err;
	}
	if (first < n) {
		gather_free(g);
		*g = kept;
	} else {
		gather_clear(g);
	}
	return 0;
}

void gather_clear(struct gather *g)
{
	g->tables.used = 0;
	g->cells.used = 0;
	g->words.used = 0;
}

void gather_free(struct gather *g)
{
	buffer_free(&g->tables);
	buffer_free(&g->cells);
	buffer_free(&g->words);
	buffer_free(&g->keys);
	buffer_free(&g->rows);
}
