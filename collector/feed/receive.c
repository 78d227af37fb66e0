// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collector/feed/ingest.h"
#include "collector/feed/ingest_drop.h"
#include "collector/feed/listen.h"
#include "collector/feed/receive.h"
#include "lib/base/log.h"

enum receive_limits {
	BUFFERS = 64, /* a power of two */
	BUFFER_GROUP = 1,
	CONTROL_SIZE = CMSG_SPACE(sizeof(uint32_t)),
	/* Header, sender, control data, a frame; and a byte more, so that one
	 * that is too long is seen as such. Of whole pages, which go back one by one.
	 */
	BUFFER_SIZE = 69632,
	SOCKET_BYTES = 8 << 20, /* a burst of many nodes at once */
};

_Static_assert(sizeof(struct io_uring_recvmsg_out) +
			       sizeof(struct sockaddr_storage) + CONTROL_SIZE +
			       WIRE_FRAME_MAX + 1 <=
		       BUFFER_SIZE,
	       "a buffer holds any frame");

/* One mapping: the ring of free buffers, then the buffers, both page aligned. */
static size_t ring_size(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (BUFFERS * sizeof(struct io_uring_buf) + page - 1) / page * page;
}

static size_t mapped_size(void)
{
	return ring_size() + (size_t)BUFFERS * BUFFER_SIZE;
}

static uint8_t *buffer(struct receive *r, uint32_t id)
{
	return r->buffers + (size_t)id * BUFFER_SIZE;
}

static void give_back(struct receive *r, uint32_t id, int nth)
{
	io_uring_buf_ring_add(r->ring, buffer(r, id), BUFFER_SIZE,
			      (unsigned short)id,
			      io_uring_buf_ring_mask(BUFFERS), nth);
}

static void arm(struct receive *r)
{
	struct io_uring_sqe *sqe = loop_sqe(r->loop, &r->op);

	io_uring_prep_recvmsg_multishot(sqe, r->fd, &r->layout, 0);
	sqe->flags |= IOSQE_BUFFER_SELECT;
	sqe->buf_group = BUFFER_GROUP;
}

void receive_take(struct receive *r, struct received *d)
{
	struct peer from;

	from.text[0] = '\0';
	from.address.size = d->from_size;
	memcpy(&from.address.storage, d->from, sizeof(from.address.storage));
	from.address.family = from.address.storage.ss_family;
	/* The kernel tells with each datagram how many had no room. */
	for (; d->overflow_known && r->overflow != d->overflow; r->overflow++)
		ingest_drop(r->ingest, DROP_SOCKET, &from);
	ingest_frame(r->ingest, d->data, d->size, &from);
}

static void find_overflow(struct receive *r, struct io_uring_recvmsg_out *out,
			  struct received *d)
{
	struct cmsghdr *c = io_uring_recvmsg_cmsg_firsthdr(out, &r->layout);

	for (; c; c = io_uring_recvmsg_cmsg_nexthdr(out, &r->layout, c))
		receive_overflow(d, c);
}

static void take_datagram(struct receive *r, uint8_t *data, int size)
{
	struct io_uring_recvmsg_out *out =
		io_uring_recvmsg_validate(data, size, &r->layout);
	static struct peer kernel = { .text = "the kernel" };
	struct received d = { 0 };

	if (!out) {
		ingest_drop(r->ingest, WIRE_E_SHORT, &kernel);
		return;
	}
	d.from = io_uring_recvmsg_name(out);
	d.from_size = out->namelen;
	d.data = io_uring_recvmsg_payload(out, &r->layout);
	d.size = io_uring_recvmsg_payload_length(out, size, &r->layout);
	find_overflow(r, out, &d);
	receive_take(r, &d);
}

/* Without IORING_CQE_F_MORE the multishot has ended: buffers were short, or an
 * error was pending on the socket; either way it begins again.
 */
static void received(struct loop_op *op, int result, uint32_t flags)
{
	struct receive *r = (struct receive *)op;
	uint32_t id = flags >> IORING_CQE_BUFFER_SHIFT;

	if (flags & IORING_CQE_F_BUFFER) {
		if (result >= 0)
			take_datagram(r, buffer(r, id), result);
		receive_give_back(buffer(r, id), BUFFER_SIZE, result);
		give_back(r, id, 0);
		io_uring_buf_ring_advance(r->ring, 1);
	}
	if (flags & IORING_CQE_F_MORE)
		return;
	if (result == -EINVAL) {
		log_error(
			"receiving frames: not supported by this kernel's io_uring; start with --no-io-uring");
		r->loop->stop = true;
		return;
	}
	arm(r);
}

static int register_buffers(struct receive *r)
{
	struct io_uring_buf_reg reg = { .ring_entries = BUFFERS,
					.bgid = BUFFER_GROUP };
	uint32_t i;
	int err;

	r->ring = mmap(NULL, mapped_size(), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (r->ring == MAP_FAILED)
		return -errno;
	r->buffers = (uint8_t *)r->ring + ring_size();
	reg.ring_addr = (uintptr_t)r->ring;
	io_uring_buf_ring_init(r->ring);
	err = io_uring_register_buf_ring(&r->loop->ring, &reg, 0);
	if (err) {
		munmap(r->ring, mapped_size());
		return err;
	}
	for (i = 0; i < BUFFERS; i++)
		give_back(r, i, (int)i);
	io_uring_buf_ring_advance(r->ring, BUFFERS);
	return 0;
}

/* Neither has to succeed: without them bursts are lost, or not counted. */
static void tune(int fd)
{
	int size = SOCKET_BYTES, on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on));
}

int receive_open(struct receive *r, struct loop *loop, struct ingest *ingest,
		 int fd)
{
	int err;

	*r = (struct receive){
		.op.done = received,
		.loop = loop,
		.ingest = ingest,
		.fd = fd,
		.layout.msg_namelen = sizeof(struct sockaddr_storage),
		.layout.msg_controllen = CONTROL_SIZE,
	};
	tune(r->fd);
	if (loop->polled)
		return receive_polled_open(r);
	err = register_buffers(r);
	if (err) {
		log_error(
			"receive buffers: %s; raise the limit of locked memory (ulimit -l), or start with --no-io-uring",
			strerror(-err));
		return err;
	}
	arm(r);
	return 0;
}

void receive_close(struct receive *r)
{
	close(r->fd);
	if (r->loop->polled) {
		free(r->buffers);
		return;
	}
	io_uring_unregister_buf_ring(&r->loop->ring, BUFFER_GROUP);
	munmap(r->ring, mapped_size());
}
