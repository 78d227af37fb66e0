/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the loop keeps itself, on io_uring and on ppoll() alike: timeouts, the
 * next of which ends its wait, and results that are there already. For
 * lib/loop/loop.c and lib/loop/loop_polled.c only.
 */
#ifndef KTACH_LIB_LOOP_LOOP_LATER_H
#define KTACH_LIB_LOOP_LOOP_LATER_H

#include "lib/loop/loop_types.h"

/* Its done() runs with the next later_deliver(). */
void later_finish(struct loop *l, struct loop_op *op, int result);

/* Take in a timeout whose fields are filled in. */
void later_start(struct loop *l, struct loop_op *op);

/* Finish an operation of a list with -ECANCELED, unless it is over. */
void later_cancel(struct loop *l, struct loop_op **list, struct loop_op *op);

/* How long to wait until the next timeout, at most: 0 if it is due or there are
 * results, UINT64_MAX without any.
 */
uint64_t later_wait_ns(const struct loop *l);

/* Finish timeouts that are due. */
void later_expire(struct loop *l);

/* Run done() of all that is finished; what these start and finish waits for the
 * next time.
 */
void later_deliver(struct loop *l);

#endif /* KTACH_LIB_LOOP_LOOP_LATER_H */
