// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long a CPU is busy, with a clock and an idle task that the test sets; and
 * with the real ones, attached to the kernel's tracepoints.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/sched.h>

static u64 test_ns; /* 0: the real clock */
static struct task_struct *test_idle_task;

static u64 test_clock(void)
{
	return test_ns ?: ktime_get_mono_fast_ns();
}

static bool test_is_idle(struct task_struct *task)
{
	return test_idle_task ? task == test_idle_task : is_idle_task(task);
}

#define ktime_get_mono_fast_ns test_clock
#define is_idle_task test_is_idle
#include "../../kmod/cpustat/timing.c"

/* Tasks that only their address is known of. */
static struct task_struct *const idle = (void *)0x1000;
static struct task_struct *const task = (void *)0x2000;
static struct task_struct *const other = (void *)0x3000;

static int setup(struct kunit *test)
{
	timings = alloc_percpu(struct cpu_timing);
	if (!timings)
		return -ENOMEM;
	seqcount_init(&this_cpu_ptr(timings)->seq);
	test_idle_task = idle;
	test_ns = 1000;
	return 0;
}

static void teardown(struct kunit *test)
{
	free_percpu(timings);
	timings = NULL;
	test_idle_task = NULL;
	test_ns = 0;
}

static void switch_at(u64 ns, struct task_struct *prev,
		      struct task_struct *next)
{
	unsigned long flags;

	test_ns = ns;
	local_irq_save(flags);
	on_switch(NULL, false, prev, next, 0);
	local_irq_restore(flags);
}

static void expect_at(struct kunit *test, u64 ns, u64 busy_ns, u64 idle_ns)
{
	struct ktach_cpustat_timing times = {};

	test_ns = ns;
	KUNIT_EXPECT_TRUE(test, ktach_cpustat_timing_read(&times, 0));
	KUNIT_EXPECT_EQ(test, times.busy_ns, busy_ns);
	KUNIT_EXPECT_EQ(test, times.idle_ns, idle_ns);
}

static void what_goes_on_counts_up_to_now(struct kunit *test)
{
	set_counting(true);
	expect_at(test, 1500, 500, 0);
	expect_at(test, 2000, 1000, 0);
	switch_at(3000, task, idle);
	expect_at(test, 3000, 2000, 0);
	expect_at(test, 3700, 2000, 700);
	switch_at(4000, idle, task);
	expect_at(test, 4001, 2001, 1000);
}

static void from_task_to_task_is_no_change(struct kunit *test)
{
	set_counting(true);
	switch_at(2000, task, other);
	KUNIT_EXPECT_EQ(test, this_cpu_ptr(timings)->since_ns, 1000);
	expect_at(test, 2500, 1500, 0);
}

static void offline_does_not_count(struct kunit *test)
{
	expect_at(test, 900, 0, 0);
	switch_at(950, task, idle);
	test_ns = 1000;
	set_counting(true);
	test_ns = 1400;
	set_counting(false);
	expect_at(test, 9000, 400, 0);
	switch_at(9500, task, idle);
	test_ns = 10000;
	set_counting(true);
	expect_at(test, 10100, 500, 0);
}

static void softirqs_of_the_idle_task_are_work(struct kunit *test)
{
	set_counting(true);
	switch_at(2000, task, current);
	on_softirq_entry(NULL, 3);
	on_softirq_exit(NULL, 3);
	KUNIT_EXPECT_EQ(test, this_cpu_ptr(timings)->since_ns, 1000);

	test_idle_task = current;
	switch_at(3000, task, current);
	test_ns = 3500;
	on_softirq_entry(NULL, 3);
	test_ns = 3600;
	on_softirq_exit(NULL, 3);
	expect_at(test, 4000, 2000 + 100, 500 + 400);
}

/* Two CPUs' clocks may differ by a little. */
static void a_clock_behind_adds_nothing(struct kunit *test)
{
	set_counting(true);
	switch_at(2000, task, idle);
	expect_at(test, 1990, 1000, 0);
	switch_at(1980, idle, task);
	expect_at(test, 2100, 1000 + 120, 0);
}

static void not_while_it_is_written(struct kunit *test)
{
	struct ktach_cpustat_timing times = { .busy_ns = 5 };
	struct cpu_timing *t = this_cpu_ptr(timings);

	set_counting(true);
	raw_write_seqcount_begin(&t->seq);
	KUNIT_EXPECT_FALSE(test, ktach_cpustat_timing_read(&times, 0));
	KUNIT_EXPECT_EQ(test, times.busy_ns, 5);
	raw_write_seqcount_end(&t->seq);
	expect_at(test, 1001, 1, 0);
}

static void off_means_off(struct kunit *test)
{
	struct ktach_cpustat_timing times = { .busy_ns = 5 };
	void __percpu *kept = timings;

	timings = NULL;
	KUNIT_EXPECT_FALSE(test, ktach_cpustat_timing_read(&times, 0));
	ktach_cpustat_timing_uninit();
	timings = kept;
}

/* By the clock: UML's mdelay() is as long as the host is free. */
static void spin_ns(u64 ns)
{
	u64 end = ktime_get_ns() + ns;

	while (ktime_get_ns() < end)
		cpu_relax();
}

/* The kernel's own switches: idle while this sleeps, busy while it does not. */
static void attached_it_follows_the_kernel(struct kunit *test)
{
	struct ktach_cpustat_timing a, b, c;
	u64 begin;
	s64 apart;

	teardown(test);
	KUNIT_ASSERT_EQ(test, ktach_cpustat_timing_init(), 0);
	begin = ktime_get_ns();
	ktach_cpustat_timing_read(&a, 0);
	msleep(200);
	ktach_cpustat_timing_read(&b, 0);
	spin_ns(50000000);
	ktach_cpustat_timing_read(&c, 0);
	begin = ktime_get_ns() - begin;
	ktach_cpustat_timing_uninit();
	KUNIT_EXPECT_GT(test, b.idle_ns - a.idle_ns, 150000000);
	KUNIT_EXPECT_GE(test, c.busy_ns - b.busy_ns, 30000000);
	KUNIT_EXPECT_LT(test, c.idle_ns - b.idle_ns, 25000000);
	apart = c.busy_ns + c.idle_ns - a.busy_ns - a.idle_ns - begin;
	KUNIT_EXPECT_LT(test, abs(apart), 5000000LL);
	KUNIT_ASSERT_EQ(test, setup(test), 0);
}

static struct kunit_case timing_cases[] = {
	KUNIT_CASE(what_goes_on_counts_up_to_now),
	KUNIT_CASE(from_task_to_task_is_no_change),
	KUNIT_CASE(offline_does_not_count),
	KUNIT_CASE(softirqs_of_the_idle_task_are_work),
	KUNIT_CASE(a_clock_behind_adds_nothing),
	KUNIT_CASE(not_while_it_is_written),
	KUNIT_CASE(off_means_off),
	KUNIT_CASE(attached_it_follows_the_kernel),
	{}
};

static struct kunit_suite timing_suite = {
	.name = "ktach_cpustat_timing",
	.init = setup,
	.exit = teardown,
	.test_cases = timing_cases,
};
kunit_test_suite(timing_suite);
