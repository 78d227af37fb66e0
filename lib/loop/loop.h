/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An event loop: operations complete into callbacks. It runs on one io_uring,
 * or, where the kernel refuses one (the sysctl kernel.io_uring_disabled,
 * seccomp), on ppoll() with the same behaviour. Single threaded; nothing here
 * allocates after loop_init().
 */
#ifndef KTACH_LIB_LOOP_LOOP_H
#define KTACH_LIB_LOOP_LOOP_H

#include <sys/socket.h>

#include "lib/loop/loop_types.h"

/* Entries: operations under way at once. Return 0 or -errno; -EPERM or
 * -ENOSYS where io_uring is refused.
 */
int loop_init(struct loop *l, unsigned int entries);

/* A loop on ppoll(). It can do what the functions below can, not loop_sqe(). No
 * more operations than @entries wait at once. Return 0 or -ENOMEM.
 */
int loop_init_polled(struct loop *l, unsigned int entries);

void loop_exit(struct loop *l);

/*
 * Start an operation. Memory that is passed stays until done() was called;
 * sockets are blocking ones, which only the loop uses.
 *
 * loop_poll: result: the events that are there, of poll(2).
 * loop_timeout: at a time of CLOCK_MONOTONIC, ns; result: -ETIME.
 * loop_send, loop_recv: as send(2) with MSG_NOSIGNAL and recv(2).
 * loop_connect: as connect(2).
 */
void loop_poll(struct loop *l, struct loop_op *op, int fd, short events);
void loop_timeout(struct loop *l, struct loop_op *op, uint64_t mono_ns);
void loop_send(struct loop *l, struct loop_op *op, int fd, const void *data,
	       size_t size);
void loop_recv(struct loop *l, struct loop_op *op, int fd, void *data,
	       size_t size);
void loop_connect(struct loop *l, struct loop_op *op, int fd,
		  const struct sockaddr *address, socklen_t size);

/* Ask that @op be cancelled; its done() still runs, with -ECANCELED or with
 * its result if that came before.
 */
void loop_cancel(struct loop *l, struct loop_op *op);

/* On io_uring only: take an entry for @op and fill it in with
 * io_uring_prep_*(); it is submitted with the next loop_run_once(). Never NULL:
 * a full queue is submitted first.
 */
struct io_uring_sqe *loop_sqe(struct loop *l, struct loop_op *op);

/* Submit, wait for at least one completion if @wait, run all that are there.
 * Return 0 or -errno (-EINTR is not an error and not returned).
 */
int loop_run_once(struct loop *l, bool wait);

/* loop_run_once() until l->stop. */
int loop_run(struct loop *l);

#endif /* KTACH_LIB_LOOP_LOOP_H */
