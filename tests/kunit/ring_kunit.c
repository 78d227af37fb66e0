// SPDX-License-Identifier: GPL-2.0-only
/* The ring core: geometry, header, and each step of the protocol by hand. */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/overflow.h>

#include "../../kmod/aggregator/ring.h"
#include <ktach/source.h>

static const u64 last_number = (1ULL << 63) - 1;

static void expect_shape(struct kunit *test, u32 slots, u32 records, u32 size)
{
	struct ktach_ring ring = {
		.slots = slots,
		.records = records,
		.record_size = size,
	};
	u64 end;

	ktach_ring_shape(&ring);

	KUNIT_EXPECT_EQ(test, ring.record_stride % 64, 0);
	KUNIT_EXPECT_GE(test, ring.record_stride, size);
	KUNIT_EXPECT_LT(test, ring.record_stride, size + 64);

	KUNIT_EXPECT_EQ(test, ring.slot_stride % 64, 0);
	KUNIT_EXPECT_EQ(test, (u64)ring.slot_stride,
			64 + (u64)records * ring.record_stride);

	end = PAGE_SIZE + (u64)slots * ring.slot_stride;
	KUNIT_EXPECT_TRUE(test, PAGE_ALIGNED(ring.bytes));
	KUNIT_EXPECT_GE(test, ring.bytes, end);
	KUNIT_EXPECT_LT(test, ring.bytes, end + PAGE_SIZE);
}

static void shape_holds_every_size(struct kunit *test)
{
	static const u32 slots[] = { 2, 4, 256, 65536 };
	static const u32 records[] = { 1, 2, 3, 255, 8192 };
	static const u32 sizes[] = { 8,	  56,  64,   72,   88,
				     128, 136, 4032, 4088, 4096 };
	int i, j, k;

	for (i = 0; i < ARRAY_SIZE(slots); i++)
		for (j = 0; j < ARRAY_SIZE(records); j++)
			for (k = 0; k < ARRAY_SIZE(sizes); k++)
				expect_shape(test, slots[i], records[j],
					     sizes[k]);
}

/* More than 4 GiB, so that create_ring() sees the true length to refuse. */
static void shape_of_the_largest_does_not_wrap(struct kunit *test)
{
	struct ktach_ring ring = {
		.slots = KTACH_SLOTS_MAX,
		.records = 8192,
		.record_size = KTACH_RECORD_BYTES_MAX,
	};

	ktach_ring_shape(&ring);
	KUNIT_EXPECT_EQ(test, ring.bytes,
			PAGE_SIZE + 65536ULL * (64 + 8192ULL * 4096));
}

static struct ktach_ring *make_ring(struct kunit *test, u32 slots, u32 records,
				    u32 size)
{
	struct ktach_ring *ring =
		kunit_kzalloc(test, sizeof(*ring), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ring);
	ring->slots = slots;
	ring->records = records;
	ring->record_size = size;
	ktach_ring_shape(ring);
	ring->header = kunit_kzalloc(test, ring->bytes, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ring->header);
	return ring;
}

static void format_publishes_what_the_abi_says(struct kunit *test)
{
	struct ktach_ring *ring = make_ring(test, 8, 3, 88);
	struct ktach_ring_header *h = ring->header;

	ktach_ring_format(ring, "kunit", KTACH_RING_SOFTIRQ);

	KUNIT_EXPECT_EQ(test, memcmp(h, "KTCH", 4), 0);
	KUNIT_EXPECT_EQ(test, h->version, 1);
	KUNIT_EXPECT_EQ(test, h->header_size, 192);
	KUNIT_EXPECT_EQ(test, h->kind, KTACH_RING_SOFTIRQ);
	KUNIT_EXPECT_EQ(test, h->slots, 8);
	KUNIT_EXPECT_EQ(test, h->records, 3);
	KUNIT_EXPECT_EQ(test, h->record_size, 88);
	KUNIT_EXPECT_EQ(test, h->record_stride, 128);
	KUNIT_EXPECT_EQ(test, h->records_offset, 64);
	KUNIT_EXPECT_EQ(test, h->slot_stride, 64 + 3 * 128);
	KUNIT_EXPECT_EQ(test, h->slots_offset, PAGE_SIZE);
	KUNIT_EXPECT_STREQ(test, h->name, "kunit");
	KUNIT_EXPECT_EQ(test, h->state, KTACH_RING_LIVE);
	KUNIT_EXPECT_EQ(test, h->head, 0);
	KUNIT_EXPECT_EQ(test, h->reserved0, 0);
	KUNIT_EXPECT_NULL(test,
			  memchr_inv(h->reserved1, 0, sizeof(h->reserved1)));
	/* Neither the rest of the page nor a slot holds anything yet. */
	KUNIT_EXPECT_NULL(test, memchr_inv(h + 1, 0, ring->bytes - sizeof(*h)));
}

