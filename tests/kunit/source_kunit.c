// SPDX-License-Identifier: GPL-2.0-only
/* Registration: what is refused, with which words, and what follows if not. */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/mm.h>

#include "../../kmod/aggregator/source.h"
#include "fixture.h"

static void expect_refused(struct kunit *test, int err, const char *message)
{
	test_log_mark();
	KUNIT_EXPECT_EQ(test, ktach_source_register(&test_source), err);
	test_expect_log(test, message);
	KUNIT_EXPECT_NULL(test, test_source.feed);
	test_source_exit(test);
	test_source_init(test);
}

static void expect_accepted(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ktach_source_register(&test_source), 0);
	KUNIT_EXPECT_NOT_NULL(test, test_source.feed);
	test_source_exit(test);
	KUNIT_EXPECT_NULL(test, test_source.feed);
	test_source_init(test);
}

static void incomplete_is_refused(struct kunit *test)
{
	static const char *const message =
		"ktach_aggregator: a source without name, node, callback";

	test_source.name = NULL;
	expect_refused(test, -EINVAL, message);
	test_source.nodename = NULL;
	expect_refused(test, -EINVAL, message);
	test_source.sample = NULL;
	expect_refused(test, -EINVAL, message);
	test_source.name = "sixteen-letters-";
	expect_refused(test, -EINVAL, message);
	test_source.name = "fifteen-letters";
	expect_accepted(test);
}

static void record_sizes(struct kunit *test)
{
	static const u32 bad[] = { 0, 4, 12, 87, 4095, 4104, 0x80000000 };
	static const u32 good[] = { 8, 64, 4096 };
	char message[64];
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		test_source.record_size = bad[i];
		snprintf(message, sizeof(message),
			 "records of %u bytes is refused", bad[i]);
		expect_refused(test, -EINVAL, message);
	}
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		test_source.record_size = good[i];
		expect_accepted(test);
	}
}

static void numbers_of_slots(struct kunit *test)
{
	static const unsigned int bad[] = { 1,	   3,	   6,	      65535,
					    65537, 131072, 0x80000000 };
	static const unsigned int good[] = { 2, 4, 65536 };
	char message[96];
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		test_source.slots = bad[i];
		snprintf(
			message, sizeof(message),
			"kunit: slots=%u refused: it must be a power of two from 2 to 65536",
			bad[i]);
		expect_refused(test, -EINVAL, message);
	}
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		test_source.slots = good[i];
		expect_accepted(test);
	}
}

static void periods(struct kunit *test)
{
	static const unsigned int bad[] = { 0, 99, 60000001, 0xffffffff };
	static const unsigned int good[] = { 100, 60000000 };
	char message[96];
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		test_source.period_us = bad[i];
		snprintf(
			message, sizeof(message),
			"kunit: period_us=%u refused: it must be from 100 to 60000000",
			bad[i]);
		expect_refused(test, -ERANGE, message);
	}
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		test_source.period_us = good[i];
		expect_accepted(test);
	}
}

/* 16384 slots: 64 bytes of a slot more are what crosses 64 MiB. */
static void memory_is_bounded(struct kunit *test)
{
	test_source.slots = 16384;
	test_source.record_size = 4032 - 64;
	expect_accepted(test);
	test_source.slots = 16384;
	test_source.record_size = 4032;
	expect_refused(
		test, -ERANGE,
		"slots=16384 refused: with 1 possible CPUs the ring takes 67112960 bytes, and 67108864 is the most; use fewer slots");
}

static void the_default_is_what_fits(struct kunit *test)
{
	struct ktach_ring ring = { .records = 8192, .record_size = 344 };

	test_source.slots = 0;
	test_register(test);
	KUNIT_EXPECT_EQ(test, test_source.feed->ring->slots,
			KTACH_SLOTS_DEFAULT);
	/* 3 MiB a slot. */
	KUNIT_EXPECT_EQ(test, ktach_ring_shape_within(&ring, 256), 0);
	KUNIT_EXPECT_EQ(test, ring.slots, 16);
	KUNIT_EXPECT_LE(test, ring.bytes, KTACH_RING_BYTES_MAX);
	ring.record_size = 4096;
	KUNIT_EXPECT_EQ(test, ktach_ring_shape_within(&ring, 256), -ERANGE);
}

