/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was folded and merged, of many nodes, on its way to the engine: one call keeps
 * all of it.
 */
#ifndef KTACH_COLLECTOR_HISTORY_FOLD_OUTBOX_H
#define KTACH_COLLECTOR_HISTORY_FOLD_OUTBOX_H

#include <stdbool.h>

#include "collector/base/buffer.h"
#include "collector/history/engine.h"

enum outbox_limits {
	OUTBOX_MAX = 64, /* nodes, or hours */
	OUTBOX_BYTES = 8 << 20, /* of blobs, and then one more of these */
};

/**
 * struct outbox - owns all that its members point to; init with zeroes
 * @folds: of nodes
 * @fold_count: of them
 * @merges: of hours
 * @merge_count: of them
 * @bytes: of all blobs
 */
struct outbox {
	struct engine_fold folds[OUTBOX_MAX];
	size_t fold_count;
	struct engine_merge merges[OUTBOX_MAX];
	size_t merge_count;
	size_t bytes;
};

static inline bool outbox_full(const struct outbox *o)
{
	return o->fold_count == OUTBOX_MAX || o->merge_count == OUTBOX_MAX ||
	       o->bytes >= OUTBOX_BYTES;
}

/* Take over what a fold or a merge has; there is room. */
void outbox_put_fold(struct outbox *o, const struct engine_fold *f);
void outbox_put_merge(struct outbox *o, const struct engine_merge *m);

void outbox_clear(struct outbox *o);

/* Copy bytes to memory of their own. Return 0 or -ENOMEM. */
int outbox_copy(struct engine_blob *to, const void *data, size_t size);

/* Of what was not put. */
void outbox_free_fold(struct engine_fold *f);
void outbox_free_merge(struct engine_merge *m);

#endif /* KTACH_COLLECTOR_HISTORY_FOLD_OUTBOX_H */
