/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * ktach over generic netlink: the family "ktach", version 1.
 *
 * Integers are in the byte order of the host; attributes are those of
 * <linux/netlink.h>, nests carry NLA_F_NESTED. Later versions append commands
 * and attributes: ignore what you do not know. docs/netlink/ktach.yaml is the
 * same in the kernel's own specification language.
 *
 * The figures are those of the whole machine, so the family exists in the
 * initial network namespace only: in any other it cannot be resolved (ENOENT).
 * Everybody there may read what /proc tells everybody, too. Exact times
 * (KTACH_METRIC_EXACT_* and KTACH_METRIC_SOFTIRQ_TIME_*) tell when others' tasks
 * run: who asks for samples gets them with CAP_PERFMON or CAP_SYS_ADMIN in the
 * initial user namespace, the group does not have them; the module's parameter
 * exact_for_all gives them to all. To set a period takes one of the two as well.
 *
 * Validation is strict. An attribute that is unknown, too short, too long, out
 * of range or given twice is refused with EINVAL or ERANGE; with NETLINK_EXT_ACK
 * set the answer says which (NLMSGERR_ATTR_OFFS, NLMSGERR_ATTR_MISS_TYPE) and
 * why (NLMSGERR_ATTR_MSG). What a dump refuses shows in its NLMSG_DONE, where
 * older kernels have no place for the attribute: the reason begins with its name.
 *
 * KTACH_CMD_SOURCE_GET - what rings there are
 *
 *   Request: one ring, or with NLM_F_DUMP all of them:
 *     KTACH_A_SOURCE_NAME		string, required without NLM_F_DUMP;
 *					with it, the only one that is shown
 *   Answer: a message a ring, with
 *     KTACH_A_SOURCE_NAME		string
 *     KTACH_A_SOURCE_DEVICE		string: its node under /dev
 *     KTACH_A_SOURCE_KIND		u32, enum ktach_ring_kind
 *     KTACH_A_SOURCE_FEATURES		u32, KTACH_RING_TIMING
 *     KTACH_A_SOURCE_PERIOD_US		u32
 *     KTACH_A_SOURCE_SLOTS		u32
 *     KTACH_A_SOURCE_RECORDS		u32
 *     KTACH_A_SOURCE_HEAD		u64: number of the newest sample
 *     KTACH_A_SOURCE_MISSED		u64: ticks that were not served in time
 *     KTACH_A_SOURCE_FILL_NS_LAST	u64: what the last sample took to make
 *     KTACH_A_SOURCE_FILL_NS_MAX	u64: what the longest took
 *     KTACH_A_SOURCE_BACKWARD_EVENTS	u64
 *   The combined samples are one of them: its name is "combined", and it has
 *   neither a device nor a kind. A dump during which a ring came or went has
 *   NLM_F_DUMP_INTR set.
 *
 * KTACH_CMD_PERIOD_SET - change a period; CAP_PERFMON or CAP_SYS_ADMIN
 *
 *   Request:
 *     KTACH_A_SOURCE_NAME		string, required
 *     KTACH_A_SOURCE_PERIOD_US		u32, required: 100 to 60000000, and
 *					from 1000 on for "combined"
 *   Answer: none but the usual ACK. The first tick is at most the new
 *   period away.
 *
 * KTACH_CMD_SAMPLE_GET - combined samples; only as a dump
 *
 *   Request, all optional:
 *     KTACH_A_SAMPLE_SINCE		u64: samples after this one, oldest
 *					first; 0: all that are kept. Without it
 *					the newest only. ERANGE for one that
 *					is not there yet: the module was
 *					loaded anew, begin again at 0.
 *     KTACH_A_SAMPLE_CPU_FIRST,
 *     KTACH_A_SAMPLE_CPU_LAST		u32: CPUs from this to that; without
 *					them from the first, to the last
 *     KTACH_A_SAMPLE_CPU_MASK		binary, in place of these: bit n % 8
 *					of byte n / 8 stands for CPU n
 *     KTACH_A_SAMPLE_TOTALS_ONLY	flag: no CPUs at all
 *     KTACH_A_SAMPLE_AS_PACKED		flag: CPUs as KTACH_A_SAMPLE_PACKED
 *   Answer: samples up to the one that was newest when the dump began. A
 *   sample takes one message or more: each has KTACH_A_SAMPLE_NUMBER and
 *   some of its CPUs, in ascending order; all but the last have
 *   KTACH_A_SAMPLE_MORE; the first alone has the rest:
 *     KTACH_A_SAMPLE_NUMBER		u64: from 1, without gaps
 *     KTACH_A_SAMPLE_MORE		flag: more of this sample follows
 *     KTACH_A_SAMPLE_LOST		u64, not 0: samples between the one
 *					before this (or SINCE) and this one
 *					that are no longer kept
 *     KTACH_A_SAMPLE_MONO_NS		u64: CLOCK_MONOTONIC, ns
 *     KTACH_A_SAMPLE_REAL_NS		u64: CLOCK_REALTIME, ns
 *     KTACH_A_SAMPLE_MISSED		u64: ticks of the combined samples not
 *					served in time, so far
 *     KTACH_A_SAMPLE_METRICS		u64: bit n is set if enum ktach_metric
 *					n is known in this sample
 *     KTACH_A_SAMPLE_CPUS_POSSIBLE	u32: up to the last possible one
 *     KTACH_A_SAMPLE_CPUS_ONLINE	u32
 *     KTACH_A_SAMPLE_LOAD		nest of KTACH_A_LOAD_*
 *     KTACH_A_SAMPLE_MEMORY		nest of KTACH_A_MEMORY_*
 *     KTACH_A_SAMPLE_RING		nest of KTACH_A_RING_*, one for each
 *					ring that had a new sample: what the
 *					metrics were computed from
 *     KTACH_A_SAMPLE_TOTALS		nest of KTACH_A_METRIC_*: shares of the
 *					time of all CPUs that were online at
 *					the begin or end, sums of rates
 *     KTACH_A_SAMPLE_CPU		nest of KTACH_A_CPU_*, one a CPU
 *     KTACH_A_SAMPLE_PACKED		binary: struct ktach_cpu_sample, a run
 *     KTACH_A_SAMPLE_PACKED_STRIDE	u32: bytes from one to the next, with it
 *   If samples are lost while the dump runs (its reader is too slow), the
 *   message after the gap has NLM_F_DUMP_INTR and KTACH_A_SAMPLE_LOST set. A
 *   sample that was begun by then and not ended counts as lost: throw away
 *   what you have of it.
 *
 * KTACH_CMD_SAMPLE_NTF - a combined sample was made; group "sample"
 *
 *   As an answer to KTACH_CMD_SAMPLE_GET with KTACH_A_SAMPLE_AS_PACKED. Who reads
 *   too slowly gets ENOBUFS from recv() and finds a gap in the numbers; nobody
 *   else is held up. KTACH_A_SAMPLE_LOST counts samples that were sent to
 *   nobody, because the machine was too busy to send them.
 */
