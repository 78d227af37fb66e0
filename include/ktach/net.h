/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What bpf/net.bpf.c publishes to user space: the head, the rate table, and
 * recordings of bursts.
 *
 * All three are BPF array maps created with BPF_F_MMAPABLE and pinned in one
 * folder (KTACH_NET_PINS below a bpffs), so that they are there, and right,
 * without any process of ours. They are read through a mapping, without a
 * system call:
 *
 *   PINS/head        one   struct ktach_net_head       what the rest looks like
 *   PINS/table       slots struct ktach_net_slot       rates, one interface each
 *   PINS/recordings  slots struct ktach_net_recording  1 ms buckets, if recorded
 *   PINS/controls    slots struct ktach_net_control    written by user space
 *
 * The single writer of the first three is one BPF timer, that ticks once a
 * period. Each slot has the time that it is as of: those of many interfaces are
 * written one after the other. Integers are in the byte order of the host.
 *
 *   sequence is odd while the slot is written; a reader copies the slot between
 *   two equal, even loads of sequence (with barriers), and tries again
 *   otherwise. A slot whose ifindex is 0 is free.
 *
 * Bytes and packets are in the wire's measure: a GSO super-packet counts as its
 * segments, each with its own headers, from the Ethernet header on and without
 * the frame check sequence. What is received is counted after XDP, and what is
 * sent is what was offered: before the queueing discipline, and programs behind
 * ours, had a chance to drop it.
 *
 * Buckets. Time is cut into buckets of 1 ms, numbered from the start of
 * CLOCK_MONOTONIC; packets count into the bucket in which the program saw them.
 * A tick judges the buckets that were completed since the tick before,
 * one after the other: none is judged twice, and what is left out, after a tick that
 * came seconds late, is counted (unjudged_ms). What it says about
 * them is therefore about window_ms buckets that end 2 ms before the tick. A CPU
 * that is held up in the middle of a packet for longer than that, as a guest's may
 * be, brings its packets into a later bucket: they are never lost.
 */
#ifndef KTACH_NET_H
#define KTACH_NET_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

#define KTACH_NET_MAGIC		0x54454e484341544bULL /* "KTACHNET" in memory */
#define KTACH_NET_VERSION	1U

#define KTACH_NET_BPFFS		"/sys/fs/bpf"
#define KTACH_NET_PINS		KTACH_NET_BPFFS "/ktach"

enum ktach_net_limits {
	KTACH_NET_SLOTS = 128,		/* interfaces counted at once, if not said */
	KTACH_NET_SLOTS_MAX = 4096,
	KTACH_NET_BUCKET_NS = 1000000,
	KTACH_NET_RECORDED_MAX = 1 << 16, /* buckets of a recording, 65 s */
};

enum ktach_net_direction {
	KTACH_NET_RX,			/* TC ingress */
	KTACH_NET_TX,			/* TC egress */
	KTACH_NET_DIRECTIONS
};

/*
 * Three ways to split the same traffic: each packet is in one class of each
 * row, so that a row's sum is all packets.
 */
enum ktach_net_class {
	KTACH_NET_UNICAST, KTACH_NET_MULTICAST, KTACH_NET_BROADCAST,
	KTACH_NET_IPV4, KTACH_NET_IPV6, KTACH_NET_NOT_IP,
	KTACH_NET_TCP, KTACH_NET_UDP, KTACH_NET_OTHER,
	KTACH_NET_CLASSES
};

/* Time constants of the moving averages: 1 s, 10 s, 60 s. */
enum ktach_net_average {
	KTACH_NET_1S,
	KTACH_NET_10S,
	KTACH_NET_60S,
	KTACH_NET_AVERAGES
};

/**
 * struct ktach_net_head - what the maps hold
 * @magic: KTACH_NET_MAGIC
 * @version: KTACH_NET_VERSION, of this layout
 * @slots: of the table
 * @slot_size: bytes of a slot of the table
 * @recorded: buckets of a recording, a power of two; 0: nothing is recorded
 * @build: tells one build of the programs from another
 * @netns_cookie: network namespace that the interfaces' numbers are of
 * @period_ns: time between two ticks
 * @since_ns: CLOCK_MONOTONIC when the programs were loaded
 * @slots_used: slots from this one on were never assigned; written by user space
 * @ticks: made so far
 * @tick_mono_ns: CLOCK_MONOTONIC of the last one's begin
 * @tick_cost_ns: what the last one took, of CPU time
 * @tick_cost_max_ns: what the longest one took
 * @callback_max_ns: what the longest piece of one took: a tick of many interfaces
 *                   is cut into pieces, as networking stands still meanwhile
 * @callback_mono_ns: CLOCK_MONOTONIC of the last piece's begin; the timer lives if
 *                    that moves within period_ns. 0 where there is no such field
 *
 * All but the last six is set before the first tick; period_ns and slots_used may
 * change.
 */
struct ktach_net_head {
	__u64 magic;
	__u32 version;
	__u32 slots;
	__u32 slot_size;
	__u32 recorded;
	__u64 build;
	__u64 netns_cookie;
	__u64 period_ns;
	__u64 since_ns;
	__u32 slots_used;
	__u32 reserved;
	__u64 ticks;
	__u64 tick_mono_ns;
	__u64 tick_cost_ns;
	__u64 tick_cost_max_ns;
	__u64 callback_max_ns;
	__u64 callback_mono_ns;
	__u64 reserved1[2];
};

