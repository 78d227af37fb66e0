/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the encoder and the decoder share. */
#ifndef KTACH_LIB_WIRE_WIRE_FORMAT_H
#define KTACH_LIB_WIRE_WIRE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktach/wire.h>

/* The header as it lies in memory; its integers are little endian. */
struct wire_header {
	char magic[4];
	uint8_t version;
	uint8_t kind;
	uint16_t flags;
	uint32_t length;
	uint32_t check;
	uint8_t node[WIRE_ID_SIZE];
	uint8_t boot[WIRE_ID_SIZE];
	uint64_t session;
	uint64_t sequence;
	uint64_t time;
};

_Static_assert(sizeof(struct wire_header) == WIRE_HEADER_SIZE, "header size");
_Static_assert(offsetof(struct wire_header, check) == 12, "check moved");
_Static_assert(offsetof(struct wire_header, session) == 48, "session moved");

enum {
	VARINT_MAX = 10,		/* bytes of a 64-bit varint */
	TABLE_HEAD_MAX = 3 * VARINT_MAX, /* kind, schema and size */
};

/* Bits of a column's first byte. */
enum {
	COLUMN_FIRST_SHIFT = 3,
	COLUMN_STEPS_SHIFT = 5,
	COLUMN_CODE_MASK = 3,
	COLUMN_TYPE_MASK = 7,
	COLUMN_SCALED = 0x80,
};

_Static_assert((int)WIRE_CODES <= COLUMN_CODE_MASK + 1, "codes fit two bits");
_Static_assert((int)WIRE_TYPES <= COLUMN_TYPE_MASK + 1, "types fit three bits");

static inline bool wire_kind_known(uint32_t kind)
{
	return kind >= WIRE_SAMPLES && kind <= WIRE_ANSWER;
}

/* Small numbers of either sign become small numbers. */
static inline uint64_t zigzag(uint64_t v)
{
	return (v << 1) ^ -(v >> 63);
}

static inline uint64_t unzigzag(uint64_t v)
{
	return (v >> 1) ^ -(v & 1);
}

#endif /* KTACH_LIB_WIRE_WIRE_FORMAT_H */
