// SPDX-License-Identifier: GPL-2.0-only
/* The device: open, read, lseek, poll and what mmap refuses. */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/uio.h>

#include "../../kmod/aggregator/source.h"
#include "fixture.h"

/* test_source: one record of 88 bytes. */
#define SLOT (64 + 128)

static struct file *file;
static u8 buf[16 * SLOT];

static int setup(struct kunit *test)
{
	file = NULL;
	memset(buf, 0, sizeof(buf));
	return test_source_init(test);
}

static void teardown(struct kunit *test)
{
	if (file)
		test_close(file);
	test_source_exit(test);
}

static void open_source(struct kunit *test, int flags)
{
	struct file *opened;

	test_register(test);
	opened = filp_open("/dev/" TEST_NODE, O_RDONLY | flags, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(opened));
	file = opened;
}

/* Samples without waiting for them: the timer is a minute away, or stopped. */
static void publish(unsigned int samples)
{
	struct ktach_ring *ring = test_source.feed->ring;

	while (samples--) {
		struct ktach_slot *slot = ktach_ring_begin(ring);

		test_source.sample(&test_source, ktach_ring_records(slot),
				   ring->record_stride);
		ktach_ring_commit(ring, slot);
	}
}

static void open_quiet(struct kunit *test, int flags, unsigned int samples)
{
	open_source(test, flags);
	ktach_tick_stop(&test_source.feed->tick);
	publish(samples);
}

static ssize_t read_at(size_t size, loff_t *pos)
{
	return kernel_read(file, buf, size, pos);
}

static void expect_sample(struct kunit *test, int index, u64 number)
{
	const struct ktach_slot *slot = (void *)buf + index * SLOT;
	const u64 *word = (void *)(slot + 1);
	int i;

	KUNIT_EXPECT_EQ(test, slot->sequence, 2 * number);
	for (i = 0; i < 88 / 8; i++)
		KUNIT_EXPECT_EQ(test, word[i], number);
}

static void only_for_reading(struct kunit *test)
{
	struct file *opened;

	test_register(test);
	opened = filp_open("/dev/" TEST_NODE, O_RDWR, 0);
	KUNIT_ASSERT_TRUE(test, IS_ERR(opened));
	KUNIT_EXPECT_EQ(test, PTR_ERR(opened), -EACCES);
}

static void reads_whole_slots(struct kunit *test)
{
	loff_t pos = 0;

	open_quiet(test, 0, 3);
	KUNIT_EXPECT_EQ(test, read_at(SLOT, &pos), SLOT);
	KUNIT_EXPECT_EQ(test, pos, SLOT);
	expect_sample(test, 0, 1);
	KUNIT_EXPECT_EQ(test, read_at(sizeof(buf), &pos), 2 * SLOT);
	KUNIT_EXPECT_EQ(test, pos, 3 * SLOT);
	expect_sample(test, 0, 2);
	expect_sample(test, 1, 3);

	/* Half a slot more than one: one is what fits. */
	pos = 0;
	KUNIT_EXPECT_EQ(test, read_at(SLOT + SLOT / 2, &pos), SLOT);
}

static void what_cannot_be_read(struct kunit *test)
{
	loff_t pos = 0;

	open_quiet(test, O_NONBLOCK, 1);
	KUNIT_EXPECT_EQ(test, read_at(SLOT - 1, &pos), -EINVAL);
	pos = 8;
	KUNIT_EXPECT_EQ(test, read_at(SLOT, &pos), -EINVAL);
	pos = SLOT;
	KUNIT_EXPECT_EQ(test, read_at(SLOT, &pos), -EAGAIN);
	KUNIT_EXPECT_EQ(test, pos, SLOT);
}

/* As io_uring asks for it, on a file that would wait. */
static void nowait_does_not_wait(struct kunit *test)
{
	struct kvec vec = { .iov_base = buf, .iov_len = SLOT };
	struct iov_iter iter;
	struct kiocb iocb;

	open_quiet(test, 0, 0);
	init_sync_kiocb(&iocb, file);
	iocb.ki_flags |= IOCB_NOWAIT;
	iov_iter_kvec(&iter, READ, &vec, 1, SLOT);
	KUNIT_EXPECT_EQ(test, file->f_op->read_iter(&iocb, &iter), -EAGAIN);
	publish(1);
	KUNIT_EXPECT_EQ(test, file->f_op->read_iter(&iocb, &iter), SLOT);
	expect_sample(test, 0, 1);
}

static void a_lapped_position_moves_to_the_oldest(struct kunit *test)
{
	loff_t pos = 0;

	open_quiet(test, 0, 20);
	KUNIT_EXPECT_EQ(test, read_at(sizeof(buf), &pos), 7 * SLOT);
	expect_sample(test, 0, 14);
	expect_sample(test, 6, 20);
	KUNIT_EXPECT_EQ(test, pos, 20 * SLOT);
}

