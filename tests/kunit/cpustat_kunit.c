// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sampler of CPU times, with times that the test sets: those of the
 * scheduler are exported data, the others are fakes.
 */
#include <kunit/test.h>
#include <linux/irqflags.h>
#include <linux/kernel_stat.h>
#include <linux/ktach_ring.h>
#include <ktach/source.h>

#include "../../kmod/cpustat/sample.h"
#include "fakes.h"

/* UML has the one CPU; a stride that is no record's size would show. */
#define STRIDE 192

static struct ktach_source source;
static u8 memory[2 * STRIDE];

/* At the time that the clock has. */
static struct ktach_cpustat_record *
sample_now(const struct kernel_cpustat *stat)
{
	struct kernel_cpustat *kernel = &kcpustat_cpu(0);
	struct kernel_cpustat saved;
	unsigned long flags;

	/* No tick may see the values, nor add to them. */
	local_irq_save(flags);
	saved = *kernel;
	*kernel = *stat;
	source.now_ns = test_kernel.clock_ns;
	ktach_cpustat_sample(&source, memory, STRIDE);
	*kernel = saved;
	local_irq_restore(flags);
	return (void *)memory;
}

/* A second after the one before. */
static struct ktach_cpustat_record *sample(const struct kernel_cpustat *stat)
{
	test_kernel.clock_ns += NSEC_PER_SEC;
	return sample_now(stat);
}

static int setup(struct kunit *test)
{
	memset(&source, 0, sizeof(source));
	cpumask_set_cpu(0, &source.seen);
	source.cpus = 1;
	source.record_size = sizeof(struct ktach_cpustat_record);
	memset(memory, 0xa5, sizeof(memory));
	test_kernel_reset();
	test_kernel.idle_us = -1ULL;
	test_kernel.iowait_us = -1ULL;
	test_kernel.clock_ns = 1000000000;
	return ktach_cpustat_sample_init();
}

static void teardown(struct kunit *test)
{
	ktach_cpustat_sample_uninit();
}

static void fill(struct kernel_cpustat *stat, u64 first)
{
	int i;

	for (i = 0; i < NR_STATS; i++)
		stat->cpustat[i] = first + i;
}

static void each_time_has_its_field(struct kunit *test)
{
	struct kernel_cpustat stat;
	struct ktach_cpustat_record *r;

	fill(&stat, 1000);
	r = sample(&stat);

	KUNIT_EXPECT_EQ(test, r->cpu, 0);
	KUNIT_EXPECT_EQ(test, r->flags, KTACH_CPU_ONLINE | KTACH_CPU_SEEN);
	KUNIT_EXPECT_EQ(test, r->user_ns, 1000 + CPUTIME_USER);
	KUNIT_EXPECT_EQ(test, r->nice_ns, 1000 + CPUTIME_NICE);
	KUNIT_EXPECT_EQ(test, r->system_ns, 1000 + CPUTIME_SYSTEM);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 1000 + CPUTIME_IDLE);
	KUNIT_EXPECT_EQ(test, r->iowait_ns, 1000 + CPUTIME_IOWAIT);
	KUNIT_EXPECT_EQ(test, r->irq_ns, 1000 + CPUTIME_IRQ);
	KUNIT_EXPECT_EQ(test, r->softirq_ns, 1000 + CPUTIME_SOFTIRQ);
	KUNIT_EXPECT_EQ(test, r->steal_ns, 1000 + CPUTIME_STEAL);
	KUNIT_EXPECT_EQ(test, r->guest_ns, 1000 + CPUTIME_GUEST);
	KUNIT_EXPECT_EQ(test, r->guest_nice_ns, 1000 + CPUTIME_GUEST_NICE);
	KUNIT_EXPECT_EQ(test, source.backward_events, 0);
}

static void only_its_record_is_written(struct kunit *test)
{
	struct kernel_cpustat stat;
	size_t size = sizeof(struct ktach_cpustat_record);

	fill(&stat, 1);
	sample(&stat);
	KUNIT_EXPECT_NULL(test, memchr_inv(memory + size, 0xa5,
					   sizeof(memory) - size));
}

/* The tick keeps idle times in us, and knows them better where it does. */
static void idle_comes_from_the_tick(struct kunit *test)
{
	struct kernel_cpustat stat;
	struct ktach_cpustat_record *r;

	fill(&stat, 5);
	test_kernel.idle_us = 7000000000ULL;
	test_kernel.iowait_us = 3;
	r = sample(&stat);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 7000000000000ULL);
	KUNIT_EXPECT_EQ(test, r->iowait_ns, 3000);
	KUNIT_EXPECT_EQ(test, source.backward_events, 0);
}

