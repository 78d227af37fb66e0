/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a table of a chunk says of itself before its sections come. */
#ifndef KTACH_COLLECTOR_HISTORY_CHUNK_CHUNK_HEAD_H
#define KTACH_COLLECTOR_HISTORY_CHUNK_CHUNK_HEAD_H

#include "collector/history/chunk/chunk.h"
#include "collector/history/chunk/derive.h"

enum {
	SECTIONS_MAX = CHUNK_COLUMNS_MAX + 1,
};

struct section {
	uint32_t columns;
	size_t bytes;
	size_t packed;
};

/**
 * struct head - a table before its sections are unpacked
 * @kind: as the others up to @rows, of struct block
 * @presence: of its values
 * @same_heads: but for their origin its heads are those of a table before it
 * @sections: how many there are
 * @derives: columns that follow from others
 */
struct head {
	uint32_t kind;
	uint32_t columns;
	uint32_t texts;
	size_t samples;
	size_t rows;
	enum chunk_presence presence;
	bool same_heads;
	size_t sections;
	struct section section[SECTIONS_MAX];
	size_t derive_count;
	struct derive derives[DERIVE_MAX];
};

/* Read it, of a chunk of that version. Return whether it makes sense. */
bool chunk_read_head(struct cursor *in, uint8_t version, struct head *h);

#endif /* KTACH_COLLECTOR_HISTORY_CHUNK_CHUNK_HEAD_H */
