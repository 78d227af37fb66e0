/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_HOST_KERNEL_TIMEX_H
#define KTACH_HOST_KERNEL_TIMEX_H

#include <sys/timex.h>

#include "host/numbers.h"

/**
 * timex_take() - take in what adjtimex() told
 * @t: its answer
 * @state: what it returned: TIME_ERROR where nothing keeps the clock
 */
void timex_take(const struct timex *t, int state, struct numbers *n);

#endif /* KTACH_HOST_KERNEL_TIMEX_H */
