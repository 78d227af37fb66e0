// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "collector/history/chunk/block.h"
#include "collector/history/chunk/turned.h"
#include "lib/base/clean.h"

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
		struct gathered add = { .head = b->heads[sample],
					.columns = b->columns + 1,
					.texts = texts ? b->texts : 0,
					.cells = g->cells.used,
					.words = g->words.used };

		err = put_rows(g, t, sample, &add);
		if (!err && (add.rows || (!any && texts == (b->texts > 0))))
			err = put(g, &add);
		any = any || add.rows;
	}
	return err;
}

int gather_block(struct gather *g, const struct block *b)
{
	struct turned t;
	int err = turned_init(&t, b);
	size_t i;

	for (i = 0; !err && i < b->samples; i++)
		err = put_sample(g, &t, i);
	turned_free(&t);
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

static int put_keys(struct gather *g, const struct gathered *t)
{
	const uint64_t *from = cells(g, t);
	uint64_t *to;
	uint32_t row;

	if (buffer_reserve(&g->keys, t->rows * sizeof(*to)))
		return -ENOMEM;
	to = (uint64_t *)(g->keys.data + g->keys.used);
	for (row = 0; row < t->rows; row++, from += t->columns)
		to[row] = *from;
	g->keys.used += t->rows * sizeof(*to);
	return 0;
}

/* Sort, keep each one once. */
static void sort_keys(struct gather *g)
{
	uint64_t *keys = (uint64_t *)g->keys.data;
	size_t n = g->keys.used / sizeof(*keys), i, kept = 0;

	for (i = 1; i < n; i++)
		if (keys[i] <= keys[i - 1])
			break;
	if (i >= n)
		return;
	qsort(keys, n, sizeof(*keys), compare_keys);
	for (i = 0; i < n; i++)
		if (!i || keys[i] != keys[i - 1])
			keys[kept++] = keys[i];
	g->keys.used = kept * sizeof(*keys);
}

/* Keys of all tables, sorted, each once. @alike: all tables have the same. */
static int all_keys(struct gather *g, size_t first, size_t end, bool *alike)
{
	size_t i;

	*alike = true;
	g->keys.used = 0;
	for (i = first; i < end; i++) {
		const struct gathered *t = &tables(g)[i];

		if (i > first && same_rows(g, t))
			continue;
		*alike = i == first;
		if (put_keys(g, t))
			return -ENOMEM;
	}
	sort_keys(g);
	return 0;
}

/* Rows mostly come in order: the guess is the one after the last. */
static size_t find_row(const uint64_t *keys, size_t rows, uint64_t key,
		       size_t guess)
{
	const uint64_t *at;

	if (guess < rows && keys[guess] == key)
		return guess;
	at = bsearch(&key, keys, rows, sizeof(key), compare_keys);
	return (size_t)(at - keys);
}

/* Which rows of the block those of the tables are; of tables with the same rows
 * those of the first are all there is to know.
 */
static int map_rows(struct gather *g, size_t first, size_t end, bool alike)
{
	const uint64_t *keys = (const uint64_t *)g->keys.data;
	size_t rows = g->keys.used / sizeof(*keys), i, row = 0;

	g->rows.used = 0;
	for (i = first; i < (alike && first < end ? first + 1 : end); i++) {
		const struct gathered *t = &tables(g)[i];
		const uint64_t *from = cells(g, t);
		uint32_t *to, n;

		if (buffer_reserve(&g->rows, t->rows * sizeof(*to)))
			return -ENOMEM;
		to = (uint32_t *)(g->rows.data + g->rows.used);
		for (n = 0; n < t->rows; n++, from += t->columns) {
			row = find_row(keys, rows, *from, n ? row + 1 : 0);
			to[n] = (uint32_t)row;
		}
		g->rows.used += t->rows * sizeof(*to);
	}
	return 0;
}

/* A walk over tables: which sample each is of, and the map of its rows. */
struct walk {
	size_t table;
	size_t sample;
	const uint32_t *rows;
};

static struct walk walk_begin(const struct gather *g, size_t first)
{
	return (struct walk){ first, 0, (const uint32_t *)g->rows.data };
}

static void walk_on(const struct gather *g, struct walk *w, size_t end,
		    bool alike)
{
	const struct gathered *t = &tables(g)[w->table];

	if (!alike)
		w->rows += t->rows;
	if (++w->table < end && compare_heads(&t->head, &t[1].head))
		w->sample++;
}

/* What a row has so far. */
struct filled {
	size_t sample; /* of its last value, counted from 1 */
	size_t count;
};

/* A row's next value, or the last one again if that is of the same sample. */
static size_t next_value(struct filled *row, size_t sample)
{
	if (row->sample != sample + 1)
		row->count++;
	row->sample = sample + 1;
	return row->count - 1;
}

/* How many samples each row is in; make room for so many values. */
static int count_values(const struct gather *g, size_t first, size_t end,
			struct block *b, struct filled *rows)
{
	size_t row, total = 0;
	struct walk w;
	uint32_t i;

	for (w = walk_begin(g, first); w.table < end;
	     walk_on(g, &w, end, false))
		for (i = 0; i < tables(g)[w.table].rows; i++)
			next_value(&rows[w.rows[i]], w.sample);
	for (row = 0; row < b->rows; row++) {
		b->first[row] = total;
		total += rows[row].count;
		rows[row] = (struct filled){ 0 };
	}
	b->first[row] = total;
	return block_fill(b, total);
}

/* Columns that a table lacks are not there in any of its rows. */
static void put_values(struct block *b, size_t value, const uint64_t *from,
		       uint32_t columns)
{
	uint64_t *to = b->cells + value;
	uint32_t column;

	for (column = 1; column < columns; column++, to += b->count)
		*to = from[column];
	for (; column <= b->columns; column++, to += b->count)
		*to = WIRE_ABSENT;
}

/* @rows: scratch; NULL: all tables have all rows. */
static void fill(const struct gather *g, size_t first, size_t end,
		 struct block *b, struct filled *rows)
{
	struct walk w;
	uint32_t i;

	for (w = walk_begin(g, first); w.table < end;
	     walk_on(g, &w, end, !rows)) {
		const struct gathered *t = &tables(g)[w.table];
		const uint64_t *from = cells(g, t);

		b->heads[w.sample] = t->head;
		for (i = 0; i < t->rows; i++, from += t->columns) {
			size_t row = w.rows[i], value = b->first[row];

			value += rows ? next_value(&rows[row], w.sample) :
					w.sample;
			if (rows)
				b->at[value] = (uint32_t)w.sample;
			put_values(b, value, from, t->columns);
		}
	}
}

/* A row's texts are those of the newest table that has it with texts. */
static int fill_words(const struct gather *g, size_t first, size_t end,
		      struct block *b, bool alike)
{
	const char **found = calloc(b->rows * b->texts + 1, sizeof(*found));
	size_t row, at;
	struct walk w;
	uint32_t i, text;
	int err = found ? 0 : -ENOMEM;

	for (w = walk_begin(g, first); !err && w.table < end;
	     walk_on(g, &w, end, alike)) {
		const struct gathered *t = &tables(g)[w.table];
		const char *word = (const char *)g->words.data + t->words;

		for (i = 0; t->texts && i < t->rows; i++) {
			for (text = 0; text < t->texts; text++) {
				found[w.rows[i] * b->texts + text] = word;
				word += strlen(word) + 1;
			}
		}
	}
	for (row = 0, at = 0; !err && row < b->rows; row++) {
		block_begin_words(b, row);
		for (text = 0; !err && text < b->texts; text++, at++) {
			const char *word = found[at] ? found[at] : "";

			err = buffer_put(&b->words, word, strlen(word) + 1);
		}
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

/* Heads, keys and values; @alike: all tables have all rows, each sample is one. */
static int build(struct gather *g, size_t first, size_t end, struct block *b,
		 bool alike)
{
	struct filled *rows;
	int err = map_rows(g, first, end, alike);

	if (err)
		return err;
	if (alike) {
		err = block_fill_all(b);
		if (!err)
			fill(g, first, end, b, NULL);
		return err;
	}
	rows = calloc(b->rows + 1, sizeof(*rows));
	err = rows ? count_values(g, first, end, b, rows) : -ENOMEM;
	if (!err)
		fill(g, first, end, b, rows);
	free(rows);
	b->full = !err && b->count == b->rows * b->samples;
	return err;
}

int gather_build(struct gather *g, uint32_t kind, size_t first, size_t end,
		 struct block *b)
{
	size_t rows, samples;
	bool alike;
	int err;

	b->kind = kind;
	b->group = 0;
	measure(g, first, end, b, &samples);
	err = all_keys(g, first, end, &alike);
	rows = g->keys.used / sizeof(*b->keys);
	if (!err)
		err = block_shape(b, b->columns, samples, rows);
	if (err)
		return err;
	if (rows)
		memcpy(b->keys, g->keys.data, rows * sizeof(*b->keys));
	alike = alike && samples == end - first &&
		(!samples || tables(g)[first].rows == rows);
	err = build(g, first, end, b, alike);
	return err ? err : fill_words(g, first, end, b, alike);
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

static int copy_table(struct gather *to, const struct gather *from,
		      const struct gathered *t)
{
	struct gathered add = *t;

	add.cells = to->cells.used;
	add.words = to->words.used;
	if (buffer_put(&to->cells, cells(from, t),
		       (size_t)t->rows * t->columns * sizeof(uint64_t)) ||
	    buffer_put(&to->words, from->words.data + t->words,
		       words_size(from, t)))
		return -ENOMEM;
	return put(to, &add);
}

int gather_drop(struct gather *g, size_t first)
{
	struct gather kept = { 0 };
	size_t n = count(g), i;
	int err = 0;

	for (i = first; !err && i < n; i++)
		err = copy_table(&kept, g, &tables(g)[i]);
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
