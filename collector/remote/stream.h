/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An answer of remote read as frames, a series each, by which a reader needs no memory for
 * all of them:
 *
 *   frame: varint: bytes of the message | CRC32C of it, 4 bytes, the high one first |
 *          ChunkedReadResponse
 */
#ifndef KTACH_COLLECTOR_REMOTE_STREAM_H
#define KTACH_COLLECTOR_REMOTE_STREAM_H

#include "collector/remote/found.h"

/* Append what was found for the query with that number. Return 0 or -ENOMEM. */
int remote_stream(const struct found *f, size_t query, struct buffer *out);

#endif /* KTACH_COLLECTOR_REMOTE_STREAM_H */
