/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gauges and counters of all collectors that are read at a tick: one table of
 * each for all of one interval, so that the next such table has the same rows
 * and is packed with it. All of a tick carry one time, as parts of one sample.
 */
#ifndef KTACH_SHIPPER_VALUES_H
#define KTACH_SHIPPER_VALUES_H

#include "host/rows.h"
#include "shipper/queue/output.h"
#include "shipper/source_table.h"

struct values_group {
	uint64_t interval_ns;
	uint32_t origin;		/* of the first that gave some */
	struct rows gauges;
	struct rows counters;
};

/**
 * struct values - all zeroes: empty, without memory
 * @count: groups
 * @group: one an interval
 * @real_ns: CLOCK_REALTIME of the first value of this tick, ns; 0: none yet
 * @mono_ns: its CLOCK_MONOTONIC
 */
struct values {
	unsigned int count;
	struct values_group group[SOURCES_MAX];
	uint64_t real_ns;
	uint64_t mono_ns;
};

/**
 * values_add() - take in a table
 * @v: the values
 * @interval_ns: of its source
 * @table: a table
 *
 * Return: false if it is neither of gauges nor of counters.
 */
bool values_add(struct values *v, uint64_t interval_ns,
		const struct wire_table *table);

/* Put all that were taken in, and begin the next tick. */
void values_put(struct values *v, struct output *output);

/* Intervals are others: forget the groups. */
void values_clear(struct values *v);

#endif /* KTACH_SHIPPER_VALUES_H */