#ifndef _UAPI_LINUX_KTACH_NETLINK_H
#define _UAPI_LINUX_KTACH_NETLINK_H

#include <linux/ktach_ring.h>
#include <linux/ktach_sample.h>

#define KTACH_GENL_NAME		"ktach"
#define KTACH_GENL_VERSION	1
#define KTACH_GENL_GROUP_SAMPLE	"sample"

/* The name under which combined samples are a source. */
#define KTACH_COMBINED_NAME	"combined"

/* Bytes that KTACH_A_SAMPLE_CPU_MASK can have. */
#define KTACH_CPU_MASK_LEN	1024

enum ktach_cmd {
	KTACH_CMD_UNSPEC,
	KTACH_CMD_SOURCE_GET,
	KTACH_CMD_PERIOD_SET,
	KTACH_CMD_SAMPLE_GET,
	KTACH_CMD_SAMPLE_NTF,
	__KTACH_CMD_MAX
};

#define KTACH_CMD_MAX (__KTACH_CMD_MAX - 1)

enum ktach_a_source {
	KTACH_A_SOURCE_UNSPEC,
	KTACH_A_SOURCE_PAD,
	KTACH_A_SOURCE_NAME,
	KTACH_A_SOURCE_PERIOD_US,
	KTACH_A_SOURCE_DEVICE,
	KTACH_A_SOURCE_KIND,
	KTACH_A_SOURCE_FEATURES,
	KTACH_A_SOURCE_SLOTS,
	KTACH_A_SOURCE_RECORDS,
	KTACH_A_SOURCE_HEAD,
	KTACH_A_SOURCE_MISSED,
	KTACH_A_SOURCE_FILL_NS_LAST,
	KTACH_A_SOURCE_FILL_NS_MAX,
	KTACH_A_SOURCE_BACKWARD_EVENTS,
	__KTACH_A_SOURCE_MAX
};