/* One field after the other runs backwards; the others go on meanwhile. */
static void every_field_is_held(struct kunit *test)
{
	static const int field[] = {
		CPUTIME_USER,	    CPUTIME_NICE,   CPUTIME_SYSTEM,
		CPUTIME_IDLE,	    CPUTIME_IOWAIT, CPUTIME_IRQ,
		CPUTIME_SOFTIRQ,    CPUTIME_STEAL,  CPUTIME_GUEST,
		CPUTIME_GUEST_NICE,
	};
	struct ktach_cpustat_record *r = (void *)memory;
	u64 *value = &r->user_ns;
	struct kernel_cpustat stat;
	int i, j;

	for (i = 0; i < ARRAY_SIZE(field); i++) {
		u64 base = 1000000 * (i + 1);

		fill(&stat, base);
		sample(&stat);
		source.backward_events = 0;

		fill(&stat, base + 100);
		stat.cpustat[field[i]] = base + field[i] - 1;
		sample(&stat);
		KUNIT_EXPECT_EQ(test, source.backward_events, 1);
		for (j = 0; j < ARRAY_SIZE(field); j++)
			KUNIT_EXPECT_EQ(test, value[j],
					base + field[j] + (j == i ? 0 : 100));
	}
}

static void held_until_the_kernel_catches_up(struct kunit *test)
{
	static const u64 given[] = { 50, 49, 10, 0, 50, 51 };
	static const u64 wanted[] = { 50, 50, 50, 50, 50, 51 };
	struct kernel_cpustat stat = {};
	struct ktach_cpustat_record *r;
	int i;

	for (i = 0; i < ARRAY_SIZE(given); i++) {
		stat.cpustat[CPUTIME_IOWAIT] = given[i];
		r = sample(&stat);
		KUNIT_EXPECT_EQ(test, r->iowait_ns, wanted[i]);
	}
	KUNIT_EXPECT_EQ(test, source.backward_events, 3);
}

/* The tick's idle estimate gives way to the scheduler's, and back. */
static void idle_does_not_jump_back_between_sources(struct kunit *test)
{
	struct kernel_cpustat stat = {};
	struct ktach_cpustat_record *r;

	test_kernel.idle_us = 10;
	sample(&stat);
	test_kernel.idle_us = -1ULL;
	stat.cpustat[CPUTIME_IDLE] = 9999;
	r = sample(&stat);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 10000);
	KUNIT_EXPECT_EQ(test, source.backward_events, 1);
	stat.cpustat[CPUTIME_IDLE] = 10001;
	r = sample(&stat);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 10001);
}

static void offline_keeps_the_last_values(struct kunit *test)
{
	struct kernel_cpustat stat;
	struct ktach_cpustat_record *r;

	fill(&stat, 1000);
	sample(&stat);
	test_kernel.is_online = false;
	fill(&stat, 5000);
	r = sample(&stat);
	KUNIT_EXPECT_EQ(test, r->flags, KTACH_CPU_SEEN);
	KUNIT_EXPECT_EQ(test, r->user_ns, 1000 + CPUTIME_USER);

	/* Back with counters that the kernel began anew: no step back. */
	test_kernel.is_online = true;
	fill(&stat, 1);
	r = sample(&stat);
	KUNIT_EXPECT_EQ(test, r->flags, KTACH_CPU_ONLINE | KTACH_CPU_SEEN);
	KUNIT_EXPECT_EQ(test, r->user_ns, 1000 + CPUTIME_USER);
	KUNIT_EXPECT_EQ(test, source.backward_events, 10);
}

static void never_online_is_not_touched(struct kunit *test)
{
	struct kernel_cpustat stat;

	cpumask_clear(&source.seen);
	fill(&stat, 1000);
	sample(&stat);
	KUNIT_EXPECT_NULL(test, memchr_inv(memory, 0xa5, sizeof(memory)));
}

/* Sample with the tick's times, @ns later by the clock. */
static struct ktach_cpustat_record *sample_later(u64 ns, u64 idle_us,
						 u64 iowait_us, u64 others_ns)
{
	struct kernel_cpustat stat;

	fill(&stat, others_ns);
	test_kernel.idle_us = idle_us;
	test_kernel.iowait_us = iowait_us;
	test_kernel.clock_ns += ns;
	return sample_now(&stat);
}

