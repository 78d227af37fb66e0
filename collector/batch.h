/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What came in one frame, on its way to the history: all of it, or nothing. */
#ifndef KTACH_COLLECTOR_BATCH_H
#define KTACH_COLLECTOR_BATCH_H

#include "collector/entry.h"
#include "collector/store.h"

/**
 * struct batch - a frame's tables
 * @next: in the queue
 * @size: of all its memory, bytes
 * @marked: it came over TCP: @mark goes with it
 * @mark: which frame it was
 * @first: its tables, in a list
 * @last: where the next one is hung in
 */
struct batch {
	struct batch *next;
	size_t size;
	bool marked;
	struct store_mark mark;
	struct entry *first;
	struct entry **last;
};

/* NULL if memory is short. */
struct batch *batch_new(void);
void batch_free(struct batch *b);

/* Free the tables only: the mark stays. */
void batch_clear(struct batch *b);

/* Append a copy of a table. Return 0 or -ENOMEM: a marked batch is refused by
 * the history then, and comes again.
 */
int batch_put(struct batch *b, const struct store_node *node,
	      const struct wire_table *table);

#endif /* KTACH_COLLECTOR_BATCH_H */