/* As in the loop that copies: each copy was lapped, and now where? */
static void who_is_lapped_gets_ahead(struct kunit *test)
{
	u64 last = 0, next;
	unsigned int lapped;

	test_source.slots = 64;
	open_quiet(test, 0, 1000);
	for (lapped = 0; lapped < 70; lapped++) {
		next = ktach_ring_resume(test_source.feed->ring, lapped);
		KUNIT_EXPECT_GE(test, next, last);
		KUNIT_EXPECT_LE(test, next, 1000);
		last = next;
	}
	KUNIT_EXPECT_EQ(test, ktach_ring_resume(test_source.feed->ring, 0),
			1000 - 62);
	KUNIT_EXPECT_EQ(test, ktach_ring_resume(test_source.feed->ring, 1),
			1000 - 31);
	KUNIT_EXPECT_EQ(test, last, 1000);
}

static void a_read_waits_for_the_sample(struct kunit *test)
{
	loff_t pos = 0;
	u64 n;

	test_source.period_us = 2000;
	open_source(test, 0);
	KUNIT_ASSERT_EQ(test, read_at(SLOT, &pos), SLOT);
	for (n = pos / SLOT + 1; n <= 10; n++) {
		KUNIT_ASSERT_EQ(test, read_at(SLOT, &pos), SLOT);
		n = pos / SLOT;
		expect_sample(test, 0, n);
	}
}

static void a_signal_ends_the_wait(struct kunit *test)
{
	loff_t pos = 0;

	open_quiet(test, 0, 0);
	allow_signal(SIGINT);
	send_sig(SIGINT, current, 1);
	KUNIT_EXPECT_EQ(test, read_at(SLOT, &pos), -ERESTARTSYS);
	flush_signals(current);
	disallow_signal(SIGINT);
}

static void seeking(struct kunit *test)
{
	open_quiet(test, 0, 3);
	KUNIT_EXPECT_EQ(test, vfs_llseek(file, 0, SEEK_END), 3 * SLOT);
	KUNIT_EXPECT_EQ(test, vfs_llseek(file, -SLOT, SEEK_CUR), 2 * SLOT);
	KUNIT_EXPECT_EQ(test, vfs_llseek(file, SLOT, SEEK_SET), SLOT);
	KUNIT_EXPECT_EQ(test, vfs_llseek(file, -SLOT, SEEK_SET), -EINVAL);
	KUNIT_EXPECT_EQ(test, vfs_llseek(file, 0, SEEK_DATA), -EINVAL);
	KUNIT_EXPECT_EQ(test, vfs_llseek(file, 0, SEEK_CUR), SLOT);
}

static __poll_t poll_now(void)
{
	return vfs_poll(file, NULL);
}

/* Each event is told once to a file that only polls, as one that maps does. */
static void polling_without_reading(struct kunit *test)
{
	__poll_t in = EPOLLIN | EPOLLRDNORM;

	open_quiet(test, 0, 0);
	KUNIT_EXPECT_EQ(test, poll_now(), 0);
	publish(1);
	KUNIT_EXPECT_EQ(test, poll_now(), in);
	KUNIT_EXPECT_EQ(test, poll_now(), 0);
	publish(2);
	KUNIT_EXPECT_EQ(test, poll_now(), in);
	KUNIT_EXPECT_EQ(test, poll_now(), 0);
}

static void polling_follows_the_position(struct kunit *test)
{
	__poll_t in = EPOLLIN | EPOLLRDNORM;

	open_quiet(test, 0, 3);
	vfs_llseek(file, 2 * SLOT, SEEK_SET);
	KUNIT_EXPECT_EQ(test, poll_now(), in);
	KUNIT_EXPECT_EQ(test, poll_now(), in);
	vfs_llseek(file, 0, SEEK_END);
	KUNIT_EXPECT_EQ(test, poll_now(), 0);
	publish(1);
	KUNIT_EXPECT_EQ(test, poll_now(), in);
	/* The start is a position, too, once it was chosen. */
	vfs_llseek(file, 0, SEEK_SET);
	KUNIT_EXPECT_EQ(test, poll_now(), in);
	KUNIT_EXPECT_EQ(test, poll_now(), in);
}

static void the_end_of_a_source(struct kunit *test)
{
	loff_t pos = 0;

	open_quiet(test, 0, 2);
	ktach_source_unregister(&test_source);
	KUNIT_EXPECT_EQ(test, poll_now(), EPOLLHUP | EPOLLIN | EPOLLRDNORM);
	KUNIT_EXPECT_EQ(test, poll_now(), EPOLLHUP);
	KUNIT_EXPECT_EQ(test, read_at(sizeof(buf), &pos), 2 * SLOT);
	expect_sample(test, 1, 2);
	KUNIT_EXPECT_EQ(test, read_at(sizeof(buf), &pos), 0);
}

