/* SPDX-License-Identifier: GPL-2.0-only */
/* What the aggregator's tests share: a source, its files, and the log. */
#ifndef KTACH_KUNIT_FIXTURE_H
#define KTACH_KUNIT_FIXTURE_H

#include <kunit/test.h>
#include <linux/fs.h>
#include <linux/kmsg_dump.h>
#include <ktach/source.h>

#define TEST_NODE "ktach_kunit"

/*
 * A source whose every word of sample n is n. Registered by the test,
 * unregistered after it if it is still there.
 */
extern struct ktach_source test_source;

/* For struct kunit_suite. */
int test_suite_init(struct kunit_suite *suite);
void test_suite_exit(struct kunit_suite *suite);
int test_source_init(struct kunit *test);
void test_source_exit(struct kunit *test);

/* Register, or end the test. */
void test_register(struct kunit *test);

/* Wait until the ring of test_source has sample @number, or end the test. */
void test_wait_for(struct kunit *test, u64 number);

/* Close it for good, which a thread of the kernel otherwise does later. */
void test_close(struct file *file);

/* Expect a line with @text in the kernel's log, since the last mark. */
void test_log_mark(void);
bool test_log_has(const char *text);
void test_expect_log(struct kunit *test, const char *text);

#endif /* KTACH_KUNIT_FIXTURE_H */
