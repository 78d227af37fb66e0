/* SPDX-License-Identifier: GPL-2.0-only */
/* Combined samples: what they hold, and the ring that keeps them. */
#ifndef KTACH_AGGREGATOR_COMBINE_H
#define KTACH_AGGREGATOR_COMBINE_H

#include <linux/types.h>
#include <linux/ktach_sample.h>

#include "ring.h"

enum ktach_combine_limits {
	KTACH_COMBINE_PERIOD_US_MIN = 1000,
	KTACH_COMBINE_INPUTS_MAX = 4,
};

/* The newer of the two samples that an input's metrics were computed from. */
struct ktach_combined_input {
	u32 kind;
	u64 number;
	u64 mono_ns;
	u64 interval_ns;
};

/**
 * struct ktach_combined - the only record of a slot of the combined ring
 * @metrics: bit n is set if enum ktach_metric n is known
 * @cpus_online: CPUs that were online
 * @inputs: how many of @input there are
 * @load: averages over 1, 5 and 15 minutes, in KTACH_LOAD_ONE
 * @total_bytes: memory, as the others as in /proc/meminfo
 * @free_bytes: of it
 * @available_bytes: of it
 * @shared_bytes: of it
 * @buffers_bytes: of it
 * @input: the rings that had a new sample
 * @total: by metric: shares of all online CPUs' time, sums of rates
 * @cpu: by number, one for each CPU up to the last possible one
 */
struct ktach_combined {
	u64 metrics;
	u32 cpus_online;
	u32 inputs;
	u32 load[3];
	u64 total_bytes;
	u64 free_bytes;
	u64 available_bytes;
	u64 shared_bytes;
	u64 buffers_bytes;
	struct ktach_combined_input input[KTACH_COMBINE_INPUTS_MAX];
	u64 total[KTACH_METRICS];
	struct ktach_cpu_sample cpu[];
};

/**
 * ktach_combine_init() - make the ring
 *
 * Context: process, may sleep.
 * Return: 0; -ERANGE or -EINVAL for a bad module parameter, which the kernel's
 * log names; -ENOMEM.
 */
int ktach_combine_init(void);
void ktach_combine_uninit(void);

/**
 * ktach_combine_start() - start the thread that fills the ring
 * @made: called after each sample, by that thread
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int ktach_combine_start(void (*made)(void));

/* After this no sample is made and @made is not called. The ring stays. */
void ktach_combine_stop(void);

/* Slots hold samples of struct ktach_combined, to be read like any ring's. */
const struct ktach_ring *ktach_combine_ring(void);

/* Takes effect at once. Return: 0 or -ERANGE. */
int ktach_combine_set_period(unsigned int period_us);

#endif /* KTACH_AGGREGATOR_COMBINE_H */
