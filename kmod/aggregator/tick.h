/* SPDX-License-Identifier: GPL-2.0-only */
/* When samples are made: one timer has the ticks of all sources. */
#ifndef KTACH_AGGREGATOR_TICK_H
#define KTACH_AGGREGATOR_TICK_H

#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/types.h>

struct ktach_ring;
struct ktach_source;

/**
 * struct ktach_tick - when a source is sampled
 * @node: among all that are, between start and stop
 * @source: whom to ask for a sample
 * @ring: where the sample goes
 * @next: when the next one is due, a multiple of the period on CLOCK_MONOTONIC; the
 *	timer's, as what follows but for the period
 * @period_us: time between two ticks
 * @wakes: its readers are to be woken; not a bool, which not every machine exchanges
 * @is_due: it is being sampled
 * @limited: ticks are skipped for want of CPU time; to be said, if @said is not
 * @said: it was, at this period
 */
struct ktach_tick {
	struct list_head node;
	struct ktach_source *source;
	struct ktach_ring *ring;
	ktime_t next;
	unsigned int period_us;
	u32 wakes;
	bool is_due;
	bool limited;
	bool said;
};

/* Before the first tick and after the last one. */
int ktach_ticks_init(void);
void ktach_ticks_uninit(void);

/*
 * The CPU that the timer is on, or comes to: the first that does the kernel's
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
