/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTACH_COMPAT_LINUX_CONTEXT_TRACKING_STATE_H
#define KTACH_COMPAT_LINUX_CONTEXT_TRACKING_STATE_H

#include_next <linux/context_tracking_state.h>

/* Older kernels say so by other names. */
#ifndef KTACH_HAVE_CT_RCU_WATCHING
#define CT_STATE_IDLE CONTEXT_IDLE
#define CT_RCU_WATCHING RCU_DYNTICKS_IDX
#endif

#endif /* KTACH_COMPAT_LINUX_CONTEXT_TRACKING_STATE_H */
