/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the BPF programs and the program that loads them agree on, besides what
 * include/ktach/net.h publishes. Private to these two. Pins outlive a process,
 * but not a build: the head's build tells one object file from another, so
 * nothing here is an ABI.
 *
 *   packet --ifindex--> place --slot--> counters[slot], one a CPU
 *                                        |   |
 *                                        |   | when a CPU's millisecond is over
 *                                        |   v
 *                                        | rings[slot], one for all CPUs
 *                                        v   v
 *   timer, every period, each slot in use: sums, judges
 *       less state[slot].base -----------> table[slot], recordings[slot]
 *
 * Who writes what: user space places, assignments and controls, the packet
 * programs their own CPU's counters, programs and timer the rings, the timer
 * states, table, recordings and head.
 *
 * Life of a slot. User space writes the assignment (an ifindex, or 0, with a
 * new generation) and the timer answers with the same word in state.seen. A
 * slot whose interface went is given away again only after the timer has seen
 * it free: by then no program counts into it any more, and the timer has taken
 * what the counters hold as the base for the next interface. Nobody ever
 * writes to the counters of another CPU (but for net_pending.taken).
 */
#ifndef KTACH_BPF_LAYOUT_H
#define KTACH_BPF_LAYOUT_H

#include <ktach/net.h>

#define KTACH_NET_PROG_PREFIX	"ktach_"

enum net_limits {
	NET_PLACES = 1 << 14,		/* at least 4 for each slot */
	NET_PLACE_TRIES = 8,
	NET_RING = 2048,		/* buckets: two periods, and a bit */
	NET_WINDOW_MAX = 2000,		/* buckets that a tick judges */
	NET_CLOCK_SHARE = 64,
	NET_STRIDE_MAX = 1000,
	NET_SETTLE_MS = 2,		/* until no CPU is in a bucket any more */
	NET_WORD_BITS = 64,
	NET_RING_WORDS = NET_RING / NET_WORD_BITS,
	NET_CPU_WORDS = 8192 / NET_WORD_BITS,
};

/*
 * A place tells the packet programs where to count. One word, so that it
 * changes at once:
 *
 *   63        32 31          16 15      0
 *   | ifindex   | link header  | slot   |
 *
 * Link header: bytes of an Ethernet header, 0 on an interface without one.
 */
static inline __u64 net_place(__u32 ifindex, __u32 link_header, __u32 slot)
{
	return (__u64)ifindex << 32 | link_header << 16 | slot;
}

static inline __u32 net_place_ifindex(__u64 place)
{
	return place >> 32;
}

static inline __u32 net_place_link_header(__u64 place)
{
	return place >> 16 & 0xffff;
}

static inline __u32 net_place_slot(__u64 place)
{
	return place & 0xffff;
}

/*
 * Where an interface's place may be; the tries are walked in order, also past
 * empty places, so that one may be emptied at any time. Numbers come in runs:
 * the first try of a run never collides with itself, and the others are far
 * off.
 */
