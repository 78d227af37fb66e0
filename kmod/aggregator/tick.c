// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/math64.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/sched/isolation.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include <ktach/source.h>

#include "duty.h"
#include "ring.h"
#include "tick.h"

/*
 * One timer for all: whoever is due at the same time shares an interrupt, a look at
 * the clock and a wake-up.
 *
 * ticks_lock is inside of the CPU hotplug lock, never around it. The list, and what a
 * tick has but for what the timer itself writes, change while the timer does not run.
 */
static DEFINE_MUTEX(ticks_lock);
static LIST_HEAD(ticks);
static struct hrtimer timer;
static unsigned int timer_cpu;

/*
 * It fires in hard interrupts. On PREEMPT_RT that takes a mode of its own, and there
 * a wait queue's lock sleeps: irq_work has a thread to wake readers from.
 */
#define WAKES_LATER IS_ENABLED(CONFIG_PREEMPT_RT)
#define TIMER_MODE \
	(WAKES_LATER ? HRTIMER_MODE_ABS_PINNED_HARD : HRTIMER_MODE_ABS_PINNED)

static struct ktach_duty timers_duty = KTACH_DUTY_INIT(timers_duty);

static u64 period_ns(const struct ktach_tick *tick)
{
	return (u64)tick->period_us * NSEC_PER_USEC;
}

/* To the first multiple of the period that is after @now. How many it went on. */
static u64 forward(struct ktach_tick *tick, ktime_t now)
{
	u64 period = period_ns(tick), passed = 1;

	if (ktime_before(now, tick->next))
		return 0;
	if (now - tick->next >= period)
		passed += div64_u64(now - tick->next, period);
	tick->next = ktime_add_ns(tick->next, passed * period);
	return passed;
}

static void count_missed(struct ktach_tick *tick, u64 passed)
{
	struct ktach_ring_header *header = tick->ring->header;

	if (passed)
		WRITE_ONCE(header->missed, header->missed + passed);
}

/*
 * Hard interrupt. The tick goes forward once before the sample, which counts what
 * was missed by being late, and once after it. The first uses the sample's own
 * time: between two samples every multiple of the period is then either theirs or
 * counted. Return: when it was made.
 */
static ktime_t make_sample(struct ktach_tick *tick, ktime_t now)
{
	struct ktach_ring_header *header = tick->ring->header;
	struct ktach_source *source = tick->source;
	struct ktach_slot *slot;

	count_missed(tick, forward(tick, now) - 1);
	slot = ktach_ring_begin_at(tick->ring, now);
	source->now_ns = slot->mono_ns;
	cpumask_or(&source->seen, &source->seen, cpu_online_mask);
	source->cpus = cpumask_last(&source->seen) + 1;
	/* Before the sample: a reader never copies fewer than are filled. */
	WRITE_ONCE(header->records_seen, source->cpus);
	source->sample(source, ktach_ring_records(slot),
		       tick->ring->record_stride);
	WRITE_ONCE(header->backward_events, source->backward_events);
	return ktach_ring_commit_since(tick->ring, slot, now);
}

static void say_limit(struct ktach_tick *tick)
{
	const struct ktach_ring_header *header = tick->ring->header;

	WRITE_ONCE(tick->said, true);
	pr_warn("%s: a sample took %llu ns, without waking its readers: each %u us, that is more than duty_percent=%u of a CPU; ticks are left out, and counted as missed\n",
		header->name, READ_ONCE(header->fill_ns_last), tick->period_us,
		ktach_duty_percent());
}

/*
 * An interrupt, or on PREEMPT_RT a thread; not while anything is being changed,
 * which waits for it.
 */
static void on_work(struct irq_work *work)
{
	struct ktach_tick *tick;

	list_for_each_entry(tick, &ticks, node) {
		if (READ_ONCE(tick->limited) && !READ_ONCE(tick->said))
			say_limit(tick);
		/* First this: a sample that comes in between asks for it anew. */
		if (xchg(&tick->wakes, 0))
			wake_up_interruptible(&tick->ring->wait);
	}
}

static DEFINE_IRQ_WORK(work, on_work);

/*
 * Hard interrupt. Samples that take longer than their period, or more than the
 * timer's part of the CPU, cost the ticks that follow. The barrier in
 * wq_has_sleeper() pairs with that of those who queue up and then look at head.
 * Readers are woken without a key, so that each asks poll() again what there is, and
 * poll() keeps track of what it has reported. Return: whether they were woken here.
 */
static bool end_tick(struct ktach_tick *tick, ktime_t ended, ktime_t until)
{
	bool limited = ktime_after(until, ended) && !READ_ONCE(tick->said);
	bool wakes;

	count_missed(tick, forward(tick, until));
	if (limited)
		WRITE_ONCE(tick->limited, true);
	wakes = wq_has_sleeper(&tick->ring->wait);
	if (wakes && WAKES_LATER)
		WRITE_ONCE(tick->wakes, 1);
	else if (wakes)
		wake_up_interruptible(&tick->ring->wait);
	if (limited || (wakes && WAKES_LATER))
		irq_work_queue(&work);
	return wakes && !WAKES_LATER;
}

/* That many are woken is time of the timer's, too: the next samples wait for it. */
static void charge_since(ktime_t begun)
{
	ktime_t now = ktime_get();

	ktach_duty_spend(&timers_duty, ktime_sub(now, begun), now);
}

static ktime_t earliest(void)
{
	ktime_t next = KTIME_MAX;
	struct ktach_tick *tick;

	list_for_each_entry(tick, &ticks, node)
		next = min(next, tick->next);
	return next;
}

/*
 * Hard interrupt, also on PREEMPT_RT. First all samples, then all readers: one who
 * waits for several rings is woken once, and finds them all.
 */
