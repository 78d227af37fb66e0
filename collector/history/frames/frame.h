/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames as they are kept until they are folded, one after the other, in memory and
 * within a row of the log (collector/history/frames/frame_log.h):
 *
 *   16 bytes  node
 *   8 bytes   time of the frame, ns
 *   4 bytes   size, all in the host's byte order
 *   the frame's payload
 */
#ifndef KTACH_COLLECTOR_HISTORY_FRAMES_FRAME_H
#define KTACH_COLLECTOR_HISTORY_FRAMES_FRAME_H

#include "lib/wire/wire.h"

struct kept_frame {
	uint8_t node[WIRE_ID_SIZE];
	uint64_t time;
	uint32_t size;
} __attribute__((packed));

_Static_assert(sizeof(struct kept_frame) == WIRE_ID_SIZE + 12, "the log");

/* The next frame of a run; NULL at the end or if the run is broken. */
const struct kept_frame *frame_next(const uint8_t **at, const uint8_t *end);

/* Make a frame's tables readable by wire_next(). */
void frame_wire(const struct kept_frame *f, struct wire_frame *frame);

#endif /* KTACH_COLLECTOR_HISTORY_FRAMES_FRAME_H */
