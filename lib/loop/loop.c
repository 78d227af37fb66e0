// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "lib/loop/loop.h"
#include "lib/loop/loop_later.h"
#include "lib/loop/loop_polled.h"
#include "lib/loop/loop_ring.h"

int loop_init(struct loop *l, unsigned int entries)
{
	memset(l, 0, sizeof(*l));
	l->last_ready = &l->ready;
	return loop_ring_open(l, entries);
}

int loop_init_polled(struct loop *l, unsigned int entries)
{
	memset(l, 0, sizeof(*l));
	l->polled = true;
	l->last_ready = &l->ready;
	l->fds_max = entries;
	l->fds = malloc(entries * sizeof(*l->fds));
	return l->fds ? 0 : -ENOMEM;
}

void loop_exit(struct loop *l)
{
	if (l->polled)
		free(l->fds);
	else
		io_uring_queue_exit(&l->ring);
}

struct io_uring_sqe *loop_sqe(struct loop *l, struct loop_op *op)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&l->ring);

	while (!sqe) {
		io_uring_submit(&l->ring);
		sqe = io_uring_get_sqe(&l->ring);
	}
	io_uring_sqe_set_data(sqe, op);
	return sqe;
}

static void start_operation(struct loop *l, struct loop_op *op)
{
	struct io_uring_sqe *sqe;

	if (op->kind == LOOP_TIMEOUT) {
		later_start(l, op);
		return;
	}
	if (l->polled) {
		polled_start(l, op);
		return;
	}
	sqe = loop_sqe(l, op);
	switch (op->kind) {
	case LOOP_POLL:
		io_uring_prep_poll_add(sqe, op->fd, (unsigned int)op->events);
		break;
	case LOOP_SEND:
		l->lazy += op->lazy;
		io_uring_prep_send(sqe, op->fd, op->data, op->size,
				   MSG_NOSIGNAL);
		break;
	case LOOP_RECV:
		io_uring_prep_recv(sqe, op->fd, (void *)op->data, op->size, 0);
		break;
	case LOOP_CONNECT:
		io_uring_prep_connect(sqe, op->fd, op->data,
				      (socklen_t)op->size);
		break;
	case LOOP_NONE:
	case LOOP_TIMEOUT:
		break;
	}
}

static void fill(struct loop_op *op, enum loop_kind kind, int fd, short events)
{
	op->kind = kind;
	op->fd = fd;
	op->events = events;
}

void loop_poll(struct loop *l, struct loop_op *op, int fd, short events)
{
	fill(op, LOOP_POLL, fd, events);
	start_operation(l, op);
}

void loop_timeout(struct loop *l, struct loop_op *op, uint64_t mono_ns)
{
	fill(op, LOOP_TIMEOUT, -1, 0);
	op->at_ns = mono_ns;
	start_operation(l, op);
}

void loop_send(struct loop *l, struct loop_op *op, int fd, const void *data,
	       size_t size)
{
	fill(op, LOOP_SEND, fd, POLLOUT);
	op->data = data;
	op->size = size;
	start_operation(l, op);
}

void loop_recv(struct loop *l, struct loop_op *op, int fd, void *data,
	       size_t size)
{
	fill(op, LOOP_RECV, fd, POLLIN);
	op->data = data;
	op->size = size;
	start_operation(l, op);
}

void loop_connect(struct loop *l, struct loop_op *op, int fd,
		  const struct sockaddr *address, socklen_t size)
{
	fill(op, LOOP_CONNECT, fd, POLLOUT);
	op->data = address;
	op->size = size;
	start_operation(l, op);
}

/* The cancellation's own completion carries no operation and is ignored. */
void loop_cancel(struct loop *l, struct loop_op *op)
{
	if (op->kind == LOOP_TIMEOUT)
		later_cancel(l, &l->timeouts, op);
	else if (l->polled)
		later_cancel(l, &l->pending, op);
	else
		io_uring_prep_cancel(loop_sqe(l, NULL), op, 0);
}

/* For a timeout, or for something beside lazy sends. */
static int enter(struct loop *l, bool wait)
{
	uint64_t wait_ns = wait ? later_wait_ns(l) : 0;
	unsigned int count = wait_ns <= LOOP_PATIENCE_NS ? 1 + l->lazy : 1;
	int err = loop_ring_enter(l, count, wait_ns);

	l->lazy = 0;
	return err;
}

static void run_completion(struct loop *l, struct io_uring_cqe *cqe)
{
	struct loop_op *op = io_uring_cqe_get_data(cqe);
	uint32_t flags = cqe->flags;
	int result = cqe->res;

	io_uring_cqe_seen(&l->ring, cqe);
	if (op)
		op->done(op, result, flags);
}

int loop_run_once(struct loop *l, bool wait)
{
	struct io_uring_cqe *cqe;
	unsigned int ready;
	int ret;

	if (l->polled)
		return polled_run_once(l, wait);
	ret = enter(l, wait);
	if (ret)
		return ret;
	/*
	 * Those that come meanwhile wait: a flood must not keep the loop. Look
	 * once in any case, which also fetches completions that overflowed.
	 */
	ready = io_uring_cq_ready(&l->ring);
	do {
		if (io_uring_peek_cqe(&l->ring, &cqe))
			break;
		run_completion(l, cqe);
	} while (ready && --ready);
	later_expire(l);
	later_deliver(l);
	return 0;
}

int loop_run(struct loop *l)
{
	int ret = 0;

	while (!l->stop && !ret)
		ret = loop_run_once(l, true);
	return ret;
}
