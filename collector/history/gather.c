// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "collector/history/block.h"
#include "lib/clean.h"

/* A table that was copied: where its parts are in the buffers, in bytes. */
struct gathered {
	struct block_head head;
	uint32_t rows;
	uint32_t columns; /* the key counted */
	uint32_t texts;
	uint32_t order; /* in which they came */
	size_t cells;
	size_t words;
};

static struct gathered *tables(const struct gather *g)
{
	return (struct gathered *)g->tables.data;
}

static size_t count(const struct gather *g)
{
	return g->tables.used / sizeof(struct gathered);
}

static int put(struct gather *g, struct gathered *t)
{
	t->order = (uint32_t)count(g);
	return buffer_put(&g->tables, t, sizeof(*t));
}

static int put_text(struct gather *g, const struct wire_text *text)
{
	char clean[WIRE_TEXT_MAX + 1];

	clean_text(clean, sizeof(clean), text);
	return buffer_put(&g->words, clean, strlen(clean) + 1);
}

int gather_add(struct gather *g, const struct wire_table *t)
{
	struct gathered add = {
		.head = { t->real_ns, t->mono_ns, t->sample, t->lost,
			  t->origin },
		.rows = t->rows,
		.columns = t->columns,
		.texts = t->text ? t->texts : 0,
		.cells = g->cells.used,
		.words = g->words.used,
	};
	size_t i;

	for (i = 0; i < (size_t)t->rows * add.texts; i++)
		if (put_text(g, &t->text[i]))
			return -ENOMEM;
	if (buffer_put(&g->cells, t->cells,
		       (size_t)t->rows * t->columns * sizeof(*t->cells)))
		return -ENOMEM;
	return put(g, &add);
}

static int put_row(struct gather *g, const struct block *b, size_t row,
		   size_t sample)
{
	uint32_t column;
	uint64_t *at;

	if (buffer_reserve(&g->cells, (b->columns + 1) * sizeof(*at)))
		return -ENOMEM;
	at = (uint64_t *)(g->cells.data + g->cells.used);
	*at++ = b->keys[row];
	for (column = 0; column < b->columns; column++)
		*at++ = block_column(b, column)[row * b->samples + sample];
	g->cells.used += (b->columns + 1) * sizeof(*at);
	return 0;
}

static int put_words(struct gather *g, const struct block *b, size_t row)
{
	uint32_t i;

	for (i = 0; i < b->texts; i++) {
		const char *text = block_text(b, row, i);

		if (buffer_put(&g->words, text, strlen(text) + 1))
			return -ENOMEM;
	}
	return 0;
}

/* Texts are the same in all samples: they go with the newest one. */
static int put_sample(struct gather *g, const struct block *b, size_t sample,
		      bool texts)
{
	struct gathered add = { .head = b->heads[sample],
				.columns = b->columns + 1,
				.cells = g->cells.used,
				.words = g->words.used };
	size_t row;

	for (row = 0; row < b->rows; row++) {
		if (!block_has(b, row, sample))
			continue;
		if (put_row(g, b, row, sample))
			return -ENOMEM;
		add.rows++;
		if (texts && put_words(g, b, row))
			return -ENOMEM;
	}
	add.texts = texts ? b->texts : 0;
	return put(g, &add);
}

int gather_block(struct gather *g, const struct block *b)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < b->samples; i++)
		err = put_sample(g, b, i, b->texts);
	return err;
}

static int three_way(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_heads(const struct block_head *a, const struct block_head *b)
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
	size_t n = count(g), i;

	for (i = 1; i < n; i++)
		if (compare(&tables(g)[i - 1], &tables(g)[i]) > 0)
			break;
	if (i < n)
		qsort(tables(g), n, sizeof(struct gathered), compare);
	return n;
}

uint64_t gather_real_ns(const struct gather *g, size_t table)
{
	return tables(g)[table].head.real_ns;
}

static const uint64_t *cells(const struct gather *g, const struct gathered *t)
{
	return (const uint64_t *)(g->cells.data + t->cells);
}

static int compare_keys(const void *a, const void *b)
{
	return three_way(*(const uint64_t *)a, *(const uint64_t *)b);
}

/* Whether a table has just the rows of the one before it. */
static bool same_rows(const struct gather *g, const struct gathered *t)
{
	const struct gathered *last = t - 1;
	const uint64_t *a = cells(g, last), *b = cells(g, t);
	uint32_t i;

	if (last->rows != t->rows)
		return false;
	for (i = 0; i < t->rows; i++, a += last->columns, b += t->columns)
		if (*a != *b)
			return false;
	return true;
}

