/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether a CPU slept on, or was awake all the time, since it was looked at last.
 * Nothing that a CPU itself counts changes while it sleeps, and no idle time while
 * it is awake, so that this need not be read again.
 *
 * The kernel counts how often a CPU turns to and from being idle, interrupts
 * included, for RCU's sake. A kernel that does not, or whose count is so short
 * that it may wrap between two samples (CONFIG_RCU_DYNTICKS_TORTURE has two
 * bits), says nothing here: every CPU is then read each time, as /proc/stat
 * reads them.
 */
#ifndef KTACH_IDLE_H
#define KTACH_IDLE_H

#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/context_tracking_state.h>
#include <linux/percpu.h>
#include <linux/types.h>

#ifdef CONFIG_CONTEXT_TRACKING_IDLE
/* A CPU that turns every 100 ns needs 100 s for so many: more than a period. */
#define KTACH_IDLE_IS_COUNTED (CT_RCU_WATCHING_WIDTH >= 30)
/* The state below, the count above it, in one word of 32 bits. */
static_assert(sizeof(((struct context_tracking *)NULL)->state) == sizeof(u32));
static_assert(CT_STATE_MASK + 1 == CT_RCU_WATCHING);
static_assert(CT_STATE_IDLE && CT_STATE_IDLE <= CT_STATE_MASK);
#else
#define KTACH_IDLE_IS_COUNTED 0
#endif

/**
 * ktach_idle_count() - what changes whenever a CPU turns to or from being idle
 * @cpu: which CPU
 *
 * Context: any.
 * Return: the count, with the CPU's state in it; 0 if there is none.
 */
static inline u32 ktach_idle_count(int cpu)
{
#ifdef CONFIG_CONTEXT_TRACKING_IDLE
	const struct context_tracking *ct = per_cpu_ptr(&context_tracking, cpu);

	/* Pairs with the CPU's own, fully ordered change of it. */
	if (KTACH_IDLE_IS_COUNTED)
		return atomic_read_acquire(&ct->state);
#endif
	return 0;
}

/**
 * ktach_idle_spell() - which spell of sleep, or of being awake, a CPU is in
 * @cpu: which CPU
 * @sleeps: set to which of the two
 *
 * As long as this returns the same number, but for 0, the CPU has executed
 * nothing if it sleeps, and has not turned idle if it is awake. Whatever the CPU
 * wrote before is seen by whoever reads it after this.
 *
 * Context: any.
 * Return: the spell's number; 0 for a CPU that was interrupted while it was idle,
 * or if this kernel does not keep count.
 */
static inline u32 ktach_idle_spell(int cpu, bool *sleeps)
{
	*sleeps = false;
#ifdef CONFIG_CONTEXT_TRACKING_IDLE
	u32 count = ktach_idle_count(cpu);

	if ((count & CT_STATE_MASK) != CT_STATE_IDLE)
		return count;
	*sleeps = !(count & CT_RCU_WATCHING);
	return *sleeps ? count : 0;
#else
	return 0;
#endif
}

#endif /* KTACH_IDLE_H */
