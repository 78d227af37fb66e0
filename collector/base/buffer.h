/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that grows and is used again and again. */
#ifndef KTACH_COLLECTOR_BASE_BUFFER_H
#define KTACH_COLLECTOR_BASE_BUFFER_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* All zeroes is an empty one. */
struct buffer {
	uint8_t *data;
	size_t used;	/* bytes */
	size_t room;
};

enum buffer_limits {
	BUFFER_FIRST = 1024,
};

/* Room for @more bytes behind what is used. Return 0 or -ENOMEM. */
static inline int buffer_reserve(struct buffer *b, size_t more)
{
	size_t room = b->room ? b->room : BUFFER_FIRST;
	void *data;

	if (more <= b->room - b->used)
		return 0;
	while (room - b->used < more)
		room *= 2;
	data = realloc(b->data, room);
	if (!data)
		return -ENOMEM;
	b->data = data;
	b->room = room;
	return 0;
}

/* Append. Return 0 or -ENOMEM. */
static inline int buffer_put(struct buffer *b, const void *data, size_t size)
{
	if (buffer_reserve(b, size))
		return -ENOMEM;
	if (size)
		memcpy(b->data + b->used, data, size);
	b->used += size;
	return 0;
}

static inline void buffer_free(struct buffer *b)
{
	free(b->data);
	*b = (struct buffer){ 0 };
}

#endif /* KTACH_COLLECTOR_BASE_BUFFER_H */
