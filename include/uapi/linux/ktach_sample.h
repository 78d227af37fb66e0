/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * ktach combined samples: what the kernel computes from all rings at once. All
 * integers are in the byte order of the host.
 *
 * A ring has counters; a combined sample has what these did since the sample
 * before: for each CPU the share of each state and the rate of each softirq,
 * in fixed point. It is read by generic netlink (<linux/ktach_netlink.h>).
 *
 * Each value is computed from two samples of its ring, their counters and their
 * own time stamps:
 *
 *   share = 10000 * (ns of time passed in the state) / (ns between the two)
 *   rate  = 1000 * (events counted) * 10^9 / (ns between the two)
 *
 * rounded to the nearest. Both are linear: a mean over samples, weighted with
 * their intervals, is the value over the whole time. A kernel without IRQ time
 * accounting (Debian's) books time in ticks of 4 ms, so a share over some
 * milliseconds can be 0 or far above 10000; none is cut off.
 */
#ifndef _UAPI_LINUX_KTACH_SAMPLE_H
#define _UAPI_LINUX_KTACH_SAMPLE_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

#define KTACH_SHARE_ONE		10000	/* a share of one whole CPU */
#define KTACH_RATE_ONE		1000	/* a rate of one a second */
#define KTACH_LOAD_ONE		1000	/* a load average of 1.0 */

/*
 * What is known of each CPU. Later kernels append. A metric whose ring is not
 * there, or has no new sample, is left out of a combined sample: see its mask
 * of metrics.
 */
enum ktach_metric {
	/* Shares, from the ring of CPU times: as there, user includes guest,
	 * and nice includes guest_nice.
	 */
	KTACH_METRIC_USER,
	KTACH_METRIC_NICE,
	KTACH_METRIC_SYSTEM,
	KTACH_METRIC_IDLE,
	KTACH_METRIC_IOWAIT,
	KTACH_METRIC_IRQ,
	KTACH_METRIC_SOFTIRQ,
	KTACH_METRIC_STEAL,
	KTACH_METRIC_GUEST,
	KTACH_METRIC_GUEST_NICE,
	/* Shares, exact at any period; with KTACH_RING_TIMING only. */
	KTACH_METRIC_EXACT_BUSY,
	KTACH_METRIC_EXACT_IDLE,
	/* Rates of softirqs run, in the order of enum ktach_softirq_vector. */
	KTACH_METRIC_SOFTIRQ_RATE,
	KTACH_METRIC_SOFTIRQ_RATE_HI = KTACH_METRIC_SOFTIRQ_RATE,
	KTACH_METRIC_SOFTIRQ_RATE_TIMER,
	KTACH_METRIC_SOFTIRQ_RATE_NET_TX,
	KTACH_METRIC_SOFTIRQ_RATE_NET_RX,
	KTACH_METRIC_SOFTIRQ_RATE_BLOCK,
	KTACH_METRIC_SOFTIRQ_RATE_IRQ_POLL,
	KTACH_METRIC_SOFTIRQ_RATE_TASKLET,
	KTACH_METRIC_SOFTIRQ_RATE_SCHED,
	KTACH_METRIC_SOFTIRQ_RATE_HRTIMER,
	KTACH_METRIC_SOFTIRQ_RATE_RCU,
	KTACH_METRIC_SOFTIRQ_RATE_LAST = KTACH_METRIC_SOFTIRQ_RATE_RCU,
	/* Shares of time in softirqs; with KTACH_RING_TIMING only. */
	KTACH_METRIC_SOFTIRQ_TIME,
	KTACH_METRIC_SOFTIRQ_TIME_HI = KTACH_METRIC_SOFTIRQ_TIME,
	KTACH_METRIC_SOFTIRQ_TIME_TIMER,
	KTACH_METRIC_SOFTIRQ_TIME_NET_TX,
	KTACH_METRIC_SOFTIRQ_TIME_NET_RX,
	KTACH_METRIC_SOFTIRQ_TIME_BLOCK,
	KTACH_METRIC_SOFTIRQ_TIME_IRQ_POLL,
	KTACH_METRIC_SOFTIRQ_TIME_TASKLET,
	KTACH_METRIC_SOFTIRQ_TIME_SCHED,
	KTACH_METRIC_SOFTIRQ_TIME_HRTIMER,
	KTACH_METRIC_SOFTIRQ_TIME_RCU,
	KTACH_METRIC_SOFTIRQ_TIME_LAST = KTACH_METRIC_SOFTIRQ_TIME_RCU,
	KTACH_METRICS
};

/**
 * struct ktach_cpu_sample - a CPU in a combined sample, in the packed form
 * @cpu: its number
 * @flags: KTACH_CPU_* of <linux/ktach_ring.h>, as of the rings' samples
 * @value: by enum ktach_metric, shares in 1/10000 and rates in 1/1000 a second;
 *	0xffffffff stands for that much or more; 0 where the sample's mask
 *	lacks the metric
 *
 * In the byte order of the host. Records stand one after the other; the stride
 * is published with them: a later kernel may append to each.
 */
struct ktach_cpu_sample {
	__u32 cpu;
	__u32 flags;
	__u32 value[KTACH_METRICS];
};

#ifdef __KERNEL__
#include <linux/build_bug.h>
#else
#include <assert.h>
#endif
static_assert(KTACH_METRICS == 32, "metrics moved");
static_assert(KTACH_METRIC_SOFTIRQ_RATE == 12, "metrics moved");
static_assert(KTACH_METRIC_SOFTIRQ_TIME == 22, "metrics moved");
static_assert(sizeof(struct ktach_cpu_sample) == 136, "CPU sample size");
static_assert(__builtin_offsetof(struct ktach_cpu_sample, value) == 8,
	      "ktach_cpu_sample.value moved");

#endif /* _UAPI_LINUX_KTACH_SAMPLE_H */
