// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cpumask.h>
#include <linux/kernel_stat.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/tick.h>
#include <linux/ktach_ring.h>
#include <ktach/source.h>

#include "sample.h"
#include "timing.h"

/* As a reader sees it; without exact times it ends before them. */
struct record {
	struct ktach_cpustat_record stat;
	struct ktach_cpustat_timing timing;
};

static_assert(offsetof(struct record, timing) ==
	      sizeof(struct ktach_cpustat_record));

/* The record that each CPU had last: what the next one must not fall behind. */
static struct record *last;

int ktach_cpustat_sample_init(void)
{
	last = kvcalloc(nr_cpu_ids, sizeof(*last), GFP_KERNEL);
	return last ? 0 : -ENOMEM;
}

void ktach_cpustat_sample_uninit(void)
{
	kvfree(last);
}

/*
 * As /proc/stat does it: where a CPU may stop its tick while it is idle, only
 * the tick's own bookkeeping knows how long it was; -1 says that it is not
 * kept. The second argument stays NULL: with a pointer, some kernels write
 * the other CPU's state.
 */
static u64 idle_ns(const struct kernel_cpustat *stat, int cpu)
{
	u64 us = get_cpu_idle_time_us(cpu, NULL);

	return us == -1ULL ? stat->cpustat[CPUTIME_IDLE] : us * NSEC_PER_USEC;
}

static u64 iowait_ns(const struct kernel_cpustat *stat, int cpu)
{
	u64 us = get_cpu_iowait_time_us(cpu, NULL);

	return us == -1ULL ? stat->cpustat[CPUTIME_IOWAIT] : us * NSEC_PER_USEC;
}

/*
 * Fields are read one by one while their CPU goes on counting, and idle time
 * is an estimate while the CPU sleeps: either can seem to run backwards. Hold
 * the field until the kernel catches up.
 */
static void ratchet(u64 *last_ns, u64 now_ns, u64 *backward)
{
	if (now_ns >= *last_ns)
		*last_ns = now_ns;
	else
		++*backward;
}

static void update_stat(struct ktach_cpustat_record *r, int cpu, u64 *backward)
{
	struct kernel_cpustat stat;
	const u64 *ns = stat.cpustat;

	kcpustat_cpu_fetch(&stat, cpu);
	ratchet(&r->user_ns, ns[CPUTIME_USER], backward);
	ratchet(&r->nice_ns, ns[CPUTIME_NICE], backward);
	ratchet(&r->system_ns, ns[CPUTIME_SYSTEM], backward);
	ratchet(&r->idle_ns, idle_ns(&stat, cpu), backward);
	ratchet(&r->iowait_ns, iowait_ns(&stat, cpu), backward);
	ratchet(&r->irq_ns, ns[CPUTIME_IRQ], backward);
	ratchet(&r->softirq_ns, ns[CPUTIME_SOFTIRQ], backward);
	ratchet(&r->steal_ns, ns[CPUTIME_STEAL], backward);
	ratchet(&r->guest_ns, ns[CPUTIME_GUEST], backward);
	ratchet(&r->guest_nice_ns, ns[CPUTIME_GUEST_NICE], backward);
}

static void update_timing(struct ktach_cpustat_timing *r, int cpu,
			  u64 *backward)
{
	struct ktach_cpustat_timing now;

	if (!ktach_cpustat_timing_read(&now, cpu))
		return;
	ratchet(&r->busy_ns, now.busy_ns, backward);
	ratchet(&r->idle_ns, now.idle_ns, backward);
}

/*
 * Remote memory only: no CPU is interrupted or woken for this. One that goes
 * offline under way is read a last time, which does no harm.
 */
void ktach_cpustat_sample(struct ktach_source *source, void *records,
			  size_t stride)
{
	struct record *r;
	int cpu;

	for_each_cpu(cpu, &source->seen) {
		r = &last[cpu];
		r->stat.cpu = cpu;
		r->stat.flags &= ~KTACH_CPU_ONLINE;
		if (cpu_online(cpu)) {
			r->stat.flags = KTACH_CPU_ONLINE | KTACH_CPU_SEEN;
			update_stat(&r->stat, cpu, &source->backward_events);
			update_timing(&r->timing, cpu,
				      &source->backward_events);
		}
		memcpy(records + cpu * stride, r, source->record_size);
	}
}
