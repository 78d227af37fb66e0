// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/remote/labels.h"
#include "lib/base/labels.h"

void remote_labels_clear(struct remote_labels *l)
{
	l->count = 0;
	l->used = 0;
	l->full = false;
}

/* A copy with a NUL behind it; NULL: there is no room. */
static char *keep_text(struct remote_labels *l, const char *text, size_t size)
{
	char *kept = l->text + l->used;

	if (size >= sizeof(l->text) - l->used) {
		l->full = true;
		return NULL;
	}
	memcpy(kept, text, size);
	kept[size] = '\0';
	l->used += size + 1;
	return kept;
}

static void add_kept(struct remote_labels *l, const char *name,
		     const char *value)
{
	if (!name || !value || !*value)
		return;
	if (l->count == REMOTE_LABELS_MAX)
		l->full = true;
	else
		l->list[l->count++] = (struct remote_label){ name, value };
}

void remote_labels_add(struct remote_labels *l, const char *name,
		       const char *value)
{
	char *kept = keep_text(l, name, strlen(name));

	add_kept(l, kept, keep_text(l, value, strlen(value)));
}

/* Backslashes are taken away where they stand. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text == '\\' && text[1]) {
			text++;
			*to++ = *text == 'n' ? '\n' : *text;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

static void add_written(struct remote_labels *l, const struct label *one)
{
	char name[128], *value;

	snprintf(name, sizeof(name), "%.*s", (int)one->name_size, one->name);
	if (!strcmp(name, "instance") || !strcmp(name, "node_id"))
		snprintf(name, sizeof(name), "exported_%.*s",
			 (int)one->name_size, one->name);
	value = keep_text(l, one->value, one->value_size);
	if (!value)
		return;
	unescape(value);
	add_kept(l, keep_text(l, name, strlen(name)), value);
}

void remote_labels_add_text(struct remote_labels *l, const char *text,
			    size_t size)
{
	const char *at = text;
	struct label one;

	while (at < text + size && *at && label_take(&at, &one))
		add_written(l, &one);
}

static int compare(const void *a, const void *b)
{
	const struct remote_label *x = a, *y = b;

	return strcmp(x->name, y->name);
}

void remote_labels_settle(struct remote_labels *l)
{
	qsort(l->list, l->count, sizeof(l->list[0]), compare);
}

const char *remote_labels_find(const struct remote_labels *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		if (!strcmp(l->list[i].name, name))
			return l->list[i].value;
	return "";
}