static enum hrtimer_restart on_tick(struct hrtimer *unused)
{
	ktime_t begun = ktime_get(), now = begun, until;
	struct ktach_tick *tick;
	bool woke = false;

	list_for_each_entry(tick, &ticks, node) {
		tick->is_due = !ktime_before(now, tick->next);
		if (tick->is_due)
			now = make_sample(tick, now);
	}
	until = ktach_duty_spend(&timers_duty, now - begun, now);
	list_for_each_entry(tick, &ticks, node)
		if (tick->is_due)
			woke |= end_tick(tick, now, until);
	if (woke)
		charge_since(now);
	hrtimer_set_expires(&timer, earliest());
	return HRTIMER_RESTART;
}

bool ktach_tick_period_valid(unsigned int period_us)
{
	return period_us >= KTACH_PERIOD_US_MIN &&
	       period_us <= KTACH_PERIOD_US_MAX;
}

void ktach_tick_init(struct ktach_tick *tick, struct ktach_source *source,
		     struct ktach_ring *ring)
{
	tick->source = source;
	tick->ring = ring;
	tick->period_us = source->period_us;
	INIT_LIST_HEAD(&tick->node);
	WRITE_ONCE(ring->header->period_ns, period_ns(tick));
}

/* On the CPU that is to have the timer, interrupts off. */
static void start_here(void *unused)
{
	hrtimer_start_expires(&timer, TIMER_MODE);
}

/* For everybody's timers and tasks: neither nohz_full= nor isolcpus= names it. */
static bool keeps_house(unsigned int cpu)
{
	return housekeeping_test_cpu(cpu, HK_TYPE_TIMER) &&
	       housekeeping_test_cpu(cpu, HK_TYPE_DOMAIN);
}

/*
 * The first CPU that does the kernel's housekeeping anyway, never one that was
 * isolated as long as there is another.
 */
static unsigned int choose_cpu(unsigned int leaving)
{
	unsigned int cpu;

	for_each_online_cpu(cpu)
		if (cpu != leaving && keeps_house(cpu))
			return cpu;
	for_each_online_cpu(cpu)
		if (cpu != leaving)
			break;
	return cpu;
}

unsigned int ktach_ticks_cpu(void)
{
	return choose_cpu(nr_cpu_ids);
}

/*
 * Have the timer fire when the first of all is due; at once if that has passed, and
 * then what was missed is counted. CPUs neither come nor go meanwhile.
 */
static int arm(unsigned int leaving)
{
	lockdep_assert_held(&ticks_lock);
	if (list_empty(&ticks))
		return 0;
	timer_cpu = choose_cpu(leaving);
	hrtimer_set_expires(&timer, earliest());
	return smp_call_function_single(timer_cpu, start_here, NULL, 1);
}

/* The hotplug thread of a CPU; the lock of CPU hotplug is held for writing. */
static int move(unsigned int leaving)
{
	int err = 0;

	mutex_lock(&ticks_lock);
	if (!list_empty(&ticks) && choose_cpu(leaving) != timer_cpu) {
		hrtimer_cancel(&timer);
		err = arm(leaving);
	}
	mutex_unlock(&ticks_lock);
	return err;
}

static int on_cpu_up(unsigned int cpu)
{
	return move(nr_cpu_ids);
}

static int on_cpu_down(unsigned int cpu)
{
	return move(cpu);
}

static int hotplug_state;

int ktach_ticks_init(void)
{
	int state;

	hrtimer_setup(&timer, on_tick, CLOCK_MONOTONIC, TIMER_MODE);
	state = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "ktach:tick",
					  on_cpu_up, on_cpu_down);
	hotplug_state = state;
	return min(state, 0);
}

void ktach_ticks_uninit(void)
{
	cpuhp_remove_state_nocalls(hotplug_state);
}

/*
 * Between these nobody is sampled, and no CPU comes or goes. Then the timer goes on
 * with whoever is in the list. May sleep.
 */
static void begin_change(void)
{
	cpus_read_lock();
	mutex_lock(&ticks_lock);
	hrtimer_cancel(&timer);
	irq_work_sync(&work);
}

static int end_change(void)
{
	int err = arm(nr_cpu_ids);

	mutex_unlock(&ticks_lock);
	cpus_read_unlock();
	return err;
}

static void set_next(struct ktach_tick *tick)
{
	u64 passed = div64_u64(ktime_get_ns(), period_ns(tick));

	tick->next = ns_to_ktime((passed + 1) * period_ns(tick));
}

int ktach_tick_start(struct ktach_tick *tick)
{
	int err;

	begin_change();
	set_next(tick);
	list_add_tail(&tick->node, &ticks);
	err = end_change();
	if (err)
		ktach_tick_stop(tick);
	return err;
}

void ktach_tick_stop(struct ktach_tick *tick)
{
	begin_change();
	list_del_init(&tick->node);
	end_change();
}

int ktach_tick_set_period(struct ktach_tick *tick, unsigned int period_us)
{
	if (!ktach_tick_period_valid(period_us))
		return -ERANGE;

	begin_change();
	tick->period_us = period_us;
	tick->limited = false;
	tick->said = false;
	WRITE_ONCE(tick->ring->header->period_ns, period_ns(tick));
	set_next(tick);
	return end_change();
}

int ktach_tick_set_ring(struct ktach_tick *tick, struct ktach_ring *ring)
{
	const struct ktach_ring_header *old;

	begin_change();
	old = tick->ring->header;
	ring->header->period_ns = old->period_ns;
	ring->header->missed = old->missed;
	ring->header->fill_ns_last = old->fill_ns_last;
	ring->header->fill_ns_max = old->fill_ns_max;
	ring->header->backward_events = old->backward_events;
	tick->ring = ring;
	return end_change();
}
