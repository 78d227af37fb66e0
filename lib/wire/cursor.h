/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading bytes that came from elsewhere; broken sticks once it went wrong. */
#ifndef KTACH_LIB_WIRE_CURSOR_H
#define KTACH_LIB_WIRE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cursor {
	const uint8_t *at;
	const uint8_t *end;
	bool broken;
};

static inline size_t cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

/* The next @size bytes, or NULL. */
static inline const uint8_t *cursor_take(struct cursor *c, size_t size)
{
	const uint8_t *at = c->at;

	if (c->broken || size > cursor_left(c)) {
		c->broken = true;
		return NULL;
	}
	c->at += size;
	return at;
}

static inline uint8_t cursor_byte(struct cursor *c)
{
	const uint8_t *at = cursor_take(c, 1);

	return at ? *at : 0;
}

static inline uint64_t cursor_varint(struct cursor *c)
{
	uint64_t v = 0;
	unsigned int shift;

	for (shift = 0; shift < 70; shift += 7) {
		uint8_t byte = cursor_byte(c);

		if (c->broken || (shift == 63 && byte > 1))
			break;
		v |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return v;
	}
	c->broken = true;
	return 0;
}

/* A value that may not be larger than @max. */
static inline uint32_t cursor_bounded(struct cursor *c, uint32_t max)
{
	uint64_t v = cursor_varint(c);

	if (v > max)
		c->broken = true;
	return c->broken ? 0 : (uint32_t)v;
}

#endif /* KTACH_LIB_WIRE_CURSOR_H */
