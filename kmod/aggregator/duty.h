/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How much of a CPU sampling may take, as perf has it for its own: work that
 * takes longer than its period would else leave nothing to anybody.
 */
#ifndef KTACH_AGGREGATOR_DUTY_H
#define KTACH_AGGREGATOR_DUTY_H

#include <linux/ktime.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/**
 * struct ktach_duty - those who share a part of a CPU
 * @lock: around the rest; a leaf, taken in hard interrupts
 * @left_ns: CPU time that may be taken at once; less than 0: to be waited for
 * @as_of: when that was
 *
 * It grows with the time that passes, up to KTACH_DUTY_BURST_NS, so that a
 * sample that takes long once costs no tick; and is never less than
 * -KTACH_DUTY_DEBT_NS, so that a guest that stood still for a minute in the middle
 * of a sample does not wait for four.
 */
struct ktach_duty {
	raw_spinlock_t lock;
	s64 left_ns;
	ktime_t as_of;
};

enum ktach_duty_limits {
	KTACH_DUTY_BURST_NS = 25 * 1000 * 1000,
	KTACH_DUTY_DEBT_NS = 100 * 1000 * 1000,
};

#define KTACH_DUTY_INIT(_name)                                  \
	{                                                       \
		.lock = __RAW_SPIN_LOCK_UNLOCKED((_name).lock), \
		.left_ns = KTACH_DUTY_BURST_NS,                 \
	}

/**
 * ktach_duty_spend() - account for CPU time
 * @duty: whose
 * @spent_ns: how much it was
 * @now: when it ended
 *
 * Context: any.
 * Return: when there is time for the next; @now if that is at once.
 */
ktime_t ktach_duty_spend(struct ktach_duty *duty, s64 spent_ns, ktime_t now);

/* The module parameter, percent of a CPU; 100: no limit. */
unsigned int ktach_duty_percent(void);

#endif /* KTACH_AGGREGATOR_DUTY_H */
