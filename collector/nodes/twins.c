// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/nodes/texts.h"
#include "collector/nodes/twins.h"
#include "lib/base/clean.h"
#include "tables/book.h"

/* Names of a kind: which of its texts, and the one that gets a key behind it. */
struct names {
	uint32_t count;
	uint8_t text[WIRE_TEXTS_MAX];
	uint8_t told;
};

static struct names names_of(uint32_t kind)
{
	const struct book_text *texts = book_table(kind)->texts;
	struct names n = { .told = kind == WIRE_SENSOR ? WIRE_SENSOR_LABEL :
							 0 };
	uint32_t i;

	if (*book_first(kind)->series)
		return n;
	for (i = 0; i < WIRE_TEXTS_MAX && texts[i].name; i++)
		if (*texts[i].label)
			n.text[n.count++] = (uint8_t)i;
	return n;
}

static int compare_names(const void *a, const void *b, void *arg)
{
	const struct samples_row *x = *(struct samples_row *const *)a;
	const struct samples_row *y = *(struct samples_row *const *)b;
	const struct names *n = arg;
	uint32_t i;
	int order = 0;

	for (i = 0; !order && i < n->count; i++)
		order = strcmp(samples_text(x, n->text[i]),
			       samples_text(y, n->text[i]));
	return order;
}

static void tell_key(struct samples_row *row, const struct names *n)
{
	const char *text = texts_at(row->texts, n->told);
	const struct wire_text from = { text, strlen(text) };
	char told[WIRE_TEXT_MAX + 1], key[24];

	free(row->told);
	snprintf(key, sizeof(key), " (%" PRIx64 ")", row->key);
	clean_text(told, sizeof(told) - strlen(key), &from);
	strcat(told, key);
	row->told = strdup(told);
	row->told_text = n->told;
	/* Without memory it is not shown. */
	row->hidden = !row->told;
}

/* Where those end that are named as the first one. */
static size_t find_end(struct samples_row **rows, size_t at, size_t count,
		       struct names *n)
{
	size_t end = at + 1;

	while (end < count && !compare_names(&rows[at], &rows[end], n))
		end++;
	return end;
}

/* Of rows with the same names. */
static void tell_apart(struct samples_row **rows, size_t count,
		       const struct names *n)
{
	uint64_t newest_ns = 0;
	size_t i, newest = 0;

	for (i = 0; i < count; i++)
		if (rows[i]->now_ns > newest_ns)
			newest_ns = rows[i]->now_ns;
	for (i = 0; i < count; i++)
		newest += rows[i]->now_ns == newest_ns;
	for (i = 0; i < count; i++) {
		if (rows[i]->now_ns != newest_ns)
			rows[i]->hidden = true;
		else if (newest > 1)
			tell_key(rows[i], n);
	}
}

/* As they were before. Returns how many are current, into @rows. */
static size_t find_current(struct samples *s, struct samples_row **rows)
{
	size_t i, count = 0;

	for (i = 0; i < s->count; i++) {
		free(s->rows[i]->told);
		s->rows[i]->told = NULL;
		s->rows[i]->hidden = false;
		if (samples_current(s, s->rows[i]))
			rows[count++] = s->rows[i];
	}
	return count;
}

/* Whether there are some. */
static bool tell_twins(struct samples_row **rows, size_t count, struct names *n)
{
	bool twins = false;
	size_t at, end;

	qsort_r(rows, count, sizeof(struct samples_row *), compare_names, n);
	for (at = 0; at < count; at = end) {
		end = find_end(rows, at, count, n);
		if (end == at + 1)
			continue;
		twins = true;
		tell_apart(rows + at, end - at, n);
	}
	return twins;
}

/* A name may be as another one with its key: then all have theirs, and no two are the
 * same.
 */
static void tell_all(struct samples_row **rows, size_t count, struct names *n)
{
	size_t at;

	qsort_r(rows, count, sizeof(struct samples_row *), compare_names, n);
	for (at = 0; at < count; at++)
		if (find_end(rows, at, count, n) > at + 1)
			break;
	for (at = at < count ? 0 : count; at < count; at++)
		tell_key(rows[at], n);
}

bool twins_tell(struct samples *s, uint32_t kind)
{
	struct names n = names_of(kind);
	struct samples_row **rows;
	size_t count, kept = 0, i;
	bool twins;

	if (!n.count || !s->count)
		return false;
	rows = malloc(s->count * sizeof(struct samples_row *));
	if (!rows)
		return true;
	count = find_current(s, rows);
	twins = tell_twins(rows, count, &n);
	for (i = 0; i < count; i++)
		if (!rows[i]->hidden)
			rows[kept++] = rows[i];
	if (twins)
		tell_all(rows, kept, &n);
	free(rows);
	return twins;
}