#define KTACH_A_SOURCE_MAX (__KTACH_A_SOURCE_MAX - 1)

enum ktach_a_sample {
	KTACH_A_SAMPLE_UNSPEC,
	KTACH_A_SAMPLE_PAD,
	/* in requests */
	KTACH_A_SAMPLE_SINCE,
	KTACH_A_SAMPLE_CPU_FIRST,
	KTACH_A_SAMPLE_CPU_LAST,
	KTACH_A_SAMPLE_CPU_MASK,
	KTACH_A_SAMPLE_TOTALS_ONLY,
	KTACH_A_SAMPLE_AS_PACKED,
	/* in answers */
	KTACH_A_SAMPLE_NUMBER,
	KTACH_A_SAMPLE_MORE,
	KTACH_A_SAMPLE_LOST,
	KTACH_A_SAMPLE_MONO_NS,
	KTACH_A_SAMPLE_REAL_NS,
	KTACH_A_SAMPLE_MISSED,
	KTACH_A_SAMPLE_METRICS,
	KTACH_A_SAMPLE_CPUS_POSSIBLE,
	KTACH_A_SAMPLE_CPUS_ONLINE,
	KTACH_A_SAMPLE_LOAD,
	KTACH_A_SAMPLE_MEMORY,
	KTACH_A_SAMPLE_RING,
	KTACH_A_SAMPLE_TOTALS,
	KTACH_A_SAMPLE_CPU,
	KTACH_A_SAMPLE_PACKED,
	KTACH_A_SAMPLE_PACKED_STRIDE,
	__KTACH_A_SAMPLE_MAX
};

#define KTACH_A_SAMPLE_MAX (__KTACH_A_SAMPLE_MAX - 1)

/* Load averages, in 1/1000. */
enum ktach_a_load {
	KTACH_A_LOAD_UNSPEC,
	KTACH_A_LOAD_AVG1,		/* u32: over the last minute */
	KTACH_A_LOAD_AVG5,		/* u32: over five */
	KTACH_A_LOAD_AVG15,	/* u32: over fifteen */
	__KTACH_A_LOAD_MAX
};

#define KTACH_A_LOAD_MAX (__KTACH_A_LOAD_MAX - 1)

/* Memory, in bytes, each as /proc/meminfo has it. */
enum ktach_a_memory {
	KTACH_A_MEMORY_UNSPEC,
	KTACH_A_MEMORY_PAD,
	KTACH_A_MEMORY_TOTAL,		/* u64 */
	KTACH_A_MEMORY_FREE,		/* u64 */
	KTACH_A_MEMORY_AVAILABLE,	/* u64 */
	KTACH_A_MEMORY_SHARED,		/* u64: Shmem there */
	KTACH_A_MEMORY_BUFFERS,		/* u64 */
	__KTACH_A_MEMORY_MAX
};

#define KTACH_A_MEMORY_MAX (__KTACH_A_MEMORY_MAX - 1)

