/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The times of a CPU, as kmod/cpustat/sample.c has them: none runs backwards, and a
 * step of idle time is never longer than the time since the last sample.
 */
#ifndef KTACH_BPF_RING_TIMES_H
#define KTACH_BPF_RING_TIMES_H

#include "ring_idle.h"

static __always_inline void ratchet(__u64 *last_ns, __u64 now_ns,
				    __u64 *backward)
{
	if (now_ns >= *last_ns)
		*last_ns = now_ns;
	else
		++*backward;
}

/* What is more than @most_ns the kernel may still take back; if it does not, the
 * rest follows.
 */
static __always_inline void ratchet_within(__u64 *last_ns, __u64 now_ns,
					   __u64 most_ns, __u64 *backward)
{
	if (now_ns > *last_ns && now_ns - *last_ns > most_ns)
		now_ns = *last_ns + most_ns;
	ratchet(last_ns, now_ns, backward);
}

static __always_inline void publish_idle(struct ring_last *l, __u64 most_ns,
					 __u64 *backward)
{
	ratchet_within(&l->record.stat.idle_ns, l->idle.ns, most_ns, backward);
	ratchet_within(&l->record.stat.iowait_ns, l->iowait.ns, most_ns,
		       backward);
}

static __always_inline void update_idle(struct ring_last *l, __u32 cpu,
					struct sampling *s, __u64 most_ns)
{
	struct ktach_cpustat_record *r = &l->record.stat;
	struct idleness i;

	/* Pairs with on_cpu_up(). */
	if (load_ordered(&l->is_coming) || !read_idleness(&i, cpu))
		return;
	add_present(&i, s->mono_ns);
	l->idle.ns = i.idle_ns - l->idle.extra_ns;
	l->iowait.ns = i.iowait_ns - l->iowait.extra_ns;
	if (!(r->flags & KTACH_CPU_SEEN))
		most_ns = ~0ULL;
	publish_idle(l, most_ns, &s->backward);
	r->flags |= KTACH_CPU_SEEN;
}

/* What the CPU had when it went, unless that is known already. */
static __always_inline void take_final(struct ring_last *l)
{
	if (!l->went || !load_ordered(&l->went))
		return;
	l->went = 0;
	if (l->idle.final_ns > l->idle.ns)
		l->idle.ns = l->idle.final_ns;
	if (l->iowait.final_ns > l->iowait.ns)
		l->iowait.ns = l->iowait.final_ns;
}

static __always_inline void update_times(struct ring_last *l, __u32 cpu,
					 struct sampling *s, __u64 most_ns)
{
	struct ktach_cpustat_record *r = &l->record.stat;
	const struct kernel_cpustat *stat;
	__u64 *held = &s->backward;

	stat = bpf_per_cpu_ptr(&kernel_cpustat, cpu);
	if (!stat)
		return;
	ratchet(&r->user_ns, stat->cpustat[CPUTIME_USER], held);
	ratchet(&r->nice_ns, stat->cpustat[CPUTIME_NICE], held);
	ratchet(&r->system_ns, stat->cpustat[CPUTIME_SYSTEM], held);
	update_idle(l, cpu, s, most_ns);
	ratchet(&r->irq_ns, stat->cpustat[CPUTIME_IRQ], held);
	ratchet(&r->softirq_ns, stat->cpustat[CPUTIME_SOFTIRQ], held);
	ratchet(&r->steal_ns, stat->cpustat[CPUTIME_STEAL], held);
	ratchet(&r->guest_ns, stat->cpustat[CPUTIME_GUEST], held);
	ratchet(&r->guest_nice_ns, stat->cpustat[CPUTIME_GUEST_NICE], held);
}

/* Once the final times are there nothing of an offline CPU moves. A CPU whose idle
 * time was never to be believed has not been seen online.
 */
