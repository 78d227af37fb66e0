// SPDX-License-Identifier: GPL-2.0-only
/* Probes of tracepoints: found by name, attached all or none, detached. */
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/kernel.h>
#include <ktach/probe.h>

#include "fixture.h"

static atomic_t calls;

static void count(void *unused)
{
	atomic_inc(&calls);
}

static void called_until_detached(struct kunit *test)
{
	struct ktach_probe probe = { .name = "sched_switch",
				     .function = count };
	int before;

	KUNIT_ASSERT_EQ(test, ktach_probes_attach(&probe, 1), 0);
	before = atomic_read(&calls);
	msleep(20);
	KUNIT_EXPECT_GT(test, atomic_read(&calls), before);
	ktach_probes_detach(&probe, 1);
	before = atomic_read(&calls);
	msleep(20);
	KUNIT_EXPECT_EQ(test, atomic_read(&calls), before);
}

static void all_or_none(struct kunit *test)
{
	struct ktach_probe probes[] = {
		{ .name = "sched_switch", .function = count },
		{ .name = "softirq_entry", .function = count },
		{ .name = "no_such_tracepoint", .function = count },
	};
	int before;

	test_log_mark();
	KUNIT_EXPECT_EQ(test, ktach_probes_attach(probes, ARRAY_SIZE(probes)),
			-ENOENT);
	test_expect_log(
		test,
		"ktach_aggregator: this kernel has no tracepoint no_such_tracepoint");
	before = atomic_read(&calls);
	msleep(20);
	KUNIT_EXPECT_EQ(test, atomic_read(&calls), before);
}

static struct kunit_case probe_cases[] = { KUNIT_CASE(called_until_detached),
					   KUNIT_CASE(all_or_none),

					   {} };

static struct kunit_suite probe_suite = {
	.name = "ktach_probe",
	.test_cases = probe_cases,
};
kunit_test_suite(probe_suite);
