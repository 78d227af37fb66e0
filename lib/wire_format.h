/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the encoder and the decoder share. */
#ifndef KTACH_LIB_WIRE_FORMAT_H
#define KTACH_LIB_WIRE_FORMAT_H

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
	uint32_t crc;
	uint8_t node[WIRE_ID_SIZE];
	uint8_t boot[WIRE_ID_SIZE];
	uint64_t session;
	uint64_t sequence;
	uint64_t time;
};

_Static_assert(sizeof(struct wire_header) == WIRE_HEADER_SIZE, "header size");
_Static_assert(offsetof(struct wire_header, crc) == 12, "crc moved");
_Static_assert(offsetof(struct wire_header, session) == 48, "session moved");

enum {
	VARINT_MAX = 10,		/* bytes of a 64-bit varint */
	TABLE_HEAD_MAX = 11 * VARINT_MAX, /* kind, schema, size and 8 more */
};

#endif /* KTACH_LIB_WIRE_FORMAT_H */
