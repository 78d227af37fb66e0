// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/kernel_stat.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/tick.h>
#include <linux/vtime.h>
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
 * struct told - an idle time, as the kernel tells it
 * @ns: what it was at last, without @extra_ns
 * @final_ns: the same, before the CPU went
 * @extra_ns: what of the kernel's was no idle time, or less than 0: what it forgot;
 *	changed while the CPU is on its way back
 */
struct told {
	u64 ns;
	u64 final_ns;
	s64 extra_ns;
};

/**
 * struct last - what a CPU had last
 * @record: what the next one must not fall behind
 * @spell: of sleep or of being awake, in which it was read
 * @asleep: in this spell the time that passes is idle time
 * @settled: in this spell none of it is, nor iowait
 * @went: the CPU is on its way off, and final times are to be taken
 * @is_coming: the CPU is on its way back: its idle times say nothing
 * @went_ns: when they were taken, on its way off; 0: never
 * @off_ns: when the CPU was off, before @went_ns if it has not been since
 * @coming_ns: when it began to come back
 * @off_idle_ns: the kernel's idle time and iowait when it was off
 * @taken_ns: what they are at least once the time off was taken for idle time; 0: it
 *	is not
 * @sampled_ns: time of the last sample, whether the CPU was online then or not
 * @idle: the kernel's idle time
 * @iowait: the same of iowait
 * @since_ns: when @idle was told, or a moment later; of a CPU that is asleep
 */
struct last {
	struct record record;
	u32 spell;
	bool asleep;
	bool settled;
	bool went;
	bool is_coming;
	u64 went_ns;
	u64 off_ns;
	u64 coming_ns;
	u64 off_idle_ns;
	u64 taken_ns;
	u64 sampled_ns;
	struct told idle;
	struct told iowait;
	u64 since_ns;
};

static struct last *last;

/* What the tick counts, of kernels or CPUs whose tick does not stop. */
static u64 counted_ns(int cpu, enum cpu_usage_stat which)
{
	struct kernel_cpustat stat;

	kcpustat_cpu_fetch(&stat, cpu);
	return stat.cpustat[which];
}

/*
 * As /proc/stat does it: where a CPU may stop its tick while it is idle, only
 * the tick's own bookkeeping knows how long it was; -1 says that it is not
 * kept. The second argument stays NULL: with a pointer, some kernels write
 * the other CPU's state.
 */
static u64 idle_ns(int cpu)
{
	u64 us = get_cpu_idle_time_us(cpu, NULL);

	return us == -1ULL ? counted_ns(cpu, CPUTIME_IDLE) : us * NSEC_PER_USEC;
}

static u64 iowait_ns(int cpu)
{
	u64 us = get_cpu_iowait_time_us(cpu, NULL);

	return us == -1ULL ? counted_ns(cpu, CPUTIME_IOWAIT) :
			     us * NSEC_PER_USEC;
}

static u64 idle_and_iowait_ns(int cpu)
{
	return idle_ns(cpu) + iowait_ns(cpu);
}

static u64 without_extra(const struct told *told, u64 kernel_ns)
{
	return kernel_ns - READ_ONCE(told->extra_ns);
}

/*
 * A CPU that goes offline is on its way to be idle. Until it next is, the kernel
 * takes all the time that it was off for idle time; if an interrupt comes first,
 * for good. Which of the two it was is known when the CPU runs a thread again.
 *
 *	went    off             coming           up
 *	--|------|-----------------|--------------|----> time
 *	  may be idle   it is off     may be idle
 *
 * The hotplug thread of the CPU, on it: samples are made meanwhile.
 */
static int on_cpu_down(unsigned int cpu)
{
	struct last *l = &last[cpu];

	l->idle.final_ns = without_extra(&l->idle, idle_ns(cpu));
	l->iowait.final_ns = without_extra(&l->iowait, iowait_ns(cpu));
	l->went_ns = ktime_get_ns();
	/* Pairs with take_final(). */
	smp_store_release(&l->went, true);
	return 0;
}

/* It did go off, and was not called back on its way. */
static bool was_off(const struct last *l)
{
	return l->went_ns && l->off_ns >= l->went_ns;
}

/*
 * The hotplug thread of another CPU, when this one is off: no sample reads it any
 * more. Also when it does not come: it was off all the time then.
 */
