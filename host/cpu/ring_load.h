/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loading the programs that fill a ring: once, for as long as they stay pinned. */
#ifndef KTACH_HOST_CPU_RING_LOAD_H
#define KTACH_HOST_CPU_RING_LOAD_H

#include <linux/ktach_ring.h>

#include "host/options.h"
#include "lib/kernel/cpu_table.h"
#include "lib/kernel/pins.h"

/**
 * ring_load_shape() - what the ring is to be like
 * @h: filled, but for what changes
 * @spec: its kind
 * @options: exact times, CPUs
 */
void ring_load_shape(struct ktach_ring_header *h,
		     const struct cpu_source_spec *spec,
		     const struct host_options *options);

/**
 * ring_load() - load the programs, write the ring's header, pin all of it
 * @p: the empty folder to pin to
 * @h: by ring_load_shape()
 * @options: CPUs
 * @log: gets what the kernel says against it
 * @size: of @log
 *
 * The timer is not started: see ring_load_run().
 *
 * Return: 0 or -errno.
 */
int ring_load(const struct pins *p, const struct ktach_ring_header *h,
	      const struct host_options *options, char *log, size_t size);

/* Start the timer, or have it see another period at once. 0 or -errno. */
int ring_load_run(const struct pins *p);

/* Tells this executable's programs from others: their size and checksum. */
uint64_t ring_load_build(void);

#endif /* KTACH_HOST_CPU_RING_LOAD_H */
