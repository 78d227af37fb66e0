/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the BPF programs and the program that loads them agree on, besides the
 * rate table of include/ktach/net.h. Private to these two; both are built from
 * one tree, so nothing here is an ABI.
 *
 *   packet --ifindex--> bucket --slot--> counters[slot], one a CPU
 *                                            |
 *   timer, every period, each slot in use:   | sum over the CPUs
 *       sum - state[slot].base  -----------> table[slot]
 *
 * Who writes what: user space buckets and assignments, the packet programs
 * their own CPU's counters, the timer states and the table.
 *
 * Life of a slot. User space writes the assignment (an ifindex, or 0, with a
 * new generation) and the timer answers with the same word in state.seen. A
 * slot whose interface went is given away again only after the timer has seen
 * it free: by then no program counts into it any more, and the timer has taken
 * what the counters hold as the base for the next interface. Nobody ever
 * writes to the counters of another CPU.
 */
#ifndef KTACH_BPF_LAYOUT_H
#define KTACH_BPF_LAYOUT_H

#include <ktach/net.h>

#define KTACH_NET_PROG_PREFIX	"ktach_"

enum net_limits {
	KTACH_NET_IFINDEX_BUCKETS = 4096, /* power of two, see net.bpf.c */
};

/*
 * A bucket tells the packet programs where to count. One word, so that it
 * changes at once:
 *
 *   63        32 31          16 15      0
 *   | ifindex   | link header  | slot   |
 *
 * Link header: bytes of an Ethernet header, 0 on an interface without one.
 */
static inline __u64 net_bucket(__u32 ifindex, __u32 link_header, __u32 slot)
{
	return (__u64)ifindex << 32 | link_header << 16 | slot;
}

static inline __u32 net_bucket_ifindex(__u64 bucket)
{
	return bucket >> 32;
}

static inline __u32 net_bucket_link_header(__u64 bucket)
{
	return bucket >> 16 & 0xffff;
}

static inline __u32 net_bucket_slot(__u64 bucket)
{
	return bucket & 0xffff;
}

static inline __u32 net_bucket_index(__u32 ifindex)
{
	return ifindex & (KTACH_NET_IFINDEX_BUCKETS - 1);
}

/* An assignment: whose slot it is (0: nobody's), and for the how-manieth time. */
static inline __u64 net_assignment(__u32 ifindex, __u32 generation)
{
	return (__u64)generation << 32 | ifindex;
}

static inline __u32 net_assignment_ifindex(__u64 assignment)
{
	return (__u32)assignment;
}

struct net_count {
	__u64 bytes;
	__u64 packets;
};

/* Counters of a slot on one CPU, never reset. */
struct net_counters {
	struct net_count direction[KTACH_NET_DIRECTIONS];
};

/**
 * struct net_state - what the timer knows of a slot
 * @seen: the assignment that it acted on last
 * @base: sum of the counters when the slot was last seen free
 */
struct net_state {
	__u64 seen;
	struct net_counters base;
};

#endif /* KTACH_BPF_LAYOUT_H */
