/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How long something waited: histograms that latency.bpf.c counts into, and its reader
 * maps. Private to the program and to host/latency/latency.c: one build, no ABI.
 */
#ifndef KTACH_BPF_LATENCY_H
#define KTACH_BPF_LATENCY_H

#include <linux/types.h>

/*
 * Buckets are even in the logarithm: each doubling has four, so that what is said of a
 * wait by its bucket is wrong by an eighth at most. From 0 to 4 ns each is one of its own;
 * the last one has all that is longer than 18 minutes.
 */
enum latency_limits {
	LATENCY_BUCKETS = 160,
	LATENCY_SOFTIRQS = 10,
	LATENCY_DISKS = 32,
	LATENCY_MINOR_BITS = 20, /* of a disk's number, as in the kernel's dev_t */
};

/* What waited; a CPU has a histogram of each. */
enum latency_what {
	LATENCY_RUN_QUEUE,
	LATENCY_SOFTIRQ,
	LATENCY_DISK = LATENCY_SOFTIRQ + LATENCY_SOFTIRQS,
	LATENCY_WHATS = LATENCY_DISK + LATENCY_DISKS,
};

/**
 * struct latency_histogram - of one CPU, which need not be the only one that writes it
 * @sum_ns: of all waits
 * @missed: waits whose beginning is not known
 * @most_ns: the longest one since the reader turned to the other of the two
 * @count: waits in each bucket; wraps
 */
struct latency_histogram {
	__u64 sum_ns;
	__u64 missed;
	__u64 most_ns[2];
	__u32 count[LATENCY_BUCKETS];
};

#endif /* KTACH_BPF_LATENCY_H */
