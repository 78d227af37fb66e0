// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ppoll() and not epoll: the shipper waits for a handful of descriptors, anew
 * each time. epoll would need a call to arm each of them, ppoll() is one call.
 * The collector may have thousands, but runs on this only where it has to.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "lib/loop/loop_later.h"
#include "lib/loop/loop_polled.h"

enum {
	NS_PER_S = 1000000000,
};

/* Only a socket that does not block connects in the background; send() and recv()
 * have a flag for that.
 */
static int connect_start(struct loop_op *op)
{
	int flags = fcntl(op->fd, F_GETFL), err;

	fcntl(op->fd, F_SETFL, flags | O_NONBLOCK);
	err = connect(op->fd, op->data, (socklen_t)op->size) ? -errno : 0;
	fcntl(op->fd, F_SETFL, flags);
	return err == -EINPROGRESS ? -EAGAIN : err;
}

static int connect_result(int fd)
{
	int err = 0;
	socklen_t size = sizeof(err);

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size);
	return -err;
}

/* -EAGAIN: it has to wait. */
static int attempt(struct loop_op *op)
{
	ssize_t n;

	if (op->kind == LOOP_SEND)
		n = send(op->fd, op->data, op->size,
			 MSG_DONTWAIT | MSG_NOSIGNAL);
	else
		n = recv(op->fd, (void *)op->data, op->size, MSG_DONTWAIT);
	return n < 0 ? -errno : (int)n;
}

void polled_start(struct loop *l, struct loop_op *op)
{
	int result = -EAGAIN;

	if (op->kind == LOOP_SEND)
		result = attempt(op);
	if (op->kind == LOOP_CONNECT)
		result = connect_start(op);
	if (result != -EAGAIN) {
		later_finish(l, op, result);
		return;
	}
	op->next = l->pending;
	l->pending = op;
}

/* Fill in what to wait for; returns how many. */
static nfds_t what_to_poll(struct loop *l)
{
	const struct loop_op *op;
	nfds_t n = 0;

	for (op = l->pending; op && n < l->fds_max; op = op->next)
		l->fds[n++] =
			(struct pollfd){ .fd = op->fd, .events = op->events };
	return n;
}

static int result_of(struct loop_op *op, short events)
{
	if (events & POLLNVAL)
		return -EBADF;
	if (op->kind == LOOP_POLL)
		return events;
	return op->kind == LOOP_CONNECT ? connect_result(op->fd) : attempt(op);
}

/* In the order of what_to_poll(): nothing was started meanwhile. */
static void take_results(struct loop *l, nfds_t n)
{
	struct loop_op **at = &l->pending;
	nfds_t i;

	for (i = 0; i < n; i++) {
		struct loop_op *op = *at;
		int result = -EAGAIN;

		if (l->fds[i].revents)
			result = result_of(op, l->fds[i].revents);
		if (result == -EAGAIN) {
			at = &op->next;
			continue;
		}
		*at = op->next;
		later_finish(l, op, result);
	}
}

static int wait_for_some(struct loop *l, uint64_t wait_ns)
{
	const struct timespec limit = {
		.tv_sec = (time_t)(wait_ns / NS_PER_S),
		.tv_nsec = (long)(wait_ns % NS_PER_S),
	};
	nfds_t n = what_to_poll(l);

	if (ppoll(l->fds, n, wait_ns == UINT64_MAX ? NULL : &limit, NULL) < 0)
		return errno == EINTR ? 0 : -errno;
	take_results(l, n);
	return 0;
}

int polled_run_once(struct loop *l, bool wait)
{
	int err = wait_for_some(l, wait ? later_wait_ns(l) : 0);

	later_expire(l);
	later_deliver(l);
	return err;
}
