/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop without io_uring. For lib/loop/loop.c only. */
#ifndef KTACH_LIB_LOOP_LOOP_POLLED_H
#define KTACH_LIB_LOOP_LOOP_POLLED_H

#include "lib/loop/loop_types.h"

/* Start an operation whose fields are filled in. */
void polled_start(struct loop *l, struct loop_op *op);
int polled_run_once(struct loop *l, bool wait);

#endif /* KTACH_LIB_LOOP_LOOP_POLLED_H */
