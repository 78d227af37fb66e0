/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs of integers as blocks of bits: enum wire_code of ktach/wire.h. */
#ifndef KTACH_LIB_WIRE_PACK_H
#define KTACH_LIB_WIRE_PACK_H

#include <stddef.h>
#include <stdint.h>

#include <ktach/wire.h>

#include "lib/wire/cursor.h"
#include "lib/wire/pen.h"

/* The code that takes the fewest bytes. */
enum wire_code pack_choose(const uint64_t *values, size_t count);

void pack_put(struct pen *pen, enum wire_code code, const uint64_t *values,
	      size_t count);

/* A run that is being read. */
struct pack_reader {
	struct cursor *cursor;
	enum wire_code code;
	size_t left;		/* values to come after @block */
	uint64_t last;		/* WIRE_DELTA: the value before */
	size_t at;		/* in @block */
	size_t filled;
	uint64_t block[WIRE_BLOCK];
};

/* Begin to read @count values. */
void pack_begin(struct pack_reader *r, struct cursor *cursor,
		enum wire_code code, size_t count);

/* Make the next block there. Only pack_next() calls it. */
void pack_refill(struct pack_reader *r);

/* The next value; 0 if the cursor broke. No more than were announced. */
static inline uint64_t pack_next(struct pack_reader *r)
{
	if (r->at == r->filled)
		pack_refill(r);
	return r->block[r->at++];
}

#endif /* KTACH_LIB_WIRE_PACK_H */
