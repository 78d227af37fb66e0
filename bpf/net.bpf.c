// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts every packet at TC, and publishes totals and rates from a timer.
 *
 * Needs no BTF of the kernel: only stable uapi contexts are read.
 */
#include "maps.h"
#include "packet.h"

/* Set between open and load. */
const volatile __u64 period_ns = 1000000000;
const volatile __u32 cpus = 1; /* possible; they are numbered without gaps */

/* Set while running, by user space: slots from this one on were never used. */
volatile __u32 slots_used;

char LICENSE[] SEC("license") = "GPL";

enum {
	NSEC_PER_SEC = 1000000000,
};

/*
 * Softirq, or a task with bottom halves disabled: on a kernel that isn't
 * PREEMPT_RT nobody else touches this CPU's counters meanwhile, so they need
 * no atomics. (PREEMPT_RT without its per-CPU bottom-half lock, 6.18 and
 * newer, can lose a packet here to a preempting task; accepted.)
 *
 * The verdict is always "go on with the next program".
 */
static __always_inline int count(struct __sk_buff *skb,
				 enum ktach_net_direction direction)
{
	__u32 key = net_bucket_index(skb->ifindex);
	struct net_counters *mine;
	struct net_count packet;
	__u64 *entry, bucket;

	entry = bpf_map_lookup_elem(&buckets, &key);
	if (!entry)
		return -1;
	bucket = *(volatile __u64 *)entry;
	if (net_bucket_ifindex(bucket) != skb->ifindex)
		return -1;
	key = net_bucket_slot(bucket);
	mine = bpf_map_lookup_elem(&counters, &key);
	if (!mine)
		return -1;
	packet = measure(skb, net_bucket_link_header(bucket));
	mine->direction[direction].bytes += packet.bytes;
	mine->direction[direction].packets += packet.packets;
	return -1; /* TC_ACT_UNSPEC */
}

SEC("tc")
int ktach_ingress(struct __sk_buff *skb)
{
	return count(skb, KTACH_NET_RX);
}

SEC("tc")
int ktach_egress(struct __sk_buff *skb)
{
	return count(skb, KTACH_NET_TX);
}

struct sum {
	__u32 slot;
	struct net_counters total;
};

/*
 * Other CPUs count on meanwhile: each number is read whole and never runs
 * backwards, but bytes may be a packet ahead of packets, until the next tick.
 */
static long sum_cpu(__u32 cpu, struct sum *sum)
{
	struct net_counters *theirs;
	int i;

	theirs = bpf_map_lookup_percpu_elem(&counters, &sum->slot, cpu);
	if (!theirs)
		return 1;
	for (i = 0; i < KTACH_NET_DIRECTIONS; i++) {
		volatile struct net_count *c = &theirs->direction[i];

		sum->total.direction[i].bytes += c->bytes;
		sum->total.direction[i].packets += c->packets;
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
static __always_inline void sequence_move(struct ktach_net_slot *slot)
{
	__sync_lock_test_and_set(&slot->sequence, slot->sequence + 1);
}

static __always_inline void publish_traffic(struct ktach_net_traffic *traffic,
					    const struct net_count *sum,
					    const struct net_count *base,
					    __u64 tick_ns)
{
	__u64 bytes = sum->bytes - base->bytes;
	__u64 packets = sum->packets - base->packets;

	traffic->bytes_per_s = per_second(bytes - traffic->bytes, tick_ns);
	traffic->packets_per_s =
		per_second(packets - traffic->packets, tick_ns);
	traffic->bytes = bytes;
	traffic->packets = packets;
}

/* The first tick of an interface has no tick before it, so no rate. */
static __always_inline void publish(struct ktach_net_slot *slot,
				    const struct net_counters *sum,
				    const struct net_counters *base,
				    __u32 ifindex)
{
	__u64 now_ns = bpf_ktime_get_ns();
	int i;

	sequence_move(slot);
	slot->tick_ns = slot->ifindex ? now_ns - slot->mono_ns : 0;
	slot->mono_ns = now_ns;
	slot->ifindex = ifindex;
	for (i = 0; i < KTACH_NET_DIRECTIONS; i++)
		publish_traffic(&slot->traffic[i], &sum->direction[i],
				&base->direction[i], slot->tick_ns);
	sequence_move(slot);
}

static __always_inline void clear(struct ktach_net_slot *slot)
{
	sequence_move(slot);
	slot->ifindex = 0;
	slot->mono_ns = 0;
	slot->tick_ns = 0;
	__builtin_memset(slot->traffic, 0, sizeof(slot->traffic));
	sequence_move(slot);
}

/*
 * The state's seen goes last, and by exchange: it tells user space that the
 * base is taken and the slot may be given away.
 */
static long tick_slot(__u32 index, void *unused)
{
	struct sum sum = { .slot = index };
	struct ktach_net_slot *slot;
	struct net_state *state;
	__u64 *entry, assignment;
	__u32 ifindex;

	entry = bpf_map_lookup_elem(&assignments, &index);
	state = bpf_map_lookup_elem(&states, &index);
	slot = bpf_map_lookup_elem(&table, &index);
	if (!entry || !state || !slot)
		return 1;
	assignment = *(volatile __u64 *)entry;
	ifindex = net_assignment_ifindex(assignment);
	if (!ifindex && state->seen == assignment)
		return 0;
	bpf_loop(cpus, sum_cpu, &sum, 0);
	if (ifindex) {
		publish(slot, &sum.total, &state->base, ifindex);
	} else {
		clear(slot);
		state->base = sum.total;
	}
	__sync_lock_test_and_set(&state->seen, assignment);
	return 0;
}

/*
 * Softirq. A timer's function never runs on two CPUs at once, and it starts
 * itself again only at its end: whatever it writes has a single writer. Ticks
 * keep to the grid of the period; those that would lie in the past are left
 * out.
 */
static int tick(void *map, int *key, struct ticker *t)
{
	__u64 now_ns;

	bpf_loop(slots_used, tick_slot, NULL, 0);
	now_ns = bpf_ktime_get_ns();
	t->next_ns += period_ns;
	if (t->next_ns <= now_ns)
		t->next_ns = now_ns + period_ns;
	bpf_timer_start(&t->timer, t->next_ns - now_ns, 0);
	return 0;
}

/* Run once by user space. Returns 0 or -errno. */
SEC("tc")
int ktach_start(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct ticker *t;
	int error;

	t = bpf_map_lookup_elem(&tickers, &key);
	if (!t)
		return -1;
	error = bpf_timer_init(&t->timer, &tickers, 1 /* CLOCK_MONOTONIC */);
	if (error)
		return error;
	error = bpf_timer_set_callback(&t->timer, tick);
	if (error)
		return error;
	t->next_ns = bpf_ktime_get_ns() + period_ns;
	return bpf_timer_start(&t->timer, period_ns, 0);
}
