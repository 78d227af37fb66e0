/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the samplers ask the kernel for, and have it do, is the test's: run.sh compiles
 * kmod/cpustat and kmod/softirq a second time, with this before their first line and
 * KTACH_FAKES set, for the modules of tests. A test sets struct test_kernel, and calls
 * what the samplers registered as the kernel would.
 */
#ifndef KTACH_KUNIT_FAKES_H
#define KTACH_KUNIT_FAKES_H

#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/seqlock.h>
#include <linux/tick.h>
#include <trace/events/irq.h>
#include <trace/events/sched.h>
#include <ktach/idle.h>
#include <ktach/probe.h>

/**
 * struct test_kernel - the one CPU that there is, and who hears of it
 * @idle_us: as the tick has it; -1: it does not know
 * @iowait_us: the same
 * @clock_ns: the time; 0: as the kernel has it
 * @clock_reads: how often it was asked for
 * @spell: of sleep
 * @is_awake: not of sleep, but of being awake
 * @is_online: whether the CPU is
 * @idle_task: of the CPU; NULL: as the kernel has it
 * @is_real: probes and hotplug states are given on to the kernel
 * @before_clock: called, if set, once, before the time is told
 * @while_written: called, if set, before a writer has ended
 * @off: CPU hotplug, as registered: the CPU is off,
 * @coming: will be on,
 * @up: is on,
 * @down: will be off
 */
struct test_kernel {
	u64 idle_us;
	u64 iowait_us;
	u64 clock_ns;
	unsigned int clock_reads;
	u32 spell;
	bool is_awake;
	bool is_online;
	struct task_struct *idle_task;
	bool is_real;
	void (*before_clock)(void);
	void (*while_written)(void);
	int (*coming)(unsigned int cpu);
	int (*off)(unsigned int cpu);
	int (*up)(unsigned int cpu);
	int (*down)(unsigned int cpu);
};

extern struct test_kernel test_kernel;

/* All zero, but for an online CPU. */
void test_kernel_reset(void);

/* The function that a sampler wants called at a tracepoint; NULL: it is not attached. */
void *test_probe(const char *name);

u64 test_idle_us(int cpu, u64 *wall);
u64 test_iowait_us(int cpu, u64 *wall);
u64 test_clock_ns(void);
u64 test_fast_clock_ns(void);
u32 test_spell(int cpu, bool *sleeps);
bool test_cpu_online(int cpu);
bool test_is_idle(const struct task_struct *task);
void test_write_end(seqcount_t *seq);
int test_setup_state(enum cpuhp_state state, const char *name,
		     int (*up)(unsigned int cpu),
		     int (*down)(unsigned int cpu));
int test_setup_state_nocalls(enum cpuhp_state state, const char *name,
			     int (*up)(unsigned int cpu),
			     int (*down)(unsigned int cpu));
void test_remove_state(enum cpuhp_state state);
int test_probes_attach(struct ktach_probe *probes, unsigned int count);
void test_probes_detach(struct ktach_probe *probes, unsigned int count);

#ifdef KTACH_FAKES
#define get_cpu_idle_time_us test_idle_us
#define get_cpu_iowait_time_us test_iowait_us
#define ktime_get_ns test_clock_ns
#define ktime_get_mono_fast_ns test_fast_clock_ns
#define ktach_idle_spell test_spell
#undef cpu_online
#define cpu_online test_cpu_online
#define is_idle_task test_is_idle
#undef raw_write_seqcount_end
#define raw_write_seqcount_end test_write_end
#define cpuhp_setup_state test_setup_state
#define cpuhp_setup_state_nocalls_cpuslocked test_setup_state_nocalls
#define cpuhp_remove_state_nocalls test_remove_state
#define cpuhp_remove_state_nocalls_cpuslocked test_remove_state
#define ktach_probes_attach test_probes_attach
#define ktach_probes_detach test_probes_detach
#endif

#endif /* KTACH_KUNIT_FAKES_H */
