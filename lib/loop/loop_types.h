/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A loop and its operations. For lib/loop/ only: others include loop.h. */
#ifndef KTACH_LIB_LOOP_LOOP_TYPES_H
#define KTACH_LIB_LOOP_LOOP_TYPES_H

#include <liburing.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOOP_PATIENCE_NS	UINT64_C(1000000000) /* for a lazy send's result */

/**
 * struct loop - the loop
 * @ring: the io_uring
 * @stop: ends loop_run()
 * @no_iowait: on io_uring: it can wait there without counting as iowait
 * @lazy: on io_uring: lazy sends that are to be submitted
 * @polled: on ppoll(), without @ring
 * @fds: on ppoll(): what it waits for
 * @fds_max: room in it
 * @pending: on ppoll(): operations that wait
 * @timeouts: those that are not over, the next one first
 * @ready: operations whose results are to be delivered
 * @last_ready: where the next one is hung in
 */
struct loop {
	struct io_uring ring;
	bool stop;
	bool no_iowait;
	unsigned int lazy;
	bool polled;
	struct pollfd *fds;
	unsigned int fds_max;
	struct loop_op *pending;
	struct loop_op *timeouts;
	struct loop_op *ready;
	struct loop_op **last_ready;
};

enum loop_kind {
	LOOP_NONE,
	LOOP_POLL,
	LOOP_TIMEOUT,
	LOOP_SEND,
	LOOP_RECV,
	LOOP_CONNECT,
};

/**
 * struct loop_op - an operation under way; lives in its owner's struct
 * @done: called with the result (>= 0 or -errno) and, on io_uring, the
 *        completion's IORING_CQE_F_* flags; may submit the operation again
 * @lazy: of loop_send(): nothing waits for the result. With a timeout within
 *        LOOP_PATIENCE_NS it may come with whatever happens next: most sends are
 *        done as they are submitted, to wait for them would be a system call
 * @next: this and what follows is the loop's own
 */
struct loop_op {
	void (*done)(struct loop_op *op, int result, uint32_t flags);
	bool lazy;
	struct loop_op *next;
	enum loop_kind kind;
	int fd;
	short events;
	int result;
	const void *data;
	size_t size;
	uint64_t at_ns;
};

#endif /* KTACH_LIB_LOOP_LOOP_TYPES_H */
