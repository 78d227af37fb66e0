/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How rings.bpf.c lays out what it shares with who loads it. Its readers know
 * linux/ktach_ring.h alone. One build, no ABI.
 *
 * An object is one ring: it is loaded once for each kind. The ring is an array of
 * cells, as large as a record's stride: the header's, then of each slot one for its
 * head and one for each record. An element of a BPF array is looked up without
 * a call, and a ring may be larger than an element.
 */
#ifndef KTACH_BPF_RINGS_H
#define KTACH_BPF_RINGS_H

/* There is no assert.h for BPF. */
#ifdef __bpf__
#define static_assert _Static_assert
#endif

#include <linux/ktach_ring.h>

enum ring_limits {
	RING_CELL = 128, /* bytes; a header's constant part fills one */
	RING_CELL_TIMING = 384, /* of softirqs with exact times */
	RING_HEADER = 4096, /* bytes before slot 0, or a little more */
	RING_CELL_RECORDS = 1, /* of a slot, before its records */
};

/**
 * struct ring_control - in a map that is written by user space
 * @build: tells this object from others
 * @period_ns: time between two samples, which may be changed at any time
 * @tai_offset_ns: CLOCK_TAI is ahead of CLOCK_REALTIME by this
 * @cpus_end: behind the highest CPU that is known; the programs', too
 */
struct ring_control {
	__u64 build;
	__u64 period_ns;
	__u64 tai_offset_ns;
	__u64 cpus_end;
};

/**
 * struct ring_told - an idle time, as the kernel tells it
 * @ns: what it was at last, without @extra_ns
 * @final_ns: the same, before the CPU went
 * @extra_ns: what of the kernel's was no idle time, or less than 0: what it forgot
 */
struct ring_told {
	__u64 ns;
	__u64 final_ns;
	__s64 extra_ns;
};

/* The longest record of either kind, as a reader sees it. */
union ring_record {
	struct ktach_record head;
	struct {
		struct ktach_cpustat_record stat;
		struct ktach_cpustat_timing stat_timing;
	};
	struct {
		struct ktach_softirq_record softirq;
		struct ktach_softirq_timing softirq_timing;
	};
};

/**
 * struct ring_last - what a CPU had last
 * @known: it has been online since the load; nothing of others is read
 * @is_coming: it is on its way back: its idle times say nothing
 * @went: it is on its way off, and final times are to be taken
 * @went_ns: when they were taken; 0: never
 * @off_ns: when it was off, before @went_ns if it has not been since
 * @coming_ns: when it began to come back
 * @taken_ns: what idle time and iowait are at least once the kernel has taken the time
 *	off for idle time; 0: it does not
 * @idle: the kernel's idle time
 * @iowait: the same of iowait
 * @record: what the next one must not fall behind
 */
struct ring_last {
	__u64 known;
	__u64 is_coming;
	__u64 went;
	__u64 went_ns;
	__u64 off_ns;
	__u64 coming_ns;
	__u64 taken_ns;
	struct ring_told idle;
	struct ring_told iowait;
	union ring_record record;
};

#endif /* KTACH_BPF_RINGS_H */
