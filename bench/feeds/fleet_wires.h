/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sample of a fleet's host (bench/feeds/fleet.h) as other servers take it: the
 * same values, each under the names that its wire wants, packed as far as it can.
 */
#ifndef KTACH_BENCH_FEEDS_FLEET_WIRES_H
#define KTACH_BENCH_FEEDS_FLEET_WIRES_H

#include <stddef.h>
#include <stdint.h>

#include "bench/feeds/fleet.h"

enum fleet_wires_limits {
	FLEET_WIRE_MAX = 32768,		/* bytes of a sample, more than any takes */
	FLEET_DATAGRAM = 1452,		/* collectd's */
};

/* Where a wire goes. @datagram_end: of collectd's, each begins anew. */
struct fleet_text {
	char data[FLEET_WIRE_MAX];
	size_t used;
	size_t datagram_end[FLEET_WIRE_MAX / 512];
	unsigned int datagrams;
};

typedef void fleet_wire(struct fleet_text *t, uint32_t number,
			const struct fleet_host *h);

/* collectd's network plugin: datagrams, a value a value list. */
fleet_wire fleet_collectd;

/* Influx lines for VictoriaMetrics: a line a row, a field a value. */
fleet_wire fleet_influx;

/* Redis: one HSET of all values. */
fleet_wire fleet_redis;

#endif /* KTACH_BENCH_FEEDS_FLEET_WIRES_H */
