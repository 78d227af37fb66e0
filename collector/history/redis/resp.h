/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands as they go to a server: "*N", then N times a size and as many bytes. They are put
 * where they are sent from, as rows of the log are too large to be copied once more.
 */
#ifndef KTACH_COLLECTOR_HISTORY_REDIS_RESP_H
#define KTACH_COLLECTOR_HISTORY_REDIS_RESP_H

#include "collector/base/buffer.h"

enum {
	RESP_HEAD_SIZE = 24,
};

/* "<sign>NUMBER\r\n"; return its size. */
static inline size_t resp_head(char head[RESP_HEAD_SIZE], char sign,
			       uint64_t number)
{
	char digits[20];
	size_t n = 0, size = 0;

	do {
		digits[n++] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	head[size++] = sign;
	while (n)
		head[size++] = digits[--n];
	head[size++] = '\r';
	head[size++] = '\n';
	return size;
}

static inline int resp_begin(struct buffer *b, unsigned int count)
{
	char head[RESP_HEAD_SIZE];

	return buffer_put(b, head, resp_head(head, '*', count));
}

static inline int resp_put(struct buffer *b, const void *data, size_t size)
{
	size_t head;

	if (buffer_reserve(b, RESP_HEAD_SIZE + size + 2))
		return -ENOMEM;
	head = resp_head((char *)b->data + b->used, '$', size);
	b->used += head;
	if (size)
		memcpy(b->data + b->used, data, size);
	memcpy(b->data + b->used + size, "\r\n", 2);
	b->used += size + 2;
	return 0;
}

#endif /* KTACH_COLLECTOR_HISTORY_REDIS_RESP_H */
