// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cpumask.h>
#include <linux/kernel_stat.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/tick.h>
#include <linux/ktach_ring.h>
#include <ktach/idle.h>
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

/**
 * struct last - what a CPU had last
 * @record: what the next one must not fall behind
 * @spell: of idleness, in which it was read
 * @since_ns: when idle_ns was read, or a moment later
 * @asleep: in this spell the time that passes is idle time
 */
struct last {
	struct record record;
	u32 spell;
	bool asleep;
	u64 since_ns;
};

static struct last *last;

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

static void read_stat(struct ktach_cpustat_record *r, int cpu, u64 *backward)
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

/*
 * A CPU that sleeps on since it was read: of all its times only idle or iowait
 * moves. It is iowait while a task that slept there waits for I/O; none can
 * begin to before the CPU wakes. So once idle time was seen to move in a spell,
 * it moves with the clock till the spell's end. What is added is never too much:
 * idle time was read before @since_ns.
 */
static void update_stat(struct last *l, int cpu, u64 now_ns, u64 *backward)
{
	struct ktach_cpustat_record *r = &l->record.stat;
	u32 spell = ktach_idle_spell(cpu);
	bool sleeps_on = spell && spell == l->spell;
	u64 idle_ns = r->idle_ns;

	if (sleeps_on && l->asleep) {
		r->idle_ns += now_ns - l->since_ns;
		l->since_ns = now_ns;
		return;
	}
	read_stat(r, cpu, backward);
	l->spell = spell;
	l->asleep = sleeps_on && r->idle_ns > idle_ns;
	if (l->asleep)
		l->since_ns = ktime_get_ns();
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

/* Sizes that the compiler knows: half the work of a call of memcpy(). */
static void put_record(struct record *to, const struct record *r, bool timing)
{
	to->stat = r->stat;
	if (timing)
		to->timing = r->timing;
}

/*
 * Remote memory only: no CPU is interrupted or woken for this. One that goes
 * offline under way is read a last time, which does no harm. Nearly all CPUs of
 * the mask are in it: looking at each costs less than to search for the next.
 */
void ktach_cpustat_sample(struct ktach_source *source, void *records,
			  size_t stride)
{
	bool timing = source->record_size == sizeof(struct record);
	int cpu, end = cpumask_last(&source->seen) + 1;
	u64 now_ns = ktime_get_ns();
	struct record *r;

	for (cpu = 0; cpu < end; cpu++, records += stride) {
		if (!cpumask_test_cpu(cpu, &source->seen))
			continue;
		r = &last[cpu].record;
		r->stat.cpu = cpu;
		r->stat.flags &= ~KTACH_CPU_ONLINE;
		if (cpu_online(cpu)) {
			r->stat.flags = KTACH_CPU_ONLINE | KTACH_CPU_SEEN;
			update_stat(&last[cpu], cpu, now_ns,
				    &source->backward_events);
			if (timing)
				update_timing(&r->timing, cpu,
					      &source->backward_events);
		}
		put_record(records, r, timing);
	}
}
