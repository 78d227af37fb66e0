// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/history/chunk/gathered.h"

enum {
	STRIP = 16, /* tables whose values are put at once */
};

static int compare_keys(const void *a, const void *b)
{
	return three_way(*(const uint64_t *)a, *(const uint64_t *)b);
}

/* Whether a table has just the rows of the one before it. */
static bool same_rows(const struct gather *g, const struct gathered *t)
{
	const struct gathered *last = t - 1;
	const uint64_t *a = gathered_keys(g, last), *b = gathered_keys(g, t);
	uint32_t i;

	if (last->rows != t->rows)
		return false;
	if (a == b)
		return true;
	for (i = 0; i < t->rows; i++, a += last->key_step, b += t->key_step)
		if (*a != *b)
			return false;
	return true;
}

static int put_keys(struct gather *g, const struct gathered *t)
{
	const uint64_t *from = gathered_keys(g, t);
	uint64_t *to;
	uint32_t row;

	if (buffer_reserve(&g->keys, t->rows * sizeof(*to)))
		return -ENOMEM;
	to = (uint64_t *)(g->keys.data + g->keys.used);
	for (row = 0; row < t->rows; row++, from += t->key_step)
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
		const struct gathered *t = &gathered_tables(g)[i];

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
		const struct gathered *t = &gathered_tables(g)[i];
		const uint64_t *from = gathered_keys(g, t);
		uint32_t *to, n;

		if (buffer_reserve(&g->rows, t->rows * sizeof(*to)))
			return -ENOMEM;
		to = (uint32_t *)(g->rows.data + g->rows.used);
		for (n = 0; n < t->rows; n++, from += t->key_step) {
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
	const struct gathered *t = &gathered_tables(g)[w->table];

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
		for (i = 0; i < gathered_tables(g)[w.table].rows; i++)
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
		       const struct gathered *t)
{
	uint64_t *to = b->cells + value;
	uint32_t column;

	for (column = 0; column < t->columns; column++, to += b->count)
		*to = from[column * t->column_step];
	for (; column < b->columns; column++, to += b->count)
		*to = WIRE_ABSENT;
}

/* @rows: scratch. */
static void fill(const struct gather *g, size_t first, size_t end,
		 struct block *b, struct filled *rows)
{
	struct walk w;
	uint32_t i;

	for (w = walk_begin(g, first); w.table < end;
	     walk_on(g, &w, end, false)) {
		const struct gathered *t = &gathered_tables(g)[w.table];
		const uint64_t *from = gathered_cells(g, t);

		b->heads[w.sample] = t->head;
		for (i = 0; i < t->rows; i++, from += t->row_step) {
			size_t row = w.rows[i], value = b->first[row];

			value += next_value(&rows[row], w.sample);
			b->at[value] = (uint32_t)w.sample;
			put_values(b, value, from, t);
		}
	}
}

/* Tables next to each other that lie in memory alike: of one block, if @block, whose
 * samples are next to each other, too.
 */
struct strip {
	const struct gathered *t;
	size_t count;
	bool block;
};

static bool lies_alike(const struct gathered *a, const struct gathered *b,
		       bool block)
{
	return a->columns == b->columns && a->row_step == b->row_step &&
	       a->column_step == b->column_step &&
	       (!block || b->cells == a->cells + 1);
}

static struct strip next_strip(const struct gathered *t, size_t left)
{
	struct strip s = { t, 1, t->column_step != 1 };
	size_t most = s.block || left < STRIP ? left : STRIP;

	while (s.count < most &&
	       lies_alike(&t[s.count - 1], &t[s.count], s.block))
		s.count++;
	return s;
}

/* A row's values of one column, of each of its tables. */
static void put_series(const uint64_t *cells, const struct strip *s, size_t at,
		       uint64_t *to)
{
	size_t i;

	if (s->block) {
		memcpy(to, cells + s->t->cells + at, s->count * sizeof(*to));
		return;
	}
	for (i = 0; i < s->count; i++)
		to[i] = cells[s->t[i].cells + at];
}

static void put_absent(uint64_t *to, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		to[i] = WIRE_ABSENT;
}

static void put_strip(const struct gather *g, const struct strip *s,
		      size_t sample, struct block *b)
{
	const uint32_t *rows = (const uint32_t *)g->rows.data;
	const uint64_t *cells = (const uint64_t *)g->cells.data;
	uint32_t row, column;
	size_t i;

	for (i = 0; i < s->count; i++)
		b->heads[sample + i] = s->t[i].head;
	for (row = 0; row < s->t->rows; row++) {
		uint64_t *to = b->cells + b->first[rows[row]] + sample;
		size_t at = row * s->t->row_step;

		for (column = 0; column < s->t->columns; column++) {
			put_series(cells, s, at, to);
			at += s->t->column_step;
			to += b->count;
		}
		for (; column < b->columns; column++, to += b->count)
			put_absent(to, s->count);
	}
}

/* All tables have all rows, and each is a sample. A strip of them at a time: what is read
 * and what is written is near each other then.
 */
static void fill_alike(const struct gather *g, size_t first, size_t end,
		       struct block *b)
{
	const struct gathered *t = gathered_tables(g);
	struct strip s;
	size_t i;

	for (i = first; i < end; i += s.count) {
		s = next_strip(&t[i], end - i);
		put_strip(g, &s, i - first, b);
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
		const struct gathered *t = &gathered_tables(g)[w.table];
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
	uint32_t columns = 0;
	size_t i;

	*samples = 0;
	b->texts = 0;
	for (i = first; i < end; i++) {
		const struct gathered *t = &gathered_tables(g)[i];

		if (i == first || compare_heads(&t[-1].head, &t->head))
			++*samples;
		if (t->columns > columns)
			columns = t->columns;
		if (t->texts > b->texts)
			b->texts = t->texts;
	}
	b->columns = columns;
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
			fill_alike(g, first, end, b);
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
		(!samples || gathered_tables(g)[first].rows == rows);
	err = build(g, first, end, b, alike);
	return err ? err : fill_words(g, first, end, b, alike);
}
