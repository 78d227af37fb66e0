/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A row of the log: frames of a transaction, one after the other, as bytes. What
 * is damaged costs the frames that it lies in, and is counted:
 *
 *   head      32 bytes: magic, mark, how many frames there are, CRC32C of these
 *   for each frame:
 *     8 bytes   the mark again: a frame begins here
 *     4 bytes   CRC32C of the rest
 *     28 bytes  struct kept_frame
 *     payload
 *   head      again: should the first one be damaged
 *
 * All in the host's byte order. The mark is random, so that nobody can send a
 * payload that has what looks like a frame of somebody else's.
 *
 * Before there were marks, a row was struct kept_frame and payload, again and
 * again: such rows are read, too.
 */
#ifndef KTACH_COLLECTOR_HISTORY_FRAMES_FRAME_LOG_H
#define KTACH_COLLECTOR_HISTORY_FRAMES_FRAME_LOG_H

#include "collector/base/buffer.h"
#include "collector/history/frames/frame.h"

/* Begin a row. Return 0 or a negative errno, as the next ones. */
int frame_log_begin(struct buffer *row);

/* Append a frame; its size is that of the payload. */
int frame_log_put(struct buffer *row, const struct kept_frame *f,
		  const void *payload);

/* Whether nothing was put. */
bool frame_log_empty(const struct buffer *row);
int frame_log_finish(struct buffer *row);

/**
 * struct frame_walk - over the frames of a row
 * @at: where the next one may begin
 * @end: of the row's frames
 * @mark: that each begins with
 * @marked: it has marks
 * @count: how many frames were written
 * @found: how many were whole
 */
struct frame_walk {
	const uint8_t *at;
	const uint8_t *end;
	uint64_t mark;
	bool marked;
	uint64_t count;
	uint64_t found;
};

void frame_walk_begin(struct frame_walk *w, const void *data, size_t size);

/* The next whole frame; its payload follows it. NULL: there is none. */
const struct kept_frame *frame_walk_next(struct frame_walk *w);

/**
 * frame_log_mend() - make a row of another one's whole frames
 * @row: filled; frame_log_empty() if none was whole
 * @data: the row that is damaged
 * @size: of it
 *
 * Return: 0 or a negative errno.
 */
int frame_log_mend(struct buffer *row, const void *data, size_t size);

/* At the end: how many frames were damaged. */
uint64_t frame_walk_missing(const struct frame_walk *w);

#endif /* KTACH_COLLECTOR_HISTORY_FRAMES_FRAME_LOG_H */
