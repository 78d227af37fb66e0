/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames on disk, written before they are sent: what is not acknowledged when
 * the shipper ends, however it ends, is sent by the next one.
 *
 *   segment 7           segment 8           segment 9 (is written)
 *   | f f f f f f f |   | f f f f f f f |   | f f f .....
 *         ^ taken: acknowledged             ^ read: in memory
 *
 * A file of segments each: DIR/0000000000000007.spool. It is only appended to,
 * and deleted when all its frames are acknowledged; when nothing waits at all,
 * the last one is cut to nothing. Frames that are broken, as by a crash while they
 * were written or a disk that errs, are passed over; those behind them are kept. How
 * many were lost is known by the numbers that are missing.
 *
 *   a frame:  u32 magic   u32 bytes   u32 CRC32C of what follows   u32 0
 *             u64 session   u64 sequence   the frame
 *
 * in the byte order of the host, whose own file it is.
 */
#ifndef KTACH_SHIPPER_QUEUE_SPOOL_H
#define KTACH_SHIPPER_QUEUE_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/trouble.h"
#include "shipper/queue/queue.h"

enum spool_limits {
	SPOOL_SEGMENT = 1 << 20, /* bytes; a new one begins after that */
	SPOOL_SEGMENTS = 4096,
};

/**
 * struct spool_segment - a file
 * @number: its name
 * @frames: whole ones in it
 * @bytes: of the file
 * @read: handed out so far
 * @taken: acknowledged so far
 */
struct spool_segment {
	uint64_t number;
	uint32_t frames;
	uint32_t bytes;
	uint32_t read;
	uint32_t taken;
};

/**
 * struct spool - all of it
 * @folder: descriptor of the folder, locked
 * @path: of the folder, for messages
 * @sync: every frame goes to the disk itself, not just to the kernel
 * @limit: bytes, of all segments
 * @bytes: of all segments
 * @waiting: frames that are not acknowledged
 * @unread: of those, frames that were not handed out yet
 * @lost: frames that could not be written, or were broken
 * @first: the oldest segment
 * @count: segments
 * @segments: a ring of SPOOL_SEGMENTS
 * @write_fd: the newest one, -1 without
 * @read_fd: of the segment that is read, -1 without
 * @read_number: which that is
 * @read_at: where in it
 * @trouble: with writing
 * @found: while segments of an earlier run are read: the newest frame, and whether
 *         something was damaged behind it
 */
struct spool {
	int folder;
	const char *path;
	bool sync;
	uint64_t limit;
	uint64_t bytes;
	uint64_t waiting;
	uint64_t unread;
	uint64_t lost;
	uint32_t first;
	uint32_t count;
	struct spool_segment *segments;
	int write_fd;
	int read_fd;
	uint64_t read_number;
	uint64_t read_at;
	struct trouble trouble;
	struct {
		uint64_t session;
		uint64_t sequence;
		bool hole;
	} found;
};

/**
 * spool_open() - open a folder, count what is in it
 * @s: filled
 * @path: the folder, made if missing; must stay
 * @limit: bytes that it may take
 * @sync: see above
 *
 * Return: 0, or -errno after a message; -EBUSY if another shipper has it.
 */
int spool_open(struct spool *s, const char *path, uint64_t limit, bool sync);
void spool_close(struct spool *s);

/* How full it is, 0 to 100. */
unsigned int spool_percent(const struct spool *s);

/* Append a frame. @read: it is in memory, too, and needs not be handed out.
 * Return 0, or -errno: it is not there; -ENOSPC when the spool is full.
 */
int spool_put(struct spool *s, const void *data, size_t size, uint64_t session,
	      uint64_t sequence, bool read);

/* Move frames that were not handed out yet to the queue, as many as fit. */
void spool_refill(struct spool *s, struct queue *q);

/* The oldest frames are acknowledged. */
void spool_taken(struct spool *s, uint32_t frames);

#endif /* KTACH_SHIPPER_QUEUE_SPOOL_H */
