/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The idle times of a CPU, as /proc/stat has them, and what becomes of them when the
 * CPU is off for a while; as kmod/cpustat/sample.c does both.
 */
#ifndef KTACH_BPF_RING_IDLE_H
#define KTACH_BPF_RING_IDLE_H

#include "kernel_cpu.h"
#include "ring_maps.h"
#include "ring_order.h"

/**
 * struct idleness - a CPU's
 * @is_idle: it idles since @since_ns, which is not counted yet
 * @waits: a task that slept there waits for I/O: what is not counted is iowait
 */
struct idleness {
	bool is_idle;
	bool waits;
	__u64 since_ns;
	__u64 idle_ns;
	__u64 iowait_ns;
};

/* until 6.8 */
static __always_inline bool has_bits(void)
{
	return bpf_core_field_exists(((struct tick_sched___bits *)0)->nohz_mode);
}

/*
 * Where a CPU may stop its tick while it is idle, only the tick's own bookkeeping
 * knows how long it was. What is counted is read first: a CPU that wakes meanwhile
 * has a little less then, not a spell twice. That holds for the compiler and x86;
 * where loads or the kernel's own stores pass each other, what is too much is at most
 * the time since the last sample, and the ratchet holds it until that has passed.
 */
static __always_inline void read_tick(struct idleness *i,
				      const struct tick_sched *tick)
{
	const struct tick_sched___bits *bits = (const void *)tick;
	__u64 idle_ns = tick->idle_sleeptime, iowait_ns = tick->iowait_sleeptime;
	struct sampling *s = GET(samplings);
	bool nohz;

	barrier();
	i->since_ns = tick->idle_entrytime;
	barrier();
	if (has_bits()) {
		nohz = bits->nohz_mode;
		i->is_idle = BPF_CORE_READ_BITFIELD(bits, idle_active);
	} else {
		nohz = tick->flags & TS_FLAG_NOHZ;
		i->is_idle = tick->flags & TS_FLAG_IDLE_ACTIVE;
	}
	if (!s)
		return;
	/* Once one CPU does it, all do: one that comes does later. */
	if (nohz && !s->nohz)
		s->nohz = true;
	if (s->nohz) {
		i->idle_ns = idle_ns;
		i->iowait_ns = iowait_ns;
	} else {
		i->is_idle = false;
	}
}

static __always_inline bool read_idleness(struct idleness *i, __u32 cpu)
{
	const struct kernel_cpustat *stat;
	const struct tick_sched *tick;
	const struct rq *rq;

	stat = bpf_per_cpu_ptr(&kernel_cpustat, cpu);
	tick = bpf_per_cpu_ptr(&tick_cpu_sched, cpu);
	rq = bpf_per_cpu_ptr(&runqueues, cpu);
	if (!stat || !tick || !rq)
		return false;
	i->waits = rq->nr_iowait.counter;
	i->idle_ns = stat->cpustat[CPUTIME_IDLE];
	i->iowait_ns = stat->cpustat[CPUTIME_IOWAIT];
	barrier();
	if (bpf_core_field_exists(stat->idle_elapse)) {
		i->since_ns = stat->idle_entrytime;
		barrier();
		i->is_idle = stat->idle_elapse;
	} else {
		read_tick(i, tick);
	}
	return true;
}

/* As of @now_ns. */
static __always_inline void add_present(struct idleness *i, __u64 now_ns)
{
	__u64 ns = now_ns - i->since_ns;

	if (!i->is_idle || now_ns < i->since_ns)
		return;
	if (i->waits)
		i->iowait_ns += ns;
	else
		i->idle_ns += ns;
}

#endif /* KTACH_BPF_RING_IDLE_H */