static void format_cuts_a_long_name(struct kunit *test)
{
	struct ktach_ring *ring = make_ring(test, 2, 1, 8);

	ktach_ring_format(ring, "a-name-of-more-than-sixteen", 1);
	KUNIT_EXPECT_STREQ(test, ring->header->name, "a-name-of-more-");
	KUNIT_EXPECT_EQ(test, ring->header->reserved1[0], 0);
}

/* Where the comment in the ABI's header says that sample n is. */
static void *slot_by_abi(const struct ktach_ring *ring, u64 n)
{
	const struct ktach_ring_header *h = ring->header;

	return (void *)h + h->slots_offset +
	       (n & (h->slots - 1)) * h->slot_stride;
}

static void slots_are_where_the_abi_says(struct kunit *test)
{
	static const u64 from[] = { 1, (1ULL << 32) - 9, (1ULL << 63) - 9 };
	struct ktach_ring *ring = make_ring(test, 8, 3, 88);
	int i;
	u64 n;

	ktach_ring_format(ring, "kunit", 1);
	for (i = 0; i < ARRAY_SIZE(from); i++)
		for (n = from[i]; n < from[i] + 18; n++) {
			void *slot = ktach_ring_slot(ring, n);

			KUNIT_EXPECT_PTR_EQ(test, slot, slot_by_abi(ring, n));
			KUNIT_EXPECT_PTR_EQ(test, slot,
					    (void *)ktach_ring_slot(ring,
								    n + 8));
			KUNIT_EXPECT_PTR_EQ(
				test, ktach_ring_records(slot),
				slot + ring->header->records_offset);
			KUNIT_EXPECT_LE(test, slot + ring->slot_stride,
					(void *)ring->header + ring->bytes);
		}
}

static u64 publish(struct ktach_ring *ring)
{
	ktach_ring_commit(ring, ktach_ring_begin(ring));
	return ktach_ring_head(ring);
}

/* Each state that a slot goes through, as a reader on another CPU sees it. */
static void steps_of_one_sample(struct kunit *test)
{
	struct ktach_ring *ring = make_ring(test, 4, 1, 88);
	struct ktach_slot *slot;

	ktach_ring_format(ring, "kunit", 1);
	KUNIT_EXPECT_EQ(test, ktach_ring_head(ring), 0);
	KUNIT_EXPECT_FALSE(test, ktach_ring_holds(ring, 1));

	slot = ktach_ring_begin(ring);
	KUNIT_EXPECT_PTR_EQ(test, (void *)slot, slot_by_abi(ring, 1));
	KUNIT_EXPECT_EQ(test, slot->sequence, 1);
	KUNIT_EXPECT_EQ(test, ktach_ring_head(ring), 0);
	KUNIT_EXPECT_FALSE(test, ktach_ring_holds(ring, 1));
	KUNIT_EXPECT_FALSE(test, ktach_ring_still_holds(ring, 1));

	ktach_ring_commit(ring, slot);
	KUNIT_EXPECT_EQ(test, slot->sequence, 2);
	KUNIT_EXPECT_EQ(test, ktach_ring_head(ring), 1);
	KUNIT_EXPECT_TRUE(test, ktach_ring_holds(ring, 1));
	KUNIT_EXPECT_TRUE(test, ktach_ring_still_holds(ring, 1));
	KUNIT_EXPECT_FALSE(test, ktach_ring_holds(ring, 5));
}

/* A reader that was in the slot when the writer came round to it. */
static void lapped_while_copying(struct kunit *test)
{
	struct ktach_ring *ring = make_ring(test, 2, 1, 88);
	struct ktach_slot *slot;

	ktach_ring_format(ring, "kunit", 1);
	publish(ring);
	KUNIT_ASSERT_TRUE(test, ktach_ring_holds(ring, 1));
	publish(ring);
	KUNIT_EXPECT_TRUE(test, ktach_ring_still_holds(ring, 1));

	slot = ktach_ring_begin(ring);
	KUNIT_EXPECT_PTR_EQ(test, slot, ktach_ring_slot(ring, 1));
	KUNIT_EXPECT_FALSE(test, ktach_ring_still_holds(ring, 1));
	KUNIT_EXPECT_FALSE(test, ktach_ring_still_holds(ring, 3));
	ktach_ring_commit(ring, slot);
	KUNIT_EXPECT_FALSE(test, ktach_ring_still_holds(ring, 1));
	KUNIT_EXPECT_TRUE(test, ktach_ring_still_holds(ring, 3));
}

