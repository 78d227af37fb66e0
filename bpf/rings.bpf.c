// SPDX-License-Identifier: GPL-2.0-only
/*
 * A ring of linux/ktach_ring.h without a module: a timer reads what the kernel counts
 * of each CPU and publishes it in an array that its readers map.
 */
#include <stdbool.h>
#include <stddef.h>

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "ring_maps.h"
#include "ring_timing.h"

char LICENSE[] SEC("license") = "GPL";

enum {
	CLOCK_MONOTONIC = 1,
	LEAD_MAX_NS = 1000000,
	CALLBACK_CPUS = 128, /* looked at; the rest in the next one */
	CALLBACK_PAUSE_NS = 100000,
};

/* --- the ring ---------------------------------------------------------------- */

/* The part that changes, behind the one that does not. */
struct ring_state {
	__u64 head;
	__u64 period_ns;
	__u64 missed;
	__u64 fill_ns_last;
	__u64 fill_ns_max;
	__u64 backward_events;
	__u32 state;
	__u32 records_seen;
};

#define SAME_PLACE(member)                                                  \
	_Static_assert(offsetof(struct ktach_ring_header, member) ==        \
			       RING_CELL +                                  \
				       offsetof(struct ring_state, member), \
		       "as linux/ktach_ring.h has it")

SAME_PLACE(head);
SAME_PLACE(period_ns);
SAME_PLACE(missed);
SAME_PLACE(fill_ns_last);
SAME_PLACE(fill_ns_max);
SAME_PLACE(backward_events);
SAME_PLACE(state);
SAME_PLACE(records_seen);

static __always_inline struct ring_state *state_get(void)
{
	__u32 key = cell_size == RING_CELL ? 1 : 0;
	void *cell = bpf_map_lookup_elem(&ring, &key);

	if (!cell)
		return NULL;
	return cell + (cell_size == RING_CELL ? 0 : RING_CELL);
}

static __always_inline void *slot_cell(__u64 number, __u32 cell)
{
	__u32 key = (RING_HEADER + cell_size - 1) / cell_size +
		    (number & (slots - 1)) * (RING_CELL_RECORDS + records) +
		    cell;

	return bpf_map_lookup_elem(&ring, &key);
}

static __always_inline void begin_slot(const struct sampling *s, __u64 missed)
{
	struct ktach_slot *slot = slot_cell(s->number, 0);
	struct ring_control *c = GET(control);

	if (!slot || !c)
		return;
	/* Nothing new under the old sequence: pairs with a reader's barrier. */
	store_ordered(&slot->sequence, 2 * s->number - 1);
	slot->mono_ns = s->mono_ns;
	slot->real_ns = bpf_ktime_get_tai_ns() - c->tai_offset_ns -
			(bpf_ktime_get_ns() - s->mono_ns);
	slot->missed = missed;
}

static __always_inline void commit_slot(const struct sampling *s,
					struct ring_state *h)
{
	struct ktach_slot *slot = slot_cell(s->number, 0);

	if (!slot)
		return;
	/* First the sample, then its number, then the new head. */
	store_ordered(&slot->sequence, 2 * s->number);
	store_ordered(&h->head, s->number);
}

/* --- a sample ---------------------------------------------------------------- */

static __always_inline bool is_online(__u32 cpu)
{
	const struct cpuhp_cpu_state *c = bpf_per_cpu_ptr(&cpuhp_state, cpu);

	return c && c->state >= CPUHP(CPUHP_AP_ONLINE);
}

/* The kernel counts in 32 bits, which are widened: no period is long enough for a
 * counter to wrap twice. The counts of an offline CPU stand still but are there.
 */
static __always_inline void sample_softirqs(struct ring_last *l, __u32 cpu,
					    bool online)
{
	const struct kernel_stat *counts = bpf_per_cpu_ptr(&kstat, cpu);
	struct ktach_softirq_record *r = &l->record.softirq;
	int i;

	if (!counts)
		return;
	r->cpu = cpu;
	r->flags &= ~KTACH_CPU_ONLINE;
	if (online)
		r->flags = KTACH_CPU_ONLINE | KTACH_CPU_SEEN;
#pragma unroll
	for (i = 0; i < KTACH_SOFTIRQ_VECTORS; i++)
		r->count[i] += counts->softirqs[i] - (__u32)r->count[i];
}

