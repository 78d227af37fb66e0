// SPDX-License-Identifier: GPL-2.0-or-later
/* Datagrams without io_uring. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "collector/feed/ingest.h"
#include "collector/feed/receive.h"
#include "lib/base/log.h"

enum {
	BATCH = 16, /* datagrams a system call */
	FRAME_ROOM = WIRE_FRAME_MAX + 1, /* one that is too long is seen */
	CONTROL_SIZE = CMSG_SPACE(sizeof(uint32_t)),
};

/* What recvmmsg() fills in. */
struct batch {
	struct mmsghdr messages[BATCH];
	struct iovec data[BATCH];
	struct sockaddr_storage from[BATCH];
	char control[BATCH][CONTROL_SIZE];
};

static void prepare(struct receive *r, struct batch *b)
{
	int i;

	for (i = 0; i < BATCH; i++) {
		b->data[i].iov_base = r->buffers + (size_t)i * FRAME_ROOM;
		b->data[i].iov_len = FRAME_ROOM;
		b->messages[i].msg_hdr = (struct msghdr){
			.msg_name = &b->from[i],
			.msg_namelen = sizeof(b->from[i]),
			.msg_iov = &b->data[i],
			.msg_iovlen = 1,
			.msg_control = b->control[i],
			.msg_controllen = CONTROL_SIZE,
		};
	}
}

static void take_datagram(struct receive *r, struct mmsghdr *m)
{
	struct received d = {
		.from = m->msg_hdr.msg_name,
		.from_size = m->msg_hdr.msg_namelen,
		.data = m->msg_hdr.msg_iov->iov_base,
		.size = m->msg_len,
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m->msg_hdr);

	for (; c; c = CMSG_NXTHDR(&m->msg_hdr, c))
		receive_overflow(&d, c);
	receive_take(r, &d);
}

/* One batch: then the loop looks at what else there is. */
static void readable(struct loop_op *op, int result, uint32_t flags)
{
	struct receive *r = (struct receive *)op;
	struct batch b;
	int i, n;

	if (result < 0) {
		log_error("receiving frames: %s", strerror(-result));
		r->loop->stop = true;
		return;
	}
	prepare(r, &b);
	n = recvmmsg(r->fd, b.messages, BATCH, MSG_DONTWAIT, NULL);
	for (i = 0; i < n; i++) {
		take_datagram(r, &b.messages[i]);
		receive_give_back(b.data[i].iov_base, b.data[i].iov_len,
				  b.messages[i].msg_len);
	}
	loop_poll(r->loop, &r->op, r->fd, POLLIN);
}

int receive_polled_open(struct receive *r)
{
	r->op.done = readable;
	r->buffers = malloc((size_t)BATCH * FRAME_ROOM);
	if (!r->buffers)
		return -ENOMEM;
	loop_poll(r->loop, &r->op, r->fd, POLLIN);
	return 0;
}