/*
 * By definition: a sample counts as held if it is there and the writer's next
 * begin leaves it alone. oldest must be the smallest of them.
 */
static void expect_oldest(struct kunit *test, struct ktach_ring *ring)
{
	u64 head = ktach_ring_head(ring);
	u64 oldest = ktach_ring_oldest(ring);
	void *next = ktach_ring_slot(ring, head + 1);
	u64 n;

	for (n = oldest; n <= head; n++) {
		KUNIT_EXPECT_TRUE(test, ktach_ring_holds(ring, n));
		if (head + 1 - n < ring->slots)
			KUNIT_EXPECT_PTR_NE(test, next,
					    (void *)ktach_ring_slot(ring, n));
	}
	KUNIT_EXPECT_GE(test, oldest, 1);
	/* One less is either no sample or the one that is written next. */
	if (oldest > 1)
		KUNIT_EXPECT_PTR_EQ(test, next,
				    (void *)ktach_ring_slot(ring, oldest - 1));
}

static void oldest_while_it_fills_and_laps(struct kunit *test)
{
	u32 slots;
	int i;

	for (slots = 2; slots <= 16; slots *= 2) {
		struct ktach_ring *ring = make_ring(test, slots, 1, 8);

		ktach_ring_format(ring, "kunit", 1);
		KUNIT_EXPECT_EQ(test, ktach_ring_oldest(ring), 1);
		for (i = 0; i < 3 * slots; i++) {
			publish(ring);
			expect_oldest(test, ring);
		}
		/* max(1, h - slots + 2), as the ABI has it. */
		KUNIT_EXPECT_EQ(test, ktach_ring_oldest(ring), 2 * slots + 2);
	}
}

static void expect_runs_on_from(struct kunit *test, u64 head)
{
	struct ktach_ring *ring = make_ring(test, 4, 1, 8);
	int i;

	ktach_ring_format(ring, "kunit", 1);
	ring->header->head = head;
	for (i = 1; i <= 12 && head + i <= last_number; i++) {
		KUNIT_EXPECT_EQ(test, publish(ring), head + i);
		KUNIT_EXPECT_TRUE(test, ktach_ring_holds(ring, head + i));
		KUNIT_EXPECT_FALSE(test, ktach_ring_holds(ring, head + i + 4));
		KUNIT_EXPECT_FALSE(test, ktach_ring_holds(ring, head + i - 4));
		if (i >= 4)
			expect_oldest(test, ring);
	}
}

/* Across every power of two where a narrower number would wrap. */
static void long_numbers(struct kunit *test)
{
	expect_runs_on_from(test, (1ULL << 16) - 6);
	expect_runs_on_from(test, (1ULL << 31) - 6);
	expect_runs_on_from(test, (1ULL << 32) - 6);
	expect_runs_on_from(test, (1ULL << 62) - 6);
	expect_runs_on_from(test, last_number - 9);
}

static void end_shows_and_keeps_the_samples(struct kunit *test)
{
	struct ktach_ring *ring = make_ring(test, 4, 1, 8);

	ktach_ring_format(ring, "kunit", 1);
	publish(ring);
	KUNIT_EXPECT_TRUE(test, ktach_ring_live(ring));
	ktach_ring_end(ring);
	KUNIT_EXPECT_FALSE(test, ktach_ring_live(ring));
	KUNIT_EXPECT_EQ(test, ktach_ring_head(ring), 1);
	KUNIT_EXPECT_TRUE(test, ktach_ring_holds(ring, 1));
}

static struct kunit_case ring_cases[] = {
	KUNIT_CASE(shape_holds_every_size),
	KUNIT_CASE(shape_of_the_largest_does_not_wrap),
	KUNIT_CASE(format_publishes_what_the_abi_says),
	KUNIT_CASE(format_cuts_a_long_name),
	KUNIT_CASE(slots_are_where_the_abi_says),
	KUNIT_CASE(steps_of_one_sample),
	KUNIT_CASE(lapped_while_copying),
	KUNIT_CASE(oldest_while_it_fills_and_laps),
	KUNIT_CASE(long_numbers),
	KUNIT_CASE(end_shows_and_keeps_the_samples),
	{}
};

static struct kunit_suite ring_suite = {
	.name = "ktach_ring",
	.test_cases = ring_cases,
};
kunit_test_suite(ring_suite);
