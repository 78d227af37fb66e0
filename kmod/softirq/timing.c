// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cache.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/seqlock.h>
#include <trace/events/irq.h>
#include <linux/ktach_ring.h>
#include <ktach/probe.h>

#include "timing.h"

/**
 * struct cpu_timing - a CPU's softirqs
 * @times: what is published; written by its CPU only
 * @seq: odd while @times is written
 * @begun_ns: when the softirq that runs now began, 0 if that is not known
 */
struct cpu_timing {
	struct ktach_softirq_timing times;
	seqcount_t seq;
	u64 begun_ns;
};

static struct cpu_timing __percpu *timings;

/* Preemption off, so that nobody else on this CPU sees @seq odd for long. */
static void add_run(struct cpu_timing *t, unsigned int vector, u64 now)
{
	u64 ns = now - min(now, t->begun_ns);

	raw_write_seqcount_begin(&t->seq);
	t->times.time_ns[vector] += ns;
	if (ns >= t->times.max_ns[vector]) {
		t->times.max_ns[vector] = ns;
		t->times.max_at_ns[vector] = now;
	}
	raw_write_seqcount_end(&t->seq);
}

/*
 * Softirq context, interrupts on. Softirqs of one CPU do not nest, except on
 * some PREEMPT_RT kernels: there a run that another one interrupts is left out.
 */
static void on_entry(void *unused, unsigned int vector)
{
	this_cpu_write(timings->begun_ns, ktime_get_mono_fast_ns());
}

/* The same. The first exit may be that of a run whose entry was not seen. */
static void on_exit(void *unused, unsigned int vector)
{
	u64 now = ktime_get_mono_fast_ns();
	struct cpu_timing *t;

	preempt_disable_notrace();
	t = this_cpu_ptr(timings);
	if (t->begun_ns && vector < KTACH_SOFTIRQ_VECTORS)
		add_run(t, vector, now);
	t->begun_ns = 0;
	preempt_enable_notrace();
}

static struct ktach_probe probes[] = {
	{ .name = "softirq_entry", .function = on_entry },
	{ .name = "softirq_exit", .function = on_exit },
};

/* Nothing else holds a probe against what this kernel's tracepoint passes. */
static inline void check_probes(void)
{
	check_trace_callback_type_softirq_entry(on_entry);
	check_trace_callback_type_softirq_exit(on_exit);
}

int ktach_softirq_timing_init(void)
{
	int cpu, err;

	check_probes();
	timings = __alloc_percpu(sizeof(*timings), SMP_CACHE_BYTES);
	if (!timings)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		seqcount_init(&per_cpu_ptr(timings, cpu)->seq);
	err = ktach_probes_attach(probes, ARRAY_SIZE(probes));
	if (err) {
		free_percpu(timings);
		timings = NULL;
	}
	return err;
}

void ktach_softirq_timing_uninit(void)
{
	if (!timings)
		return;
	ktach_probes_detach(probes, ARRAY_SIZE(probes));
	free_percpu(timings);
	timings = NULL;
}

/*
 * Another CPU's write is over in a moment; one of this CPU that this interrupt
 * came into is not. Then @times stays what it was at the last sample.
 */
void ktach_softirq_timing_read(struct ktach_softirq_timing *times, int cpu)
{
	struct ktach_softirq_timing copy;
	struct cpu_timing *t;
	unsigned int seq, tries;

	if (!timings)
		return;
	t = per_cpu_ptr(timings, cpu);
	for (tries = 0; tries < 8; tries++) {
		seq = raw_read_seqcount(&t->seq);
		copy = t->times;
		if (seq & 1 || read_seqcount_retry(&t->seq, seq))
			continue;
		*times = copy;
		return;
	}
}
