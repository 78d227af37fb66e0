// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/kernel_stat.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/ktach_ring.h>
#include <ktach/idle.h>
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

/**
 * struct last - what a CPU had last
 * @record: its counts widened to 64 bits
 * @spell: of idleness, in which they were read
 */
struct last {
	struct record record;
	u32 spell;
};

static struct last *last;

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
static __always_inline void read_counts(struct ktach_softirq_record *r, int cpu)
{
	const unsigned int *counts = kstat_cpu(cpu).softirqs;
	unsigned int vector;

	/* A third of the instructions of a loop. */
#pragma GCC unroll 16
	for (vector = 0; vector < KTACH_SOFTIRQ_VECTORS; vector++) {
		u32 now = READ_ONCE(counts[vector]);

		r->count[vector] += (u32)(now - (u32)r->count[vector]);
	}
}

/* A CPU that sleeps on has not counted since. */
static __always_inline void update_counts(struct last *l, int cpu)
{
	bool sleeps;
	u32 spell = ktach_idle_spell(cpu, &sleeps);

	if (!sleeps || spell != l->spell)
		read_counts(&l->record.softirq, cpu);
	l->spell = spell;
}

/* Sizes that the compiler knows: half the work of a call of memcpy(). */
static void put_record(struct record *to, const struct record *r, bool timing)
{
	to->softirq = r->softirq;
	if (timing)
		to->timing = r->timing;
}

/*
 * Remote memory only: no CPU is interrupted or woken for this. The counts of
 * an offline CPU stand still but are there, as in /proc/softirqs. Nearly all CPUs
 * of the mask are in it: looking at each costs less than to search for the next.
 */
void ktach_softirq_sample(struct ktach_source *source, void *records,
			  size_t stride)
{
	bool timing = source->record_size == sizeof(struct record);
	int cpu, end = source->cpus;
	struct record *r;

	for (cpu = 0; cpu < end; cpu++, records += stride) {
		if (!cpumask_test_cpu(cpu, &source->seen))
			continue;
		r = &last[cpu].record;
		r->softirq.cpu = cpu;
		r->softirq.flags &= ~KTACH_CPU_ONLINE;
		if (cpu_online(cpu))
			r->softirq.flags = KTACH_CPU_ONLINE | KTACH_CPU_SEEN;
		update_counts(&last[cpu], cpu);
		if (timing)
			ktach_softirq_timing_read(&r->timing, cpu);
		put_record(records, r, timing);
	}
}
