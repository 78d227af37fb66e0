// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/printk.h>
#include <linux/sched/isolation.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include <ktach/source.h>

#include "duty.h"
#include "ring.h"
#include "tick.h"

/* All timers are on one CPU, and share a part of it. */
static struct ktach_duty timers_duty = KTACH_DUTY_INIT(timers_duty);

static u64 period_ns(const struct ktach_tick *tick)
{
	return (u64)tick->period_us * NSEC_PER_USEC;
}

/* Hard interrupt. */
static void make_sample(struct ktach_tick *tick, ktime_t now)
{
	struct ktach_ring_header *header = tick->ring->header;
	struct ktach_slot *slot = ktach_ring_begin_at(tick->ring, now);
	struct ktach_source *source = tick->source;

	source->now_ns = slot->mono_ns;
	cpumask_or(&source->seen, &source->seen, cpu_online_mask);
	/* Before the sample: a reader never copies fewer than are filled. */
	WRITE_ONCE(header->records_seen, cpumask_last(&source->seen) + 1);
	source->sample(source, ktach_ring_records(slot),
		       tick->ring->record_stride);
	WRITE_ONCE(header->backward_events, source->backward_events);
	ktach_ring_commit_since(tick->ring, slot, now);
}

static void count_missed(struct ktach_tick *tick, u64 ticks)
{
	struct ktach_ring_header *header = tick->ring->header;

	if (ticks)
		WRITE_ONCE(header->missed, header->missed + ticks);
}

/*
 * Hard interrupt. A sample that takes longer than its period, or more than the
 * timers' part of the CPU, costs the ticks that follow.
 */
static void skip_ticks(struct ktach_tick *tick, ktime_t begun)
{
	ktime_t period = ns_to_ktime(period_ns(tick));
	ktime_t ended = ktime_get();
	s64 spent_ns = ktime_to_ns(ktime_sub(ended, begun));
	ktime_t until = ktach_duty_spend(&timers_duty, spent_ns, ended);

	count_missed(tick, hrtimer_forward(&tick->timer, until, period));
	if (ktime_after(until, ended) && !tick->said) {
		WRITE_ONCE(tick->limited, true);
		irq_work_queue(&tick->wake);
	}
}

/*
 * Hard interrupt, also on PREEMPT_RT. The timer goes forward once before the
 * sample, which counts what was missed by being late, and once after it. The
 * first uses the sample's own time: between two samples every multiple of the
 * period is then either theirs or counted.
 */
static enum hrtimer_restart on_tick(struct hrtimer *timer)
{
	struct ktach_tick *tick = container_of(timer, struct ktach_tick, timer);
	ktime_t period = ns_to_ktime(period_ns(tick));
	ktime_t now = ktime_get();
	u64 passed = hrtimer_forward(timer, now, period);

	if (passed)
		count_missed(tick, passed - 1);
	make_sample(tick, now);
	skip_ticks(tick, now);

	/*
	 * A wait queue's lock sleeps on PREEMPT_RT: leave the waking to
	 * irq_work. The barrier in wq_has_sleeper() pairs with that of those
	 * who queue up and then look at head.
	 */
	if (wq_has_sleeper(&tick->ring->wait))
		irq_work_queue(&tick->wake);
	return HRTIMER_RESTART;
}

static void say_limit(struct ktach_tick *tick)
{
	const struct ktach_ring_header *header = tick->ring->header;

	tick->said = true;
	pr_warn("%s: a sample took %llu ns: each %u us, that is more than duty_percent=%u of a CPU; ticks are left out, and counted as missed\n",
		header->name, READ_ONCE(header->fill_ns_last), tick->period_us,
		ktach_duty_percent());
}

/*
 * An interrupt, or on PREEMPT_RT a thread; not while the timer is being changed,
 * which waits for it. Waiters are woken without a key, so that each asks poll()
 * again what there is, and poll() keeps track of what it has reported.
 */
static void on_wake(struct irq_work *work)
{
	struct ktach_tick *tick = container_of(work, struct ktach_tick, wake);

	if (READ_ONCE(tick->limited) && !tick->said)
		say_limit(tick);
	wake_up_interruptible(&tick->ring->wait);
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
	mutex_init(&tick->lock);
	init_irq_work(&tick->wake, on_wake);
	hrtimer_setup(&tick->timer, on_tick, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS_PINNED_HARD);
	WRITE_ONCE(ring->header->period_ns, period_ns(tick));
}

/* On the CPU that is to have the timer, interrupts off. */
static void start_here(void *data)
{
	struct ktach_tick *tick = data;

	hrtimer_start_expires(&tick->timer, HRTIMER_MODE_ABS_PINNED_HARD);
}