static void mapping_is_refused(struct kunit *test)
{
	struct vm_area_struct *vma =
		kunit_kzalloc(test, sizeof(*vma), GFP_KERNEL);
	u64 bytes;

	KUNIT_ASSERT_NOT_NULL(test, vma);
	open_quiet(test, 0, 0);
	bytes = test_source.feed->ring->bytes;

	vma->vm_start = PAGE_SIZE;
	vma->vm_end = vma->vm_start + PAGE_SIZE;
	vm_flags_set(vma, VM_READ | VM_WRITE | VM_MAYWRITE);
	KUNIT_EXPECT_EQ(test, file->f_op->mmap(file, vma), -EACCES);

	/* One page more than there is, and one page behind the end. */
	vm_flags_clear(vma, VM_WRITE);
	vma->vm_end = vma->vm_start + bytes + PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, file->f_op->mmap(file, vma), -EINVAL);
	KUNIT_EXPECT_EQ(test, vma->vm_flags & VM_MAYWRITE, 0);
	vma->vm_end = vma->vm_start + PAGE_SIZE;
	vma->vm_pgoff = bytes >> PAGE_SHIFT;
	KUNIT_EXPECT_EQ(test, file->f_op->mmap(file, vma), -EINVAL);
}

static struct hrtimer lapper;

static enum hrtimer_restart lap(struct hrtimer *timer)
{
	publish(3);
	hrtimer_forward_now(timer, ns_to_ktime(200 * NSEC_PER_USEC));
	return HRTIMER_RESTART;
}

static bool is_of_one_sample(const void *slot, size_t size)
{
	const u64 *word = slot + sizeof(struct ktach_slot);
	int i;

	for (i = 1; i < size / sizeof(*word); i++)
		if (word[i] != word[0])
			return false;
	return true;
}

/*
 * Each interrupt of the timer laps the whole ring of two slots. Copies that
 * are made without asking the ring show that it strikes while they are made:
 * until that was seen often enough, read() makes as many of the same length.
 */
static void reads_while_lapped(struct kunit *test)
{
	const size_t record = KTACH_RECORD_BYTES_MAX;
	const size_t size = sizeof(struct ktach_slot) + record;
	void *copy = kunit_kzalloc(test, size, GFP_KERNEL);
	unsigned long end = jiffies + 10 * HZ;
	unsigned int accepted = 0;
	unsigned int torn = 0;
	struct ktach_ring *ring;
	loff_t pos = 0;
	ssize_t ret = size;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	test_source.slots = 2;
	test_source.record_size = record;
	open_quiet(test, 0, 1);
	ring = test_source.feed->ring;
	hrtimer_setup(&lapper, lap, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	hrtimer_start(&lapper, 0, HRTIMER_MODE_REL);
	while (torn < 10 && time_before(jiffies, end)) {
		memcpy(copy, ktach_ring_slot(ring, ktach_ring_head(ring)),
		       size);
		if (!is_of_one_sample(copy, record))
			torn++;

		/* From the start, long gone: nothing to wait for. */
		pos = 0;
		ret = kernel_read(file, copy, size, &pos);
		if (ret != size || !is_of_one_sample(copy, record) ||
		    *(u64 *)copy != 2 * (pos / size))
			break;
		accepted++;
	}
	hrtimer_cancel(&lapper);
	kunit_info(test, "%u reads, %u plain copies torn", accepted, torn);
	KUNIT_EXPECT_EQ(test, ret, size);
	KUNIT_EXPECT_TRUE(test, is_of_one_sample(copy, record));
	KUNIT_EXPECT_EQ(test, *(u64 *)copy, 2 * (pos / size));
	KUNIT_EXPECT_GE(test, torn, 10);
}

static struct kunit_case ring_dev_cases[] = {
	KUNIT_CASE(only_for_reading),
	KUNIT_CASE(reads_whole_slots),
	KUNIT_CASE(what_cannot_be_read),
	KUNIT_CASE(nowait_does_not_wait),
	KUNIT_CASE(a_lapped_position_moves_to_the_oldest),
	KUNIT_CASE(who_is_lapped_gets_ahead),
	KUNIT_CASE(a_read_waits_for_the_sample),
	KUNIT_CASE(a_signal_ends_the_wait),
	KUNIT_CASE(seeking),
	KUNIT_CASE(polling_without_reading),
	KUNIT_CASE(polling_follows_the_position),
	KUNIT_CASE(the_end_of_a_source),
	KUNIT_CASE(mapping_is_refused),
	KUNIT_CASE(reads_while_lapped),
	{}
};

static struct kunit_suite ring_dev_suite = {
	.name = "ktach_ring_dev",
	.suite_init = test_suite_init,
	.suite_exit = test_suite_exit,
	.init = setup,
	.exit = teardown,
	.test_cases = ring_dev_cases,
};
kunit_test_suite(ring_dev_suite);
