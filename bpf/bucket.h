/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets into buckets of 1 ms.
 *
 * A packet costs one addition on its own CPU and, unless there are many, one look
 * at the clock. When a CPU's millisecond is over, its bucket is added to the
 * ring that all CPUs share, where the same millisecond of all of them comes
 * together: at most one shared write a CPU, direction and millisecond, however
 * many packets there are. The other way, rings of their own for all CPUs, takes
 * CPUs times the memory, or a timer that runs often enough to empty short ones.
 */
#ifndef KTACH_BPF_BUCKET_H
#define KTACH_BPF_BUCKET_H

#include "maps.h"

/*
 * Add a finished bucket to the ring; now_ms tells whether its place there is
 * another millisecond's by now. Of two CPUs that find an old bucket in the
 * place one exchanges it, and the other one adds.
 */
static __always_inline void ring_add(__u32 slot, __u32 direction, __u64 bucket,
				     __u64 now_ms)
{
	__u64 ms = net_bucket_ms(bucket), old, *place;
	struct net_ring *ring;

	ring = bpf_map_lookup_elem(&rings, &slot);
	if (!ring || ((now_ms - ms) & NET_BUCKET_MS) > NET_RING_OLDEST)
		return;
	place = &ring->bucket[direction][ms & (NET_RING - 1)];
	old = *(volatile __u64 *)place;
	if (net_bucket_ms(old) != ms &&
	    __sync_val_compare_and_swap(place, old, bucket) == old)
		return;
	__sync_fetch_and_add(place, net_bucket_bytes(bucket));
}

/* How many packets may go by unseen, after a millisecond with so many. */
static __always_inline __u16 stride_of(const struct net_pending *p,
				       __u64 now_ns)
{
	__u32 stride = p->packets / NET_CLOCK_SHARE;

	if (now_ns >= p->end_ns + KTACH_NET_BUCKET_NS)
		return 0; /* it was not the last one */
	return stride < NET_STRIDE_MAX ? stride : NET_STRIDE_MAX;
}

/* Not inlined: once a millisecond. */
static __noinline int bucket_next(struct net_pending *p, __u32 slot,
				  __u32 direction, __u64 now_ns, __u64 bytes)
{
	__u64 ms = now_ns / KTACH_NET_BUCKET_NS, done;

	if (!p || direction >= KTACH_NET_DIRECTIONS)
		return 0;
	done = __sync_lock_test_and_set(&p->bucket, net_bucket(ms, bytes));
	p->stride = stride_of(p, now_ns);
	p->packets = 1;
	p->end_ns = (ms + 1) * KTACH_NET_BUCKET_NS;
	if (done)
		ring_add(slot, direction, done, ms);
	return 0;
}

static __always_inline void bucket_count(struct net_pending *p, __u32 slot,
					 __u32 direction, __u64 bytes)
{
	__u64 now_ns;

	p->packets++;
	if (p->unseen && p->bucket) {
		p->unseen--;
		p->bucket += bytes;
		return;
	}
	now_ns = bpf_ktime_get_ns();
	if (now_ns < p->end_ns)
		p->bucket += bytes;
	else
		bucket_next(p, slot, direction, now_ns, bytes);
	p->unseen = p->stride;
}

/* The timer's: what a CPU left behind. */
static __always_inline void bucket_take(struct net_pending *p, __u32 slot,
					__u32 direction, __u64 now_ms)
{
	__u64 bucket = *(volatile __u64 *)&p->bucket;

	if (!bucket || ((now_ms - net_bucket_ms(bucket)) & NET_BUCKET_MS) <
			       NET_SETTLE_MS)
		return;
	if (__sync_val_compare_and_swap(&p->bucket, bucket, 0) == bucket)
		ring_add(slot, direction, bucket, now_ms);
}

#endif /* KTACH_BPF_BUCKET_H */
