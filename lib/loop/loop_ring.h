/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loop's io_uring: what is submitted, and how it waits. The kernel books who
 * waits in io_uring_enter() with requests under way as waiting for a disk:
 * iowait, procs_blocked and /proc/pressure/io of an idle host would tell of the
 * loop. So it waits there with IORING_ENTER_NO_IOWAIT, which Linux 6.15 has, and
 * else in ppoll() on the ring. For lib/loop/loop.c only.
 */
#ifndef KTACH_LIB_LOOP_LOOP_RING_H
#define KTACH_LIB_LOOP_LOOP_RING_H

#include "lib/loop/loop_types.h"

/* Return 0 or -errno. */
int loop_ring_open(struct loop *l, unsigned int entries);

/**
 * loop_ring_enter() - submit what there is, and wait for completions
 * @l: the loop
 * @count: so many are waited for; on ppoll() one may be enough
 * @wait_ns: how long, at most; 0: not at all, UINT64_MAX: for good
 *
 * Completions that are there already are not waited for.
 *
 * Return: 0, also after a signal, when the time is over, or when the kernel has no
 * room for what is submitted, which stays for the next call; or -errno.
 */
int loop_ring_enter(struct loop *l, unsigned int count, uint64_t wait_ns);

#endif /* KTACH_LIB_LOOP_LOOP_RING_H */
