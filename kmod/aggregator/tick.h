/* SPDX-License-Identifier: GPL-2.0-only */
/* The timer that makes samples, one for each source. */
#ifndef KTACH_AGGREGATOR_TICK_H
#define KTACH_AGGREGATOR_TICK_H

#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/mutex.h>
#include <linux/types.h>

struct ktach_ring;
struct ktach_source;

/**
 * struct ktach_tick - a source's timer
 * @timer: fires at multiples of the period on CLOCK_MONOTONIC
 * @wake: wakes readers, out of the timer's own context, and says what is to be
 * @hotplug: among those who hear of CPUs that come and go
 * @source: whom to ask for a sample
 * @ring: where the sample goes; changes only while the timer does not run
 * @lock: inside of the CPU hotplug lock, never around it
 * @period_us: time between two ticks
 * @cpu: the CPU that has the timer
 * @running: between start and stop
 * @limited: ticks are skipped for want of CPU time; to be said, if @said is not
 * @said: it was, at this period
 */
struct ktach_tick {
	struct hrtimer timer;
	struct irq_work wake;
	struct hlist_node hotplug;
	struct ktach_source *source;
	struct ktach_ring *ring;
	struct mutex lock;	/* start, stop, and changes of what follows */
	unsigned int period_us;
	unsigned int cpu;
	bool running;
	bool limited;
	bool said;
};

/* Before the first tick and after the last one. */
int ktach_ticks_init(void);
void ktach_ticks_uninit(void);

/*
 * The CPU that the timers are on, or come to: the first that does the kernel's
 * housekeeping anyway. Any context; CPUs may come and go meanwhile.
 */
unsigned int ktach_ticks_cpu(void);

void ktach_tick_init(struct ktach_tick *tick, struct ktach_source *source,
		     struct ktach_ring *ring);
int ktach_tick_start(struct ktach_tick *tick);

/* After this no sample is made and no reader is woken any more. */
void ktach_tick_stop(struct ktach_tick *tick);

/* Takes effect at once: the next tick is at most the new period away. */
int ktach_tick_set_period(struct ktach_tick *tick, unsigned int period_us);

/*
 * Go on in another ring, which takes over the period and what was counted. No
 * one writes the old one any more when this returns.
 */
int ktach_tick_set_ring(struct ktach_tick *tick, struct ktach_ring *ring);

/* Is it within KTACH_PERIOD_US_MIN and _MAX? */
bool ktach_tick_period_valid(unsigned int period_us);

#endif /* KTACH_AGGREGATOR_TICK_H */
