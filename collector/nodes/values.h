/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The latest of the tables that have one value a row: gauges, and counters with
 * what their rates are against. A table may have some of them only, and each
 * comes as often as its sender reads it: each has its own times, which are
 * those of collector/nodes/samples.h.
 */
#ifndef KTACH_COLLECTOR_NODES_VALUES_H
#define KTACH_COLLECTOR_NODES_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/wire/wire.h"

#define VALUES_TWICE UINT32_MAX /* it came twice: how often is not known yet */

/**
 * struct gauges - WIRE_GAUGES, by enum wire_gauge
 * @value: WIRE_ABSENT where there is none
 * @now_ns: mono_ns of it, 0 before the first
 * @every_ms: how often it comes, 0 before the second, VALUES_TWICE before the third
 */
struct gauges {
	uint64_t value[WIRE_GAUGE_KEYS];
	uint64_t now_ns[WIRE_GAUGE_KEYS];
	uint32_t every_ms[WIRE_GAUGE_KEYS];
};

/**
 * struct counter - one of WIRE_COUNTERS
 * @now: WIRE_ABSENT if there is none
 * @middle: becomes base next
 * @base: what its rate is against
 * @now_ns: mono_ns of @now, 0 before the first
 * @middle_ns: of @middle
 * @base_ns: of @base
 */
struct counter {
	uint64_t now;
	uint64_t middle;
	uint64_t base;
	uint64_t now_ns;
	uint64_t middle_ns;
	uint64_t base_ns;
};

/**
 * struct counters - WIRE_COUNTERS
 * @list: by enum wire_counter
 * @every_ms: how often it comes, 0 before the second, VALUES_TWICE before the third
 */
struct counters {
	struct counter list[WIRE_COUNTER_KEYS];
	uint32_t every_ms[WIRE_COUNTER_KEYS];
};

/* Tables must be sane; older samples than the known one change nothing. */
void gauges_take(struct gauges *g, const struct wire_table *t);
void counters_take(struct counters *c, const struct wire_table *t);

/* Forget values that did not come for long; @mono_ns: the sender's time now. */
void gauges_age(struct gauges *g, uint64_t mono_ns);
void counters_age(struct counters *c, uint64_t mono_ns);

void gauges_clear(struct gauges *g);
void counters_clear(struct counters *c);


/* In the book's units; NaN if there is none. */
double gauges_value(const struct gauges *g, uint64_t key);

/* Its newest value; NaN if there is none. */
double counters_total(const struct counters *c, uint64_t key);

/* Growth a second; NaN if there is none yet. */
double counters_rate(const struct counters *c, uint64_t key);

#endif /* KTACH_COLLECTOR_NODES_VALUES_H */