/* Read till idle time is seen to move; then the clock tells. */
static void asleep_is_not_read_again(struct kunit *test)
{
	struct ktach_cpustat_record *r;

	test_kernel.spell = 5;
	sample_later(0, 100, 7, 1000);
	r = sample_later(1000000, 1100, 7, 1000);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 1100000);
	r = sample_later(2500000, 9999, 9, 5000);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 1100000 + 2500000);
	KUNIT_EXPECT_EQ(test, r->iowait_ns, 7000);
	KUNIT_EXPECT_EQ(test, r->user_ns, 1000 + CPUTIME_USER);
	r = sample_later(100, 9999, 9, 5000);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 1100000 + 2500100);
	KUNIT_EXPECT_EQ(test, source.backward_events, 0);
}

static void awake_is_read_again(struct kunit *test)
{
	static const u32 after[] = { 0, 6 };
	struct ktach_cpustat_record *r;
	int i;

	for (i = 0; i < ARRAY_SIZE(after); i++) {
		u64 us = 100000 * (i + 1);

		test_kernel.spell = 5;
		sample_later(NSEC_PER_SEC, us, us, us);
		sample_later(1000000, us + 1000, us, us);
		test_kernel.spell = after[i];
		r = sample_later(1000000, us + 1900, us + 2, us + 50);
		KUNIT_EXPECT_EQ(test, r->idle_ns, 1000 * (us + 1900));
		KUNIT_EXPECT_EQ(test, r->iowait_ns, 1000 * (us + 2));
		KUNIT_EXPECT_EQ(test, r->user_ns, us + 50 + CPUTIME_USER);
		/* The next spell of sleep begins with a look, too. */
		r = sample_later(1000000, us + 2000, us + 2, us + 60);
		KUNIT_EXPECT_EQ(test, r->idle_ns, 1000 * (us + 2000));
	}
	KUNIT_EXPECT_EQ(test, source.backward_events, 0);
}

/* As long as it does not turn idle; its other times go on. */
static void idle_times_of_awake_are_not_read_again(struct kunit *test)
{
	struct ktach_cpustat_record *r;

	test_kernel.spell = 5;
	test_kernel.is_awake = true;
	sample_later(0, 100, 7, 1000);
	/* What it slept is added up after the spell has begun. */
	sample_later(1000000, 130, 8, 1000);
	r = sample_later(1000000, 140, 9, 1000);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 140000);
	KUNIT_EXPECT_EQ(test, r->iowait_ns, 9000);
	sample_later(1000000, 140, 9, 1000);
	r = sample_later(1000000, 9999, 9999, 5000);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 140000);
	KUNIT_EXPECT_EQ(test, r->iowait_ns, 9000);
	KUNIT_EXPECT_EQ(test, r->user_ns, 5000 + CPUTIME_USER);
	test_kernel.spell = 6;
	r = sample_later(10000000, 9999, 9999, 5000);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 9999000);
	KUNIT_EXPECT_EQ(test, r->iowait_ns, 9999000);
	KUNIT_EXPECT_EQ(test, source.backward_events, 0);
}

/* A step that was too long is not yet told in full. */
static void what_follows_is_read(struct kunit *test)
{
	struct ktach_cpustat_record *r;
	int i;

	test_kernel.spell = 5;
	test_kernel.is_awake = true;
	sample_later(0, 1000, 0, 1);
	for (i = 1; i <= 3; i++) {
		r = sample_later(1000000, 4000, 0, 1);
		KUNIT_EXPECT_EQ(test, r->idle_ns, 1000000 + i * 1000000);
	}
	sample_later(1000000, 4000, 0, 1);
	r = sample_later(1000000, 5000, 0, 1);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 4000000);
}

/* Nor is one that is on its way back, whose idle times say nothing. */
static void coming_is_not_settled(struct kunit *test)
{
	struct ktach_cpustat_record *r;
	int i;

	sample_later(0, 1000000, 0, 1);
	test_kernel.coming(0);
	test_kernel.spell = 5;
	test_kernel.is_awake = true;
	for (i = 0; i < 3; i++)
		sample_later(1000000, 5000000, 0, 1);
	test_kernel.up(0);
	r = sample_later(NSEC_PER_SEC, 1000500, 0, 1);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 1000500000);
}