static __always_inline void put_record(const struct sampling *s, __u32 cpu,
				       const struct ring_last *l)
{
	union ring_record *to = slot_cell(s->number, RING_CELL_RECORDS + cpu);

	if (!to)
		return;
	if (kind == KTACH_RING_CPUSTAT)
		to->stat = l->record.stat;
	else
		to->softirq = l->record.softirq;
	if (timing && kind == KTACH_RING_CPUSTAT)
		to->stat_timing = l->record.stat_timing;
	else if (timing)
		to->softirq_timing = l->record.softirq_timing;
}

static long sample_next(__u32 index, void *context)
{
	struct sampling *s = GET(samplings);
	struct ring_control *c = GET(control);
	struct ring_last *l;
	__u32 cpu;
	bool online;

	if (!s || !c || s->next_cpu >= records || s->next_cpu >= c->cpus_end)
		return 1;
	cpu = s->next_cpu++;
	l = bpf_map_lookup_elem(&lasts, &cpu);
	if (!l || !l->known)
		return 0;
	online = is_online(cpu);
	if (kind == KTACH_RING_CPUSTAT)
		sample_times(l, cpu, online, s);
	else
		sample_softirqs(l, cpu, online);
	if (timing && kind == KTACH_RING_CPUSTAT && online)
		sample_busy(l, cpu, &s->backward);
	else if (timing && kind == KTACH_RING_SOFTIRQ)
		sample_runs(l, cpu);
	if (l->record.head.flags & KTACH_CPU_SEEN)
		put_record(s, cpu, l);
	return 0;
}

/* --- ticks ------------------------------------------------------------------- */

/* A little before the multiples of the period, which is when readers come. */
static __always_inline __u64 lead_ns(__u64 period_ns)
{
	return period_ns / 8 < LEAD_MAX_NS ? period_ns / 8 : LEAD_MAX_NS;
}

/* One that came late is of the multiple that it is nearest to. */
static __always_inline void sample_begin(struct sampling *s,
					 struct ring_state *h, __u64 now_ns,
					 __u64 period_ns)
{
	__u64 tick = (now_ns + period_ns / 2) / period_ns;

	if (s->period_ns == period_ns && s->tick && tick > s->tick + 1)
		h->missed += tick - s->tick - 1;
	h->period_ns = period_ns;
	s->period_ns = period_ns;
	s->tick = tick;
	s->before_ns = s->mono_ns;
	s->mono_ns = now_ns;
	s->number = h->head + 1;
	s->cost_ns = 0;
	s->next_cpu = 0;
	s->is_under_way = true;
	begin_slot(s, h->missed);
}

static __always_inline void sample_end(struct sampling *s, struct ring_state *h)
{
	struct ring_control *c = GET(control);

	h->fill_ns_last = s->cost_ns;
	if (s->cost_ns > h->fill_ns_max)
		h->fill_ns_max = s->cost_ns;
	h->backward_events = s->backward;
	if (c)
		h->records_seen = c->cpus_end < records ? c->cpus_end : records;
	commit_slot(s, h);
	s->is_under_way = false;
}

/* Until the next multiple that no sample is of. */
static __always_inline __u64 away_ns(const struct sampling *s, __u64 period_ns)
{
	__u64 ahead_ns = bpf_ktime_get_ns() + lead_ns(period_ns);
	__u64 tick = ahead_ns / period_ns + 1;

	if (s->period_ns == period_ns && tick <= s->tick)
		tick = s->tick + 1;
	return tick * period_ns - ahead_ns;
}

/*
 * Softirq: as long as this runs, nothing else does on this CPU. So a sample of many
 * CPUs is as many callbacks as it takes. A timer's function never runs on two
 * CPUs at once, and it starts itself again only at its end: whatever it writes has
 * a single writer.
 */
