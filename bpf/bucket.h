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

/* Milliseconds from @from to @ms, which may lie before it. */
static __always_inline __s64 ms_since(__u64 ms, __u64 from)
{
	return (__s64)((ms - from) << NET_BUCKET_BITS) >> NET_BUCKET_BITS;
}

/*
 * Into the ring, if its place there is this millisecond's, or one's that is long
 * over. Of two CPUs that find an old bucket in the place one exchanges it, and the
 * other one tries again. Bytes that came right behind the judgement are taken
 * back from the millisecond that has the place next.
 */
static __always_inline bool ring_try(__u64 *place, __u64 ms, __u64 bytes)
{
	__u64 old = *(volatile __u64 *)place;

	ms &= NET_BUCKET_MS;
	if (ms_since(net_bucket_ms(old), ms) == NET_RING)
		return false;
	if (net_bucket_ms(old) != ms)
		return __sync_val_compare_and_swap(
			       place, old, net_bucket(ms, bytes)) == old;
	old = __sync_fetch_and_add(place, bytes);
	if (net_bucket_ms(old) == ms)
		return true;
	__sync_fetch_and_add(place, -bytes);
	return false;
}

/* Set a bit, unless it is: an atomic operation once, not each time. */
static __always_inline void bit_set(__u64 *word, __u64 bit)
{
	if (!(*(volatile __u64 *)word & 1ULL << bit))
		__sync_fetch_and_or(word, 1ULL << bit);
}

static __always_inline __u64 *ring_place(struct net_ring *ring, __u32 direction,
					 __u64 ms)
{
	return &ring->bucket[direction & 1][ms & (NET_RING - 1)];
}

/*
 * Say that a place has something; if its millisecond was judged meanwhile, without
 * that, what it has is taken back. Returns these bytes.
 */
static __always_inline __u64 ring_touch(struct net_ring *ring, __u32 direction,
					__u64 ms)
{
	__u64 index = ms & (NET_RING - 1), old;
	__u64 *place = ring_place(ring, direction, ms);

	/*
	 * Fully ordered, also where the bit is set: before open_ms is read.
	 * Without a use of what it returns it would not be.
	 */
	old = __sync_fetch_and_or(
		&ring->touched[direction & 1][index / NET_WORD_BITS],
		1ULL << index % NET_WORD_BITS);
	barrier_var(old);
	if (ms_since(ms, *(volatile __u64 *)&ring->open_ms) >= 0)
		return 0;
	old = *(volatile __u64 *)place;
	if (net_bucket_ms(old) != (ms & NET_BUCKET_MS) ||
	    __sync_val_compare_and_swap(
		    place, old, net_bucket(ms & NET_BUCKET_MS, 0)) != old)
		return 0;
	return net_bucket_bytes(old);
}

/*
 * Into the present millisecond, if its own was judged meanwhile. Returns what is
 * still to be put.
 */
static __always_inline __u64 ring_put(struct net_ring *ring, __u32 direction,
				     __u64 ms, __u64 bytes)
{
	if (ms_since(ms, *(volatile __u64 *)&ring->open_ms) < 0)
		ms = bpf_ktime_get_ns() / KTACH_NET_BUCKET_NS;
	if (!ring_try(ring_place(ring, direction, ms), ms, bytes))
		return bytes;
	return ring_touch(ring, direction, ms);
}

/*
 * Add bytes of a millisecond. Another CPU that puts its own into the place, the
 * judgement and another CPU once more: three tries may fail. Not a loop, which
 * older verifiers don't follow; not static, so that they look at it once.
 */
__noinline int ring_add(__u32 slot, __u32 direction, __u64 ms, __u64 bytes)
{
	struct net_ring *ring = bpf_map_lookup_elem(&rings, &slot);

	if (!ring || !bytes)
		return 0;
	bytes = ring_put(ring, direction, ms, bytes);
	if (bytes)
		bytes = ring_put(ring, direction, ms, bytes);
	if (bytes)
		bytes = ring_put(ring, direction, ms, bytes);
	if (bytes)
		bytes = ring_put(ring, direction, ms, bytes);
	return !bytes;
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

/* This CPU counts here from now on: once, before its first packet is in a sum. */
static __always_inline void cpu_note(__u32 slot)
{
	struct net_ring *ring = bpf_map_lookup_elem(&rings, &slot);
	__u32 cpu = bpf_get_smp_processor_id();

	if (ring && cpu < NET_CPU_WORDS * NET_WORD_BITS)
		bit_set(&ring->cpus[cpu / NET_WORD_BITS], cpu % NET_WORD_BITS);
}

/* Not inlined: once a millisecond. */
static __noinline int bucket_next(struct net_pending *p, __u32 slot,
				  __u32 direction, __u64 now_ns, __u64 bytes)
{
	__u64 ms = now_ns / KTACH_NET_BUCKET_NS, done, taken;

	if (!p)
		return 0;
	if (!p->end_ns)
		cpu_note(slot);
	done = p->bucket;
	taken = __sync_lock_test_and_set(&p->taken, done | NET_BUCKET_ALL);
	*(volatile __u64 *)&p->bucket = net_bucket(ms, bytes);
	p->stride = stride_of(p, now_ns);
	p->packets = 1;
	p->end_ns = (ms + 1) * KTACH_NET_BUCKET_NS;
	return ring_add(slot, direction, net_bucket_ms(done),
			net_bucket_rest(done, taken));
}

/* Also before the first one. Isolated packets find it so, and look at the clock. */
static __always_inline bool is_taken(const struct net_pending *p)
{
	return net_bucket_ms(p->taken) == net_bucket_ms(p->bucket);
}

static __always_inline void bucket_count(struct net_pending *p, __u32 slot,
					 __u32 direction, __u64 bytes)
{
	__u64 now_ns;

	p->packets++;
	if (p->unseen && !is_taken(p)) {
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

static __always_inline __u64 bucket_now(const struct net_pending *p)
{
	return *(volatile __u64 *)&p->bucket;
}

/*
 * The timer's: what a CPU left behind. What was taken is read again, by an
 * operation that is ordered, before what there is: a bucket that its CPU is done
 * with is then never taken for one that it is filling.
 */
static __always_inline void bucket_take(struct net_pending *p, __u32 slot,
					__u32 direction, __u64 now_ms)
{
	__u64 bucket = bucket_now(p), taken = *(volatile __u64 *)&p->taken;

	if (!net_bucket_rest(bucket, taken) ||
	    ms_since(now_ms, net_bucket_ms(bucket)) < NET_SETTLE_MS)
		return;
	taken = __sync_fetch_and_add(&p->taken, 0);
	bucket = bucket_now(p);
	if (__sync_val_compare_and_swap(&p->taken, taken, bucket) == taken)
		ring_add(slot, direction, net_bucket_ms(bucket),
			 net_bucket_rest(bucket, taken));
}

#endif /* KTACH_BPF_BUCKET_H */