/* Time that passes is iowait till the task that waits is woken elsewhere. */
static void asleep_for_io_is_read(struct kunit *test)
{
	struct ktach_cpustat_record *r;
	int i;

	test_kernel.spell = 5;
	for (i = 1; i < 5; i++) {
		r = sample_later(1000000, 100, i * 1000, 1000);
		KUNIT_EXPECT_EQ(test, r->idle_ns, 100000);
		KUNIT_EXPECT_EQ(test, r->iowait_ns, i * 1000000);
	}
	r = sample_later(10000000, 5100, 0, 1000);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 5100000);
	KUNIT_EXPECT_EQ(test, r->iowait_ns, 4000000);
	r = sample_later(1000000, 0, 0, 1000);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 6100000);
}

/* More idle time than time: the rest follows, if it is not taken back. */
static void no_step_is_longer_than_the_time(struct kunit *test)
{
	struct ktach_cpustat_record *r;

	sample_later(0, 1000, 500, 1);
	r = sample_later(1000000, 5000000, 500, 1);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 1000000 + 1000000);
	KUNIT_EXPECT_EQ(test, r->iowait_ns, 500000);
	r = sample_later(1000000, 2500, 4000000, 1);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 2500000);
	KUNIT_EXPECT_EQ(test, r->iowait_ns, 500000 + 1000000);
	r = sample_later(1000000, 3600, 2000, 1);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 3500000);
	r = sample_later(1000000, 3600, 2000, 1);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 3600000);
	KUNIT_EXPECT_EQ(test, r->iowait_ns, 2000000);
	KUNIT_EXPECT_EQ(test, source.backward_events, 0);
}

/* Also where its idle time is not read, but goes by the clock. */
static void asleep_keeps_to_the_time(struct kunit *test)
{
	struct ktach_cpustat_record *r;

	test_kernel.spell = 5;
	sample_later(0, 1000, 0, 1);
	/* Read a little late, as the last CPU of many is. */
	r = sample_later(1000000, 2100, 0, 1);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 2000000);
	r = sample_later(1000000, 9999, 0, 1);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 3000000);
	KUNIT_EXPECT_EQ(test, source.backward_events, 0);
}

/* Four seconds off: that is what the kernel takes for idle time at first. */
static void go_and_come(u64 idle_us)
{
	sample_later(0, idle_us, 0, 1);
	test_kernel.down(0);
	test_kernel.is_online = false;
	test_kernel.clock_ns += 2000000;
	test_kernel.off(0);
	sample_later(NSEC_PER_SEC, idle_us + 1000000, 0, 1);
	test_kernel.clock_ns += 3 * NSEC_PER_SEC;
	test_kernel.idle_us = idle_us + 4000000;
	test_kernel.coming(0);
	test_kernel.is_online = true;
}

/* Its hotplug thread runs, @ns later. */
static void come_up(u64 ns, u64 idle_us)
{
	test_kernel.clock_ns += ns;
	test_kernel.idle_us = idle_us;
	test_kernel.up(0);
}

static void back_online_is_not_idle(struct kunit *test)
{
	struct ktach_cpustat_record *r;
	int i;

	go_and_come(1000000);
	for (i = 0; i < 10; i++) {
		r = sample_later(1000000, 5000000 + 1000 * i, 0, 1);
		KUNIT_EXPECT_EQ(test, r->idle_ns, NSEC_PER_SEC);
		KUNIT_EXPECT_EQ(test, r->flags,
				KTACH_CPU_ONLINE | KTACH_CPU_SEEN);
	}
	/* It went idle, which took it back. */
	come_up(0, 1000400);
	r = sample_later(1000000, 1000500, 0, 1);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 1000500000);
	KUNIT_EXPECT_EQ(test, source.backward_events, 0);
}

/* As kernels did that forgot idle times with the CPU. */
static void from_zero_again(struct kunit *test)
{
	struct ktach_cpustat_record *r;
	int i;

	go_and_come(1000000);
	come_up(1000000, 5000000);
	sample_later(1000000, 5001000, 0, 1);
	go_and_come(5001000);
	come_up(1000000, 50);
	for (i = 1; i < 4; i++) {
		r = sample_later(1000000, 100 * i, 0, 1);
		KUNIT_EXPECT_EQ(test, r->idle_ns,
				1001000000 + 1000 * (100 * i - 50));
	}
	KUNIT_EXPECT_EQ(test, source.backward_events, 0);
}