/* For everybody's timers and tasks: neither nohz_full= nor isolcpus= names it. */
static bool keeps_house(unsigned int cpu)
{
	return housekeeping_test_cpu(cpu, HK_TYPE_TIMER) &&
	       housekeeping_test_cpu(cpu, HK_TYPE_DOMAIN);
}

/*
 * The first CPU that does the kernel's housekeeping anyway, never one that was
 * isolated as long as there is another. All sources come to the same one, and
 * ticks at the same multiple of their periods share an interrupt.
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
 * Have the timer fire when it is to expire; at once if that has passed, and
 * then what was missed is counted. CPUs neither come nor go meanwhile.
 */
static int arm(struct ktach_tick *tick, unsigned int leaving)
{
	lockdep_assert_held(&tick->lock);
	tick->cpu = choose_cpu(leaving);
	return smp_call_function_single(tick->cpu, start_here, tick, 1);
}

static int arm_at_next_multiple(struct ktach_tick *tick)
{
	u64 ticks = div64_u64(ktime_get_ns(), period_ns(tick));
	u64 next_ns = (ticks + 1) * period_ns(tick);

	hrtimer_set_expires(&tick->timer, ns_to_ktime(next_ns));
	return arm(tick, nr_cpu_ids);
}

/* The hotplug thread of a CPU; the lock of CPU hotplug is held for writing. */
static int move(struct ktach_tick *tick, unsigned int leaving)
{
	int err = 0;

	mutex_lock(&tick->lock);
	if (tick->running && choose_cpu(leaving) != tick->cpu) {
		hrtimer_cancel(&tick->timer);
		err = arm(tick, leaving);
	}
	mutex_unlock(&tick->lock);
	return err;
}

static int on_cpu_up(unsigned int cpu, struct hlist_node *node)
{
	return move(hlist_entry(node, struct ktach_tick, hotplug), nr_cpu_ids);
}

static int on_cpu_down(unsigned int cpu, struct hlist_node *node)
{
	return move(hlist_entry(node, struct ktach_tick, hotplug), cpu);
}

static int hotplug_state;

int ktach_ticks_init(void)
{
	int state = cpuhp_setup_state_multi(CPUHP_AP_ONLINE_DYN, "ktach:tick",
					    on_cpu_up, on_cpu_down);

	hotplug_state = state;
	return min(state, 0);
}

void ktach_ticks_uninit(void)
{
	cpuhp_remove_multi_state(hotplug_state);
}

int ktach_tick_start(struct ktach_tick *tick)
{
	int err =
		cpuhp_state_add_instance_nocalls(hotplug_state, &tick->hotplug);

	if (err)
		return err;
	cpus_read_lock();
	mutex_lock(&tick->lock);
	err = arm_at_next_multiple(tick);
	tick->running = !err;
	mutex_unlock(&tick->lock);
	cpus_read_unlock();
	if (err)
		cpuhp_state_remove_instance_nocalls(hotplug_state,
						    &tick->hotplug);
	return err;
}

/* No tick runs and none comes until the timer is armed again. */
static void quiesce(struct ktach_tick *tick)
{
	lockdep_assert_held(&tick->lock);
	hrtimer_cancel(&tick->timer);
	irq_work_sync(&tick->wake);
}

void ktach_tick_stop(struct ktach_tick *tick)
{
	bool was_running;

	mutex_lock(&tick->lock);
	was_running = tick->running;
	tick->running = false;
	quiesce(tick);
	mutex_unlock(&tick->lock);
	if (was_running)
		cpuhp_state_remove_instance_nocalls(hotplug_state,
						    &tick->hotplug);
}

int ktach_tick_set_period(struct ktach_tick *tick, unsigned int period_us)
{
	int err = 0;

	if (!ktach_tick_period_valid(period_us))
		return -ERANGE;

	cpus_read_lock();
	mutex_lock(&tick->lock);
	quiesce(tick);
	tick->period_us = period_us;
	tick->limited = false;
	tick->said = false;
	WRITE_ONCE(tick->ring->header->period_ns, period_ns(tick));
	if (tick->running)
		err = arm_at_next_multiple(tick);
	mutex_unlock(&tick->lock);
	cpus_read_unlock();
	return err;
}

int ktach_tick_set_ring(struct ktach_tick *tick, struct ktach_ring *ring)
{
	const struct ktach_ring_header *old;
	int err = 0;

	cpus_read_lock();
	mutex_lock(&tick->lock);
	quiesce(tick);
	old = tick->ring->header;
	ring->header->period_ns = old->period_ns;
	ring->header->missed = old->missed;
	ring->header->fill_ns_last = old->fill_ns_last;
	ring->header->fill_ns_max = old->fill_ns_max;
	ring->header->backward_events = old->backward_events;
	tick->ring = ring;
	if (tick->running)
		err = arm(tick, nr_cpu_ids);
	mutex_unlock(&tick->lock);
	cpus_read_unlock();
	return err;
}
