/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The latest of the tables that have one value a row: gauges, and counters with
 * what their rates are against. Times as in collector/nodes/samples.h.
 */
#ifndef KTACH_COLLECTOR_NODES_VALUES_H
#define KTACH_COLLECTOR_NODES_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/wire.h"

/**
 * struct gauges - WIRE_GAUGES
 * @mono_ns: of the newest sample, 0 before the first
 * @value: by enum wire_gauge; WIRE_ABSENT where there is none
 */
struct gauges {
	uint64_t mono_ns;
	uint64_t value[WIRE_GAUGE_KEYS];
};

/**
 * struct counters - WIRE_COUNTERS
 * @now_ns: mono_ns of @now, 0 before the first sample
 * @middle_ns: of @middle, which becomes base next
 * @base_ns: of @base, which rates are against
 * @now: by enum wire_counter; WIRE_ABSENT where there is none
 */
struct counters {
	uint64_t now_ns;
	uint64_t middle_ns;
	uint64_t base_ns;
	uint64_t now[WIRE_COUNTER_KEYS];
	uint64_t middle[WIRE_COUNTER_KEYS];
	uint64_t base[WIRE_COUNTER_KEYS];
};

/* Tables must be sane; older samples than the known one change nothing. */
void gauges_take(struct gauges *g, const struct wire_table *t);
void counters_take(struct counters *c, const struct wire_table *t);

void gauges_clear(struct gauges *g);
void counters_clear(struct counters *c);

/* NaN if there is none. Loads and PSI as the kernel writes them: 1.25, not the
 * wire's 125.
 */
double gauges_value(const struct gauges *g, uint64_t key);

/* Growth a second; NaN if there is none yet. */
double counters_rate(const struct counters *c, uint64_t key);

#endif /* KTACH_COLLECTOR_NODES_VALUES_H */