static int tick(void *map, int *key, struct ticker *timer)
{
	__u64 now_ns = bpf_ktime_get_ns(), period_ns, next_ns;
	struct sampling *s = GET(samplings);
	struct ring_control *c = GET(control);
	struct ring_state *h = state_get();

	if (!h || !s || !c)
		return 0;
	period_ns = *(volatile __u64 *)&c->period_ns;
	if (!period_ns)
		return 0;
	if (!s->is_under_way)
		sample_begin(s, h, now_ns, period_ns);
	bpf_loop(CALLBACK_CPUS, sample_next, NULL, 0);
	s->cost_ns += bpf_ktime_get_ns() - now_ns;
	next_ns = CALLBACK_PAUSE_NS;
	if (s->next_cpu >= records || s->next_cpu >= c->cpus_end) {
		sample_end(s, h);
		next_ns = away_ns(s, period_ns);
	}
	bpf_timer_start(&timer->timer, next_ns, 0);
	return 0;
}

/* Run by user space: once the header is written, and after the period was changed.
 * Returns 0 or -errno.
 */
SEC("syscall")
int ktach_start(void *context)
{
	struct ring_control *c = GET(control);
	struct sampling *s = GET(samplings);
	struct ticker *t = GET(tickers);
	__u64 period_ns;
	int error;

	if (!t || !c || !s)
		return -1;
	period_ns = c->period_ns;
	if (!period_ns)
		return -22; /* EINVAL */
	error = bpf_timer_init(&t->timer, &tickers, CLOCK_MONOTONIC);
	if (error && error != -16) /* EBUSY: it is already */
		return error;
	error = bpf_timer_set_callback(&t->timer, tick);
	if (error)
		return error;
	return bpf_timer_start(&t->timer, away_ns(s, period_ns), 0);
}

/* --- CPUs that come and go --------------------------------------------------- */

static __always_inline void know(struct ring_last *l, __u32 cpu)
{
	struct ring_control *c = GET(control);

	if (c && c->cpus_end <= cpu)
		store_ordered(&c->cpus_end, cpu + 1);
	l->known = 1;
}

/* Before the kernel does the step @index of the way of @cpu to @target. */
SEC("tp_btf/cpuhp_enter")
int BPF_PROG(ktach_hotplug_begin, __u32 cpu, int target, int index)
{
	struct ring_last *l = bpf_map_lookup_elem(&lasts, &cpu);

	if (!l)
		return 0;
	if (index == CPUHP(CPUHP_BRINGUP_CPU)) {
		on_cpu_coming(l, cpu);
		forget_turn(cpu);
		know(l, cpu);
	} else if (index == CPUHP(CPUHP_AP_SMPBOOT_THREADS)) {
		if (target > index)
			on_cpu_up(l, cpu);
		else
			on_cpu_down(l, cpu);
	}
	return 0;
}

/* After it. */
SEC("tp_btf/cpuhp_exit")
int BPF_PROG(ktach_hotplug_end, __u32 cpu, int state, int index, int result)
{
	struct ring_last *l = bpf_map_lookup_elem(&lasts, &cpu);

	if (l && index == CPUHP(CPUHP_TEARDOWN_CPU))
		on_cpu_off(l);
	return 0;
}

/* --- exact times ------------------------------------------------------------- */

/* Under the run queue's lock, interrupts off. */
SEC("tp_btf/sched_switch")
int BPF_PROG(ktach_switch, bool preempt, struct task_struct *prev,
	     struct task_struct *next)
{
	on_switch(next->pid);
	return 0;
}

/* Softirq context, interrupts on. Softirqs of one CPU do not nest, except on some
 * PREEMPT_RT kernels: there a run that another one interrupts is left out.
 */
SEC("tp_btf/softirq_entry")
int BPF_PROG(ktach_softirq_begin, __u32 vector)
{
	if (kind == KTACH_RING_CPUSTAT)
		turn_if_idle(true);
	else
		on_softirq_begin();
	return 0;
}

SEC("tp_btf/softirq_exit")
int BPF_PROG(ktach_softirq_end, __u32 vector)
{
	if (kind == KTACH_RING_CPUSTAT)
		turn_if_idle(false);
	else
		on_softirq_end(vector);
	return 0;
}
