/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a synthetic host tells beside its CPUs, softirqs and packets: a table of
 * each kind from WIRE_GAUGES on. Values follow from the node's number and the
 * round, so that a test can say what they have to be.
 */
#ifndef KTACH_BENCH_FEEDS_WHOLE_H
#define KTACH_BENCH_FEEDS_WHOLE_H

#include "lib/wire/wire.h"

/**
 * struct whole - a host at one moment
 * @node: its number
 * @round: samples so far
 * @interval_ns: between two of them
 * @cpus: at most 64
 * @put: gets each table
 */
struct whole {
	uint64_t node;
	uint64_t round;
	uint64_t interval_ns;
	uint32_t cpus;
	void (*put)(uint32_t kind, uint32_t origin, uint32_t columns,
		    uint32_t rows, const uint64_t *cells,
		    const struct wire_text *text, uint32_t texts);
};

/* Mounts come each third round, processes and facts each second. */
void whole_put(const struct whole *h);

#endif /* KTACH_BENCH_FEEDS_WHOLE_H */
