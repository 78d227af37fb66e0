// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/kernel_stat.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/ktach_ring.h>
#include <ktach/source.h>

#include "sample.h"
#include "timing.h"

/* The ABI's vectors are the kernel's, in the kernel's order. */
static_assert((int)KTACH_SOFTIRQ_VECTORS == (int)NR_SOFTIRQS);
static_assert((int)KTACH_SOFTIRQ_TIMER == (int)TIMER_SOFTIRQ);
static_assert((int)KTACH_SOFTIRQ_NET_TX == (int)NET_TX_SOFTIRQ);
static_assert((int)KTACH_SOFTIRQ_NET_RX == (int)NET_RX_SOFTIRQ);
static_assert((int)KTACH_SOFTIRQ_BLOCK == (int)BLOCK_SOFTIRQ);
static_assert((int)KTACH_SOFTIRQ_TASKLET == (int)TASKLET_SOFTIRQ);
static_assert((int)KTACH_SOFTIRQ_SCHED == (int)SCHED_SOFTIRQ);
static_assert((int)KTACH_SOFTIRQ_RCU == (int)RCU_SOFTIRQ);

/* As a reader sees it; without exact times it ends before them. */
struct record {
	struct ktach_softirq_record softirq;
	struct ktach_softirq_timing timing;
};

static_assert(offsetof(struct record, timing) ==
	      sizeof(struct ktach_softirq_record));

/* The record that each CPU had last, its counts widened to 64 bits. */
static struct record *last;

int ktach_softirq_sample_init(void)
{
	last = kvcalloc(nr_cpu_ids, sizeof(*last), GFP_KERNEL);
	return last ? 0 : -ENOMEM;
}

void ktach_softirq_sample_uninit(void)
{
	kvfree(last);
}

/*
 * The kernel counts in 32 bits. The low half of the wide count is what the
 * kernel had last time; what it has gained since, modulo 2^32, is added. No
 * period is long enough for a counter to wrap twice.
 */
static void update_counts(struct ktach_softirq_record *r, int cpu)
{
	unsigned int vector;

	for (vector = 0; vector < KTACH_SOFTIRQ_VECTORS; vector++) {
		u32 now = kstat_softirqs_cpu(vector, cpu);

		r->count[vector] += (u32)(now - (u32)r->count[vector]);
	}
}

/*
 * Remote memory only: no CPU is interrupted or woken for this. The counts of
 * an offline CPU stand still but are there, as in /proc/softirqs.
 */
void ktach_softirq_sample(struct ktach_source *source, void *records,
			  size_t stride)
{
	struct record *r;
	int cpu;

	for_each_cpu(cpu, &source->seen) {
		r = &last[cpu];
		r->softirq.cpu = cpu;
		r->softirq.flags &= ~KTACH_CPU_ONLINE;
		if (cpu_online(cpu))
			r->softirq.flags = KTACH_CPU_ONLINE | KTACH_CPU_SEEN;
		update_counts(&r->softirq, cpu);
		ktach_softirq_timing_read(&r->timing, cpu);
		memcpy(records + cpu * stride, r, source->record_size);
	}
}
