// SPDX-License-Identifier: GPL-2.0-only
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/time64.h>

#include "duty.h"

enum {
	PERCENT_MAX = 100,
};

static unsigned int duty_percent = 25;

static int set_percent(const char *text, const struct kernel_param *parameter)
{
	return param_set_uint_minmax(text, parameter, 1, PERCENT_MAX);
}

static const struct kernel_param_ops percent_ops = {
	.set = set_percent,
	.get = param_get_uint,
};

module_param_cb(duty_percent, &percent_ops, &duty_percent, 0644);
MODULE_PARM_DESC(duty_percent,
		 "CPU time for the timers, and for the thread; 100: no limit");

unsigned int ktach_duty_percent(void)
{
	return READ_ONCE(duty_percent);
}

/* What has been earned since @duty->as_of; under its lock. */
static void earn(struct ktach_duty *duty, ktime_t now, unsigned int percent)
{
	s64 passed_ns = ktime_to_ns(ktime_sub(now, duty->as_of));

	lockdep_assert_held(&duty->lock);
	/* The clocks of two CPUs may differ by some ns. */
	if (passed_ns <= 0)
		return;
	/* Longer than it takes to have all: no product overflows. */
	passed_ns = min_t(s64, passed_ns, 3600 * NSEC_PER_SEC);
	duty->left_ns = min_t(s64, KTACH_DUTY_BURST_NS,
			      duty->left_ns + div_u64(passed_ns * percent,
						      PERCENT_MAX));
	duty->as_of = now;
}

ktime_t ktach_duty_spend(struct ktach_duty *duty, s64 spent_ns, ktime_t now)
{
	unsigned int percent = ktach_duty_percent();
	unsigned long flags;
	s64 left_ns;

	raw_spin_lock_irqsave(&duty->lock, flags);
	earn(duty, now, percent);
	duty->left_ns -= spent_ns;
	duty->left_ns = max_t(s64, duty->left_ns,
			      percent == PERCENT_MAX ? 0 : -KTACH_DUTY_DEBT_NS);
	left_ns = duty->left_ns;
	raw_spin_unlock_irqrestore(&duty->lock, flags);
	if (left_ns >= 0)
		return now;
	return ktime_add_ns(now, div_u64(-left_ns * PERCENT_MAX, percent));
}
