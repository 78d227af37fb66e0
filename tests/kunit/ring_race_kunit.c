// SPDX-License-Identifier: GPL-2.0-only
/*
 * Readers against a writer that runs at any moment.
 *
 * UML has one CPU, and a writer that a timer's interrupt runs to its end would
 * never be seen half-way, as one on another CPU is. So this writer is an
 * hrtimer that makes a sample in three interrupts: begin and a first half; a
 * second half; commit. The interrupts come in bursts, a few microseconds apart,
 * wherever the reader is, in the middle of its copy, too. Between two bursts,
 * which end at each stage in turn, the reader has time.
 */
#include <kunit/test.h>
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/sched.h>

#include "../../kmod/aggregator/ring.h"

#define RECORD 4096
#define WORDS (RECORD / sizeof(u64))

struct writer {
	struct hrtimer timer;
	struct ktach_ring *ring;
	struct ktach_slot *slot;
	unsigned int stage;
};

#define BURST 8
#define APART_NS (20 * NSEC_PER_USEC)
#define PAUSE_NS (500 * NSEC_PER_USEC)

static void fill(u64 *word, u64 number)
{
	int i;

	for (i = 0; i < WORDS / 2; i++)
		WRITE_ONCE(word[i], number);
}

static enum hrtimer_restart write_on(struct hrtimer *timer)
{
	struct writer *w = container_of(timer, struct writer, timer);
	u64 number = w->ring->header->head + 1;

	switch (w->stage % 3) {
	case 0:
		w->slot = ktach_ring_begin(w->ring);
		fill(ktach_ring_records(w->slot), number);
		break;
	case 1:
		fill((u64 *)ktach_ring_records(w->slot) + WORDS / 2, number);
		break;
	case 2:
		ktach_ring_commit(w->ring, w->slot);
		break;
	}
	w->stage++;
	hrtimer_forward_now(timer, ns_to_ktime(w->stage % BURST ? APART_NS :
								  PAUSE_NS));
	return HRTIMER_RESTART;
}

/* What became of the reads of one run. */
struct outcome {
	unsigned int whole; /* accepted, and rightly so */
	unsigned int torn; /* accepted, and of two samples or another one */
	unsigned int refused; /* not there before the copy */
	unsigned int lapped; /* no longer there after it */
	unsigned int caught; /* of these: the copy was indeed of two samples */
};

static bool is_of(const u64 *word, u64 number)
{
	int i;

	for (i = 0; i < WORDS; i++)
		if (word[i] != number)
			return false;
	return true;
}

/* Copy at a reader's pace, so that the writer has time to come by. */
static void copy(u64 *to, const u64 *from)
{
	int i;

	for (i = 0; i < WORDS; i++) {
		to[i] = READ_ONCE(from[i]);
		cpu_relax();
	}
}

static void read_one(struct ktach_ring *ring, u64 number, u64 *buf,
		     struct outcome *out)
{
	if (!ktach_ring_holds(ring, number)) {
		out->refused++;
		return;
	}
	copy(buf, ktach_ring_records(ktach_ring_slot(ring, number)));
	if (ktach_ring_still_holds(ring, number)) {
		if (is_of(buf, number))
			out->whole++;
		else
			out->torn++;
		return;
	}
	out->lapped++;
	if (!is_of(buf, number))
		out->caught++;
}

/* In turn the newest sample, the oldest one, the one before and the next. */
static u64 choose(struct ktach_ring *ring, unsigned int turn)
{
	u64 head = ktach_ring_head(ring);

	switch (turn % 4) {
	case 0:
		return head;
	case 1:
		return ktach_ring_oldest(ring);
	case 2:
		return ktach_ring_oldest(ring) - 1;
	default:
		return head + 1;
	}
}

static bool seen_enough(const struct outcome *out)
{
	return out->whole >= 2000 && out->refused >= 100 &&
	       out->lapped >= 100 && out->caught >= 20;
}

static void race(struct kunit *test, u32 slots, u64 first)
{
	struct ktach_ring *ring =
		kunit_kzalloc(test, sizeof(*ring), GFP_KERNEL);
	struct writer *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	u64 *buf = kunit_kzalloc(test, RECORD, GFP_KERNEL);
	unsigned long end = jiffies + 10 * HZ;
	struct outcome out = {};
	unsigned int turn;

	KUNIT_ASSERT_NOT_NULL(test, ring);
	KUNIT_ASSERT_NOT_NULL(test, w);
	KUNIT_ASSERT_NOT_NULL(test, buf);
	ring->slots = slots;
	ring->records = 1;
	ring->record_size = RECORD;
	ktach_ring_shape(ring);
	ring->header = kunit_kzalloc(test, ring->bytes, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ring->header);
	ktach_ring_format(ring, "race", 1);
	ring->header->head = first;

	w->ring = ring;
	hrtimer_setup(&w->timer, write_on, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	hrtimer_start(&w->timer, ns_to_ktime(APART_NS), HRTIMER_MODE_REL);
	for (turn = 0; !seen_enough(&out) && time_before(jiffies, end);
	     turn++) {
		read_one(ring, choose(ring, turn), buf, &out);
		if (turn % 64 == 0)
			cond_resched();
	}
	hrtimer_cancel(&w->timer);

	kunit_info(test, "%u whole, %u refused, %u lapped, %u of them torn",
		   out.whole, out.refused, out.lapped, out.caught);
	KUNIT_EXPECT_EQ(test, out.torn, 0);
	/* All of it happened, or the test has shown nothing. */
	KUNIT_EXPECT_TRUE(test, seen_enough(&out));
}

static void readers_accept_no_torn_sample(struct kunit *test)
{
	race(test, 2, 0);
}

static void nor_in_a_longer_ring(struct kunit *test)
{
	race(test, 4, 0);
}

/* The low 32 bits of the sequence wrap right at the start. */
static void nor_past_32_bits(struct kunit *test)
{
	race(test, 2, (1ULL << 31) - 100);
}

static struct kunit_case race_cases[] = {
	KUNIT_CASE(readers_accept_no_torn_sample),
	KUNIT_CASE(nor_in_a_longer_ring),
	KUNIT_CASE(nor_past_32_bits),
	{}
};

static struct kunit_suite race_suite = {
	.name = "ktach_ring_race",
	.test_cases = race_cases,
};
kunit_test_suite(race_suite);
