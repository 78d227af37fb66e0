/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rate table: what bpf/net.bpf.c publishes to user space.
 *
 * The table is a BPF array map created with BPF_F_MMAPABLE, one element a
 * slot. User space assigns an interface to a slot, maps the table read-only
 * and reads it without a system call. The writer is one BPF timer:
 *
 *   sequence is odd while the slot is written; a reader copies the slot between
 *   two equal, even loads of sequence (with barriers), and tries again
 *   otherwise. A slot whose ifindex is 0 is free.
 *
 * Bytes and packets are as the wire sees them: a GSO super-packet counts as its
 * segments, each with its own headers, from the Ethernet header on and without
 * the frame check sequence.
 */
#ifndef KTACH_NET_H
#define KTACH_NET_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

enum ktach_net_limits {
	KTACH_NET_SLOTS = 256,		/* interfaces counted at once */
	KTACH_NET_IFINDEX_BUCKETS = 4096, /* power of two, see net.bpf.c */
};

enum ktach_net_direction {
	KTACH_NET_RX,			/* TC ingress */
	KTACH_NET_TX,			/* TC egress */
	KTACH_NET_DIRECTIONS
};

/**
 * struct ktach_net_traffic - one direction of an interface
 * @bytes: counted since the slot was assigned
 * @packets: counted since the slot was assigned
 * @bytes_per_s: over the last tick: delta of bytes / delta of mono_ns
 * @packets_per_s: over the last tick
 */
struct ktach_net_traffic {
	__u64 bytes;
	__u64 packets;
	__u64 bytes_per_s;
	__u64 packets_per_s;
};

/**
 * struct ktach_net_slot - one interface of the table
 * @sequence: odd while the timer writes; +2 a tick
 * @ifindex: the interface, 0 for a free slot
 * @reserved: zero
 * @mono_ns: CLOCK_MONOTONIC of the last tick
 * @tick_ns: what the last tick lasted, by that clock
 * @traffic: by enum ktach_net_direction
 */
struct ktach_net_slot {
	__u64 sequence;
	__u32 ifindex;
	__u32 reserved;
	__u64 mono_ns;
	__u64 tick_ns;
	struct ktach_net_traffic traffic[KTACH_NET_DIRECTIONS];
	__u64 reserved1[4];
};

_Static_assert(sizeof(struct ktach_net_slot) == 128, "rate table slot size");

#endif /* KTACH_NET_H */
