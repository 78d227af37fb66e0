/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exact times, as the modules have them with timing=1: how long a CPU is busy, measured
 * where it turns to and from the idle task, and how long softirqs run.
 */
#ifndef KTACH_BPF_RING_TIMING_H
#define KTACH_BPF_RING_TIMING_H

#include "ring_times.h"

enum {
	TIMING_TRIES = 4, /* of a read that its CPU wrote into */
};

/**
 * struct cpu_timing - a CPU's, written by it alone
 * @seq: odd while the rest is written
 * @since_ns: when it last turned to or from being busy, or when the softirq that runs
 *	now began; 0: that is not known
 * @busy: what it is since then
 * @times: up to @since_ns
 * @softirqs: what is published
 */
struct cpu_timing {
	__u64 seq;
	__u64 since_ns;
	__u64 busy;
	union {
		struct ktach_cpustat_timing times;
		struct ktach_softirq_timing softirqs;
	};
} __attribute__((aligned(64)));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct cpu_timing);
} timings SEC(".maps");

/* A copy, which is too large for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct cpu_timing);
} timing_copies SEC(".maps");

static __always_inline struct cpu_timing *timing_of(__u32 cpu)
{
	return bpf_map_lookup_elem(&timings, &cpu);
}

/* Written by its CPU alone: what matters is the order, see store_ordered(). */
static __always_inline void seq_move(struct cpu_timing *t)
{
	store_ordered(&t->seq, t->seq + 1);
}

/* The clock may differ by some ns between CPUs: time does not run backwards. */
static __always_inline void advance(struct ktach_cpustat_timing *times,
				    bool busy, __u64 since_ns, __u64 now_ns)
{
	__u64 ns = now_ns > since_ns ? now_ns - since_ns : 0;

	if (busy)
		times->busy_ns += ns;
	else
		times->idle_ns += ns;
}

/* Counting begins with the first turn that is seen. */
static __always_inline void turn(struct cpu_timing *t, bool busy)
{
	__u64 now_ns = bpf_ktime_get_ns();

	seq_move(t);
	if (t->since_ns)
		advance(&t->times, t->busy, t->since_ns, now_ns);
	t->busy = busy;
	t->since_ns = now_ns;
	seq_move(t);
}

/* From task to task nothing changes, so that a busy CPU does not even read the
 * clock.
 */
static __always_inline void on_switch(bool busy)
{
	struct cpu_timing *t = timing_of(bpf_get_smp_processor_id());

	if (t && (!t->since_ns || t->busy != busy))
		turn(t, busy);
}

/* Work that the idle task is interrupted for is work. */
static __always_inline void turn_if_idle(bool busy)
{
	struct cpu_timing *t = timing_of(bpf_get_smp_processor_id());

	if (t && !bpf_get_current_task_btf()->pid)
		turn(t, busy);
}

static __always_inline void on_softirq_begin(void)
{
	struct cpu_timing *t = timing_of(bpf_get_smp_processor_id());

	if (t)
		t->since_ns = bpf_ktime_get_ns();
}

/* The first end may be that of a run whose beginning was not seen. */
static __always_inline void on_softirq_end(__u32 vector)
{
	struct cpu_timing *t = timing_of(bpf_get_smp_processor_id());
	__u64 now_ns = bpf_ktime_get_ns(), ns;

	if (!t || !t->since_ns || vector >= KTACH_SOFTIRQ_VECTORS)
		return;
	ns = now_ns > t->since_ns ? now_ns - t->since_ns : 0;
	seq_move(t);
	t->softirqs.time_ns[vector] += ns;
	if (ns >= t->softirqs.max_ns[vector]) {
		t->softirqs.max_ns[vector] = ns;
		t->softirqs.max_at_ns[vector] = now_ns;
	}
	seq_move(t);
	t->since_ns = 0;
}

/* A CPU that is off turns nowhere: what passes meanwhile is not counted. */
static __always_inline void forget_turn(__u32 cpu)
{
	struct cpu_timing *t = timing_of(cpu);

	if (t)
		store_ordered(&t->since_ns, 0);
}

/* NULL if the CPU is writing. */
static __always_inline struct cpu_timing *timing_read(__u32 cpu)
{
	struct cpu_timing *t = timing_of(cpu), *copy = GET(timing_copies);
	__u64 seq;
	int i;

	if (!t || !copy)
		return NULL;
	for (i = 0; i < TIMING_TRIES; i++) {
		seq = load_ordered(&t->seq);
		*copy = *t;
		if (!(seq & 1) && load_ordered(&t->seq) == seq)
			return copy;
	}
	return NULL;
}

/*
 * As of a moment before the times are read: a virtual CPU may stand still in between,
 * and what it did meanwhile is not known.
 */
static __always_inline void sample_busy(struct ring_last *l, __u32 cpu,
					__u64 *backward)
{
	struct ktach_cpustat_timing *r = &l->record.stat_timing;
	__u64 now_ns = bpf_ktime_get_ns();
	struct cpu_timing *t = timing_read(cpu);

	if (!t || !t->since_ns)
		return;
	advance(&t->times, t->busy, t->since_ns, now_ns);
	ratchet(&r->busy_ns, t->times.busy_ns, backward);
	ratchet(&r->idle_ns, t->times.idle_ns, backward);
}

static __always_inline void sample_runs(struct ring_last *l, __u32 cpu)
{
	struct cpu_timing *t = timing_read(cpu);

	if (t)
		l->record.softirq_timing = t->softirqs;
}

#endif /* KTACH_BPF_RING_TIMING_H */
