// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "collector/batch.h"

struct batch *batch_new(void)
{
	struct batch *b = calloc(1, sizeof(*b));

	if (b) {
		b->size = sizeof(*b);
		b->last = &b->first;
	}
	return b;
}

void batch_clear(struct batch *b)
{
	struct entry *e, *next;

	for (e = b->first; e; e = next) {
		next = e->next;
		free(e);
	}
	b->first = NULL;
	b->last = &b->first;
}

void batch_free(struct batch *b)
{
	batch_clear(b);
	free(b);
}

int batch_put(struct batch *b, const struct store_node *node,
	      const struct wire_table *table)
{
	struct entry *e = entry_new(node, table);

	if (!e) {
		b->mark.after = UINT64_MAX;
		return -ENOMEM;
	}
	*b->last = e;
	b->last = &e->next;
	b->size += e->size;
	return 0;
}