static __always_inline void sample_times(struct ring_last *l, __u32 cpu,
					 bool online, struct sampling *s)
{
	struct ktach_cpustat_record *r = &l->record.stat;
	__u64 most_ns = s->mono_ns - s->before_ns, held = 0;

	r->cpu = cpu;
	r->flags &= ~KTACH_CPU_ONLINE;
	take_final(l);
	if (online)
		update_times(l, cpu, s, most_ns);
	else if (r->flags & KTACH_CPU_SEEN)
		publish_idle(l, most_ns, &held);
	if (online && r->flags & KTACH_CPU_SEEN)
		r->flags |= KTACH_CPU_ONLINE;
}

/*
 * A CPU that goes offline is on its way to be idle. Until it next is, the kernel
 * takes all the time that it was off for idle time; if an interrupt comes first,
 * for good. Which of the two it was is known when the CPU runs a thread again. The
 * four steps of its way, each with the thread that runs it:
 */

/* That of the CPU, on it: samples are made meanwhile. */
static __always_inline void on_cpu_down(struct ring_last *l, __u32 cpu)
{
	struct idleness i;

	if (!read_idleness(&i, cpu))
		return;
	add_present(&i, bpf_ktime_get_ns());
	l->idle.final_ns = i.idle_ns - l->idle.extra_ns;
	l->iowait.final_ns = i.iowait_ns - l->iowait.extra_ns;
	l->went_ns = bpf_ktime_get_ns();
	/* Pairs with take_final(). */
	store_ordered(&l->went, 1);
}

/* It did go off, and was not called back on its way. */
static __always_inline bool was_off(const struct ring_last *l)
{
	return l->went_ns && l->off_ns >= l->went_ns;
}

/* Another's, when it is off: no sample reads it any more. */
static __always_inline void on_cpu_off(struct ring_last *l)
{
	if (!l->went_ns || was_off(l))
		return;
	l->off_ns = bpf_ktime_get_ns();
	if (l->idle.ns > l->idle.final_ns)
		l->idle.final_ns = l->idle.ns;
	if (l->iowait.ns > l->iowait.final_ns)
		l->iowait.final_ns = l->iowait.ns;
}

/* Another's, before the CPU comes: is it idle, as far as the kernel knows? */
static __always_inline void on_cpu_coming(struct ring_last *l, __u32 cpu)
{
	struct idleness i;

	l->coming_ns = bpf_ktime_get_ns();
	l->taken_ns = 0;
	if (read_idleness(&i, cpu) && i.is_idle) {
		add_present(&i, l->coming_ns);
		l->taken_ns = i.idle_ns + i.iowait_ns;
	}
	store_ordered(&l->is_coming, 1);
}

/* Some kernels begin again from 0 when a CPU comes back. */
static __always_inline void leave_out(struct ring_told *told, __s64 gained_ns,
				      bool is_idle)
{
	if (gained_ns < 0 || !is_idle)
		told->extra_ns += gained_ns;
}

/*
 * A gain since the CPU went is idle time only if that much time has passed without the
 * time off, and if it is less than what it was when the CPU began to come.
 */
static __always_inline bool is_idle_time(const struct ring_last *l,
					 __s64 gained_ns, __u64 kernel_ns)
{
	__s64 ran_ns =
		bpf_ktime_get_ns() - l->coming_ns + l->off_ns - l->went_ns;

	return gained_ns <= ran_ns && (!l->taken_ns || kernel_ns < l->taken_ns);
}

/*
 * That of the CPU, on it: it is not idle, so that what the kernel says is no
 * estimate. All that was gained since the CPU went is idle time, or nothing of it.
 */
static __always_inline void on_cpu_up(struct ring_last *l, __u32 cpu)
{
	struct idleness i;
	__s64 idle, iowait;
	bool is_idle;

	if (was_off(l) && read_idleness(&i, cpu)) {
		idle = i.idle_ns - l->idle.extra_ns - l->idle.final_ns;
		iowait = i.iowait_ns - l->iowait.extra_ns - l->iowait.final_ns;
		is_idle =
			is_idle_time(l, idle + iowait, i.idle_ns + i.iowait_ns);
		leave_out(&l->idle, idle, is_idle);
		leave_out(&l->iowait, iowait, is_idle);
	}
	/* Pairs with update_idle(). */
	store_ordered(&l->is_coming, 0);
}

#endif /* KTACH_BPF_RING_TIMES_H */
