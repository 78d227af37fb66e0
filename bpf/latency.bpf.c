// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long tasks wait for a CPU, softirqs to be run, and requests for a disk: the time
 * from one tracepoint to another, counted into histograms.
 *
 *   sched_wakeup, sched_switch (preempted) --> sched_switch (runs)
 *   softirq_raise                          --> softirq_entry
 *   block_rq_issue                         --> block_rq_complete
 *
 * The programs run in the tracepoints' own context, with run queues locked and in hard
 * interrupts: nothing is allocated or locked. When a wait began is kept in an array, at
 * a place that is made of who waits; who finds another one's name there is counted as
 * missed.
 */
#include <stdbool.h>
#include <stddef.h>

#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "kernel_latency.h"
#include "latency.h"

char LICENSE[] SEC("license") = "GPL";

enum {
	BEGINNINGS = 1 << 15,
	TIME_BITS = 42, /* 73 minutes */
	NAME_BITS = 22, /* PID_MAX_LIMIT */
	DISK_TRIES = 4,
	GOLDEN = 0x9e3779b1, /* spreads numbers: 2^32 by the golden ratio */
};

/* --- maps -------------------------------------------------------------------- */

/* Of CPU n those from n * LATENCY_WHATS on. The reader sets how many there are. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, LATENCY_WHATS);
	__type(key, __u32);
	__type(value, struct latency_histogram);
} histograms SEC(".maps");

/* When a wait began, below; above, who waits. 0: nobody. */
struct beginnings {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BEGINNINGS);
	__type(key, __u32);
	__type(value, __u64);
};
struct beginnings tasks SEC(".maps");
struct beginnings requests SEC(".maps");

/* When each softirq was raised; 0: it was not. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, LATENCY_SOFTIRQS);
	__type(key, __u32);
	__type(value, __u64);
} raises SEC(".maps");

/* Which of most_ns is written to. */
__u32 turn;

/* Number of each disk, and 1 above: 0 is none yet. */
__u64 disks[LATENCY_DISKS];

/* Waits for disks that there was no room for. */
__u64 left_out;

/* --- counting ---------------------------------------------------------------- */

static __always_inline __u32 log2_of(__u64 v)
{
	__u32 bits = 0;

#define HALVE(n)                \
	if (v >= 1ULL << (n)) { \
		v >>= (n);      \
		bits += (n);    \
	}
	HALVE(32)
	HALVE(16)
	HALVE(8)
	HALVE(4)
	HALVE(2)
	HALVE(1)
#undef HALVE
	return bits;
}

static __always_inline __u32 bucket_of(__u64 ns)
{
	__u32 octave, bucket;

	if (ns < 4)
		return ns;
	octave = log2_of(ns);
	bucket = 4 * (octave - 1) + ((ns >> (octave - 2)) & 3);
	return bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1;
}

static __always_inline struct latency_histogram *histogram_of(__u32 what)
{
	__u32 key = bpf_get_smp_processor_id() * LATENCY_WHATS + what;

	return bpf_map_lookup_elem(&histograms, &key);
}

static __always_inline void count_missed(__u32 what)
{
	struct latency_histogram *h = histogram_of(what);

	if (h)
		__sync_fetch_and_add(&h->missed, 1);
}

/* An interrupt may count into the same one meanwhile. */
static __always_inline void count_wait(__u32 what, __u64 ns)
{
	struct latency_histogram *h = histogram_of(what);
	__u32 bucket = bucket_of(ns);

	if (!h || bucket >= LATENCY_BUCKETS)
		return;
	__sync_fetch_and_add(&h->count[bucket], 1);
	__sync_fetch_and_add(&h->sum_ns, ns);
	if (ns > h->most_ns[turn & 1])
		h->most_ns[turn & 1] = ns;
}

/* --- when a wait began ------------------------------------------------------- */

#define TIME_MASK ((1ULL << TIME_BITS) - 1)

static __always_inline __u64 *beginning_of(void *map, __u32 who)
{
	__u32 key = who % BEGINNINGS;

	return bpf_map_lookup_elem(map, &key);
}

static __always_inline __u64 name_of(__u32 who)
{
	return (__u64)who << TIME_BITS;
}

static __always_inline bool is_of(__u64 beginning, __u32 who)
{
	return beginning &&
	       beginning >> TIME_BITS == (who & ((1U << NAME_BITS) - 1));
}

static __always_inline void wait_begin(void *map, __u32 who)
{
	__u64 *at = beginning_of(map, who);

	if (at)
		*at = name_of(who) | (bpf_ktime_get_ns() & TIME_MASK);
}

/* Return whether one began; @ns: how long it took. */
static __always_inline bool wait_end(void *map, __u32 who, __u64 *ns)
{
	__u64 *at = beginning_of(map, who);
	__u64 beginning;

	if (!at)
		return false;
	beginning = *at;
	if (!is_of(beginning, who))
		return false;
	*at = 0;
	*ns = (bpf_ktime_get_ns() - beginning) & TIME_MASK;
	/* Clocks of two CPUs may be some ns apart. */
	if (*ns > TIME_MASK / 2)
		*ns = 0;
	return true;
}