static inline __u32 net_place_index(__u32 ifindex, __u32 try)
{
	return (ifindex + try * (ifindex >> 14 | 1) * 0x9e5U) &
	       (NET_PLACES - 1);
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

static inline __u32 net_assignment_generation(__u64 assignment)
{
	return assignment >> 32;
}

/*
 * A bucket: a millisecond and its bytes in one word, that changes at once. 28
 * bits of bytes are good for 2 Tbit/s, 36 of milliseconds for two years.
 */
#define NET_BUCKET_BITS		28
#define NET_BUCKET_MS		((1ULL << (64 - NET_BUCKET_BITS)) - 1)

static inline __u64 net_bucket(__u64 ms, __u64 bytes)
{
	return ms << NET_BUCKET_BITS | bytes;
}

static inline __u64 net_bucket_ms(__u64 bucket)
{
	return bucket >> NET_BUCKET_BITS;
}

static inline __u32 net_bucket_bytes(__u64 bucket)
{
	return bucket & ((1U << NET_BUCKET_BITS) - 1);
}

/*
 * What a packet is counted as: one protocol, and if it is not unicast, one
 * cast. Sums of protocols are all packets.
 */
enum net_cell {
	NET_IPV4,			/* + enum net_transport */
	NET_IPV6 = 3,			/* + enum net_transport */
	NET_NOT_IP = 6,
	NET_PROTOCOLS,
	NET_MULTICAST = NET_PROTOCOLS,
	NET_BROADCAST,
	NET_CELLS
};

enum net_transport {
	NET_TCP,
	NET_UDP,
	NET_OTHER,
	NET_TRANSPORTS
};

/* Of a bucket that its CPU is done with, whatever the timer took of it. */
#define NET_BUCKET_ALL		((1ULL << NET_BUCKET_BITS) - 1)

/* The bytes of a bucket that are not in @taken, an earlier state of it. */
static inline __u64 net_bucket_rest(__u64 bucket, __u64 taken)
{
	__u64 bytes = net_bucket_bytes(bucket);

	if (net_bucket_ms(taken) != net_bucket_ms(bucket))
		return bytes;
	taken = net_bucket_bytes(taken);
	return bytes > taken ? bytes - taken : 0;
}

/**
 * struct net_pending - the bucket that a CPU is filling
 * @end_ns: CLOCK_MONOTONIC when its millisecond is over
 * @bucket: 0 if there was none yet; written by the CPU alone
 * @taken: as much of a bucket as is in the ring, or about to be
 * @packets: in this bucket so far
 * @stride: packets that go by between two looks at the clock
 * @unseen: how many are still to go by
 *
 * The CPU adds to a bucket of this millisecond. Before it begins another one it
 * marks this one as taken, by exchange, and adds to the ring what was
 * not in it. A CPU that has no packets any more never does: the timer takes what
 * buckets older than NET_SETTLE_MS have so far, by compare and exchange. Either
 * learns what the other one took, so that no byte is added twice or lost, however
 * long a CPU may be held up between two instructions, as a guest's are.
 *
 * The clock is most of what a packet costs. So where the last millisecond had
 * many, not each of them looks: a bucket may get up to a NET_CLOCK_SHARE of its
 * packets from the time after it, and no packet is lost by it.
 */
struct net_pending {
	__u64 end_ns;
	__u64 bucket;
	__u64 taken;
	__u32 packets;
	__u16 stride;
	__u16 unseen;
};

struct net_side {
	struct net_pending pending;
	struct ktach_net_count cell[NET_CELLS];
};

/* Counters of a slot on one CPU, never reset. */
struct net_counters {
	struct net_side side[KTACH_NET_DIRECTIONS];
};

/**
 * struct net_ring - buckets of all CPUs together
 * @open_ms: those before this one were judged; the timer's
 * @cpus: a bit for each CPU that ever counted here
 * @touched: a bit for each place of @bucket that has something
 * @bucket: at its millisecond modulo NET_RING
 *
 * The timer takes a bucket out by exchange, and leaves the empty one that has
 * the place next. A CPU that comes too late finds that one, or @open_ms. Of what
 * was not touched it takes nothing, so that a CPU that comes meanwhile looks at
 * @open_ms again once it has said that it did, and takes its bytes back.
 */
struct net_ring {
	__u64 open_ms;
	__u64 cpus[NET_CPU_WORDS];
	__u64 touched[KTACH_NET_DIRECTIONS][NET_RING_WORDS];
	__u64 bucket[KTACH_NET_DIRECTIONS][NET_RING];
};

/* Sums over the CPUs. */
struct net_sums {
	struct ktach_net_count cell[KTACH_NET_DIRECTIONS][NET_CELLS];
};

/* Moving averages of one direction, in 1/65536 a second. */
struct net_averages {
	__u64 bytes[KTACH_NET_AVERAGES];
	__u64 packets[KTACH_NET_AVERAGES];
};

/**
 * struct net_state - what the timer knows of a slot
 * @seen: the assignment that it acted on last
 * @base: sums of the counters when the slot was last seen free
 * @averages: by enum ktach_net_direction
 * @packets: sums of packets as of the last tick
 * @moved: whether the last tick found them changed
 * @dirty_ms: how many buckets of the recording may be other than 0
 */
struct net_state {
	__u64 seen;
	struct net_sums base;
	struct net_averages averages[KTACH_NET_DIRECTIONS];
	__u64 packets[KTACH_NET_DIRECTIONS];
	__u32 moved[KTACH_NET_DIRECTIONS];
	__u32 dirty_ms[KTACH_NET_DIRECTIONS];
};

#endif /* KTACH_BPF_LAYOUT_H */