/* An interrupt came first: the kernel never takes the time off back. */
static void what_is_not_taken_back_is_not_idle(struct kunit *test)
{
	struct ktach_cpustat_record *r;

	go_and_come(1000000);
	sample_later(1000000, 5000000, 0, 1);
	come_up(1000000, 5001000);
	r = sample_later(1000000, 5001300, 0, 1);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 1000300000);
	r = sample_later(NSEC_PER_SEC, 5201300, 70, 1);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 1200300000);
	KUNIT_EXPECT_EQ(test, r->iowait_ns, 70000);
	KUNIT_EXPECT_EQ(test, source.backward_events, 0);
}

/* Also time that tasks which slept there are said to have waited for I/O. */
static void waiting_while_off_is_left_out(struct kunit *test)
{
	struct ktach_cpustat_record *r;

	go_and_come(1000000);
	test_kernel.iowait_us = 4000000;
	come_up(1000000, 1000000);
	r = sample_later(1000000, 1000300, 4000200, 1);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 1000300000);
	KUNIT_EXPECT_EQ(test, r->iowait_ns, 200000);
}

/* A CPU that is off for less time than its way off and its way back take, 700 ms. */
static void go_a_long_way(u64 idle_us)
{
	sample_later(0, 1000000, 0, 1);
	test_kernel.down(0);
	test_kernel.is_online = false;
	test_kernel.clock_ns += 300000000;
	test_kernel.idle_us = 1001000;
	test_kernel.off(0);
	test_kernel.clock_ns += 200000000;
	test_kernel.idle_us = 1201000;
	test_kernel.coming(0);
	test_kernel.is_online = true;
	come_up(400000000, idle_us);
}

static void a_long_way_and_taken(struct kunit *test)
{
	struct ktach_cpustat_record *r;

	go_a_long_way(1202000);
	r = sample_later(1000000, 1202500, 0, 1);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 1000500000);
}

static void a_long_way_and_taken_back(struct kunit *test)
{
	struct ktach_cpustat_record *r;

	go_a_long_way(1101000);
	r = sample_later(NSEC_PER_SEC, 1101500, 0, 1);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 1101500000);
}

/* A kernel whose idle time stands still while a CPU is off: all of it is. */
static void a_long_way_and_never_taken(struct kunit *test)
{
	struct ktach_cpustat_record *r;

	sample_later(0, 1000000, 0, 1);
	test_kernel.down(0);
	test_kernel.is_online = false;
	test_kernel.off(0);
	test_kernel.clock_ns += 200000000;
	test_kernel.coming(0);
	test_kernel.is_online = true;
	come_up(400000000, 1390000);
	r = sample_later(NSEC_PER_SEC, 1390000, 0, 1);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 1390000000);
}

/* Before it was off, and before its hotplug thread ran. */
static void idle_on_the_way_is_idle(struct kunit *test)
{
	struct ktach_cpustat_record *r;

	go_and_come(1000000);
	sample_later(1000000, 1003000, 0, 1);
	come_up(2000000, 1004000);
	r = sample_later(1000000, 1004000, 0, 1);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 1003000000);
	r = sample_later(NSEC_PER_SEC, 1004000, 0, 1);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 1004000000);
	KUNIT_EXPECT_EQ(test, source.backward_events, 0);
}

/* What a sample had after the final times were taken is not left out again. */
static void idle_till_the_end(struct kunit *test)
{
	struct ktach_cpustat_record *r;

	sample_later(0, 1000000, 0, 1);
	test_kernel.down(0);
	sample_later(1000000, 1000700, 0, 1);
	test_kernel.is_online = false;
	test_kernel.off(0);
	test_kernel.clock_ns += NSEC_PER_SEC;
	test_kernel.idle_us = 2000700;
	test_kernel.coming(0);
	test_kernel.is_online = true;
	come_up(1000000, 2000800);
	r = sample_later(1000000, 2000900, 0, 1);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 1000800000);
	KUNIT_EXPECT_EQ(test, source.backward_events, 0);
}

/* The time till then, it was off. */
static void a_start_that_fails(struct kunit *test)
{
	struct ktach_cpustat_record *r;

	go_and_come(1000000);
	test_kernel.clock_ns += 1000000;
	test_kernel.off(0);
	test_kernel.clock_ns += NSEC_PER_SEC;
	test_kernel.coming(0);
	come_up(1000000, 6001000);
	r = sample_later(1000000, 6001500, 0, 1);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 1000500000);
}

