// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts every packet at TC, by class and into buckets of 1 ms, and publishes
 * totals, rates and bursts from a timer.
 *
 * Needs no BTF of the kernel: only stable uapi contexts are read.
 */
#include <stdbool.h>
#include <stddef.h>

#include "maps.h"
#include "class.h"
#include "slot.h"

char LICENSE[] SEC("license") = "GPL";

/* Where the interface counts; 0 if it doesn't. */
static __always_inline __u64 find_place(__u32 ifindex)
{
	__u32 key, try;
	__u64 *place;

	for (try = 0; try < NET_PLACE_TRIES; try++) {
		key = net_place_index(ifindex, try);
		place = bpf_map_lookup_elem(&places, &key);
		if (place &&
		    net_place_ifindex(*(volatile __u64 *)place) == ifindex)
			return *(volatile __u64 *)place;
	}
	return 0;
}

static __always_inline void cell_add(struct net_side *side, __u32 cell,
				     const struct ktach_net_count *packet)
{
	side->cell[cell].bytes += packet->bytes;
	side->cell[cell].packets += packet->packets;
}

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
	__u64 place = find_place(skb->ifindex);
	__u32 slot = net_place_slot(place), header, cast;
	struct ktach_net_count packet;
	struct net_counters *mine;
	struct net_side *side;

	if (!place)
		return -1;
	mine = bpf_map_lookup_elem(&counters, &slot);
	if (!mine)
		return -1;
	header = net_place_link_header(place);
	packet = measure(skb, header);
	side = &mine->side[direction];
	cell_add(side, class_of(skb, header) & 7, &packet);
	cast = cast_of(skb, header);
	if (cast == NET_MULTICAST)
		cell_add(side, NET_MULTICAST, &packet);
	else if (cast == NET_BROADCAST)
		cell_add(side, NET_BROADCAST, &packet);
	bucket_count(&side->pending, slot, direction, packet.bytes);
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

static __always_inline void tick_begin(struct tick *t,
				       const struct ktach_net_head *h)
{
	__u64 tick_ns = t->now_ns - h->tick_mono_ns;

	t->begun_ns = t->now_ns;
	t->cost_ns = 0;
	/* Slots from this one on were never anybody's. */
	t->end_slot = *(volatile __u32 *)&h->slots_used;
	if (t->end_slot > slots)
		t->end_slot = slots;
	t->weight[KTACH_NET_1S] = average_weight(tick_ns, 1);
	t->weight[KTACH_NET_10S] = average_weight(tick_ns, 10);
	t->weight[KTACH_NET_60S] = average_weight(tick_ns, 60);
}

/*
 * Ticks lie a little before the multiples of their period: the shipper, which
 * reads at these, finds a fresh one, and never two or none since it read last.
 * One of many interfaces begins earlier by as long as the last one lasted. After
 * one that came late the next one is less than a period away, or more.
 */
static __always_inline __u64 tick_away_ns(const struct tick *t, __u64 period_ns)
{
	__u64 now_ns = bpf_ktime_get_ns(), lead_ns = period_ns / 8, next_ns;

	if (lead_ns > TICK_LEAD_MAX_NS)
		lead_ns = TICK_LEAD_MAX_NS;
	if (t->begun_ns)
		lead_ns += now_ns - t->begun_ns;
	if (lead_ns > period_ns / 2)
		lead_ns = period_ns / 2;
	next_ns = now_ns + lead_ns + period_ns / 4;
	next_ns += period_ns - next_ns % period_ns - lead_ns;
	return next_ns - now_ns;
}

static __always_inline void note_callback(struct ktach_net_head *h,
					  struct tick *t)
{
	__u64 cost_ns = bpf_ktime_get_ns() - t->now_ns;

	h->callback_mono_ns = t->now_ns;
	t->cost_ns += cost_ns;
	if (cost_ns > h->callback_max_ns)
		h->callback_max_ns = cost_ns;
}

static __always_inline void tick_end(struct ktach_net_head *h, struct tick *t)
{
	t->next_slot = 0;
	h->tick_cost_ns = t->cost_ns;
	if (t->cost_ns > h->tick_cost_max_ns)
		h->tick_cost_max_ns = t->cost_ns;
	h->tick_mono_ns = t->begun_ns;
	h->ticks++;
}

/*
 * Softirq: as long as this runs, nobody sends or receives on this CPU. So a tick
 * is as many callbacks as it takes, of some slots each. A timer's function never
 * runs on two CPUs at once, and it starts itself again only at its end: whatever
 * it writes has a single writer.
 */
static int tick(void *map, int *key, struct ticker *timer)
{
	struct tick *t = tick_get();
	struct ktach_net_head *h;
	__u32 zero = 0;
	bool is_over;

	h = bpf_map_lookup_elem(&head, &zero);
	if (!h || !t)
		return 0;
	t->now_ns = bpf_ktime_get_ns();
	if (!t->next_slot)
		tick_begin(t, h);
	bpf_loop(TICK_SLOTS, tick_next_slot, NULL, 0);
	note_callback(h, t);
	is_over = t->next_slot >= t->end_slot;
	if (is_over)
		tick_end(h, t);
	bpf_timer_start(
		&timer->timer,
		is_over ? tick_away_ns(t, *(volatile __u64 *)&h->period_ns) :
			  TICK_PAUSE_NS,
		0);
	return 0;
}

/* Run once by user space, with the head's period set. Returns 0 or -errno. */
SEC("tc")
int ktach_start(struct __sk_buff *skb)
{
	struct tick *now = tick_get();
	struct ktach_net_head *h;
	struct ticker *t;
	__u32 zero = 0;
	int error;

	h = bpf_map_lookup_elem(&head, &zero);
	t = bpf_map_lookup_elem(&tickers, &zero);
	if (!t || !h || !now)
		return -1;
	error = bpf_timer_init(&t->timer, &tickers, 1 /* CLOCK_MONOTONIC */);
	if (error)
		return error;
	error = bpf_timer_set_callback(&t->timer, tick);
	if (error)
		return error;
	h->since_ns = bpf_ktime_get_ns();
	return bpf_timer_start(&t->timer, tick_away_ns(now, h->period_ns), 0);
}
