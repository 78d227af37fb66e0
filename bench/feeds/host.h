/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A synthetic host, a month after its boot: HZ=250, no IRQ time accounting,
 * idle times by the microsecond; CPUs of different load, as schedulers and
 * network queues make them. Seeded: each run has the same series.
 */
#ifndef KTACH_BENCH_FEEDS_HOST_H
#define KTACH_BENCH_FEEDS_HOST_H

#include "lib/wire/wire.h"

enum host_limits {
	HOST_CPUS = 64,
	HOST_NETS = 4,
	HOST_DISKS = 4,
	HOST_SAMPLES = 16,	/* kept at once */
};

enum host_table {
	HOST_NODE,
	HOST_CPU,
	HOST_SOFTIRQ,
	HOST_NET,
	HOST_GAUGES,
	HOST_COUNTERS,
	HOST_DISK,
	HOST_TABLES
};

/* What it is at one moment. */
struct host_sample {
	uint64_t node[WIRE_NODE_COLUMNS];
	uint64_t cpu[HOST_CPUS][WIRE_CPU_REQUIRED];
	uint64_t softirq[HOST_CPUS][WIRE_SOFTIRQ_REQUIRED];
	uint64_t net[HOST_NETS][WIRE_NET_REQUIRED];
	uint64_t gauges[WIRE_GAUGE_KEYS][WIRE_VALUE_COLUMNS];
	uint64_t counters[WIRE_COUNTER_KEYS][WIRE_VALUE_COLUMNS];
	uint64_t disk[HOST_DISKS][WIRE_DISK_REQUIRED];
	struct wire_table tables[HOST_TABLES];
};

/**
 * host_begin() - the first sample
 * @s: filled
 * @proc: times in ticks of 10 ms, as /proc has them, instead of a ring's
 */
void host_begin(struct host_sample *s, int proc);

/* One second, and some jitter, after @last. */
void host_step(struct host_sample *s, const struct host_sample *last);

/* Values, without keys and flags, of all tables. */
unsigned int host_values(const struct host_sample *s);

#endif /* KTACH_BENCH_FEEDS_HOST_H */
