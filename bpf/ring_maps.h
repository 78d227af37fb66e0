/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps of rings.bpf.c, and what is set before it is loaded. */
#ifndef KTACH_BPF_RING_MAPS_H
#define KTACH_BPF_RING_MAPS_H

#include <stdbool.h>

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "rings.h"
#include "ticker.h"

const volatile __u32 kind = KTACH_RING_CPUSTAT;
const volatile __u32 timing; /* records have exact times */
const volatile __u32 slots = 2; /* a power of two */
const volatile __u32 records = 1; /* of a slot */
const volatile __u32 cell_size = RING_CELL;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, RING_CELL);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ring_control);
} control SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ring_last);
} lasts SEC(".maps");

/**
 * struct sampling - a sample under way
 * @mono_ns: its time
 * @before_ns: that of the one before; 0: there is none
 * @number: its number
 * @tick: its multiple of the period
 * @period_ns: which was this
 * @cost_ns: of the callbacks so far
 * @next_cpu: the first that is still to come
 * @is_under_way: it is
 * @nohz: CPUs stop their ticks while they are idle
 * @backward: values that were held since the load
 */
struct sampling {
	__u64 mono_ns;
	__u64 before_ns;
	__u64 number;
	__u64 tick;
	__u64 period_ns;
	__u64 cost_ns;
	__u32 next_cpu;
	__u32 is_under_way;
	__u64 nohz;
	__u64 backward;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sampling);
} samplings SEC(".maps");

#define GET(map)                                  \
	({                                        \
		__u32 key_ = 0;                   \
		bpf_map_lookup_elem(&map, &key_); \
	})

#endif /* KTACH_BPF_RING_MAPS_H */
