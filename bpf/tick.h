/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The timer: for each slot in use sums the CPUs, judges the buckets that were
 * completed, and publishes both.
 */
#ifndef KTACH_BPF_TICK_H
#define KTACH_BPF_TICK_H

#include "average.h"
#include "judge.h"

enum {
	NSEC_PER_SEC = 1000000000,
	TICK_LEAD_MAX_NS = 10000000,
	TICK_SLICE_NS = 80000, /* a callback; the slot under way is ended */
	TICK_PAUSE_NS = 200000, /* until the next callback of a tick */
	TICK_SLOTS = 1024, /* a callback looks at, at most */
};

/**
 * struct tick - a tick under way, and scratch
 * @now_ns: CLOCK_MONOTONIC of this callback, whose slots are as of then
 * @begun_ns: CLOCK_MONOTONIC of the first callback
 * @cost_ns: what the callbacks before this one took
 * @next_slot: the first that is still to come; 0: none is under way
 * @end_slot: behind the last
 * @weight: of this tick's rates, by enum ktach_net_average
 * @sums: of the slot under way
 */
struct tick {
	__u64 now_ns;
	__u64 begun_ns;
	__u64 cost_ns;
	__u32 next_slot;
	__u32 end_slot;
	__u64 weight[KTACH_NET_AVERAGES];
	struct net_sums sums;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tick);
} ticks SEC(".maps");

static __always_inline struct tick *tick_get(void)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&ticks, &key);
}

/*
 * Other CPUs count on meanwhile: each number is read whole and never runs
 * backwards, but bytes may be a packet ahead of packets, until the next tick.
 * Casts are counted after protocols and therefore read before: there are never
 * more of them. Not static: as judge_bucket().
 */
__noinline int sum_cpu(__u32 slot, __u32 cpu)
{
	struct net_counters *theirs;
	struct tick *t = tick_get();
	int d, i;

	theirs = bpf_map_lookup_percpu_elem(&counters, &slot, cpu);
	if (!theirs || !t)
		return 0;
	for (d = 0; d < KTACH_NET_DIRECTIONS; d++) {
		for (i = NET_CELLS - 1; i >= 0; i--) {
			volatile struct ktach_net_count *c =
				&theirs->side[d].cell[i];

			t->sums.cell[d][i].bytes += c->bytes;
			t->sums.cell[d][i].packets += c->packets;
		}
		bucket_take(&theirs->side[d].pending, slot, d,
			    t->now_ns / KTACH_NET_BUCKET_NS);
	}
	return 0;
}

/* Those that ever counted here, whether they are online or not, and no others. */
static long sum_cpus(__u32 word, __u32 *slot)
{
	struct net_ring *ring = bpf_map_lookup_elem(&rings, slot);
	__u64 bits;
	int i;

	if (!ring)
		return 1;
	/* A mask where it is used: older verifiers don't follow a comparison. */
	barrier_var(word);
	bits = *(volatile __u64 *)&ring->cpus[word & (NET_CPU_WORDS - 1)];
	for (i = 0; i < NET_WORD_BITS && bits; i++) {
		sum_cpu(*slot, word * NET_WORD_BITS + lowest_bit(bits));
		bits &= bits - 1;
	}
	return 0;
}

/* Rounded down. Exact for ticks up to 18 s; to the us beyond. */
static __always_inline __u64 per_second(__u64 delta, __u64 elapsed_ns)
{
	__u64 whole, rest;

	if (!elapsed_ns)
		return 0;
	whole = delta / elapsed_ns * NSEC_PER_SEC;
	rest = delta % elapsed_ns;
	if (elapsed_ns < 18ULL * NSEC_PER_SEC)
		return whole + rest * NSEC_PER_SEC / elapsed_ns;
	return whole + rest / 1000 * NSEC_PER_SEC / (elapsed_ns / 1000);
}

/*
 * The sequence moves by exchange, which is fully ordered on every
 * architecture, as BPF has no barriers of its own: what lies between two
 * moves can't be seen outside them. Plain stores would do on x86 only. The
 * timer is the single writer, so that reading the sequence needs no care.
 */
static __always_inline void sequence_move(__u64 *sequence)
{
	__sync_lock_test_and_set(sequence, *sequence + 1);
}

static __always_inline void count_add(struct ktach_net_count *to,
				      const struct ktach_net_count *sum,
				      const struct ktach_net_count *base)
{
	to->bytes += sum->bytes - base->bytes;
	to->packets += sum->packets - base->packets;
}

static __always_inline void count_sub(struct ktach_net_count *from,
				      const struct ktach_net_count *part)
{
	from->bytes -= part->bytes;
	from->packets -= part->packets;
}

/* From the cells that packets are counted in to all classes, and their sum. */
static __always_inline void publish_classes(struct ktach_net_traffic *t,
					    const struct ktach_net_count *sum,
					    const struct ktach_net_count *base)
{
	struct ktach_net_count *class = t->class;
	int i;

	__builtin_memset(t->class, 0, sizeof(t->class));
	/* unrolled: the verifier doesn't follow a division */
#pragma unroll
	for (i = 0; i < NET_NOT_IP; i++) {
		count_add(&class[KTACH_NET_IPV4 + i / NET_TRANSPORTS], &sum[i],
			  &base[i]);
		count_add(&class[KTACH_NET_TCP + i % NET_TRANSPORTS], &sum[i],
			  &base[i]);
		count_add(&class[KTACH_NET_UNICAST], &sum[i], &base[i]);
	}
	i = NET_NOT_IP;
	count_add(&class[KTACH_NET_NOT_IP], &sum[i], &base[i]);
	count_add(&class[KTACH_NET_OTHER], &sum[i], &base[i]);
	count_add(&class[KTACH_NET_UNICAST], &sum[i], &base[i]);
	t->bytes = class[KTACH_NET_UNICAST].bytes;
	t->packets = class[KTACH_NET_UNICAST].packets;
	count_add(&class[KTACH_NET_MULTICAST], &sum[NET_MULTICAST],
		  &base[NET_MULTICAST]);
	count_add(&class[KTACH_NET_BROADCAST], &sum[NET_BROADCAST],
		  &base[NET_BROADCAST]);
	count_sub(&class[KTACH_NET_UNICAST], &class[KTACH_NET_MULTICAST]);
	count_sub(&class[KTACH_NET_UNICAST], &class[KTACH_NET_BROADCAST]);
}

/* Averages begin with the first rate. */
static __always_inline void publish_averages(struct ktach_net_traffic *t,
					     struct net_averages *a,
					     const struct tick *now, bool first)
{
	__u64 weight;
	int i;

	for (i = 0; i < KTACH_NET_AVERAGES; i++) {
		weight = first ? 1ULL << WEIGHT_SHIFT : now->weight[i];
		a->bytes[i] = average_move(a->bytes[i], t->bytes_per_s, weight);
		a->packets[i] =
			average_move(a->packets[i], t->packets_per_s, weight);
		t->average_bytes_per_s[i] = a->bytes[i] >> AVERAGE_SHIFT;
		t->average_packets_per_s[i] = a->packets[i] >> AVERAGE_SHIFT;
	}
}

static __always_inline void publish_buckets(struct ktach_net_traffic *t,
					    const struct judgement *j)
{
	t->max_bucket_bytes = j->max_bytes;
	t->max_bucket_ms = j->max_ms;
	t->p99_bucket_bytes = j->p99_bytes;
	t->over_bytes = j->over_bytes;
	t->buckets_over = j->over;
	t->buckets_over_total += j->over;
}

#endif /* KTACH_BPF_TICK_H */
