// SPDX-License-Identifier: GPL-2.0-only
/* The attributes, through the files that user space opens. */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/string.h>

#include "../../kmod/aggregator/source.h"
#include "fixture.h"

static struct file *open_attr(const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/class/ktach/kunit/%s", name);
	return filp_open(path, flags, 0);
}

static void expect_attr(struct kunit *test, const char *name, const char *text)
{
	struct file *file = open_attr(name, O_RDONLY);
	char buf[32] = "";
	loff_t pos = 0;

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(file), "no attribute %s", name);
	KUNIT_EXPECT_EQ(test, kernel_read(file, buf, sizeof(buf) - 1, &pos),
			(ssize_t)strlen(text));
	test_close(file);
	KUNIT_EXPECT_STREQ(test, (const char *)buf, text);
}

static ssize_t write_attr(const char *name, const char *text)
{
	struct file *file = open_attr(name, O_WRONLY);
	loff_t pos = 0;
	ssize_t ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = kernel_write(file, text, strlen(text), &pos);
	test_close(file);
	return ret;
}

static void attributes_show_the_header(struct kunit *test)
{
	struct ktach_ring_header *header;

	test_register(test);
	header = test_source.feed->ring->header;
	expect_attr(test, "slots", "8\n");
	expect_attr(test, "records", "1\n");
	expect_attr(test, "period_us", "60000000\n");

	/* No tick changes these within the next minute. */
	ktach_tick_stop(&test_source.feed->tick);
	header->head = 11;
	header->missed = 12;
	header->fill_ns_last = 13;
	header->fill_ns_max = U64_MAX;
	header->backward_events = 15;
	expect_attr(test, "head", "11\n");
	expect_attr(test, "missed", "12\n");
	expect_attr(test, "fill_ns_last", "13\n");
	expect_attr(test, "fill_ns_max", "18446744073709551615\n");
	expect_attr(test, "backward_events", "15\n");
}

static void figures_cannot_be_written(struct kunit *test)
{
	static const char *const names[] = {
		"records",	"head",	       "missed",
		"fill_ns_last", "fill_ns_max", "backward_events",
	};
	int i;

	test_register(test);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		KUNIT_EXPECT_EQ(test, write_attr(names[i], "1\n"), -EACCES);
}

static void the_period_can_be_written(struct kunit *test)
{
	test_register(test);
	KUNIT_EXPECT_EQ(test, write_attr("period_us", "60000000\n"), 9);
	expect_attr(test, "period_us", "60000000\n");
	KUNIT_EXPECT_EQ(test, write_attr("period_us", "0x4c4b40"), 8);
	expect_attr(test, "period_us", "5000000\n");
	KUNIT_EXPECT_EQ(test, write_attr("period_us", "100"), 3);
	expect_attr(test, "period_us", "100\n");
	KUNIT_EXPECT_EQ(test, test_source.feed->tick.period_us, 100);
	test_wait_for(test, 3);
}

static void the_slots_can_be_written(struct kunit *test)
{
	static const char *const bad[] = { "0",	  "1",	"6",   "131072",
					   "8 8", "48", "many" };
	struct ktach_ring *ring;
	int i;

	test_register(test);
	ring = test_source.feed->ring;
	KUNIT_EXPECT_EQ(test, write_attr("slots", "8\n"), 2);
	KUNIT_EXPECT_PTR_EQ(test, test_source.feed->ring, ring);
	KUNIT_EXPECT_EQ(test, write_attr("slots", "0x20"), 4);
	expect_attr(test, "slots", "32\n");
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		KUNIT_EXPECT_EQ(test, write_attr("slots", bad[i]), -EINVAL);
		expect_attr(test, "slots", "32\n");
	}
}

static void a_bad_period_is_refused(struct kunit *test)
{
	static const struct {
		const char *text;
		ssize_t err;
	} bad[] = {
		{ "99", -ERANGE },	  { "60000001", -ERANGE },
		{ "0", -ERANGE },	  { "4294967396", -ERANGE },
		{ "-1000", -EINVAL },	  { "\n", -EINVAL },
		{ "1000 2000", -EINVAL }, { "1e3", -EINVAL },
		{ "a second", -EINVAL },
	};
	int i;

	test_register(test);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		KUNIT_EXPECT_EQ_MSG(test, write_attr("period_us", bad[i].text),
				    bad[i].err, "for \"%s\"", bad[i].text);
		expect_attr(test, "period_us", "60000000\n");
	}
}

static void the_folder_goes_with_the_source(struct kunit *test)
{
	test_register(test);
	ktach_source_unregister(&test_source);
	KUNIT_EXPECT_EQ(test, write_attr("period_us", "1000"), -ENOENT);
}

static struct kunit_case sysfs_cases[] = {
	KUNIT_CASE(attributes_show_the_header),
	KUNIT_CASE(figures_cannot_be_written),
	KUNIT_CASE(the_period_can_be_written),
	KUNIT_CASE(the_slots_can_be_written),
	KUNIT_CASE(a_bad_period_is_refused),
	KUNIT_CASE(the_folder_goes_with_the_source),
	{}
};

static struct kunit_suite sysfs_suite = {
	.name = "ktach_sysfs",
	.suite_init = test_suite_init,
	.suite_exit = test_suite_exit,
	.init = test_source_init,
	.exit = test_source_exit,
	.test_cases = sysfs_cases,
};
kunit_test_suite(sysfs_suite);
