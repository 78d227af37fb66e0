// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <isa-l/crc.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "shipper/spool_file.h"

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

int spool_file_get(int fd, uint64_t at, struct spool_head *head, void *data)
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
