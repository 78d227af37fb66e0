/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTACH_COMPAT_LINUX_CONTEXT_TRACKING_STATE_H
#define KTACH_COMPAT_LINUX_CONTEXT_TRACKING_STATE_H

#include_next <linux/context_tracking_state.h>
#include <linux/log2.h>

/* Older kernels say so by other names. */
#ifndef KTACH_HAVE_CT_RCU_WATCHING
#define CT_STATE_IDLE CONTEXT_IDLE
#define CT_RCU_WATCHING RCU_DYNTICKS_IDX
#endif

/* Before the count could be made short, it had all bits above the state. */
#ifndef CT_RCU_WATCHING_WIDTH
#define CT_RCU_WATCHING_WIDTH (32 - ilog2(CT_RCU_WATCHING))
#endif

#endif /* KTACH_COMPAT_LINUX_CONTEXT_TRACKING_STATE_H */
