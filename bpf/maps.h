/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps of net.bpf.c; layout.h says who writes which. */
#ifndef KTACH_BPF_MAPS_H
#define KTACH_BPF_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "layout.h"

/* ifindex -> slot. An array and no hash: a packet pays one load. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, KTACH_NET_IFINDEX_BUCKETS);
	__type(key, __u32);
	__type(value, __u64);
} buckets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, KTACH_NET_SLOTS);
	__type(key, __u32);
	__type(value, struct net_counters);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, KTACH_NET_SLOTS);
	__type(key, __u32);
	__type(value, __u64);
} assignments SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, KTACH_NET_SLOTS);
	__type(key, __u32);
	__type(value, struct net_state);
} states SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, KTACH_NET_SLOTS);
	__type(key, __u32);
	__type(value, struct ktach_net_slot);
} table SEC(".maps");

/* The timer's map stands alone: a map with a timer can't be mmapable. */
struct ticker {
	struct bpf_timer timer;
	__u64 next_ns;		/* CLOCK_MONOTONIC when the next tick is due */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ticker);
} tickers SEC(".maps");

#endif /* KTACH_BPF_MAPS_H */
