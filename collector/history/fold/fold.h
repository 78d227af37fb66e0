/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From frames to chunks: a node's open frames become parts, one an hour that
 * they are of; an hour that is over becomes one chunk of samples and two of
 * rollups. What was made is the caller's to give to the engine.
 *
 * Whatever the frames have, what is gathered is written before it takes more
 * than a limit: then there is more than one part, or more than one table of a
 * kind in a chunk.
 */
#ifndef KTACH_COLLECTOR_HISTORY_FOLD_FOLD_H
#define KTACH_COLLECTOR_HISTORY_FOLD_FOLD_H

#include "collector/history/chunk/chunk.h"
#include "collector/history/fold/outbox.h"
#include "collector/history/frames/open.h"

enum fold_limits {
	FOLD_GATHERED_MAX = 32 << 20, /* bytes */
	FOLD_KEPT_MAX = 256 << 10, /* bytes of memory for the next node */
};

/**
 * struct fold - what folding works with, again and again
 * @gathers: tables by kind
 * @bytes: in them
 * @block: of one kind
 * @sums: its rollups
 * @writers: chunks of each tier
 * @parts: struct engine_part that were made
 * @room: what frames are decoded into
 * @name: of the node whose frames were decoded, "" if none told
 * @version: of its shipper
 * @first_ns: real time of the oldest sample
 * @last_ns: of the newest
 * @chunks: written since the start
 * @damaged: chunks that were not readable
 * @merge_max: bytes of an hour of a node that are merged, 0: any number
 * @merged: of them, so far
 */
struct fold {
	struct gather gathers[WIRE_KINDS];
	size_t bytes;
	struct block block;
	struct block sums[TIERS - TIER_MINUTE];
	struct chunk_writer *writers[TIERS];
	struct buffer parts;
	struct wire_room room;
	char name[WIRE_TEXT_MAX + 1];
	char version[WIRE_TEXT_MAX + 1];
	uint64_t first_ns;
	uint64_t last_ns;
	uint64_t chunks;
	uint64_t damaged;
	uint64_t merge_max;
	uint64_t merged;
};

int fold_init(struct fold *f);
void fold_exit(struct fold *f);

/* Forget what was added and made, the node's name and times, too; or what was added. */
void fold_clear(struct fold *f);
void fold_forget_tables(struct fold *f);

/* Give back the memory that a large node took. */
void fold_shrink(struct fold *f);

/* Add a table, if its kind is kept and its values can be. */
int fold_add(struct fold *f, const struct wire_table *t);

/* Add the tables of frames, as open_next() walks them; @full writes, and
 * forgets, what was added so far, as it takes much memory.
 */
int fold_frames(struct fold *f, const struct buffer *frames,
		int (*full)(struct fold *f, void *context), void *context);

/* Make parts of what was added, forget the tables. */
int fold_parts(struct fold *f);

/* Take over the parts that were made, and what is known of the node. Return 0 or
 * -ENOMEM; to be freed in either case.
 */
int fold_take(struct fold *f, struct engine_fold *to);

/**
 * fold_node() - fold a node's open frames
 * @f: what to work with
 * @n: the node
 * @log: the newest row of the log
 * @made: set; to be freed if that is what it can't be
 *
 * Return: 0 or a negative errno.
 */
int fold_node(struct fold *f, const struct open_node *n, uint64_t log,
	      struct engine_fold *made);

/**
 * fold_merge() - make one chunk of an hour's parts
 * @f: what to work with
 * @e: who has them
 * @key: of the hour
 * @expired: samples of that hour have been deleted: parts that came late go
 * @made: set; to be freed in any case
 *
 * Return: 0 or a negative errno; -EFBIG: they are more than f->merge_max.
 */
int fold_merge(struct fold *f, struct engine *e, const struct engine_key *key,
	       bool expired, struct engine_merge *made);

#endif /* KTACH_COLLECTOR_HISTORY_FOLD_FOLD_H */
