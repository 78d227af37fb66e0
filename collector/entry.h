/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table on its way to the history: a copy that needs nothing else. */
#ifndef KTACH_COLLECTOR_ENTRY_H
#define KTACH_COLLECTOR_ENTRY_H

#include <stddef.h>

#include "collector/store.h"
#include "lib/wire.h"

/**
 * struct entry - one block of memory
 * @next: in the queue
 * @size: of the block, bytes
 * @node: points into the block
 * @table: its cells and texts point into the block
 */
struct entry {
	struct entry *next;
	size_t size;
	struct store_node node;
	struct wire_table table;
};

/* NULL if memory is short. Free with free(). */
struct entry *entry_new(const struct store_node *node,
			const struct wire_table *table);

#endif /* KTACH_COLLECTOR_ENTRY_H */
