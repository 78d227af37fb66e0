// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/history/fold/outbox.h"

int outbox_copy(struct engine_blob *to, const void *data, size_t size)
{
	void *copy = malloc(size);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, data, size);
	*to = (struct engine_blob){ copy, size };
	return 0;
}

void outbox_free_fold(struct engine_fold *f)
{
	size_t i;

	for (i = 0; i < f->part_count; i++)
		free((void *)f->parts[i].data.data);
	free((void *)f->parts);
	free((void *)f->aside.data);
	free((void *)f->name);
	free((void *)f->version);
	*f = (struct engine_fold){ .part_count = 0 };
}

void outbox_free_merge(struct engine_merge *m)
{
	int tier;

	for (tier = 0; tier < TIERS; tier++)
		free((void *)m->chunks[tier].data);
	*m = (struct engine_merge){ .parts = 0 };
}

void outbox_put_fold(struct outbox *o, const struct engine_fold *f)
{
	size_t i;

	o->folds[o->fold_count++] = *f;
	o->bytes += f->aside.size;
	for (i = 0; i < f->part_count; i++)
		o->bytes += f->parts[i].data.size;
}

void outbox_put_merge(struct outbox *o, const struct engine_merge *m)
{
	int tier;

	o->merges[o->merge_count++] = *m;
	for (tier = 0; tier < TIERS; tier++)
		o->bytes += m->chunks[tier].size;
}

void outbox_clear(struct outbox *o)
{
	while (o->fold_count)
		outbox_free_fold(&o->folds[--o->fold_count]);
	while (o->merge_count)
		outbox_free_merge(&o->merges[--o->merge_count]);
	o->bytes = 0;
}
