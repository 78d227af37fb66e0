/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames from the network: one multishot recvmsg on a UDP socket, into buffers
 * that the kernel picks from a ring (io_uring, Linux 6.0 on).
 */
#ifndef KTACH_COLLECTOR_FEED_RECEIVE_H
#define KTACH_COLLECTOR_FEED_RECEIVE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "lib/address.h"
#include "lib/loop.h"

struct ingest;

/**
 * struct receive - the UDP socket
 * @op: the multishot recvmsg
 * @loop: that it runs on
 * @ingest: gets what comes
 * @fd: the socket
 * @layout: tells the kernel how a buffer is laid out
 * @ring: free buffers, shared with the kernel
 * @buffers: RECEIVE_BUFFERS of RECEIVE_BUFFER_SIZE each
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
 * receive_open() - listen for frames
 * @r: filled
 * @loop: to run on
 * @ingest: gets what comes
 * @address: where to listen
 *
 * Return: 0, or -errno after a message.
 */
int receive_open(struct receive *r, struct loop *loop, struct ingest *ingest,
		 const struct address *address);

/* The loop must not run any more. */
void receive_close(struct receive *r);

#endif /* KTACH_COLLECTOR_FEED_RECEIVE_H */
