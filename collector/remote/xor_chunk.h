/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Samples as Prometheus keeps them in a chunk (encoding XOR): how many, two bytes, the
 * high one first; then bits. Of the first sample its time as a varint, zigzag, and its
 * value; of the second one how much later it is as a varint; of others by how much that
 * is more than before:
 *
 *   0           as much          10 + 14 bits     110 + 17 bits
 *   1110 + 20 bits               1111 + 64 bits
 *
 * A value is what it has other bits than the one before (x):
 *
 *   0           none
 *   10          + those of x that lie where the last ones did
 *   11          + 5 bits: zeroes before, 6 bits: how many bits (0: 64), + these bits
 */
#ifndef KTACH_COLLECTOR_REMOTE_XOR_CHUNK_H
#define KTACH_COLLECTOR_REMOTE_XOR_CHUNK_H

#include "collector/base/buffer.h"
#include "collector/remote/found.h"

enum xor_chunk_limits {
	XOR_CHUNK_SAMPLES = 120,
};

/* Set @out to a chunk of 1 to XOR_CHUNK_SAMPLES samples. Return 0 or -ENOMEM. */
int xor_chunk_write(struct buffer *out, const struct found_sample *samples,
		    size_t count);

#endif /* KTACH_COLLECTOR_REMOTE_XOR_CHUNK_H */
