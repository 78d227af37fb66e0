/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables that are plain bytes: of kinds beyond those of the book, which wire_next()
 * passes over, and so does every reader that does not know them.
 */
#ifndef KTACH_LIB_WIRE_WIRE_BYTES_H
#define KTACH_LIB_WIRE_WIRE_BYTES_H

#include "lib/wire/pen.h"
#include "lib/wire/wire.h"

/* Bytes that fit in what is left of a frame; 0: none. */
size_t wire_bytes_room(const struct wire_encoder *e);

/* Append a table of two parts, the first of which is short; false: they do not fit. */
bool wire_put_bytes(struct wire_encoder *e, enum wire_bytes_kind kind,
		    const struct pen *head, const void *data, size_t size);

/**
 * wire_next_bytes() - the next such table of a frame
 * @at: where to look; from frame->at on, moved behind it
 * @end: frame->end
 * @kind: set
 * @data: set, into the frame
 * @size: set
 *
 * Return: false at the end, or where the frame is broken.
 */
bool wire_next_bytes(const uint8_t **at, const uint8_t *end, uint32_t *kind,
		     const uint8_t **data, size_t *size);

#endif /* KTACH_LIB_WIRE_WIRE_BYTES_H */
