// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ppoll() and not epoll: the shipper waits for a handful of descriptors, anew
 * each time. epoll would need a call to arm each of them, ppoll() is one call.
 * The collector may have thousands, but runs on this only where it has to.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "lib/clock.h"
#include "lib/loop_polled.h"

enum {
	NS_PER_S = 1000000000,
};

static void finish(struct loop *l, struct loop_op *op, int result)
{
	op->result = result;
	op->next = NULL;
	*l->last_ready = op;
	l->last_ready = &op->next;
}

/* A connect() that goes on in the background is one of a socket that must not
 * block; send() and recv() have a flag for that.
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
		finish(l, op, result);
		return;
	}
	op->next = l->pending;
	l->pending = op;
}

void polled_cancel(struct loop *l, struct loop_op *op)
{
	struct loop_op **at;

	for (at = &l->pending; *at; at = &(*at)->next) {
		if (*at != op)
			continue;
		*at = op->next;
		finish(l, op, -ECANCELED);
		return;
	}
}

/* Fill in what to wait for; returns how many, and the first timeout. */
static nfds_t what_to_poll(struct loop *l, uint64_t *first_ns)
{
	const struct loop_op *op;
	nfds_t n = 0;

	*first_ns = UINT64_MAX;
	for (op = l->pending; op; op = op->next) {
		uint64_t at_ns = (uint64_t)op->at.tv_sec * NS_PER_S +
				 (uint64_t)op->at.tv_nsec;

		if (op->kind == LOOP_TIMEOUT) {
			if (at_ns < *first_ns)
				*first_ns = at_ns;
		} else if (n < l->fds_max) {
			l->fds[n++] = (struct pollfd){ .fd = op->fd,
						       .events = op->events };
		}
	}
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

static bool due(const struct loop_op *op, uint64_t now_ns)
{
	return (uint64_t)op->at.tv_sec * NS_PER_S + (uint64_t)op->at.tv_nsec <=
	       now_ns;
}

/* In the order of what_to_poll(): nothing was started meanwhile. */
static void take_results(struct loop *l, nfds_t n)
{
	uint64_t now_ns = clock_mono_ns();
	struct loop_op **at = &l->pending;
	nfds_t i = 0;

	while (*at) {
		struct loop_op *op = *at;
		int result = -EAGAIN;

		if (op->kind == LOOP_TIMEOUT) {
			if (due(op, now_ns))
				result = -ETIME;
		} else if (i < n) {
			if (l->fds[i].revents)
				result = result_of(op, l->fds[i].revents);
			i++;
		}
		if (result == -EAGAIN) {
			at = &op->next;
			continue;
		}
		*at = op->next;
		finish(l, op, result);
	}
}

static int wait_for_some(struct loop *l, bool wait)
{
	struct timespec time = { 0 };
	uint64_t first_ns, now_ns;
	nfds_t n = what_to_poll(l, &first_ns);

	if (wait && first_ns != UINT64_MAX) {
		now_ns = clock_mono_ns();
		if (first_ns > now_ns) {
			time.tv_sec = (time_t)((first_ns - now_ns) / NS_PER_S);
			time.tv_nsec = (long)((first_ns - now_ns) % NS_PER_S);
		}
	}
	if (ppoll(l->fds, n, wait && first_ns == UINT64_MAX ? NULL : &time,
		  NULL) < 0)
		return errno == EINTR ? 0 : -errno;
	take_results(l, n);
	return 0;
}

int polled_run_once(struct loop *l, bool wait)
{
	struct loop_op *op, *next;
	int err = wait_for_some(l, wait && !l->ready);

	/* What callbacks start and finish waits for the next round. */
	op = l->ready;
	l->ready = NULL;
	l->last_ready = &l->ready;
	for (; op; op = next) {
		next = op->next;
		op->done(op, op->result, 0);
	}
	return err;
}
