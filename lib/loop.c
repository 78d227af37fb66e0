// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "lib/loop.h"

int loop_init(struct loop *l, unsigned int entries)
{
	l->stop = false;
	return io_uring_queue_init(entries, &l->ring, IORING_SETUP_CLAMP);
}

void loop_exit(struct loop *l)
{
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

/* The cancellation's own completion carries no operation and is ignored. */
void loop_cancel(struct loop *l, struct loop_op *op)
{
	io_uring_prep_cancel(loop_sqe(l, NULL), op, 0);
}

static int submit(struct loop *l, bool wait)
{
	int ret = wait ? io_uring_submit_and_wait(&l->ring, 1) :
			 io_uring_submit(&l->ring);

	return ret < 0 && ret != -EINTR ? ret : 0;
}

static void run(struct loop *l, struct io_uring_cqe *cqe)
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
	int ret = submit(l, wait);
	unsigned int ready;

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
		run(l, cqe);
	} while (ready && --ready);
	return 0;
}

int loop_run(struct loop *l)
{
	int ret = 0;

	while (!l->stop && !ret)
		ret = loop_run_once(l, true);
	return ret;
}
