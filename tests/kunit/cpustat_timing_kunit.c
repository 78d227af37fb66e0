// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long a CPU is busy, with a clock and an idle task that the test sets; and
 * with the real ones, attached to the kernel's tracepoints.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/ktach_ring.h>

#include "../../kmod/cpustat/timing.h"
#include "fakes.h"

/* Tasks that only their address is known of. */
static struct task_struct *const idle = (void *)0x1000;
static struct task_struct *const task = (void *)0x2000;
static struct task_struct *const other = (void *)0x3000;

static int setup(struct kunit *test)
{
	test_kernel_reset();
	test_kernel.idle_task = idle;
	test_kernel.clock_ns = 1000;
	return ktach_cpustat_timing_init();
}

static void teardown(struct kunit *test)
{
	ktach_cpustat_timing_uninit();
}

static void switch_at(u64 ns, struct task_struct *prev,
		      struct task_struct *next)
{
	void (*on_switch)(void *unused, bool preempt, struct task_struct *prev,
			  struct task_struct *next,
			  unsigned int prev_state) = test_probe("sched_switch");
	unsigned long flags;

	test_kernel.clock_ns = ns;
	local_irq_save(flags);
	on_switch(NULL, false, prev, next, 0);
	local_irq_restore(flags);
}

static void softirq_at(u64 ns, const char *what)
{
	void (*probe)(void *unused, unsigned int vector) = test_probe(what);

	test_kernel.clock_ns = ns;
	probe(NULL, 3);
}

static void online_at(u64 ns, bool online)
{
	test_kernel.clock_ns = ns;
	if (online)
		test_kernel.up(0);
	else
		test_kernel.down(0);
}

static void expect_at(struct kunit *test, u64 ns, u64 busy_ns, u64 idle_ns)
{
	struct ktach_cpustat_timing times = {};

	test_kernel.clock_ns = ns;
	KUNIT_EXPECT_TRUE(test, ktach_cpustat_timing_read(&times, 0));
	KUNIT_EXPECT_EQ(test, times.busy_ns, busy_ns);
	KUNIT_EXPECT_EQ(test, times.idle_ns, idle_ns);
}

static void turn_idle(void)
{
	switch_at(2500, task, idle);
	test_kernel.clock_ns = 2600;
}

/* However long it takes from the one to the other, no time is of two states. */
static void the_clock_before_the_times(struct kunit *test)
{
	online_at(1000, true);
	test_kernel.before_clock = turn_idle;
	expect_at(test, 2000, 1500, 100);
}

static void what_goes_on_counts_up_to_now(struct kunit *test)
{
	online_at(1000, true);
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
	online_at(1000, true);
	test_kernel.clock_reads = 0;
	switch_at(2000, task, other);
	KUNIT_EXPECT_EQ(test, test_kernel.clock_reads, 0);
	expect_at(test, 2500, 1500, 0);
}

static void offline_does_not_count(struct kunit *test)
{
	expect_at(test, 900, 0, 0);
	switch_at(950, task, idle);
	online_at(1000, true);
	online_at(1400, false);
	expect_at(test, 9000, 400, 0);
	switch_at(9500, task, idle);
	online_at(10000, true);
	expect_at(test, 10100, 500, 0);
}

static void softirqs_of_the_idle_task_are_work(struct kunit *test)
{
	online_at(1000, true);
	switch_at(2000, task, current);
	test_kernel.clock_reads = 0;
	softirq_at(2100, "softirq_entry");
	softirq_at(2200, "softirq_exit");
	KUNIT_EXPECT_EQ(test, test_kernel.clock_reads, 0);

	test_kernel.idle_task = current;
	switch_at(3000, task, current);
	softirq_at(3500, "softirq_entry");
	softirq_at(3600, "softirq_exit");
	expect_at(test, 4000, 2000 + 100, 500 + 400);
}

/* Two CPUs' clocks may differ by a little. */
static void a_clock_behind_adds_nothing(struct kunit *test)
{
	online_at(1000, true);
	switch_at(2000, task, idle);
	expect_at(test, 1990, 1000, 0);
	switch_at(1980, idle, task);
	expect_at(test, 2100, 1000 + 120, 0);
}

static struct ktach_cpustat_timing seen;
static bool was_read;

static void read_meanwhile(void)
{
	was_read = ktach_cpustat_timing_read(&seen, 0);
}

/* By an interrupt of the CPU that writes. */
static void not_while_it_is_written(struct kunit *test)
{
	online_at(1000, true);
	seen.busy_ns = 5;
	was_read = true;
	test_kernel.while_written = read_meanwhile;
	switch_at(1200, task, idle);
	KUNIT_EXPECT_FALSE(test, was_read);
	KUNIT_EXPECT_EQ(test, seen.busy_ns, 5);
	expect_at(test, 1201, 200, 1);
}

static void off_means_off(struct kunit *test)
{
	struct ktach_cpustat_timing times = { .busy_ns = 5 };

	ktach_cpustat_timing_uninit();
	KUNIT_EXPECT_FALSE(test, ktach_cpustat_timing_read(&times, 0));
	KUNIT_EXPECT_EQ(test, times.busy_ns, 5);
	KUNIT_EXPECT_NULL(test, test_probe("sched_switch"));
	/* The second time, by teardown(), does nothing. */
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

	ktach_cpustat_timing_uninit();
	test_kernel_reset();
	test_kernel.is_real = true;
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
}

static struct kunit_case timing_cases[] = {
	KUNIT_CASE(the_clock_before_the_times),
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
