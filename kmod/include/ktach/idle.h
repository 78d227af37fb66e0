/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether a CPU slept on since it was looked at last. Nothing that a CPU itself
 * counts changes meanwhile, so that its counters need not be read again.
 */
#ifndef KTACH_IDLE_H
#define KTACH_IDLE_H

#include <linux/atomic.h>
#include <linux/context_tracking_state.h>
#include <linux/percpu.h>
#include <linux/types.h>

/**
 * ktach_idle_spell() - which spell of sleep a CPU is in
 * @cpu: which CPU
 *
 * The kernel counts how often a CPU turns to and from being idle, interrupts
 * included, for RCU's sake. As long as this returns the same number, but for 0,
 * the CPU has executed nothing. Whatever the CPU wrote before is seen by whoever
 * reads it after this. The count wraps after 2^29 spells, which no period is long
 * enough for.
 *
 * Context: any.
 * Return: the spell's number; 0 for a CPU that is awake or in user space, or if
 * this kernel does not keep count.
 */
static inline u32 ktach_idle_spell(int cpu)
{
#ifdef CONFIG_CONTEXT_TRACKING_IDLE
	const struct context_tracking *ct = per_cpu_ptr(&context_tracking, cpu);
	u32 state = atomic_read_acquire(&ct->state);

	if ((state & (CT_RCU_WATCHING | CT_STATE_MASK)) == CT_STATE_IDLE)
		return state;
#endif
	return 0;
}

#endif /* KTACH_IDLE_H */