static void a_feed_is_found_by_name(struct kunit *test)
{
	struct ktach_feed *feed;

	KUNIT_EXPECT_NULL(test, ktach_feed_find("kunit"));
	test_register(test);
	feed = ktach_feed_find("kunit");
	KUNIT_EXPECT_PTR_EQ(test, feed, test_source.feed);
	KUNIT_EXPECT_NULL(test, ktach_feed_find("kuni"));
	KUNIT_EXPECT_NULL(test, ktach_feed_after(feed->id));
	KUNIT_EXPECT_STREQ(test, (const char *)feed->device, TEST_NODE);

	/* Who has it does not keep its source, nor its name. */
	ktach_source_unregister(&test_source);
	KUNIT_EXPECT_NULL(test, ktach_feed_find("kunit"));
	KUNIT_EXPECT_EQ(test, ktach_tick_set_period(&feed->tick, 1000), 0);
	test_register(test);
	KUNIT_EXPECT_PTR_NE(test, feed, test_source.feed);
	KUNIT_EXPECT_GT(test, test_source.feed->id, feed->id);
	ktach_feed_put(feed);
}

/* Before the first tick, and after the last one. */
static void a_ring_is_replaced_while_no_timer_runs(struct kunit *test)
{
	struct ktach_feed *feed;
	struct ktach_ring *ring;

	test_source.period_us = 1000;
	test_register(test);
	feed = test_source.feed;
	test_wait_for(test, 2);
	ktach_tick_stop(&feed->tick);
	KUNIT_EXPECT_EQ(test, ktach_feed_set_slots(feed, 32), 0);
	ring = ktach_feed_ring(feed);
	KUNIT_EXPECT_EQ(test, ring->header->period_ns, 1000000);
	KUNIT_EXPECT_TRUE(test, ktach_ring_live(ring));
	KUNIT_EXPECT_EQ(test, ktach_ring_head(ring), 0);
	KUNIT_EXPECT_PTR_EQ(test, feed->tick.ring, ring);
	KUNIT_EXPECT_EQ(test, ktach_tick_start(&feed->tick), 0);
	test_wait_for(test, 2);
	KUNIT_EXPECT_TRUE(test, ktach_ring_holds(ring, 1));
	ktach_ring_put(ring);
}

static void a_name_is_used_once(struct kunit *test)
{
	struct ktach_source second = test_source;

	second.nodename = "ktach_kunit_second";
	test_register(test);
	test_log_mark();
	KUNIT_EXPECT_EQ(test, ktach_source_register(&second), -EEXIST);
	test_expect_log(test, "kunit: there is a source of this name already");
	KUNIT_EXPECT_NULL(test, second.feed);

	second.name = "kunit2";
	KUNIT_EXPECT_EQ(test, ktach_source_register(&second), 0);
	if (second.feed)
		ktach_source_unregister(&second);
}

/* What was set up before the failure is taken away: the name is free again. */
static void a_node_is_used_once(struct kunit *test)
{
	struct ktach_source second = test_source;
	int i;

	second.name = "kunit2";
	test_register(test);
	for (i = 0; i < 2; i++) {
		test_log_mark();
		KUNIT_EXPECT_EQ(test, ktach_source_register(&second), -EEXIST);
		test_expect_log(
			test,
			"kunit2: /dev/ktach_kunit cannot be set up: error -17");
	}
	second.nodename = "ktach_kunit_second";
	KUNIT_EXPECT_EQ(test, ktach_source_register(&second), 0);
	if (second.feed)
		ktach_source_unregister(&second);
}

static void registered_and_gone(struct kunit *test)
{
	struct file *file;
	int i;

	for (i = 0; i < 3; i++) {
		test_log_mark();
		test_register(test);
		test_expect_log(
			test,
			"kunit: /dev/ktach_kunit, 8 slots, a sample each 60000000 us");
		file = filp_open("/dev/" TEST_NODE, O_RDONLY, 0);
		KUNIT_ASSERT_FALSE(test, IS_ERR(file));
		test_close(file);
		ktach_source_unregister(&test_source);
		file = filp_open("/dev/" TEST_NODE, O_RDONLY, 0);
		KUNIT_ASSERT_TRUE(test, IS_ERR(file));
		KUNIT_EXPECT_EQ(test, PTR_ERR(file), -ENOENT);
	}
}

static void the_ring_is_the_sources(struct kunit *test)
{
	const struct ktach_ring_header *header;

	test_register(test);
	header = test_source.feed->ring->header;
	KUNIT_EXPECT_EQ(test, header->magic, KTACH_RING_MAGIC);
	KUNIT_EXPECT_STREQ(test, header->name, "kunit");
	KUNIT_EXPECT_EQ(test, header->kind, KTACH_RING_CPUSTAT);
	KUNIT_EXPECT_EQ(test, header->slots, 8);
	KUNIT_EXPECT_EQ(test, header->records, nr_cpu_ids);
	KUNIT_EXPECT_EQ(test, header->record_size, 88);
	KUNIT_EXPECT_EQ(test, header->period_ns, 60000000000ULL);
	KUNIT_EXPECT_TRUE(test, PAGE_ALIGNED(header));
}

