/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fleet of synthetic hosts with 8 CPUs each, as bench/feeds/host.h has one:
 * most are idle most of the time, some are busy, all have moments. HZ=250, idle
 * times by the microsecond. Seeded: each run has the same series.
 */
#ifndef KTACH_BENCH_FEEDS_FLEET_H
#define KTACH_BENCH_FEEDS_FLEET_H

#include "lib/wire/wire.h"

enum fleet_limits {
	FLEET_CPUS = 8,
	FLEET_NETS = 2,
	FLEET_DISKS = 1,
	FLEET_TABLES = 6,
	/* Those that come and go here: many others that are always 0 would make all that is
	 * told of a value look better than it is.
	 */
	FLEET_GAUGES = WIRE_MEMINFO_SWAP_CACHED_BYTES,
	FLEET_COUNTERS = WIRE_IP_IN_BYTES,
};

/* What a host is at one moment. */
struct fleet_host {
	uint64_t real_ns;
	uint64_t mono_ns;
	uint64_t sample;
	double load;
	uint64_t exact[FLEET_CPUS][WIRE_CPU_REQUIRED];
	uint64_t cpu[FLEET_CPUS][WIRE_CPU_REQUIRED];
	uint64_t softirq[FLEET_CPUS][WIRE_SOFTIRQ_REQUIRED];
	uint64_t net[FLEET_NETS][WIRE_NET_REQUIRED];
	uint64_t gauges[FLEET_GAUGES][WIRE_VALUE_COLUMNS];
	uint64_t counters[FLEET_COUNTERS][WIRE_VALUE_COLUMNS];
	uint64_t disk[FLEET_DISKS][WIRE_DISK_REQUIRED];
};

/* A host that has been up for a while. */
void fleet_begin(struct fleet_host *h, uint32_t number, uint64_t real_ns);

/* A second later, and some jitter. */
void fleet_step(struct fleet_host *h);

/* Its tables; they point into it. */
void fleet_tables(const struct fleet_host *h,
		  struct wire_table tables[FLEET_TABLES]);

/* Values of a sample, without keys and flags. */
uint64_t fleet_values(void);

#endif /* KTACH_BENCH_FEEDS_FLEET_H */