static int on_cpu_off(unsigned int cpu)
{
	struct last *l = &last[cpu];

	if (!l->went_ns || was_off(l))
		return 0;
	l->off_ns = ktime_get_ns();
	l->off_idle_ns = idle_and_iowait_ns(cpu);
	l->idle.final_ns = max(l->idle.final_ns, READ_ONCE(l->idle.ns));
	l->iowait.final_ns = max(l->iowait.final_ns, READ_ONCE(l->iowait.ns));
	return 0;
}

/*
 * The hotplug thread of another CPU, before this one comes: it is in no sample. Either
 * the kernel's idle time has gone on with the clock, and that may be taken back when the
 * CPU is here; or it has stood still.
 */
static int on_cpu_coming(unsigned int cpu)
{
	struct last *l = &last[cpu];
	u64 ns = idle_and_iowait_ns(cpu);

	l->coming_ns = ktime_get_ns();
	l->taken_ns = 0;
	if (ns > l->off_idle_ns + (l->coming_ns - l->off_ns) / 2)
		l->taken_ns = ns;
	WRITE_ONCE(l->is_coming, true);
	return 0;
}

static s64 gained_ns(const struct told *told, u64 kernel_ns)
{
	return (s64)(without_extra(told, kernel_ns) - told->final_ns);
}

/* Some kernels begin again from 0 when a CPU comes back. */
static void leave_out(struct told *told, s64 gained_ns, bool is_idle)
{
	if (gained_ns < 0 || !is_idle)
		WRITE_ONCE(told->extra_ns, told->extra_ns + gained_ns);
}

/*
 * A gain since the CPU went is idle time only if that much time has passed without the
 * time off. Where CPUs take long to go and to come, that says little; but a gain that
 * is without the time off is less than what it was when the CPU began to come.
 */
static bool is_idle_time(const struct last *l, s64 gained_ns, u64 kernel_ns)
{
	s64 ran_ns = ktime_get_ns() - l->coming_ns + l->off_ns - l->went_ns;

	return gained_ns <= ran_ns && (!l->taken_ns || kernel_ns < l->taken_ns);
}

/*
 * The hotplug thread of the CPU, on it: it is not idle, so that what the kernel
 * says is no estimate, and nothing of it is taken back. All that was gained is
 * idle time, or nothing of it.
 */
static int on_cpu_up(unsigned int cpu)
{
	struct last *l = &last[cpu];
	s64 idle, iowait;
	bool is_idle;

	if (was_off(l)) {
		idle = gained_ns(&l->idle, idle_ns(cpu));
		iowait = gained_ns(&l->iowait, iowait_ns(cpu));
		is_idle =
			is_idle_time(l, idle + iowait, idle_and_iowait_ns(cpu));
		leave_out(&l->idle, idle, is_idle);
		leave_out(&l->iowait, iowait, is_idle);
	}
	/* Pairs with read_idle(). */
	smp_store_release(&l->is_coming, false);
	return 0;
}

static int coming_state, up_state;

/* Both or none: a CPU of which only the first is heard stays on its way back. */
static int set_up_states(void)
{
	int state;

	state = cpuhp_setup_state_nocalls_cpuslocked(CPUHP_BP_PREPARE_DYN,
						     "ktach/cpustat:prepare",
						     on_cpu_coming, on_cpu_off);
	if (state < 0)
		return state;
	coming_state = state;
	state = cpuhp_setup_state_nocalls_cpuslocked(CPUHP_AP_ONLINE_DYN,
						     "ktach/cpustat:online",
						     on_cpu_up, on_cpu_down);
	if (state < 0) {
		cpuhp_remove_state_nocalls_cpuslocked(coming_state);
		return state;
	}
	up_state = state;
	return 0;
}

int ktach_cpustat_sample_init(void)
{
	int err;

	last = kvcalloc(nr_cpu_ids, sizeof(*last), GFP_KERNEL);
	if (!last)
		return -ENOMEM;
	cpus_read_lock();
	err = set_up_states();
	cpus_read_unlock();
	if (err)
		kvfree(last);
	return err;
}

void ktach_cpustat_sample_uninit(void)
{
	cpuhp_remove_state_nocalls(up_state);
	cpuhp_remove_state_nocalls(coming_state);
	kvfree(last);
}