static __always_inline void wait_forget(void *map, __u32 who)
{
	__u64 *at = beginning_of(map, who);

	if (at && is_of(*at, who))
		*at = 0;
}

/* --- the run queue ----------------------------------------------------------- */

/* One that is waiting already is told of again if its state was about to change. */
static __always_inline int woken(struct task_struct *task)
{
	__u32 pid = task->pid;
	__u64 *at = beginning_of(&tasks, pid);

	if (at && !is_of(*at, pid))
		wait_begin(&tasks, pid);
	return 0;
}

SEC("tp_btf/sched_wakeup")
int BPF_PROG(ktach_wakeup, struct task_struct *task)
{
	return woken(task);
}

SEC("tp_btf/sched_wakeup_new")
int BPF_PROG(ktach_wakeup_new, struct task_struct *task)
{
	return woken(task);
}

/* The idle tasks, whose number is 0, wait for nothing. */
SEC("tp_btf/sched_switch")
int BPF_PROG(ktach_latency_switch, bool preempt, struct task_struct *before,
	     struct task_struct *next)
{
	__u32 leaves = before->pid, comes = next->pid;
	__u64 ns;

	if (leaves && (preempt || !before->__state))
		wait_begin(&tasks, leaves);
	else if (leaves)
		wait_forget(&tasks, leaves);
	if (!comes)
		return 0;
	if (wait_end(&tasks, comes, &ns))
		count_wait(LATENCY_RUN_QUEUE, ns);
	else
		count_missed(LATENCY_RUN_QUEUE);
	return 0;
}

/* --- softirqs ---------------------------------------------------------------- */

/* Raised on the CPU that runs them, some times before they run. */
SEC("tp_btf/softirq_raise")
int BPF_PROG(ktach_softirq_raised, unsigned int vector)
{
	__u32 key = vector;
	__u64 *at_ns = bpf_map_lookup_elem(&raises, &key);

	if (at_ns && !*at_ns)
		*at_ns = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/softirq_entry")
int BPF_PROG(ktach_softirq_runs, unsigned int vector)
{
	__u32 key = vector;
	__u64 *at_ns = bpf_map_lookup_elem(&raises, &key);

	if (!at_ns)
		return 0;
	if (*at_ns)
		count_wait(LATENCY_SOFTIRQ + key, bpf_ktime_get_ns() - *at_ns);
	else
		count_missed(LATENCY_SOFTIRQ + key);
	*at_ns = 0;
	return 0;
}

/* --- requests ---------------------------------------------------------------- */

/* Of the program's first argument, by its address, which the verifier does not let be
 * reckoned with as it is. Requests are more than 64 bytes apart.
 */
static __always_inline __u32 request_number(const void *context)
{
	__u64 address;

	if (bpf_probe_read_kernel(&address, sizeof(address), context))
		return 0;
	return (__u32)(address >> 6) * GOLDEN >> 5;
}

static __always_inline __u64 disk_number(const struct request *request)
{
	const struct gendisk *disk = request->q->disk;

	if (!disk)
		return 0;
	return ((__u64)disk->major << LATENCY_MINOR_BITS | disk->first_minor) +
	       1;
}

/* Its place among those that are counted; -1: there is none. */
static __always_inline int disk_place(__u64 number)
{
	__u32 at = (__u32)number * GOLDEN >> 27;
	int i;

#pragma unroll
	for (i = 0; i < DISK_TRIES; i++, at++) {
		__u64 *disk = &disks[at % LATENCY_DISKS];

		if (*disk == number)
			return at % LATENCY_DISKS;
		if (!*disk && (!__sync_val_compare_and_swap(disk, 0, number) ||
			       *disk == number))
			return at % LATENCY_DISKS;
	}
	return -1;
}

SEC("tp_btf/block_rq_issue")
int BPF_PROG(ktach_request_begins, struct request *request)
{
	wait_begin(&requests, request_number(ctx));
	return 0;
}

/* It will be issued again. */
SEC("tp_btf/block_rq_requeue")
int BPF_PROG(ktach_request_returns, struct request *request)
{
	wait_forget(&requests, request_number(ctx));
	return 0;
}

/* One that is done in parts has its end with the first one. */
SEC("tp_btf/block_rq_complete")
int BPF_PROG(ktach_request_ends, struct request *request)
{
	__u64 number, ns;
	int place;

	if (!wait_end(&requests, request_number(ctx), &ns))
		return 0;
	number = disk_number(request);
	place = number ? disk_place(number) : -1;
	if (place >= 0)
		count_wait(LATENCY_DISK + place, ns);
	else if (number)
		__sync_fetch_and_add(&left_out, 1);
	return 0;
}
