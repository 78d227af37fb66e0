/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames from the network: one multishot recvmsg on a UDP socket, into buffers
 * that the kernel picks from a ring (io_uring, Linux 6.0 on); or, on a loop that
 * polls, recvmmsg().
 */
#ifndef KTACH_COLLECTOR_FEED_RECEIVE_H
#define KTACH_COLLECTOR_FEED_RECEIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/base/address.h"
#include "lib/loop/loop.h"
#include "lib/wire/pages.h"

struct ingest;

enum receive_sizes {
	RECEIVE_KEPT =
		4096, /* bytes of a datagram whose buffer stays in memory */
};

/**
 * struct receive - the UDP socket
 * @op: the multishot recvmsg, or a poll
 * @loop: that it runs on
 * @ingest: gets what comes
 * @fd: the socket
 * @layout: tells the kernel how a buffer is laid out
 * @ring: free buffers, shared with the kernel; NULL on a loop that polls
 * @buffers: a frame each
 * @overflow: the kernel's own count of datagrams without room, so far
 */
struct receive {
	struct loop_op op;
	struct loop *loop;
	struct ingest *ingest;
	int fd;
	struct msghdr layout;
	struct io_uring_buf_ring *ring;
	uint8_t *buffers;
	uint32_t overflow;
};

/**
 * receive_open() - take what comes
 * @r: filled
 * @loop: to run on
 * @ingest: gets what comes
 * @fd: a UDP socket; closed by receive_close()
 *
 * Return: 0, or -errno after a message.
 */
int receive_open(struct receive *r, struct loop *loop, struct ingest *ingest,
		 int fd);

/* The loop must not run any more. */
void receive_close(struct receive *r);

/* A datagram. @overflow: of SO_RXQ_OVFL, if @overflow_known. */
struct received {
	const void *from;
	socklen_t from_size;
	const void *data;
	size_t size;
	uint32_t overflow;
	bool overflow_known;
};

/* For receive_polled.c: take one; and a part of its control data. */
void receive_take(struct receive *r, struct received *d);

static inline void receive_overflow(struct received *d, struct cmsghdr *c)
{
	if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL)
		return;
	memcpy(&d->overflow, CMSG_DATA(c), sizeof(d->overflow));
	d->overflow_known = true;
}

/* Few datagrams are large: what one took of a buffer is not kept for the next one. */
static inline void receive_give_back(uint8_t *buffer, size_t room, ssize_t size)
{
	if (size > RECEIVE_KEPT)
		pages_give_back(buffer, room);
}

int receive_polled_open(struct receive *r);

#endif /* KTACH_COLLECTOR_FEED_RECEIVE_H */
