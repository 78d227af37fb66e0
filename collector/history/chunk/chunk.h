/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks as bytes: what lies in the history's file. A chunk has all tables of a
 * node over a time.
 *
 *   byte      version
 *   4 bytes   CRC32C of all that follows, little endian
 *   for each table:
 *     varint kind, columns, texts, samples, rows (each as in struct block)
 *     byte presence: enum chunk_presence, CHUNK_SAME_HEADS, CHUNK_DERIVES
 *     varint sections
 *     for each section: varint columns, varint bytes, varint packed bytes
 *     with CHUNK_DERIVES: varint derived columns
 *     for each of them: varint column, how, unit, others, for each other its column
 *     (collector/history/chunk/derive.h)
 *     its sections, packed by zstd; one that is no smaller then is as it is
 *
 * The first section has the heads as five columns of one row, the keys, the
 * texts and presence; the others have columns (collector/history/chunk/column.h), as many
 * of them as make a section worth packing, so that one column is read without
 * unpacking all.
 *
 * There may be several tables of a kind, each of a later time: no table is
 * larger than a reader wants to have in memory.
 *
 * Version 1 had one table of a kind, with CHUNK_BITS or CHUNK_FULL; version 2 none
 * of the two others, and packed all sections.
 */
#ifndef KTACH_COLLECTOR_HISTORY_CHUNK_CHUNK_H
#define KTACH_COLLECTOR_HISTORY_CHUNK_CHUNK_H

#include "collector/history/chunk/block.h"
#include "collector/history/chunk/column.h"
#include "lib/wire/cursor.h"

struct chunk_writer;

/* Which samples a row is in. */
enum chunk_presence {
	CHUNK_BITS, /* a bit for each row and sample, row by row */
	CHUNK_FULL, /* all of them */
	/* For each row a varint, how many runs of samples it has; then for each
	 * run two: how many samples it begins after the end of the one before,
	 * less 1, and how many it has, less 1. The first run of a row begins at
	 * the first one of the row before it and so many, zigzag.
	 */
	CHUNK_RUNS,
	CHUNK_PRESENCES,
	/* In the same byte: mono_ns, real_ns, number and losses of the samples are those
	 * of the last table before this one that has its own.
	 */
	CHUNK_SAME_HEADS = 0x10,
	CHUNK_DERIVES = 0x20 /* likewise: some columns follow from others */
};

enum chunk_limits {
	CHUNK_VERSION_BITS = 1,
	CHUNK_VERSION_PACKED = 2,
	CHUNK_VERSION = 4, /* two bits from any other one: no checksum has it */
	CHUNK_VERSION_AGAIN =
		7, /* the same, as small as it gets: COLUMN_SMALLEST */
	CHUNK_HEAD_SIZE = 5,
	CHUNK_COLUMNS_MAX = 4 * WIRE_COLUMNS_MAX, /* a rollup has 4 for 1 */
	CHUNK_SAMPLES_MAX = 1 << 22,
	CHUNK_ROWS_MAX = 1 << 22,
	CHUNK_CELLS_MAX = 1 << 28, /* of a table, keys counted */
};

/* NULL if memory is short. */
struct chunk_writer *chunk_writer_new(void);
void chunk_writer_free(struct chunk_writer *w);

/* Give its memory back; what was put is gone. */
void chunk_writer_shrink(struct chunk_writer *w);

/* Start a chunk. Return 0 or -ENOMEM, as the others here. */
int chunk_begin(struct chunk_writer *w, enum column_effort effort);

/* Append a table. -E2BIG if it is larger than the limits above. */
int chunk_put(struct chunk_writer *w, const struct block *b);

/* Whether nothing was put. */
bool chunk_empty(const struct chunk_writer *w);

/* The bytes; they are valid until the next chunk_begin(). */
const void *chunk_finish(struct chunk_writer *w, size_t *size);

/**
 * struct chunk - one under the eyes of a reader; the bytes stay the caller's
 * @cursor: on the next table
 * @version: of it
 * @base: where the last table that has heads of its own begins; NULL: none did
 * @heads: those of the one at @heads_of
 * @heads_of: NULL: of none
 * @plain: scratch; free with chunk_close()
 * @zstd: likewise
 */
struct chunk {
	struct cursor cursor;
	uint8_t version;
	const uint8_t *base;
	struct buffer heads;
	const uint8_t *heads_of;
	struct buffer plain;
	void *zstd;
};

/* Return 0; -EBADMSG if the chunk is damaged or of a version that is not known;
 * -ENOMEM.
 */
int chunk_open(struct chunk *c, const void *data, size_t size);

/* The same for one that was open before, or is all zeroes: a reader of many
 * chunks spares their memory.
 */
int chunk_again(struct chunk *c, const void *data, size_t size);
void chunk_close(struct chunk *c);

/* What chunk_next() reads. */
enum chunk_part {
	CHUNK_ALL = -1,
};

/**
 * chunk_next() - read the next table
 * @c: the chunk
 * @b: filled
 * @kind: of interest; others are skipped; 0: all
 * @column: the first of @columns columns, which become the block's; or enum
 *          chunk_part
 * @columns: how many
 *
 * Return: 1 with a table, 0 at the end, -EBADMSG or -ENOMEM.
 */
int chunk_next(struct chunk *c, struct block *b, uint32_t kind, int column,
	       uint32_t columns);

#endif /* KTACH_COLLECTOR_HISTORY_CHUNK_CHUNK_H */
