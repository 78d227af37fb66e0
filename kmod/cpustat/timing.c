// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cache.h>
#include <linux/cpuhotplug.h>
#include <linux/interrupt.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/seqlock.h>
#include <trace/events/irq.h>
#include <trace/events/sched.h>
#include <linux/ktach_ring.h>
#include <ktach/probe.h>

#include "timing.h"

/**
 * struct cpu_timing - whether a CPU is busy
 * @times: up to @since_ns
 * @seq: odd while the rest is written, which only the CPU itself does
 * @since_ns: when the CPU last turned to or from being busy
 * @busy: what it is since then
 * @counting: it is online
 */
struct cpu_timing {
	struct ktach_cpustat_timing times;
	u64 since_ns;
	seqcount_t seq;
	bool busy;
	bool counting;
};

static struct cpu_timing __percpu *timings;

/* The clock may differ by some ns between CPUs: time does not run backwards. */
static void advance(struct ktach_cpustat_timing *times, bool busy, u64 since,
		    u64 now)
{
	u64 ns = now - min(now, since);

	if (busy)
		times->busy_ns += ns;
	else
		times->idle_ns += ns;
}

/* On the CPU itself, interrupts off. */
static void turn(struct cpu_timing *t, bool busy)
{
	u64 now = ktime_get_mono_fast_ns();

	raw_write_seqcount_begin(&t->seq);
	if (t->counting)
		advance(&t->times, t->busy, t->since_ns, now);
	t->busy = busy;
	t->since_ns = now;
	raw_write_seqcount_end(&t->seq);
}

/*
 * Under the run queue's lock, interrupts off. From task to task nothing
 * changes, so that a busy CPU does not even read the clock.
 */
static void on_switch(void *unused, bool preempt, struct task_struct *prev,
		      struct task_struct *next, unsigned int prev_state)
{
	struct cpu_timing *t = this_cpu_ptr(timings);
	bool busy = !is_idle_task(next);

	if (t->busy != busy)
		turn(t, busy);
}

static void turn_if_idle(bool busy)
{
	unsigned long flags;

	if (!is_idle_task(current))
		return;
	local_irq_save(flags);
	turn(this_cpu_ptr(timings), busy);
	local_irq_restore(flags);
}

/* Softirq context. Work that the idle task is interrupted for is work. */
static void on_softirq_entry(void *unused, unsigned int vector)
{
	turn_if_idle(true);
}

static void on_softirq_exit(void *unused, unsigned int vector)
{
	turn_if_idle(false);
}

static struct ktach_probe probes[] = {
	{ .name = "sched_switch", .function = on_switch },
	{ .name = "softirq_entry", .function = on_softirq_entry },
	{ .name = "softirq_exit", .function = on_softirq_exit },
};

/* Nothing else holds a probe against what this kernel's tracepoint passes. */
static inline void check_probes(void)
{
	check_trace_callback_type_sched_switch(on_switch);
	check_trace_callback_type_softirq_entry(on_softirq_entry);
	check_trace_callback_type_softirq_exit(on_softirq_exit);
}

static void set_counting(bool counting)
{
	struct cpu_timing *t;
	unsigned long flags;

	local_irq_save(flags);
	t = this_cpu_ptr(timings);
	turn(t, true);
	t->counting = counting;
	local_irq_restore(flags);
}

/* The hotplug thread of the CPU, on it: not the idle task. */
static int on_cpu_up(unsigned int cpu)
{
	set_counting(true);
	return 0;
}

static int on_cpu_down(unsigned int cpu)
{
	set_counting(false);
	return 0;
}

static int hotplug_state;

/* The probes first: from the start on a CPU, no switch of it is unseen. */
static int start(void)
{
	int err;

	check_probes();
	err = ktach_probes_attach(probes, ARRAY_SIZE(probes));
	if (err)
		return err;
	hotplug_state = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN,
					  "ktach/cpustat:online", on_cpu_up,
					  on_cpu_down);
	if (hotplug_state < 0)
		ktach_probes_detach(probes, ARRAY_SIZE(probes));
	return min(hotplug_state, 0);
}

int ktach_cpustat_timing_init(void)
{
	int cpu, err;

	timings = __alloc_percpu(sizeof(*timings), SMP_CACHE_BYTES);
	if (!timings)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		seqcount_init(&per_cpu_ptr(timings, cpu)->seq);
	err = start();
	if (err) {
		free_percpu(timings);
		timings = NULL;
	}
	return err;
}

void ktach_cpustat_timing_uninit(void)
{
	if (!timings)
		return;
	cpuhp_remove_state_nocalls(hotplug_state);
	ktach_probes_detach(probes, ARRAY_SIZE(probes));
	free_percpu(timings);
	timings = NULL;
}

/*
 * Another CPU's write is over in a moment; one of this CPU that this interrupt
 * came into is not. As of a moment before the times are read: a virtual CPU may
 * stand still in between, and what it did meanwhile is not known.
 */
bool ktach_cpustat_timing_read(struct ktach_cpustat_timing *times, int cpu)
{
	unsigned int seq, tries;
	struct cpu_timing *t, copy;
	u64 now;

	if (!timings)
		return false;
	t = per_cpu_ptr(timings, cpu);
	for (tries = 0; tries < 8; tries++) {
		now = ktime_get_mono_fast_ns();
		seq = raw_read_seqcount(&t->seq);
		copy = *t;
		if (seq & 1 || read_seqcount_retry(&t->seq, seq))
			continue;
		if (copy.counting)
			advance(&copy.times, copy.busy, copy.since_ns, now);
		*times = copy.times;
		return true;
	}
	return false;
}
