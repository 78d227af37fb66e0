/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTACH_COMPAT_LINUX_HRTIMER_H
#define KTACH_COMPAT_LINUX_HRTIMER_H

#include_next <linux/hrtimer.h>

#ifndef KTACH_HAVE_HRTIMER_SETUP
static inline void
hrtimer_setup(struct hrtimer *timer,
	      enum hrtimer_restart (*function)(struct hrtimer *),
	      clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

#endif /* KTACH_COMPAT_LINUX_HRTIMER_H */