/*
 * Fields are read one by one while their CPU goes on counting, and idle time
 * is an estimate while the CPU sleeps: either can seem to run backwards. Hold
 * the field until the kernel catches up.
 */
static __always_inline void ratchet(u64 *last_ns, u64 now_ns, u64 *backward)
{
	if (now_ns >= *last_ns)
		*last_ns = now_ns;
	else
		++*backward;
}

/*
 * The same for a time of which no more than @most_ns can have passed; what is
 * more the kernel may still take back. If it does not, the rest follows.
 */
static void ratchet_within(u64 *last_ns, u64 now_ns, u64 most_ns, u64 *backward)
{
	if (now_ns > *last_ns && now_ns - *last_ns > most_ns)
		now_ns = *last_ns + most_ns;
	ratchet(last_ns, now_ns, backward);
}

static void publish_idle(struct last *l, u64 most_ns, u64 *backward)
{
	struct ktach_cpustat_record *r = &l->record.stat;

	ratchet_within(&r->idle_ns, l->idle.ns, most_ns, backward);
	ratchet_within(&r->iowait_ns, l->iowait.ns, most_ns, backward);
}

/* True if they are known, and the record has all of them. */
static bool read_idle(struct last *l, int cpu, u64 most_ns, u64 *backward)
{
	struct ktach_cpustat_record *r = &l->record.stat;

	/* Pairs with on_cpu_up(). */
	if (smp_load_acquire(&l->is_coming))
		return false;
	l->idle.ns = without_extra(&l->idle, idle_ns(cpu));
	l->iowait.ns = without_extra(&l->iowait, iowait_ns(cpu));
	if (!(r->flags & KTACH_CPU_SEEN))
		most_ns = U64_MAX;
	publish_idle(l, most_ns, backward);
	r->flags |= KTACH_CPU_SEEN;
	return r->idle_ns == l->idle.ns && r->iowait_ns == l->iowait.ns;
}

/* What the CPU had when it went, unless that is known already. */
static noinline void take_final(struct last *l)
{
	WRITE_ONCE(l->went, false);
	l->idle.ns = max(l->idle.ns, l->idle.final_ns);
	l->iowait.ns = max(l->iowait.ns, l->iowait.final_ns);
	l->asleep = false;
	l->settled = false;
}

static bool counts_late(int cpu)
{
#ifdef CONFIG_VIRT_CPU_ACCOUNTING_GEN
	return vtime_accounting_enabled_cpu(cpu);
#else
	return false;
#endif
}

/* All but idle and iowait. */
static __always_inline void keep_times(struct ktach_cpustat_record *r,
				       const u64 *ns, u64 *backward)
{
	ratchet(&r->user_ns, READ_ONCE(ns[CPUTIME_USER]), backward);
	ratchet(&r->nice_ns, READ_ONCE(ns[CPUTIME_NICE]), backward);
	ratchet(&r->system_ns, READ_ONCE(ns[CPUTIME_SYSTEM]), backward);
	ratchet(&r->irq_ns, READ_ONCE(ns[CPUTIME_IRQ]), backward);
	ratchet(&r->softirq_ns, READ_ONCE(ns[CPUTIME_SOFTIRQ]), backward);
	ratchet(&r->steal_ns, READ_ONCE(ns[CPUTIME_STEAL]), backward);
	ratchet(&r->guest_ns, READ_ONCE(ns[CPUTIME_GUEST]), backward);
	ratchet(&r->guest_nice_ns, READ_ONCE(ns[CPUTIME_GUEST_NICE]), backward);
}

static noinline void fetch_times(struct ktach_cpustat_record *r, int cpu,
				 u64 *backward)
{
	struct kernel_cpustat stat;

	kcpustat_cpu_fetch(&stat, cpu);
	keep_times(r, stat.cpustat, backward);
}

/*
 * From the CPU's own memory, without a copy between; but CPUs of nohz_full= have
 * times that are not counted there yet.
 */
static __always_inline void read_times(struct ktach_cpustat_record *r, int cpu,
				       u64 *backward)
{
	if (counts_late(cpu))
		fetch_times(r, cpu, backward);
	else
		keep_times(r, kcpustat_cpu(cpu).cpustat, backward);
}

