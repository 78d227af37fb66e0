// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "collector/query/asked_rows.h"
#include "lib/base/globs.h"

/* One of the list: a glob, perhaps of a text that is named. */
struct wish {
	char name[64];
	char glob[WIRE_TEXT_MAX + 1];
};

/* Take the next one of a list. What is longer than any text fits none. */
static const char *next_wish(const char *at, struct wish *w)
{
	size_t size = strcspn(at, ","), name;

	name = strcspn(at, "=,");
	*w = (struct wish){ 0 };
	if (name < size && name < sizeof(w->name)) {
		memcpy(w->name, at, name);
		at += name + 1;
		size -= name + 1;
	}
	if (size < sizeof(w->glob))
		memcpy(w->glob, at, size);
	at += size;
	return *at ? at + 1 : at;
}

/* By the name in JSON, or the label for Prometheus; -1. */
static int find_text(const struct book_text *texts, const char *name)
{
	int i;

	for (i = 0; texts && i < WIRE_TEXTS_MAX && texts[i].name; i++)
		if (!strcmp(texts[i].name, name) ||
		    (*texts[i].label && !strcmp(texts[i].label, name)))
			return i;
	return -1;
}

static bool has_text(const struct asked_rows *asked,
		     const struct history_row *row, const struct wish *w)
{
	int i = find_text(asked->texts, w->name);

	return i >= 0 && (uint32_t)i < row->texts &&
	       names_match(w->glob, row->text[i]);
}

static bool fits_any(const struct history_row *row, const char *glob)
{
	char key[24];
	uint32_t i;

	snprintf(key, sizeof(key), "%" PRIu64, row->key);
	if (names_match(glob, key))
		return true;
	for (i = 0; i < row->texts; i++)
		if (names_match(glob, row->text[i]))
			return true;
	return false;
}

/* Whether another wish before this one has its name, and fits. */
static bool fits_named(const struct asked_rows *asked,
		       const struct history_row *row, const char *name)
{
	const char *at = asked->names;
	struct wish w;

	while (*at) {
		at = next_wish(at, &w);
		if (!strcmp(w.name, name) && has_text(asked, row, &w))
			return true;
	}
	return false;
}

bool asked_rows_want(const void *choice, const struct history_row *row)
{
	const struct asked_rows *asked = choice;
	const char *at = asked->names;
	bool plain = false, fits = false;
	struct wish w;

	while (*at) {
		at = next_wish(at, &w);
		if (*w.name && !fits_named(asked, row, w.name))
			return false;
		if (*w.name)
			continue;
		plain = true;
		fits = fits || fits_any(row, w.glob);
	}
	return fits || !plain;
}

bool asked_rows_fit(const char *names, const struct book_table *table)
{
	unsigned int named = 0;
	struct wish w;

	while (*names) {
		names = next_wish(names, &w);
		if (!*w.name)
			continue;
		if (find_text(table->texts, w.name) < 0 ||
		    ++named > ASKED_NAMED_MAX)
			return false;
	}
	return true;
}
