// SPDX-License-Identifier: GPL-2.0-only
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/string.h>

#include "../../kmod/aggregator/source.h"
#include "../../kmod/aggregator/sysfs.h"
#include "fixture.h"

static void sample(struct ktach_source *source, void *records, size_t stride)
{
	u64 number = ktach_ring_head(source->feed->ring) + 1;
	u64 *word = records;
	int i;

	for (i = 0; i < source->record_size / sizeof(*word); i++)
		word[i] = number;
}

/* The first sample may come before source->feed is set. */
static void sample_if_fed(struct ktach_source *source, void *records,
			  size_t stride)
{
	if (source->feed)
		sample(source, records, stride);
}

static const struct ktach_source template = {
	.name = "kunit",
	.nodename = TEST_NODE,
	.kind = KTACH_RING_CPUSTAT,
	.record_size = 88,
	.period_us = KTACH_PERIOD_US_MAX,
	.slots = 8,
	.sample = sample_if_fed,
};

struct ktach_source test_source;

/*
 * Some kernels run a module's tests before its init function, some after it;
 * most tests need what it sets up.
 */
int test_suite_init(struct kunit_suite *suite)
{
	if (THIS_MODULE->state == MODULE_STATE_LIVE)
		return 0;
	return ktach_ticks_init() ?: ktach_sysfs_init();
}

void test_suite_exit(struct kunit_suite *suite)
{
	if (THIS_MODULE->state == MODULE_STATE_LIVE)
		return;
	ktach_sysfs_uninit();
	ktach_ticks_uninit();
}

int test_source_init(struct kunit *test)
{
	test_source = template;
	return 0;
}

void test_source_exit(struct kunit *test)
{
	if (test_source.feed)
		ktach_source_unregister(&test_source);
}

void test_register(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, ktach_source_register(&test_source), 0);
}

void test_wait_for(struct kunit *test, u64 number)
{
	int left = 5000;

	while (ktach_ring_head(test_source.feed->ring) < number && left--)
		usleep_range(1000, 2000);
	KUNIT_ASSERT_GE(test, ktach_ring_head(test_source.feed->ring), number);
}

void test_close(struct file *file)
{
	fput(file);
	flush_delayed_fput();
}

static struct kmsg_dump_iter log_end;

void test_log_mark(void)
{
	char line[256];
	size_t len;

	kmsg_dump_rewind(&log_end);
	while (kmsg_dump_get_line(&log_end, false, line, sizeof(line), &len))
		;
}

bool test_log_has(const char *text)
{
	struct kmsg_dump_iter at = log_end;
	bool found = false;
	char line[256];
	size_t len;

	while (!found &&
	       kmsg_dump_get_line(&at, false, line, sizeof(line) - 1, &len)) {
		line[len] = '\0';
		found = strstr(line, text);
	}
	return found;
}

void test_expect_log(struct kunit *test, const char *text)
{
	KUNIT_EXPECT_TRUE_MSG(test, test_log_has(text), "the log lacks \"%s\"",
			      text);
}
