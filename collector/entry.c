// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "collector/entry.h"

/* Parts of the block, in order; the wide ones come first, for alignment. */
struct layout {
	size_t cells;
	size_t texts;
	size_t bytes; /* of all texts */
	size_t strings; /* of the node, with their NULs */
};

static struct layout measure(const struct store_node *node,
			     const struct wire_table *t)
{
	size_t i, texts = t->text ? (size_t)t->rows * t->texts : 0;
	struct layout l = {
		.cells = (size_t)t->rows * t->columns * sizeof(t->cells[0]),
		.texts = texts * sizeof(t->text[0]),
		.strings = strlen(node->id) + strlen(node->name) +
			   strlen(node->version) + 3,
	};

	for (i = 0; i < texts; i++)
		l.bytes += t->text[i].size;
	return l;
}

static const char *put_string(char **at, const char *text)
{
	char *copy = *at;

	*at = stpcpy(copy, text) + 1;
	return copy;
}

static void put_texts(struct entry *e, const struct wire_table *t, char **at,
		      struct wire_text *texts)
{
	size_t i;

	if (!t->text)
		return;
	for (i = 0; i < (size_t)t->rows * t->texts; i++) {
		texts[i].data = *at;
		texts[i].size = t->text[i].size;
		memcpy(*at, t->text[i].data, t->text[i].size);
		*at += t->text[i].size;
	}
	e->table.text = texts;
}

struct entry *entry_new(const struct store_node *node,
			const struct wire_table *table)
{
	struct layout l = measure(node, table);
	size_t size =
		sizeof(struct entry) + l.cells + l.texts + l.bytes + l.strings;
	struct entry *e = malloc(size);
	char *at = (char *)(e + 1);

	if (!e)
		return NULL;
	e->next = NULL;
	e->size = size;
	e->table = *table;
	if (l.cells)
		memcpy(at, table->cells, l.cells);
	e->table.cells = (const uint64_t *)at;
	at += l.cells + l.texts;
	put_texts(e, table, &at, (struct wire_text *)(at - l.texts));
	e->node.id = put_string(&at, node->id);
	e->node.name = put_string(&at, node->name);
	e->node.version = put_string(&at, node->version);
	return e;
}
