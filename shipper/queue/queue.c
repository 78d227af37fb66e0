// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "shipper/queue/queue.h"

enum {
	ALIGN = 8,
};

/* Pages come as they are touched, and go back in one piece. */
int queue_init(struct queue *q, size_t size)
{
	memset(q, 0, sizeof(*q));
	q->size = size / ALIGN * ALIGN;
	q->memory = mmap(NULL, q->size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return q->memory == MAP_FAILED ? -ENOMEM : 0;
}

void queue_exit(struct queue *q)
{
	munmap(q->memory, q->size);
}

static size_t step(size_t data)
{
	return (sizeof(struct queue_frame) + data + ALIGN - 1) / ALIGN * ALIGN;
}

static struct queue_frame *frame_at(struct queue *q, uint64_t position)
{
	return (struct queue_frame *)(q->memory + position % q->size);
}

/* The frame at a position; a skipped end is passed over. */
static struct queue_frame *frame_from(struct queue *q, uint64_t *position)
{
	size_t left = q->size - *position % q->size;

	if (*position == q->tail)
		return NULL;
	if (left < sizeof(struct queue_frame) || frame_at(q, *position)->skip)
		*position += left;
	return *position == q->tail ? NULL : frame_at(q, *position);
}

/* An empty queue has no end to skip: it starts over. */
static size_t end_to_skip(const struct queue *q, size_t need)
{
	size_t left = q->size - q->tail % q->size;

	return left < need && q->frames ? left : 0;
}

bool queue_room(const struct queue *q, size_t size)
{
	size_t need = step(size);

	if (!q->frames)
		return need <= q->size;
	return q->size - (size_t)(q->tail - q->first) >=
	       end_to_skip(q, need) + need;
}

void queue_put(struct queue *q, const void *data, size_t size, uint64_t session,
	       uint64_t sequence, bool spooled)
{
	size_t left = end_to_skip(q, step(size));
	struct queue_frame *f;

	if (!q->frames)
		q->first = q->next = q->tail = 0;
	if (left >= sizeof(struct queue_frame))
		*frame_at(q, q->tail) = (struct queue_frame){ .skip = true };
	q->tail += left;
	f = frame_at(q, q->tail);
	*f = (struct queue_frame){ .size = (uint32_t)size,
				   .spooled = spooled,
				   .session = session,
				   .sequence = sequence };
	memcpy(f->data, data, size);
	q->tail += step(size);
	q->frames++;
}

struct queue_frame *queue_first(struct queue *q)
{
	struct queue_frame *f = frame_from(q, &q->first);

	if (q->next < q->first)
		q->next = q->first;
	return f;
}

struct queue_frame *queue_next(struct queue *q)
{
	return frame_from(q, &q->next);
}

void queue_take(struct queue *q)
{
	struct queue_frame *f = queue_next(q);

	q->next += step(f->size);
}

void queue_rewind(struct queue *q)
{
	q->next = q->first;
}

void queue_acknowledge(struct queue *q, uint64_t session, uint64_t sequence)
{
	uint64_t at = q->first;
	struct queue_frame *f;

	while (at < q->next && (f = frame_from(q, &at)) && at < q->next) {
		if (f->session == session && f->sequence <= sequence)
			f->done = true;
		at += step(f->size);
	}
}

uint32_t queue_trim(struct queue *q, uint32_t *spooled)
{
	struct queue_frame *f;
	uint32_t gone = 0;

	*spooled = 0;
	while ((f = queue_first(q)) && f->done) {
		q->first += step(f->size);
		*spooled += f->spooled;
		gone++;
	}
	q->frames -= gone;
	return gone;
}

void queue_forget(struct queue *q)
{
	struct queue_frame *f = queue_first(q);
	uint32_t spooled;

	if (!f)
		return;
	f->done = true;
	queue_trim(q, &spooled);
}

unsigned int queue_percent(const struct queue *q)
{
	return (unsigned int)((q->tail - q->first) * 100 / q->size);
}
