/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The timer's judgement of finished buckets: the largest, the 99th percentile,
 * how many are over the threshold; and their recording.
 *
 * The percentile is that of the worst 100 ms: a tick is cut into parts of 100
 * buckets, the last of which has what is left over, and each part's second
 * largest bucket is its 99th percentile. A tick of less than 100 buckets is one
 * part, whose largest one it is.
 *
 * Only buckets that somebody put something into are looked at, a word of 64 bits
 * of them a callback: of the others there is nothing to say.
 *
 * Softirq, one timer: whatever is written here has a single writer.
 */
#ifndef KTACH_BPF_JUDGE_H
#define KTACH_BPF_JUDGE_H

#include "bucket.h"

enum {
	JUDGE_PART = 100,		/* buckets */
};

/**
 * struct judgement - of a window of buckets, of one direction
 * @first_ms: the first one's millisecond
 * @end_ms: the last one's, plus one
 * @over_bytes: threshold, 0 for none
 * @slot: whose
 * @direction: enum ktach_net_direction
 * @record: to where, or not at all
 * @part_largest: of the part under way
 * @part_second: of the part under way
 * @part_end_ms: of the part under way
 * @max_bytes: result
 * @max_ms: its millisecond
 * @p99_bytes: result
 * @over: result, how many are larger than over_bytes
 */
struct judgement {
	__u64 first_ms;
	__u64 end_ms;
	__u64 over_bytes;
	__u32 slot;
	__u32 direction;
	__u32 record;
	__u32 part_largest;
	__u32 part_second;
	__u64 part_end_ms;
	__u64 max_bytes;
	__u64 max_ms;
	__u64 p99_bytes;
	__u64 over;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, KTACH_NET_DIRECTIONS);
	__type(key, __u32);
	__type(value, struct judgement);
} judgements SEC(".maps");

/* The part that a millisecond is in. Parts that have nothing are left out. */
static __always_inline void part_begin(struct judgement *j, __u64 ms)
{
	__u64 parts = (j->end_ms - j->first_ms) / JUDGE_PART;
	__u64 part = (ms - j->first_ms) / JUDGE_PART;

	if (part + 1 >= parts) {
		j->part_end_ms = j->end_ms;
	} else {
		j->part_end_ms = j->first_ms + (part + 1) * JUDGE_PART;
	}
	j->part_largest = 0;
	j->part_second = 0;
}

static __always_inline void part_end(struct judgement *j)
{
	__u32 p99 = j->end_ms - j->first_ms < JUDGE_PART ? j->part_largest :
							    j->part_second;

	if (p99 > j->p99_bytes)
		j->p99_bytes = p99;
}

static __always_inline void judge_one(struct judgement *j, __u64 ms,
				      __u32 bytes)
{
	if (ms >= j->part_end_ms) {
		part_end(j);
		part_begin(j, ms);
	}
	if (bytes > j->part_largest) {
		j->part_second = j->part_largest;
		j->part_largest = bytes;
	} else if (bytes > j->part_second) {
		j->part_second = bytes;
	}
	if (bytes > j->max_bytes) {
		j->max_bytes = bytes;
		j->max_ms = ms;
	}
	if (j->over_bytes && bytes > j->over_bytes)
		j->over++;
}

static __always_inline void record_one(struct ktach_net_recording *r,
				       __u32 direction, __u64 ms, __u32 bytes)
{
	__u32 at = ms & (recorded - 1);

	/* A sum: older verifiers follow neither a product nor an OR here. */
	if (direction == KTACH_NET_TX)
		at += recorded;
	r->bytes[at] = bytes;
}

/*
 * A bucket that was touched: taken out. Not static: the verifier then looks at it
 * once, and not at each call in each state, which takes new ones minutes.
 */