_Static_assert(sizeof(struct ktach_net_head) == 128, "net head size");

struct ktach_net_count {
	__u64 bytes;
	__u64 packets;
};

/**
 * struct ktach_net_traffic - one direction of an interface
 * @bytes: counted since the slot was assigned
 * @packets: counted since the slot was assigned
 * @bytes_per_s: over the last tick: delta of bytes / delta of mono_ns
 * @packets_per_s: over the last tick
 * @average_bytes_per_s: exponential moving averages of bytes_per_s, by
 *                       enum ktach_net_average; they begin with the first rate
 * @average_packets_per_s: the same of packets_per_s
 * @max_bucket_bytes: the largest bucket of the last tick
 * @max_bucket_ms: its number: milliseconds of CLOCK_MONOTONIC
 * @p99_bucket_bytes: 99 of 100 buckets are no larger than this one in each of
 *                    the parts of 100 that the last tick is cut into, the last
 *                    with what is left over: the 99th percentile of the worst
 *                    one. Empty buckets are buckets, too. A burst of 3 ms shows
 *                    in it at any tick; it is 0.3 % of a second, so that no
 *                    99th percentile of all buckets of a tick of 1 s could tell
 *                    of it. Of a tick of less than 100 buckets it is the
 *                    largest one
 * @over_bytes: a bucket larger than this is over the threshold; 0: none set
 * @buckets_over: how many of the last tick's were
 * @buckets_over_total: since the slot was assigned
 * @class: counted since the slot was assigned, by enum ktach_net_class
 */
struct ktach_net_traffic {
	__u64 bytes;
	__u64 packets;
	__u64 bytes_per_s;
	__u64 packets_per_s;
	__u64 average_bytes_per_s[KTACH_NET_AVERAGES];
	__u64 average_packets_per_s[KTACH_NET_AVERAGES];
	__u64 max_bucket_bytes;
	__u64 max_bucket_ms;
	__u64 p99_bucket_bytes;
	__u64 over_bytes;
	__u64 buckets_over;
	__u64 buckets_over_total;
	struct ktach_net_count class[KTACH_NET_CLASSES];
};

/**
 * struct ktach_net_slot - one interface of the table
 * @sequence: odd while the timer writes; +2 a tick
 * @ifindex: the interface, 0 for a free slot
 * @window_ms: buckets that the last tick judged, 0 before any were
 * @mono_ns: CLOCK_MONOTONIC of the last tick
 * @tick_ns: what the last tick lasted, by that clock; 0: no rates yet
 * @since_ns: CLOCK_MONOTONIC of the first tick
 * @unjudged_ms: buckets that were never judged, as ticks came too late, since the
 *               slot was assigned; their packets count, but for bursts
 * @traffic: by enum ktach_net_direction
 */
struct ktach_net_slot {
	__u64 sequence;
	__u32 ifindex;
	__u32 window_ms;
	__u64 mono_ns;
	__u64 tick_ns;
	__u64 since_ns;
	__u64 unjudged_ms;
	__u64 reserved[2];
	struct ktach_net_traffic traffic[KTACH_NET_DIRECTIONS];
	__u64 reserved1[4];
};

_Static_assert(sizeof(struct ktach_net_slot) == 640, "rate table slot size");

/* What user space asks of a slot. Written by user space, read by the timer. */
enum ktach_net_control_flags {
	KTACH_NET_FREEZE_OVER = 1,	/* freeze on a bucket over the threshold */
};

/**
 * struct ktach_net_control - settings of a slot
 * @request: a new value freezes the recording if it is odd and lets it run if
 *           it is even; the recording's request shows that it was taken in
 * @flags: enum ktach_net_control_flags
 * @over_bytes: a larger bucket is over the threshold; 0: no bucket is
 */
struct ktach_net_control {
	__u32 request;
	__u32 flags;
	__u64 over_bytes;
};

/**
 * struct ktach_net_recording - the last buckets of a slot's interface
 * @sequence: odd while the timer writes; +2 a tick
 * @ifindex: the interface, 0 for a free slot
 * @frozen: nothing is added until user space lets it run again
 * @request: of the control, as taken in last
 * @cause: why it was frozen, enum ktach_net_cause
 * @first_ms: number of the oldest bucket that was recorded and is still here
 * @end_ms: number of the newest bucket, plus one; first_ms if there is none
 * @bytes: bucket n of direction d is bytes[d * recorded + n % recorded]
 */
struct ktach_net_recording {
	__u64 sequence;
	__u32 ifindex;
	__u32 frozen;
	__u32 request;
	__u32 cause;
	__u64 first_ms;
	__u64 end_ms;
	__u64 reserved[3];
	__u32 bytes[];
};

_Static_assert(sizeof(struct ktach_net_recording) == 64, "recording size");

enum ktach_net_cause {
	KTACH_NET_NOT_FROZEN,
	KTACH_NET_ON_DEMAND,
	KTACH_NET_OVER_THRESHOLD,
};

#endif /* KTACH_NET_H */
