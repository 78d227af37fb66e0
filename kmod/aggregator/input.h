/* SPDX-License-Identifier: GPL-2.0-only */
/* A ring as an input of combined samples: its last two states. */
#ifndef KTACH_AGGREGATOR_INPUT_H
#define KTACH_AGGREGATOR_INPUT_H

#include <linux/types.h>

struct ktach_combined;
struct ktach_input;
struct ktach_ring;
struct ktach_source;

/* May sleep. Return: -EINVAL for series that make no sense, -ENOMEM. */
struct ktach_input *ktach_input_create(const struct ktach_source *source);
void ktach_input_destroy(struct ktach_input *input);

/**
 * ktach_input_combine() - add what a ring did since the last call to a sample
 * @input: the ring's
 * @ring: the ring, which may be another one than the last time
 * @sample: gets the shares and rates of the source's metrics, if the ring has
 *	a sample that is newer than the last call's
 *
 * Context: process; a reader of the ring, one at a time.
 */
void ktach_input_combine(struct ktach_input *input,
			 const struct ktach_ring *ring,
			 struct ktach_combined *sample);

#endif /* KTACH_AGGREGATOR_INPUT_H */
