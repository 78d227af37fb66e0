/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finished frames that wait to be sent, or to be acknowledged: first in, first
 * out, in one piece of memory that is taken at the start.
 *
 *    first                next          tail
 *      v                    v             v
 *    | frame | frame | frame | frame | frame |   free   |
 *      '--- under way ------' '-- wait -----'
 *
 * A frame lies in one piece; what is left before the end of the memory is
 * skipped. An empty queue starts over at the front, so that a host whose
 * frames leave at once touches only the first pages.
 */
#ifndef KTACH_SHIPPER_QUEUE_QUEUE_H
#define KTACH_SHIPPER_QUEUE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct queue_frame - a frame in the queue
 * @size: bytes of @data
 * @done: it has left for good; goes as soon as all before it have
 * @skip: no frame: the memory's end is skipped
 * @spooled: it is on disk, too
 * @session: of its sender
 * @sequence: in that session
 * @data: as it goes out
 */
struct queue_frame {
	uint32_t size;
	bool done;
	bool skip;
	bool spooled;
	uint64_t session;
	uint64_t sequence;
	uint8_t data[];
};

_Static_assert(sizeof(struct queue_frame) == 24, "frames stay aligned");

/**
 * struct queue - positions count bytes since the start and never wrap
 * @memory: all of it
 * @size: of @memory
 * @first: position of the oldest frame
 * @next: position of the first frame that is not under way
 * @tail: position after the newest frame
 * @frames: in the queue
 */
struct queue {
	uint8_t *memory;
	size_t size;
	uint64_t first;
	uint64_t next;
	uint64_t tail;
	uint32_t frames;
};

/* @size: bytes, 8 at least. Return 0 or -ENOMEM. */
int queue_init(struct queue *q, size_t size);
void queue_exit(struct queue *q);

/* Whether there is room for a frame of that many bytes. */
bool queue_room(const struct queue *q, size_t size);

/* Append a copy of a frame; there must be room. */
void queue_put(struct queue *q, const void *data, size_t size, uint64_t session,
	       uint64_t sequence, bool spooled);

/* The oldest frame, NULL if there is none. */
struct queue_frame *queue_first(struct queue *q);

/* The oldest frame that is not under way, NULL if there is none. */
struct queue_frame *queue_next(struct queue *q);

/* What queue_next() shows is under way now. */
void queue_take(struct queue *q);

/* Nothing is under way any more: begin with the oldest frame again. */
void queue_rewind(struct queue *q);

/* Frames of a session that are under way, up to a number, are done. */
void queue_acknowledge(struct queue *q, uint64_t session, uint64_t sequence);

/* Remove the oldest frames that are done; @spooled: how many of them are on
 * disk, too. Returns how many.
 */
uint32_t queue_trim(struct queue *q, uint32_t *spooled);

/* Remove the oldest frame, of a queue from which nothing leaves. */
void queue_forget(struct queue *q);

/* How full it is, 0 to 100. */
unsigned int queue_percent(const struct queue *q);

#endif /* KTACH_SHIPPER_QUEUE_QUEUE_H */