__noinline int judge_bucket(__u32 direction, __u64 ms)
{
	struct judgement *j = bpf_map_lookup_elem(&judgements, &direction);
	struct ktach_net_recording *r;
	struct net_ring *ring;
	__u64 bucket;
	__u32 bytes;

	if (!j)
		return 0;
	ring = bpf_map_lookup_elem(&rings, &j->slot);
	if (!ring)
		return 0;
	bucket = __sync_lock_test_and_set(ring_place(ring, direction, ms),
					  net_bucket(ms + NET_RING, 0));
	if (net_bucket_ms(bucket) != (ms & NET_BUCKET_MS))
		return 0;
	bytes = net_bucket_bytes(bucket);
	judge_one(j, ms, bytes);
	if (!j->record)
		return 0;
	r = bpf_map_lookup_elem(&recordings, &j->slot);
	if (r)
		record_one(r, direction, ms, bytes);
	return 0;
}

/* Nothing, to be written over by what there is. */
__noinline int record_zeroes(__u32 direction, __u64 ms, __u64 end_ms)
{
	struct judgement *j = bpf_map_lookup_elem(&judgements, &direction);
	struct ktach_net_recording *r;
	int i;

	if (!j)
		return 0;
	r = bpf_map_lookup_elem(&recordings, &j->slot);
	if (!r)
		return 0;
	for (i = 0; i < NET_WORD_BITS && ms < end_ms; i++, ms++)
		record_one(r, direction, ms, 0);
	return 0;
}

/* Without a branch, each of which is two ways for the verifier to go. */
static __always_inline __u32 count_bits(__u64 word)
{
	word -= word >> 1 & 0x5555555555555555;
	word = (word & 0x3333333333333333) + (word >> 2 & 0x3333333333333333);
	word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0f;
	return word * 0x0101010101010101 >> 56;
}

static __always_inline __u32 lowest_bit(__u64 word)
{
	return count_bits((word & -word) - 1);
}

/* Bits of a word from @from on, before @end. */
static __always_inline __u64 bits_between(__u64 from, __u64 end)
{
	__u64 bits = ~0ULL << from;

	return end < NET_WORD_BITS ? bits & ((1ULL << end) - 1) : bits;
}

/*
 * The milliseconds of a word of @touched, as far as they are to be judged. Its
 * bits are taken before the buckets: see ring_touch().
 */
static long judge_word(__u32 index, __u32 *direction)
{
	struct judgement *j = bpf_map_lookup_elem(&judgements, direction);
	__u64 base, first, end, bits;
	struct net_ring *ring;
	__u32 word, i;

	if (!j)
		return 1;
	ring = bpf_map_lookup_elem(&rings, &j->slot);
	if (!ring)
		return 1;
	base = (j->first_ms & ~(NET_WORD_BITS - 1ULL)) + index * NET_WORD_BITS;
	first = base < j->first_ms ? j->first_ms : base;
	end = base + NET_WORD_BITS < j->end_ms ? base + NET_WORD_BITS :
						 j->end_ms;
	if (first >= end)
		return 1;
	if (j->record)
		record_zeroes(*direction, first, end);
	word = base / NET_WORD_BITS & (NET_RING_WORDS - 1);
	bits = bits_between(first - base, end - base);
	if (!(*(volatile __u64 *)&ring->touched[*direction & 1][word] & bits))
		return 0;
	bits &= __sync_fetch_and_and(&ring->touched[*direction & 1][word],
				     ~bits);
	for (i = 0; i < NET_WORD_BITS && bits; i++) {
		judge_bucket(*direction, base + lowest_bit(bits));
		bits &= bits - 1;
	}
	return 0;
}

/* The questions stand in @j; @quiet: all buckets are empty, and not recorded. */
static __always_inline void judge(struct judgement *j, bool quiet)
{
	__u32 direction = j->direction;

	j->max_bytes = 0;
	j->max_ms = 0;
	j->p99_bytes = 0;
	j->over = 0;
	if (quiet)
		return;
	part_begin(j, j->first_ms);
	bpf_loop((j->end_ms - j->first_ms) / NET_WORD_BITS + 2, judge_word,
		 &direction, 0);
	part_end(j);
}

#endif /* KTACH_BPF_JUDGE_H */
