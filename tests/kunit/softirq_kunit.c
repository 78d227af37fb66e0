// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sampler of softirq counts, on the kernel's own counters: they are
 * exported data, and the test moves them; the CPU's state is a fake.
 */
#include <kunit/test.h>
#include <linux/interrupt.h>
#include <linux/irqflags.h>
#include <linux/kernel_stat.h>
#include <linux/ktach_ring.h>
#include <ktach/source.h>

#include "../../kmod/softirq/sample.h"
#include "fakes.h"

/* UML has the one CPU; a stride that is no record's size would show. */
#define STRIDE 192

static struct ktach_source source;
static u8 memory[2 * STRIDE];

/* Sample with every vector's counter at @first and its own number more. */
static struct ktach_softirq_record *sample(u32 first)
{
	unsigned int *kernel = kstat_cpu(0).softirqs;
	unsigned int saved[NR_SOFTIRQS];
	unsigned long flags;
	int i;

	/* No softirq may count meanwhile. */
	local_irq_save(flags);
	memcpy(saved, kernel, sizeof(saved));
	for (i = 0; i < NR_SOFTIRQS; i++)
		kernel[i] = first + i;
	ktach_softirq_sample(&source, memory, STRIDE);
	memcpy(kernel, saved, sizeof(saved));
	local_irq_restore(flags);
	return (void *)memory;
}

static int setup(struct kunit *test)
{
	cpumask_set_cpu(0, &source.seen);
	source.cpus = 1;
	source.record_size = sizeof(struct ktach_softirq_record);
	memset(memory, 0xa5, sizeof(memory));
	test_kernel_reset();
	return ktach_softirq_sample_init();
}

static void teardown(struct kunit *test)
{
	ktach_softirq_sample_uninit();
}

static void expect_counts(struct kunit *test, u64 first)
{
	struct ktach_softirq_record *r = (void *)memory;
	int i;

	for (i = 0; i < KTACH_SOFTIRQ_VECTORS; i++)
		KUNIT_EXPECT_EQ(test, r->count[i], first + i);
}

static void each_vector_has_its_count(struct kunit *test)
{
	struct ktach_softirq_record *r = sample(1000);

	KUNIT_EXPECT_EQ(test, r->cpu, 0);
	KUNIT_EXPECT_EQ(test, r->flags, KTACH_CPU_ONLINE | KTACH_CPU_SEEN);
	expect_counts(test, 1000);
}

static void only_its_record_is_written(struct kunit *test)
{
	size_t size = sizeof(struct ktach_softirq_record);

	sample(1);
	KUNIT_EXPECT_NULL(test, memchr_inv(memory + size, 0xa5,
					   sizeof(memory) - size));
}

/* The counters of a machine that is up for long are large from the start. */
static void a_large_first_count_is_taken_as_it_is(struct kunit *test)
{
	sample(0xfffffff0);
	KUNIT_EXPECT_EQ(test, ((struct ktach_softirq_record *)memory)->count[0],
			0xfffffff0ULL);
}

static void widened_across_the_wrap(struct kunit *test)
{
	sample(0xffffff00);
	sample(0x00000080);
	expect_counts(test, 0x100000080ULL);
	sample(0x00000080);
	expect_counts(test, 0x100000080ULL);
	sample(0x00000081);
	expect_counts(test, 0x100000081ULL);
}

/* 16 bits, and the sign of 32, are where a narrower difference would fail. */
static void steps_of_every_size(struct kunit *test)
{
	static const u32 steps[] = { 1,		 0xffff,     0x10000,
				     0x10001,	 0x7fffffff, 0x80000000,
				     0x80000001, 0xfffffff0, 0xffffffff };
	u64 sum = 0;
	int i, round;

	for (round = 0; round < 4; round++)
		for (i = 0; i < ARRAY_SIZE(steps); i++) {
			sum += steps[i];
			sample((u32)sum);
			/* Vector i began i further on. */
			expect_counts(test, sum);
		}
	KUNIT_EXPECT_GT(test, sum, 8ULL << 32);
}

static void offline_counts_stand_and_stay(struct kunit *test)
{
	struct ktach_softirq_record *r;

	sample(0xfffffff0);
	test_kernel.is_online = false;
	r = sample(0x00000010);
	KUNIT_EXPECT_EQ(test, r->flags, KTACH_CPU_SEEN);
	expect_counts(test, 0x100000010ULL);
}

static void never_online_is_not_touched(struct kunit *test)
{
	cpumask_clear(&source.seen);
	sample(7);
	KUNIT_EXPECT_NULL(test, memchr_inv(memory, 0xa5, sizeof(memory)));
}

static void asleep_is_not_read_again(struct kunit *test)
{
	sample(100);
	test_kernel.spell = 5;
	sample(200);
	expect_counts(test, 200);
	sample(300);
	expect_counts(test, 200);
	test_kernel.spell = 6;
	sample(400);
	expect_counts(test, 400);
	test_kernel.spell = 0;
	sample(500);
	sample(600);
	expect_counts(test, 600);
	test_kernel.spell = 7;
	test_kernel.is_awake = true;
	sample(700);
	sample(800);
	expect_counts(test, 800);
}

static struct kunit_case softirq_cases[] = {
	KUNIT_CASE(each_vector_has_its_count),
	KUNIT_CASE(only_its_record_is_written),
	KUNIT_CASE(a_large_first_count_is_taken_as_it_is),
	KUNIT_CASE(widened_across_the_wrap),
	KUNIT_CASE(steps_of_every_size),
	KUNIT_CASE(offline_counts_stand_and_stay),
	KUNIT_CASE(never_online_is_not_touched),
	KUNIT_CASE(asleep_is_not_read_again),
	{}
};

static struct kunit_suite softirq_suite = {
	.name = "ktach_softirq",
	.init = setup,
	.exit = teardown,
	.test_cases = softirq_cases,
};
kunit_test_suite(softirq_suite);

MODULE_DESCRIPTION("ktach: KUnit tests of the softirq counts");
MODULE_LICENSE("GPL");