/* The newer of the two samples of a ring that metrics were computed from. */
enum ktach_a_ring {
	KTACH_A_RING_UNSPEC,
	KTACH_A_RING_PAD,
	KTACH_A_RING_KIND,		/* u32: enum ktach_ring_kind */
	KTACH_A_RING_NUMBER,		/* u64: the sample's number */
	KTACH_A_RING_MONO_NS,		/* u64: its time, CLOCK_MONOTONIC */
	KTACH_A_RING_INTERVAL_NS,	/* u64: since the older one */
	__KTACH_A_RING_MAX
};

#define KTACH_A_RING_MAX (__KTACH_A_RING_MAX - 1)

enum ktach_a_cpu {
	KTACH_A_CPU_UNSPEC,
	KTACH_A_CPU_NUMBER,	/* u32 */
	KTACH_A_CPU_FLAGS,	/* u32: KTACH_CPU_* */
	KTACH_A_CPU_METRICS,	/* nest of KTACH_A_METRIC_* */
	__KTACH_A_CPU_MAX
};

#define KTACH_A_CPU_MAX (__KTACH_A_CPU_MAX - 1)

/* Metrics by their number; each is a u64, in the units of enum ktach_metric. */
enum ktach_a_metric {
	KTACH_A_METRIC_UNSPEC,
	KTACH_A_METRIC_PAD,
	KTACH_A_METRIC_FIRST,
	KTACH_A_METRIC_USER = KTACH_A_METRIC_FIRST,
	KTACH_A_METRIC_NICE,
	KTACH_A_METRIC_SYSTEM,
	KTACH_A_METRIC_IDLE,
	KTACH_A_METRIC_IOWAIT,
	KTACH_A_METRIC_IRQ,
	KTACH_A_METRIC_SOFTIRQ,
	KTACH_A_METRIC_STEAL,
	KTACH_A_METRIC_GUEST,
	KTACH_A_METRIC_GUEST_NICE,
	KTACH_A_METRIC_EXACT_BUSY,
	KTACH_A_METRIC_EXACT_IDLE,
	KTACH_A_METRIC_SOFTIRQ_RATE_HI,
	KTACH_A_METRIC_SOFTIRQ_RATE_TIMER,
	KTACH_A_METRIC_SOFTIRQ_RATE_NET_TX,
	KTACH_A_METRIC_SOFTIRQ_RATE_NET_RX,
	KTACH_A_METRIC_SOFTIRQ_RATE_BLOCK,
	KTACH_A_METRIC_SOFTIRQ_RATE_IRQ_POLL,
	KTACH_A_METRIC_SOFTIRQ_RATE_TASKLET,
	KTACH_A_METRIC_SOFTIRQ_RATE_SCHED,
	KTACH_A_METRIC_SOFTIRQ_RATE_HRTIMER,
	KTACH_A_METRIC_SOFTIRQ_RATE_RCU,
	KTACH_A_METRIC_SOFTIRQ_TIME_HI,
	KTACH_A_METRIC_SOFTIRQ_TIME_TIMER,
	KTACH_A_METRIC_SOFTIRQ_TIME_NET_TX,
	KTACH_A_METRIC_SOFTIRQ_TIME_NET_RX,
	KTACH_A_METRIC_SOFTIRQ_TIME_BLOCK,
	KTACH_A_METRIC_SOFTIRQ_TIME_IRQ_POLL,
	KTACH_A_METRIC_SOFTIRQ_TIME_TASKLET,
	KTACH_A_METRIC_SOFTIRQ_TIME_SCHED,
	KTACH_A_METRIC_SOFTIRQ_TIME_HRTIMER,
	KTACH_A_METRIC_SOFTIRQ_TIME_RCU,
	__KTACH_A_METRIC_MAX
};

#define KTACH_A_METRIC_MAX (__KTACH_A_METRIC_MAX - 1)

/* The attribute of enum ktach_metric @metric. */
#define KTACH_A_METRIC(metric) (KTACH_A_METRIC_FIRST + (metric))

static_assert(KTACH_A_METRIC(KTACH_METRICS) == __KTACH_A_METRIC_MAX,
	      "each metric has its attribute");

#endif /* _UAPI_LINUX_KTACH_NETLINK_H */
