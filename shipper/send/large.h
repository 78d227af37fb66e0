/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A frame that has no room where answers are read: it has memory of its own while it
 * comes.
 */
#ifndef KTACH_SHIPPER_SEND_LARGE_H
#define KTACH_SHIPPER_SEND_LARGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct large - the frame
 * @data: NULL: there is none
 * @size: bytes of it, when it is whole
 * @used: bytes of it so far
 */
struct large {
	uint8_t *data;
	size_t size;
	size_t used;
};

/* Begin one of @size bytes, of which @used are at hand. False: no memory. */
bool large_begin(struct large *l, size_t size, const uint8_t *begin,
		 size_t used);
void large_end(struct large *l);

#endif /* KTACH_SHIPPER_SEND_LARGE_H */
