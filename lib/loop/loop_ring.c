// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>

#include "lib/base/barrier.h"
#include "lib/loop/loop_ring.h"

/* Linux 6.15; liburing has names for them from 2.10 on. */
#ifndef IORING_FEAT_NO_IOWAIT
#define IORING_FEAT_NO_IOWAIT (1U << 17)
#endif
#ifndef IORING_ENTER_NO_IOWAIT
#define IORING_ENTER_NO_IOWAIT (1U << 7)
#endif

enum {
	NS_PER_S = 1000000000,
};

int loop_ring_open(struct loop *l, unsigned int entries)
{
	int err = io_uring_queue_init(entries, &l->ring, IORING_SETUP_CLAMP);

	if (!err)
		l->no_iowait = l->ring.features & IORING_FEAT_NO_IOWAIT;
	return err;
}

/* Hand entries to the kernel as io_uring_submit() does, which knows nothing of
 * the flag. From 2.5 on liburing asks the kernel to do without the array, if that
 * can. Return how many.
 */
static unsigned int entries_publish(struct io_uring_sq *sq)
{
	unsigned int at = *sq->ktail, tail = sq->sqe_tail;

	for (; sq->array && at != tail; at++)
		sq->array[at & sq->ring_mask] = at & sq->ring_mask;
	store_release(sq->ktail, tail);
	sq->sqe_head = tail;
	return tail - load_acquire(sq->khead);
}

/* Submit and wait in one call. */
static int enter_uncounted(struct loop *l, unsigned int count, uint64_t wait_ns)
{
	const struct __kernel_timespec limit = {
		.tv_sec = (long long)(wait_ns / NS_PER_S),
		.tv_nsec = (long long)(wait_ns % NS_PER_S),
	};
	struct io_uring_getevents_arg arg = {
		.ts = wait_ns == UINT64_MAX ? 0 : (uintptr_t)&limit,
	};

	return io_uring_enter2(l->ring.ring_fd, entries_publish(&l->ring.sq),
			       count,
			       IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG |
				       IORING_ENTER_NO_IOWAIT,
			       (void *)&arg, sizeof(arg));
}

/* Readable as soon as there is a completion, also one that has overflowed. */
static int ring_poll(struct loop *l, uint64_t wait_ns)
{
	const struct timespec limit = {
		.tv_sec = (time_t)(wait_ns / NS_PER_S),
		.tv_nsec = (long)(wait_ns % NS_PER_S),
	};
	struct pollfd fd = { .fd = l->ring.ring_fd, .events = POLLIN };

	if (ppoll(&fd, 1, wait_ns == UINT64_MAX ? NULL : &limit, NULL) < 0)
		return -errno;
	return 0;
}

static bool has_completions(const struct io_uring *ring)
{
	return io_uring_cq_ready(ring) || io_uring_cq_has_overflow(ring);
}

static int submit(struct loop *l)
{
	return io_uring_sq_ready(&l->ring) ? io_uring_submit(&l->ring) : 0;
}

int loop_ring_enter(struct loop *l, unsigned int count, uint64_t wait_ns)
{
	int ret;

	if (!wait_ns || has_completions(&l->ring)) {
		ret = submit(l);
	} else if (l->no_iowait) {
		ret = enter_uncounted(l, count, wait_ns);
	} else {
		ret = submit(l);
		if (ret >= 0 && !has_completions(&l->ring))
			ret = ring_poll(l, wait_ns);
	}
	/* Without memory, or with completions to take first, it is tried again. */
	if (ret == -EAGAIN || ret == -EBUSY)
		return 0;
	return ret < 0 && ret != -EINTR && ret != -ETIME ? ret : 0;
}
