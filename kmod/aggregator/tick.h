/* SPDX-License-Identifier: GPL-2.0-only */
/* The timer that makes samples, one for each source. */
#ifndef KTACH_AGGREGATOR_TICK_H
#define KTACH_AGGREGATOR_TICK_H

#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/mutex.h>

struct ktach_ring;
struct ktach_source;

/**
 * struct ktach_tick - a source's timer
 * @timer: fires at multiples of the period on CLOCK_MONOTONIC
 * @wake: wakes readers, out of the timer's own context
 * @source: whom to ask for a sample
 * @ring: where the sample goes
 * @lock: taken by start, stop and changes of the period
 * @period_us: time between two ticks
 * @running: between start and stop
 */
struct ktach_tick {
	struct hrtimer timer;
	struct irq_work wake;
	struct ktach_source *source;
	struct ktach_ring *ring;
	struct mutex lock;	/* start, stop, changes of the period */
	unsigned int period_us;
	bool running;
};

void ktach_tick_init(struct ktach_tick *tick, struct ktach_source *source,
		     struct ktach_ring *ring);
int ktach_tick_start(struct ktach_tick *tick);

/* After this no sample is made and no reader is woken any more. */
void ktach_tick_stop(struct ktach_tick *tick);

/* Takes effect at once: the next tick is at most the new period away. */
int ktach_tick_set_period(struct ktach_tick *tick, unsigned int period_us);

/* Is it within KTACH_PERIOD_US_MIN and _MAX? */
bool ktach_tick_period_valid(unsigned int period_us);

#endif /* KTACH_AGGREGATOR_TICK_H */
