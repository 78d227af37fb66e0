// SPDX-License-Identifier: GPL-2.0-only
/* The timer: limits, when it ticks, what it counts, how it starts and stops. */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/ktime.h>

#include "../../kmod/aggregator/duty.h"
#include "../../kmod/aggregator/source.h"
#include "fixture.h"

static struct ktach_ring *ring(void)
{
	return test_source.feed->ring;
}

static void limits_of_the_period(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, ktach_tick_period_valid(0));
	KUNIT_EXPECT_FALSE(test, ktach_tick_period_valid(99));
	KUNIT_EXPECT_TRUE(test, ktach_tick_period_valid(100));
	KUNIT_EXPECT_TRUE(test, ktach_tick_period_valid(1000000));
	KUNIT_EXPECT_TRUE(test, ktach_tick_period_valid(60000000));
	KUNIT_EXPECT_FALSE(test, ktach_tick_period_valid(60000001));
	KUNIT_EXPECT_FALSE(test, ktach_tick_period_valid(UINT_MAX));
}

/*
 * Between two samples every multiple of the period is either theirs or
 * counted as missed, however late the timer is.
 */
static void expect_no_tick_lost(struct kunit *test, u64 period_ns, u64 samples)
{
	const struct ktach_slot *before, *slot;
	u64 n;

	for (n = 2; n <= samples; n++) {
		before = ktach_ring_slot(ring(), n - 1);
		slot = ktach_ring_slot(ring(), n);
		KUNIT_EXPECT_EQ(test, slot->sequence, 2 * n);
		KUNIT_EXPECT_EQ(test,
				div64_u64(slot->mono_ns, period_ns) -
					div64_u64(before->mono_ns, period_ns),
				1 + slot->missed - before->missed);
	}
}

static void ticks_at_multiples_of_the_period(struct kunit *test)
{
	u64 least_late = U64_MAX, late;
	u64 n;

	test_source.slots = 64;
	test_source.period_us = 5000;
	test_register(test);
	test_wait_for(test, 20);
	ktach_tick_stop(&test_source.feed->tick);
	expect_no_tick_lost(test, 5000000, 20);

	/* A busy host makes some of them late, but not all by so much. */
	for (n = 1; n <= 20; n++) {
		div64_u64_rem(ktach_ring_slot(ring(), n)->mono_ns, 5000000,
			      &late);
		least_late = min(least_late, late);
	}
	KUNIT_EXPECT_LT(test, least_late, 500000);
}

static void both_clocks_at_one_moment(struct kunit *test)
{
	const struct ktach_slot *slot;
	s64 apart;

	test_source.period_us = 1000;
	test_register(test);
	test_wait_for(test, 1);
	slot = ktach_ring_slot(ring(), 1);
	apart = ktime_to_ns(ktime_mono_to_real(ns_to_ktime(slot->mono_ns))) -
		slot->real_ns;
	/* The host may set its clock a little meanwhile. */
	KUNIT_EXPECT_LT(test, abs(apart), 100000000LL);
}

static void sample_slowly(struct ktach_source *source, void *records,
			  size_t stride)
{
	u64 end = ktime_get_ns() + 1000000;

	while (ktime_get_ns() < end)
		cpu_relax();
	source->backward_events += 3;
}

/* It costs ticks, which are counted; the CPU is still there for others. */
static void a_sample_longer_than_its_period(struct kunit *test)
{
	const struct ktach_ring_header *header;

	test_source.slots = 64;
	test_source.period_us = 100;
	test_source.sample = sample_slowly;
	test_register(test);
	test_wait_for(test, 20);
	ktach_tick_stop(&test_source.feed->tick);
	expect_no_tick_lost(test, 100000, 20);

	header = ring()->header;
	KUNIT_EXPECT_GE(test, header->missed, 20 * 9);
	KUNIT_EXPECT_GE(test, header->fill_ns_last, 1000000);
	KUNIT_EXPECT_GE(test, header->fill_ns_max, header->fill_ns_last);
	KUNIT_EXPECT_EQ(test, header->backward_events, 3 * header->head);
}

static void sample_as_long(struct ktach_source *source, void *records,
			   size_t stride)
{
	u64 end = ktime_get_ns() + 2000000;

	while (ktime_get_ns() < end)
		cpu_relax();
}

/* A quarter of the CPU and no more, once what may be taken at once is gone. */
static void a_part_of_the_cpu(struct kunit *test)
{
	const struct ktach_slot *from, *to;
	u64 passed_ns, missed;

	test_source.slots = 256;
	test_source.period_us = 100;
	test_source.sample = sample_as_long;
	test_log_mark();
	test_register(test);
	test_wait_for(test, 60);
	ktach_tick_stop(&test_source.feed->tick);
	expect_no_tick_lost(test, 100000, 60);
	from = ktach_ring_slot(ring(), 30);
	to = ktach_ring_slot(ring(), 60);
	passed_ns = to->mono_ns - from->mono_ns;
	KUNIT_EXPECT_GE(test, passed_ns, 30 * 2000000 * 4ULL * 95 / 100);
	missed = to->missed - from->missed;
	KUNIT_EXPECT_GE(test, missed, 30 * 60);
	test_expect_log(test, "that is more than duty_percent=25 of a CPU");

	/* Said once. */
	test_log_mark();
	KUNIT_EXPECT_EQ(test, ktach_tick_start(&test_source.feed->tick), 0);
	test_wait_for(test, 65);
	KUNIT_EXPECT_FALSE(test, test_log_has("duty_percent=25"));
}

