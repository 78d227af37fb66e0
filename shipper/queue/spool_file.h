/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A frame in a segment of the spool. For shipper/spool*.c only. */
#ifndef KTACH_SHIPPER_QUEUE_SPOOL_FILE_H
#define KTACH_SHIPPER_QUEUE_SPOOL_FILE_H

#include <stddef.h>
#include <stdint.h>

#include <ktach/wire.h>

enum {
	SPOOL_MAGIC = 0x4b535031,
};

struct spool_head {
	uint32_t magic;
	uint32_t size;
	uint32_t crc;
	uint32_t reserved;
	uint64_t session;
	uint64_t sequence;
};

_Static_assert(sizeof(struct spool_head) == 32, "no holes on disk");

/* Write a frame at the end of a file, with one call. Return 0 or -errno: the
 * file is as it was.
 */
int spool_file_put(int fd, uint64_t at, const void *data, size_t size,
		   uint64_t session, uint64_t sequence);

/**
 * spool_file_find() - the next whole frame, over what is damaged
 * @fd: the segment
 * @at: from where on; set to where it is
 * @end: bytes of the segment
 * @head: filled
 * @data: filled; WIRE_FRAME_MAX bytes
 *
 * Return: 1; 0 if none follows.
 */
int spool_file_find(int fd, uint64_t *at, uint64_t end, struct spool_head *head,
		    void *data);

#endif /* KTACH_SHIPPER_QUEUE_SPOOL_FILE_H */