/*
 * Two looks in a row at a CPU in the same spell settle what its idle times are going
 * to do as long as it lasts. One that sleeps adds to one of them, and if that was seen
 * to be idle time, it stays so. One that is awake adds to neither, once it has
 * added what it slept before: in its first moments that is still an estimate.
 */
static noinline void look_at_idle(struct last *l, int cpu, bool sleeps,
				  bool goes_on, u64 most_ns, u64 *backward)
{
	u64 idle_ns = l->idle.ns, iowait_ns = l->iowait.ns;
	bool all = read_idle(l, cpu, most_ns, backward);

	l->asleep = goes_on && sleeps && l->idle.ns > idle_ns;
	if (l->asleep)
		l->since_ns = ktime_get_ns();
	l->settled = goes_on && !sleeps && all && l->idle.ns == idle_ns &&
		     l->iowait.ns == iowait_ns;
}

/*
 * A CPU that sleeps on since it was read: of all its times only idle or iowait
 * moves. It is iowait while a task that slept there waits for I/O; none can
 * begin to before the CPU wakes. So once idle time was seen to move in a spell,
 * it moves with the clock till the spell's end. What is added is never too much:
 * idle time was read before @since_ns.
 */
static __always_inline void update_stat(struct last *l, int cpu, u64 now_ns,
					u64 *backward)
{
	u64 most_ns = now_ns - l->sampled_ns;
	bool sleeps, goes_on;
	u32 spell = ktach_idle_spell(cpu, &sleeps);

	goes_on = spell && spell == l->spell;
	l->sampled_ns = now_ns;
	if (goes_on && l->asleep) {
		l->idle.ns += now_ns - l->since_ns;
		l->since_ns = now_ns;
		ratchet_within(&l->record.stat.idle_ns, l->idle.ns, most_ns,
			       backward);
		return;
	}
	l->spell = spell;
	read_times(&l->record.stat, cpu, backward);
	if (!goes_on || !l->settled)
		look_at_idle(l, cpu, sleeps, goes_on, most_ns, backward);
}

/* The final times; once they are there nothing moves. */
static noinline void update_offline(struct last *l, u64 now_ns)
{
	u64 held = 0;

	if (l->record.stat.flags & KTACH_CPU_SEEN)
		publish_idle(l, now_ns - l->sampled_ns, &held);
	l->sampled_ns = now_ns;
}

static noinline void update_timing(struct ktach_cpustat_timing *r, int cpu,
				   u64 *backward)
{
	struct ktach_cpustat_timing now;

	if (!ktach_cpustat_timing_read(&now, cpu))
		return;
	ratchet(&r->busy_ns, now.busy_ns, backward);
	ratchet(&r->idle_ns, now.idle_ns, backward);
}

/* Sizes that the compiler knows: half the work of a call of memcpy(). */
static __always_inline void put_record(struct record *to,
				       const struct record *r, bool timing)
{
	to->stat = r->stat;
	if (timing)
		to->timing = r->timing;
}

/* A CPU whose idle time was never to be believed has not been seen online. */
static __always_inline void update_record(struct last *l, int cpu, u64 now_ns,
					  bool timing, u64 *backward)
{
	struct ktach_cpustat_record *r = &l->record.stat;

	r->cpu = cpu;
	r->flags &= ~KTACH_CPU_ONLINE;
	/* Pairs with on_cpu_down(). */
	if (unlikely(smp_load_acquire(&l->went)))
		take_final(l);
	if (unlikely(!cpu_online(cpu))) {
		update_offline(l, now_ns);
		return;
	}
	update_stat(l, cpu, now_ns, backward);
	if (r->flags & KTACH_CPU_SEEN)
		r->flags |= KTACH_CPU_ONLINE;
	if (timing)
		update_timing(&l->record.timing, cpu, backward);
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
	int cpu, end = source->cpus;
	u64 now_ns = source->now_ns, backward = 0;
	struct last *l = last;

	for (cpu = 0; cpu < end; cpu++, l++, records += stride) {
		if (!cpumask_test_cpu(cpu, &source->seen))
			continue;
		/* Other CPUs write it: it is a long way off. */
		prefetch(&kcpustat_cpu(cpu + 1 < end ? cpu + 1 : cpu));
		update_record(l, cpu, now_ns, timing, &backward);
		if (l->record.stat.flags & KTACH_CPU_SEEN)
			put_record(records, &l->record, timing);
	}
	source->backward_events += backward;
}