/* Keys of all tables, sorted, each once. */
static int all_keys(struct gather *g, size_t first, size_t end, size_t *rows)
{
	uint64_t *keys;
	size_t i, n, kept = 0;
	uint32_t row;

	g->keys.used = 0;
	for (i = first; i < end; i++) {
		const struct gathered *t = &tables(g)[i];

		if (i > first && same_rows(g, t))
			continue;
		for (row = 0; row < t->rows; row++)
			if (buffer_put(&g->keys,
				       cells(g, t) + (size_t)row * t->columns,
				       sizeof(*keys)))
				return -ENOMEM;
	}
	keys = (uint64_t *)g->keys.data;
	n = g->keys.used / sizeof(*keys);
	if (n)
		qsort(keys, n, sizeof(*keys), compare_keys);
	for (i = 0; i < n; i++)
		if (!i || keys[i] != keys[i - 1])
			keys[kept++] = keys[i];
	*rows = kept;
	return 0;
}

/* Rows mostly come in order: the guess is the one after the last. */
static size_t find_row(const struct block *b, uint64_t key, size_t guess)
{
	const uint64_t *at;

	if (guess < b->rows && b->keys[guess] == key)
		return guess;
	at = bsearch(&key, b->keys, b->rows, sizeof(key), compare_keys);
	return (size_t)(at - b->keys);
}

/* Columns that a table lacks are not there in any of its rows. */
static void fill(struct block *b, const struct gather *g,
		 const struct gathered *t, size_t sample)
{
	const uint64_t *from = cells(g, t);
	size_t stride = b->rows * b->samples, row = 0;
	uint32_t i, column;

	for (i = 0; i < t->rows; i++, from += t->columns) {
		uint64_t *to;

		row = find_row(b, from[0], i ? row + 1 : 0);
		to = b->cells + row * b->samples + sample;
		b->present[row * b->samples + sample] = 1;
		for (column = 1; column < t->columns; column++, to += stride)
			*to = from[column];
		for (; column <= b->columns; column++, to += stride)
			*to = WIRE_ABSENT;
	}
}

/* A row's texts are those of the newest table that has it with texts. */
static int fill_words(struct block *b, const struct gather *g, size_t first,
		      size_t end)
{
	const char **found = calloc(b->rows * b->texts + 1, sizeof(*found));
	size_t i, row, at;
	int err = found ? 0 : -ENOMEM;

	for (i = first; !err && i < end; i++) {
		const struct gathered *t = &tables(g)[i];
		const char *word = (const char *)g->words.data + t->words;
		uint32_t text, n;

		for (n = 0, row = 0; t->texts && n < t->rows; n++) {
			row = find_row(b, cells(g, t)[(size_t)n * t->columns],
				       n ? row + 1 : 0);
			for (text = 0; text < t->texts; text++) {
				found[row * b->texts + text] = word;
				word += strlen(word) + 1;
			}
		}
	}
	for (at = 0; !err && at < b->rows * b->texts; at++) {
		const char *word = found[at] ? found[at] : "";

		err = buffer_put(&b->words, word, strlen(word) + 1);
	}
	free(found);
	return err;
}

/* How large it gets. */
static void measure(const struct gather *g, size_t first, size_t end,
		    struct block *b, size_t *samples)
{
	uint32_t columns = 1;
	size_t i;

	*samples = 0;
	b->texts = 0;
	for (i = first; i < end; i++) {
		const struct gathered *t = &tables(g)[i];

		if (i == first || compare_heads(&t[-1].head, &t->head))
			++*samples;
		if (t->columns > columns)
			columns = t->columns;
		if (t->texts > b->texts)
			b->texts = t->texts;
	}
	b->columns = columns - 1;
}

int gather_build(struct gather *g, uint32_t kind, size_t first, size_t end,
		 struct block *b)
{
	size_t rows, samples, i, sample = 0;

	measure(g, first, end, b, &samples);
	b->kind = kind;
	if (all_keys(g, first, end, &rows) ||
	    block_shape(b, b->columns, samples, rows))
		return -ENOMEM;
	if (rows)
		memcpy(b->keys, g->keys.data, rows * sizeof(*b->keys));
	memset(b->present, 0, rows * samples);
	memset(b->cells, 0, b->columns * rows * samples * sizeof(*b->cells));
	for (i = first; i < end; i++) {
		const struct gathered *t = &tables(g)[i];

		if (i > first && compare_heads(&t[-1].head, &t->head))
			sample++;
		b->heads[sample] = t->head;
		fill(b, g, t, sample);
	}
	b->full = !memchr(b->present, 0, rows * samples);
	return fill_words(b, g, first, end);
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
}
