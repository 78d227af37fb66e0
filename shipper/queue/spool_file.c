// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <isa-l/crc.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "shipper/queue/spool_file.h"

/* Of the head from the reserved field on, and the frame. */
static uint32_t crc(const struct spool_head *h, const void *data)
{
	size_t before = offsetof(struct spool_head, reserved);
	uint32_t c = crc32_iscsi((unsigned char *)h + before,
				 (int)(sizeof(*h) - before), ~0U);

	c = crc32_iscsi((unsigned char *)&h->size, sizeof(h->size), c);
	return ~crc32_iscsi((unsigned char *)data, (int)h->size, c);
}

int spool_file_put(int fd, uint64_t at, const void *data, size_t size,
		   uint64_t session, uint64_t sequence)
{
	struct spool_head h = { .magic = SPOOL_MAGIC,
				.size = (uint32_t)size,
				.session = session,
				.sequence = sequence };
	struct iovec parts[] = { { &h, sizeof(h) }, { (void *)data, size } };
	ssize_t n;

	h.crc = crc(&h, data);
	n = pwritev(fd, parts, 2, (off_t)at);
	if (n == (ssize_t)(sizeof(h) + size))
		return 0;
	if (n >= 0)
		errno = ENOSPC;
	n = -errno;
	if (ftruncate(fd, (off_t)at))
		return -EIO;
	return (int)n;
}

enum {
	LOOK_BYTES = 4096, /* searched at once; frames begin anywhere */
};

/* Where the magic of a head is next, at or behind @at; @end: nowhere. */
static uint64_t find_magic(int fd, uint64_t at, uint64_t end)
{
	const uint32_t magic = SPOOL_MAGIC;
	uint8_t bytes[LOOK_BYTES], *found;
	ssize_t n;

	while (at + sizeof(magic) <= end) {
		n = pread(fd, bytes, sizeof(bytes), (off_t)at);
		if (n < (ssize_t)sizeof(magic))
			break;
		found = memmem(bytes, (size_t)n, &magic, sizeof(magic));
		if (found)
			return at + (uint64_t)(found - bytes);
		at += (uint64_t)n - (sizeof(magic) - 1);
	}
	return end;
}

/* Return: 1; 0 if there is no whole frame. */
static int read_frame(int fd, uint64_t at, struct spool_head *head, void *data)
{
	if (pread(fd, head, sizeof(*head), (off_t)at) !=
		    (ssize_t)sizeof(*head) ||
	    head->magic != SPOOL_MAGIC || head->size < WIRE_HEADER_SIZE ||
	    head->size > WIRE_FRAME_MAX)
		return 0;
	if (pread(fd, data, head->size, (off_t)(at + sizeof(*head))) !=
	    (ssize_t)head->size)
		return 0;
	return crc(head, data) == head->crc;
}

int spool_file_find(int fd, uint64_t *at, uint64_t end, struct spool_head *head,
		    void *data)
{
	while (*at < end) {
		if (read_frame(fd, *at, head, data))
			return 1;
		*at = find_magic(fd, *at + 1, end);
	}
	return 0;
}
