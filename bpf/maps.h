/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The maps of net.bpf.c; layout.h says who writes which. Sizes that depend on
 * the number of slots are set before the object is loaded.
 */
#ifndef KTACH_BPF_MAPS_H
#define KTACH_BPF_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "layout.h"
#include "ticker.h"

/* Set between open and load. */
const volatile __u32 slots = KTACH_NET_SLOTS;
const volatile __u32 recorded = 1; /* buckets, a power of two */
const volatile __u32 recording; /* whether they are */
const volatile __u32 cpu_words = 1; /* of 64 CPUs, that are possible */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ktach_net_head);
} head SEC(".maps");

/* ifindex -> slot. An array and no hash: a packet pays one load. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, NET_PLACES);
	__type(key, __u32);
	__type(value, __u64);
} places SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, KTACH_NET_SLOTS);
	__type(key, __u32);
	__type(value, struct net_counters);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, KTACH_NET_SLOTS);
	__type(key, __u32);
	__type(value, struct net_ring);
} rings SEC(".maps");

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
	__type(value, struct ktach_net_control);
} controls SEC(".maps");

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

/* Of a size that is set before load, so without a type. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct ktach_net_recording) +
			   KTACH_NET_DIRECTIONS * sizeof(__u32));
} recordings SEC(".maps");

#endif /* KTACH_BPF_MAPS_H */
