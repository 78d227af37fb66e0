/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing bytes into somebody's memory: goes on counting when the room is
 * full, so that a caller learns how much more it takes.
 */
#ifndef KTACH_LIB_WIRE_PEN_H
#define KTACH_LIB_WIRE_PEN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct pen {
	uint8_t *data;
	size_t room;	/* bytes at @data */
	size_t used;	/* bytes put; what doesn't fit is only counted */
};

static inline void pen_byte(struct pen *p, uint8_t byte)
{
	if (p->used < p->room)
		p->data[p->used] = byte;
	p->used++;
}

static inline void pen_bytes(struct pen *p, const void *bytes, size_t size)
{
	if (size && p->used < p->room && size <= p->room - p->used)
		memcpy(p->data + p->used, bytes, size);
	p->used += size;
}

static inline size_t varint_size(uint64_t v)
{
	return (size_t)(70 - __builtin_clzll(v | 1)) / 7;
}

static inline void pen_varint(struct pen *p, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		pen_byte(p, (uint8_t)(v | 0x80));
	pen_byte(p, (uint8_t)v);
}

#endif /* KTACH_LIB_WIRE_PEN_H */
