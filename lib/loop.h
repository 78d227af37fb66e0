/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An event loop on one io_uring: operations complete into callbacks. Single
 * threaded; nothing here allocates after loop_init().
 */
#ifndef KTACH_LIB_LOOP_H
#define KTACH_LIB_LOOP_H

#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>

struct loop {
	struct io_uring ring;
	bool stop;
};

/**
 * struct loop_op - an operation under way; lives in its owner's struct
 * @done: called with the completion's result (>= 0 or -errno) and its
 *        IORING_CQE_F_* flags; may submit @op again
 */
struct loop_op {
	void (*done)(struct loop_op *op, int result, uint32_t flags);
};

/* Entries: operations under way at once. Return 0 or -errno. */
int loop_init(struct loop *l, unsigned int entries);
void loop_exit(struct loop *l);

/* Take an entry for @op and fill it in with io_uring_prep_*(); it is submitted
 * with the next loop_run_once(). Never NULL: a full queue is submitted first.
 */
struct io_uring_sqe *loop_sqe(struct loop *l, struct loop_op *op);

/* Ask that @op be cancelled; its done() still runs, with -ECANCELED. */
void loop_cancel(struct loop *l, struct loop_op *op);

/* Submit, wait for at least one completion if @wait, run all that are there.
 * Return 0 or -errno (-EINTR is not an error and not returned).
 */
int loop_run_once(struct loop *l, bool wait);

/* loop_run_once() until l->stop. */
int loop_run(struct loop *l);

#endif /* KTACH_LIB_LOOP_H */