static int wake_slowly(struct wait_queue_entry *waiter, unsigned int mode,
		       int flags, void *key)
{
	u64 end = ktime_get_ns() + 4 * KTACH_DUTY_BURST_NS;

	while (ktime_get_ns() < end)
		cpu_relax();
	return 0;
}

/* To wake readers is the timer's work, too: a sample itself takes no time here. */
static void readers_count_as_well(struct kunit *test)
{
	struct wait_queue_entry waiter;

	init_waitqueue_func_entry(&waiter, wake_slowly);
	test_source.slots = 64;
	test_source.period_us = 1000;
	test_log_mark();
	test_register(test);
	add_wait_queue(&ring()->wait, &waiter);
	test_wait_for(test, 4);
	ktach_tick_stop(&test_source.feed->tick);
	remove_wait_queue(&ring()->wait, &waiter);
	expect_no_tick_lost(test, 1000000, 4);
	test_expect_log(test, "that is more than duty_percent=25 of a CPU");
}

static void duty(struct kunit *test)
{
	struct ktach_duty d = KTACH_DUTY_INIT(d);
	ktime_t now = 1000 * NSEC_PER_SEC;

	/* Once a long one, from what was saved. */
	KUNIT_EXPECT_EQ(test, ktach_duty_spend(&d, 20000000, now), now);
	/* Then a quarter: 5 ms are left, of 9 the rest takes 16. */
	KUNIT_EXPECT_EQ(test, ktach_duty_spend(&d, 9000000, now),
			now + 16000000);
	now += 16000000;
	KUNIT_EXPECT_EQ(test, ktach_duty_spend(&d, 1000, now), now + 4000);
	/* No more is saved than that, and time may seem to run backwards. */
	now += 5000 * NSEC_PER_SEC;
	KUNIT_EXPECT_EQ(test, ktach_duty_spend(&d, 0, now), now);
	KUNIT_EXPECT_EQ(test, d.left_ns, KTACH_DUTY_BURST_NS);
	KUNIT_EXPECT_EQ(test, ktach_duty_spend(&d, 20, now - 5), now - 5);
	KUNIT_EXPECT_EQ(test, d.left_ns, KTACH_DUTY_BURST_NS - 20);
	/* A minute in a sample is no work, but a guest that stood still. */
	KUNIT_EXPECT_EQ(test,
			ktach_duty_spend(&d, 60 * NSEC_PER_SEC,
					 now + 60 * NSEC_PER_SEC),
			now + 60 * NSEC_PER_SEC + 4 * KTACH_DUTY_DEBT_NS);
}

static void a_new_period_counts_at_once(struct kunit *test)
{
	struct ktach_tick *tick;

	test_register(test);
	tick = &test_source.feed->tick;
	KUNIT_EXPECT_EQ(test, ktach_tick_set_period(tick, 1000), 0);
	KUNIT_EXPECT_EQ(test, ring()->header->period_ns, 1000000);
	test_wait_for(test, 3);
}

static void a_bad_period_changes_nothing(struct kunit *test)
{
	struct ktach_tick *tick;

	test_register(test);
	tick = &test_source.feed->tick;
	KUNIT_EXPECT_EQ(test, ktach_tick_set_period(tick, 99), -ERANGE);
	KUNIT_EXPECT_EQ(test, ktach_tick_set_period(tick, 60000001), -ERANGE);
	KUNIT_EXPECT_EQ(test, ring()->header->period_ns, 60000000000ULL);
	KUNIT_EXPECT_EQ(test, tick->period_us, 60000000);
}

static void stopped_is_stopped(struct kunit *test)
{
	struct ktach_tick *tick;
	u64 head;

	test_source.period_us = 200;
	test_register(test);
	tick = &test_source.feed->tick;
	test_wait_for(test, 2);
	ktach_tick_stop(tick);
	head = ktach_ring_head(ring());
	msleep(20);
	KUNIT_EXPECT_EQ(test, ktach_ring_head(ring()), head);

	/* Only the start makes it run again, a new period does not. */
	KUNIT_EXPECT_EQ(test, ktach_tick_set_period(tick, 300), 0);
	KUNIT_EXPECT_EQ(test, ring()->header->period_ns, 300000);
	msleep(20);
	KUNIT_EXPECT_EQ(test, ktach_ring_head(ring()), head);

	KUNIT_EXPECT_EQ(test, ktach_tick_start(tick), 0);
	test_wait_for(test, head + 2);
}

static void a_waiter_is_woken(struct kunit *test)
{
	long left;

	test_source.period_us = 50000;
	test_register(test);
	left = wait_event_interruptible_timeout(
		ring()->wait, ktach_ring_head(ring()) >= 2, 10 * HZ);
	/* Not found only when the time was up. */
	KUNIT_EXPECT_GT(test, left, 5 * HZ);
}

static struct kunit_case tick_cases[] = {
	KUNIT_CASE(limits_of_the_period),
	KUNIT_CASE(ticks_at_multiples_of_the_period),
	KUNIT_CASE(both_clocks_at_one_moment),
	KUNIT_CASE(a_sample_longer_than_its_period),
	KUNIT_CASE(a_part_of_the_cpu),
	KUNIT_CASE(readers_count_as_well),
	KUNIT_CASE(duty),
	KUNIT_CASE(a_new_period_counts_at_once),
	KUNIT_CASE(a_bad_period_changes_nothing),
	KUNIT_CASE(stopped_is_stopped),
	KUNIT_CASE(a_waiter_is_woken),
	{}
};

static struct kunit_suite tick_suite = {
	.name = "ktach_tick",
	.suite_init = test_suite_init,
	.suite_exit = test_suite_exit,
	.init = test_source_init,
	.exit = test_source_exit,
	.test_cases = tick_cases,
};
kunit_test_suite(tick_suite);