/* Between two samples, on a kernel that begins again from 0 each time. */
static void twice_between_samples(struct kunit *test)
{
	struct ktach_cpustat_record *r;
	int i;

	sample_later(0, 1000000, 0, 1);
	for (i = 0; i < 2; i++) {
		test_kernel.down(0);
		test_kernel.clock_ns += 2000000;
		test_kernel.off(0);
		test_kernel.clock_ns += NSEC_PER_SEC;
		test_kernel.coming(0);
		come_up(1000000, 50);
		test_kernel.clock_ns += NSEC_PER_SEC;
		test_kernel.idle_us = 300050;
	}
	test_kernel.down(0);
	test_kernel.is_online = false;
	test_kernel.off(0);
	r = sample_later(0, 0, 0, 1);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 1600000000);
	r = sample_later(NSEC_PER_SEC, 0, 0, 1);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 1600000000);
}

/* Others did not let it go: it was not off, and all the time is its own. */
static void called_back_on_the_way(struct kunit *test)
{
	struct ktach_cpustat_record *r;

	go_and_come(1000000);
	come_up(1000000, 1000300);
	sample_later(NSEC_PER_SEC, 1500300, 0, 1);
	test_kernel.down(0);
	come_up(200000000, 1600300);
	r = sample_later(NSEC_PER_SEC, 1700300, 0, 1);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 1700300000);
	KUNIT_EXPECT_EQ(test, source.backward_events, 0);
}

static void back_online_and_busy(struct kunit *test)
{
	struct ktach_cpustat_record *r;

	go_and_come(1000000);
	come_up(1000000, 1000300);
	r = sample_later(1000000, 1000300, 0, 1);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 1000300000);
	r = sample_later(1000000, 1000300, 700, 1);
	KUNIT_EXPECT_EQ(test, r->iowait_ns, 700000);
}

/* Readers take its first record for given, so there is none before it is known. */
static void first_online_is_not_idle(struct kunit *test)
{
	struct ktach_cpustat_record *r = (void *)memory;

	test_kernel.coming(0);
	memset(memory, 0, sizeof(memory));
	sample_later(1000000, 5000000, 0, 1);
	sample_later(1000000, 5001000, 0, 1);
	KUNIT_EXPECT_EQ(test, r->flags, 0);
	KUNIT_EXPECT_EQ(test, r->user_ns, 0);
	come_up(1000000, 77);
	sample_later(1000000, 77, 0, 1);
	KUNIT_EXPECT_EQ(test, r->flags, KTACH_CPU_ONLINE | KTACH_CPU_SEEN);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 77000);
}

static struct kunit_case cpustat_cases[] = {
	KUNIT_CASE(each_time_has_its_field),
	KUNIT_CASE(only_its_record_is_written),
	KUNIT_CASE(idle_comes_from_the_tick),
	KUNIT_CASE(every_field_is_held),
	KUNIT_CASE(held_until_the_kernel_catches_up),
	KUNIT_CASE(idle_does_not_jump_back_between_sources),
	KUNIT_CASE(offline_keeps_the_last_values),
	KUNIT_CASE(never_online_is_not_touched),
	KUNIT_CASE(asleep_is_not_read_again),
	KUNIT_CASE(awake_is_read_again),
	KUNIT_CASE(idle_times_of_awake_are_not_read_again),
	KUNIT_CASE(what_follows_is_read),
	KUNIT_CASE(coming_is_not_settled),
	KUNIT_CASE(asleep_for_io_is_read),
	KUNIT_CASE(no_step_is_longer_than_the_time),
	KUNIT_CASE(asleep_keeps_to_the_time),
	KUNIT_CASE(back_online_is_not_idle),
	KUNIT_CASE(from_zero_again),
	KUNIT_CASE(what_is_not_taken_back_is_not_idle),
	KUNIT_CASE(waiting_while_off_is_left_out),
	KUNIT_CASE(a_long_way_and_taken),
	KUNIT_CASE(a_long_way_and_taken_back),
	KUNIT_CASE(a_long_way_and_never_taken),
	KUNIT_CASE(idle_on_the_way_is_idle),
	KUNIT_CASE(idle_till_the_end),
	KUNIT_CASE(a_start_that_fails),
	KUNIT_CASE(twice_between_samples),
	KUNIT_CASE(called_back_on_the_way),
	KUNIT_CASE(back_online_and_busy),
	KUNIT_CASE(first_online_is_not_idle),
	{}
};

static struct kunit_suite cpustat_suite = {
	.name = "ktach_cpustat",
	.init = setup,
	.exit = teardown,
	.test_cases = cpustat_cases,
};
kunit_test_suite(cpustat_suite);

MODULE_DESCRIPTION("ktach: KUnit tests of the CPU times");
MODULE_LICENSE("GPL");
