// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long softirqs run, with a clock that the test sets; and with the real
 * one, attached to the kernel's tracepoints.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/ktime.h>
#include <linux/ktach_ring.h>

#include "../../kmod/softirq/timing.h"
#include "fakes.h"

static struct ktach_softirq_timing times;

static int setup(struct kunit *test)
{
	test_kernel_reset();
	memset(&times, 0, sizeof(times));
	return ktach_softirq_timing_init();
}

static void teardown(struct kunit *test)
{
	ktach_softirq_timing_uninit();
}

static void softirq_at(u64 ns, const char *what, unsigned int vector)
{
	void (*probe)(void *unused, unsigned int vector) = test_probe(what);

	test_kernel.clock_ns = ns;
	probe(NULL, vector);
}

static void run(unsigned int vector, u64 from, u64 to)
{
	softirq_at(from, "softirq_entry", vector);
	softirq_at(to, "softirq_exit", vector);
	ktach_softirq_timing_read(&times, 0);
}

static void runs_add_up(struct kunit *test)
{
	run(3, 1000, 1500);
	run(3, 2000, 2100);
	run(9, 3000, 3007);
	KUNIT_EXPECT_EQ(test, times.time_ns[3], 600);
	KUNIT_EXPECT_EQ(test, times.time_ns[9], 7);
	KUNIT_EXPECT_EQ(test, times.time_ns[0], 0);
}

static void the_longest_run_and_when(struct kunit *test)
{
	run(1, 1000, 1500);
	KUNIT_EXPECT_EQ(test, times.max_ns[1], 500);
	KUNIT_EXPECT_EQ(test, times.max_at_ns[1], 1500);
	run(1, 2000, 2499);
	KUNIT_EXPECT_EQ(test, times.max_at_ns[1], 1500);
	run(1, 3000, 3501);
	KUNIT_EXPECT_EQ(test, times.max_ns[1], 501);
	KUNIT_EXPECT_EQ(test, times.max_at_ns[1], 3501);
	KUNIT_EXPECT_EQ(test, times.max_ns[2], 0);
}

/* Attached while a softirq was running, or one that this ABI does not know. */
static void what_cannot_be_counted_is_not(struct kunit *test)
{
	softirq_at(1000, "softirq_exit", 3);
	run(KTACH_SOFTIRQ_VECTORS, 2000, 3000);
	ktach_softirq_timing_read(&times, 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(&times, 0, sizeof(times)));
	run(3, 5000, 4000);
	KUNIT_EXPECT_EQ(test, times.time_ns[3], 0);
}

static void read_meanwhile(void)
{
	ktach_softirq_timing_read(&times, 0);
}

/* By an interrupt of the CPU that writes. */
static void the_last_values_while_written(struct kunit *test)
{
	run(3, 1000, 1500);
	softirq_at(2000, "softirq_entry", 3);
	test_kernel.while_written = read_meanwhile;
	softirq_at(2099, "softirq_exit", 3);
	KUNIT_EXPECT_EQ(test, times.time_ns[3], 500);
	ktach_softirq_timing_read(&times, 0);
	KUNIT_EXPECT_EQ(test, times.time_ns[3], 599);
}

static void off_means_off(struct kunit *test)
{
	ktach_softirq_timing_uninit();
	ktach_softirq_timing_read(&times, 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(&times, 0, sizeof(times)));
	KUNIT_EXPECT_NULL(test, test_probe("softirq_entry"));
	/* The second time, by teardown(), does nothing. */
}

/* By the clock: UML's mdelay() is as long as the host is free. */
static void take_long(struct tasklet_struct *tasklet)
{
	u64 end = ktime_get_mono_fast_ns() + 5000000;

	while (ktime_get_mono_fast_ns() < end)
		cpu_relax();
}
static DECLARE_TASKLET(slow, take_long);

static void attached_it_follows_the_kernel(struct kunit *test)
{
	u64 begin = ktime_get_ns();

	ktach_softirq_timing_uninit();
	test_kernel.is_real = true;
	KUNIT_ASSERT_EQ(test, ktach_softirq_timing_init(), 0);
	tasklet_schedule(&slow);
	msleep(20);
	ktach_softirq_timing_read(&times, 0);
	ktach_softirq_timing_uninit();
	KUNIT_EXPECT_GE(test, times.time_ns[TASKLET_SOFTIRQ], 5000000);
	KUNIT_EXPECT_GE(test, times.max_ns[TASKLET_SOFTIRQ], 5000000);
	KUNIT_EXPECT_GT(test, times.max_at_ns[TASKLET_SOFTIRQ], begin);
	KUNIT_EXPECT_LE(test, times.max_at_ns[TASKLET_SOFTIRQ], ktime_get_ns());
}

static struct kunit_case timing_cases[] = {
	KUNIT_CASE(runs_add_up),
	KUNIT_CASE(the_longest_run_and_when),
	KUNIT_CASE(what_cannot_be_counted_is_not),
	KUNIT_CASE(the_last_values_while_written),
	KUNIT_CASE(off_means_off),
	KUNIT_CASE(attached_it_follows_the_kernel),
	{}
};

static struct kunit_suite timing_suite = {
	.name = "ktach_softirq_timing",
	.init = setup,
	.exit = teardown,
	.test_cases = timing_cases,
};
kunit_test_suite(timing_suite);