/* Who holds the old ring keeps it; the new one has what was counted. */
static void slots_change_under_a_reader(struct kunit *test)
{
	struct ktach_ring *old, *new;
	struct ktach_feed *feed;

	test_source.period_us = 2000;
	test_register(test);
	feed = test_source.feed;
	test_wait_for(test, 3);
	old = ktach_feed_ring(feed);
	old->header->missed = 7000000;
	KUNIT_EXPECT_EQ(test, ktach_feed_set_slots(feed, 16), 0);
	new = feed->ring;
	KUNIT_EXPECT_PTR_NE(test, new, old);
	KUNIT_EXPECT_FALSE(test, ktach_ring_live(old));
	KUNIT_EXPECT_TRUE(test, ktach_ring_live(new));
	KUNIT_EXPECT_EQ(test, new->header->slots, 16);
	KUNIT_EXPECT_EQ(test, new->header->period_ns, 2000000);
	KUNIT_EXPECT_GE(test, new->header->missed, 7000000);
	KUNIT_EXPECT_EQ(test, new->header->fill_ns_max,
			max(new->header->fill_ns_max,
			    old->header->fill_ns_max));
	test_wait_for(test, 3);
	KUNIT_EXPECT_TRUE(test, ktach_ring_holds(old, ktach_ring_head(old)));
	ktach_ring_put(old);
}

static void a_bad_number_of_slots_changes_nothing(struct kunit *test)
{
	struct ktach_feed *feed;
	struct ktach_ring *ring;

	test_source.record_size = 4032;
	test_register(test);
	feed = test_source.feed;
	ring = feed->ring;
	KUNIT_EXPECT_EQ(test, ktach_feed_set_slots(feed, 3), -EINVAL);
	KUNIT_EXPECT_EQ(test, ktach_feed_set_slots(feed, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, ktach_feed_set_slots(feed, 16384), -ERANGE);
	KUNIT_EXPECT_EQ(test, ktach_feed_set_slots(feed, 8), 0);
	KUNIT_EXPECT_PTR_EQ(test, feed->ring, ring);
	KUNIT_EXPECT_TRUE(test, ktach_ring_live(ring));
}

static void cpus_that_were_seen_are_published(struct kunit *test)
{
	test_source.period_us = 1000;
	test_register(test);
	KUNIT_EXPECT_LE(test, test_source.feed->ring->header->records_seen, 1);
	test_wait_for(test, 1);
	KUNIT_EXPECT_EQ(test, test_source.feed->ring->header->records_seen, 1);
	KUNIT_EXPECT_TRUE(test, cpumask_test_cpu(0, &test_source.seen));
	KUNIT_EXPECT_EQ(test, cpumask_weight(&test_source.seen), 1);
}

static void features_are_published(struct kunit *test)
{
	test_source.features = KTACH_RING_TIMING;
	test_register(test);
	KUNIT_EXPECT_EQ(test, test_source.feed->ring->header->features,
			KTACH_RING_TIMING);
}

static struct kunit_case source_cases[] = {
	KUNIT_CASE(incomplete_is_refused),
	KUNIT_CASE(record_sizes),
	KUNIT_CASE(numbers_of_slots),
	KUNIT_CASE(periods),
	KUNIT_CASE(memory_is_bounded),
	KUNIT_CASE(the_default_is_what_fits),
	KUNIT_CASE(a_feed_is_found_by_name),
	KUNIT_CASE(a_ring_is_replaced_while_no_timer_runs),
	KUNIT_CASE(a_name_is_used_once),
	KUNIT_CASE(a_node_is_used_once),
	KUNIT_CASE(registered_and_gone),
	KUNIT_CASE(the_ring_is_the_sources),
	KUNIT_CASE(slots_change_under_a_reader),
	KUNIT_CASE(a_bad_number_of_slots_changes_nothing),
	KUNIT_CASE(cpus_that_were_seen_are_published),
	KUNIT_CASE(features_are_published),
	{}
};

static struct kunit_suite source_suite = {
	.name = "ktach_source",
	.suite_init = test_suite_init,
	.suite_exit = test_suite_exit,
	.init = test_source_init,
	.exit = test_source_exit,
	.test_cases = source_cases,
};
kunit_test_suite(source_suite);
