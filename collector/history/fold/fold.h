/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From frames to chunks: a node's open frames become parts, one an hour that
 * they are of; an hour that is over becomes one chunk of samples and two of
 * rollups. All in the caller's transaction.
 *
 * Whatever the frames have, what is gathered is written before it takes more
 * than a limit: then there is more than one part, or more than one table of a
 * kind in a chunk.
 */
#ifndef KTACH_COLLECTOR_HISTORY_FOLD_H
#define KTACH_COLLECTOR_HISTORY_FOLD_H

#include "collector/history/chunk/chunk.h"
#include "collector/history/sqlite/database.h"
#include "collector/history/frames/open.h"

enum fold_limits {
	FOLD_GATHERED_MAX = 32 << 20, /* bytes */
	FOLD_KEPT_MAX = 1 << 20, /* bytes of memory for the next node */
};

/**
 * struct fold - what folding works with, again and again
 * @d: where chunks go
 * @gathers: tables by kind
 * @bytes: in them
 * @block: of one kind
 * @sum: its rollup
 * @writers: chunks of each tier
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
	struct database *d;
	struct gather gathers[WIRE_KINDS];
	size_t bytes;
	struct block block;
	struct block sum;
	struct chunk_writer *writers[SCHEMA_TIERS];
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

int fold_init(struct fold *f, struct database *d);
void fold_exit(struct fold *f);

/* Forget what was added, the node's name and times, too; or but for those. */
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

/* Write what was added as parts of a node, forget the tables. */
int fold_parts(struct fold *f, int64_t node);

/**
 * fold_node() - fold a node's open frames
 * @f: what to work with
 * @n: the node; gets an id if it has none
 * @log: the newest row of the log
 */
int fold_node(struct fold *f, struct open_node *n, int64_t log);

/**
 * fold_merge() - make one chunk of an hour's parts
 * @f: what to work with
 * @node: whose
 * @slot: the hour
 * @expired: samples of that hour have been deleted: parts that came late go
 *
 * Return: 0 or a negative errno; -EFBIG: they are more than f->merge_max.
 */
int fold_merge(struct fold *f, int64_t node, uint64_t slot, bool expired);

#endif /* KTACH_COLLECTOR_HISTORY_FOLD_H */
