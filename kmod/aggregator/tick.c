// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/sched/isolation.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include <ktach/source.h>

#include "ring.h"
#include "tick.h"

static u64 period_ns(const struct ktach_tick *tick)
{
	return (u64)tick->period_us * NSEC_PER_USEC;
}

/* Hard interrupt. */
static void make_sample(struct ktach_tick *tick, ktime_t now)
{
	struct ktach_ring_header *header = tick->ring->header;
	struct ktach_slot *slot = ktach_ring_begin(tick->ring);
	struct ktach_source *source = tick->source;
	u64 fill_ns;

	slot->mono_ns = ktime_to_ns(now);
	slot->real_ns = ktime_to_ns(ktime_mono_to_real(now));
	slot->missed = header->missed;
	source->sample(source, ktach_ring_records(slot),
		       tick->ring->record_stride);

	fill_ns = ktime_to_ns(ktime_sub(ktime_get(), now));
	WRITE_ONCE(header->fill_ns_last, fill_ns);
	if (fill_ns > header->fill_ns_max)
		WRITE_ONCE(header->fill_ns_max, fill_ns);
	WRITE_ONCE(header->backward_events, source->backward_events);
	ktach_ring_commit(tick->ring, slot);
}

/*
 * Hard interrupt, also on PREEMPT_RT. The timer goes forward once before the
 * sample, which counts what was missed by being late, and once after it, so
 * that a sample that takes longer than its period costs ticks and does not
 * starve the CPU. The first uses the sample's own time: between two samples
 * every multiple of the period is then either theirs or counted.
 */
static enum hrtimer_restart on_tick(struct hrtimer *timer)
{
	struct ktach_tick *tick = container_of(timer, struct ktach_tick, timer);
	struct ktach_ring_header *header = tick->ring->header;
	ktime_t period = ns_to_ktime(period_ns(tick));
	ktime_t now = ktime_get();
	u64 passed = hrtimer_forward(timer, now, period);

	if (passed > 1)
		WRITE_ONCE(header->missed, header->missed + passed - 1);
	make_sample(tick, now);

	passed = hrtimer_forward_now(timer, period);
	if (passed)
		WRITE_ONCE(header->missed, header->missed + passed);

	/*
	 * A wait queue's lock sleeps on PREEMPT_RT: leave the waking to
	 * irq_work. The barrier in wq_has_sleeper() pairs with that of those
	 * who queue up and then look at head.
	 */
	if (wq_has_sleeper(&tick->ring->wait))
		irq_work_queue(&tick->wake);
	return HRTIMER_RESTART;
}

/*
 * Without a key, so that each waiter asks poll() again what there is, and
 * poll() keeps track of what it has reported.
 */
static void on_wake(struct irq_work *work)
{
	struct ktach_tick *tick = container_of(work, struct ktach_tick, wake);

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
static void arm_here(void *data)
{
	struct ktach_tick *tick = data;
	u64 ticks = div64_u64(ktime_get_ns(), period_ns(tick));
	u64 next_ns = (ticks + 1) * period_ns(tick);

	hrtimer_start(&tick->timer, ns_to_ktime(next_ns),
		      HRTIMER_MODE_ABS_PINNED_HARD);
}

/*
 * A CPU that does the kernel's housekeeping anyway: never one that was
 * isolated. If it goes offline later, the kernel moves the timer along.
 */
static int arm(struct ktach_tick *tick)
{
	unsigned int cpu;
	int err;

	cpus_read_lock();
	cpu = cpumask_any_and(housekeeping_cpumask(HK_TYPE_TIMER),
			      cpu_online_mask);
	if (cpu >= nr_cpu_ids)
		cpu = cpumask_any(cpu_online_mask);
	err = smp_call_function_single(cpu, arm_here, tick, 1);
	cpus_read_unlock();
	return err;
}

int ktach_tick_start(struct ktach_tick *tick)
{
	int err;

	mutex_lock(&tick->lock);
	err = arm(tick);
	tick->running = !err;
	mutex_unlock(&tick->lock);
	return err;
}

void ktach_tick_stop(struct ktach_tick *tick)
{
	mutex_lock(&tick->lock);
	hrtimer_cancel(&tick->timer);
	irq_work_sync(&tick->wake);
	tick->running = false;
	mutex_unlock(&tick->lock);
}

int ktach_tick_set_period(struct ktach_tick *tick, unsigned int period_us)
{
	int err = 0;

	if (!ktach_tick_period_valid(period_us))
		return -ERANGE;

	mutex_lock(&tick->lock);
	hrtimer_cancel(&tick->timer);
	tick->period_us = period_us;
	WRITE_ONCE(tick->ring->header->period_ns, period_ns(tick));
	if (tick->running)
		err = arm(tick);
	mutex_unlock(&tick->lock);
	return err;
}
