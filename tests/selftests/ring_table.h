/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc says of each CPU, in the order and the units of a ring's records. */
#ifndef KTACH_SELFTESTS_RING_TABLE_H
#define KTACH_SELFTESTS_RING_TABLE_H

#include "ring.h"

enum {
	PROC_CPUS = 64,
	PROC_STATES = 10, /* user .. guest_nice, in the order of both sides */
	/* USER_HZ is 100 everywhere; no kernel's tick is longer than 10 ms. */
	PROC_UNIT_NS = 10000000,
};

struct proc_table {
	bool present[PROC_CPUS];
	uint64_t value[PROC_CPUS][PROC_STATES];
};

/*
 * The most of each time that /proc/stat ever told. It can run backwards: before 6.8 who
 * reads while a CPU that wakes adds up its idle time may have the last spell twice.
 */
static struct proc_table proc_most;

static inline void proc_read_stat(struct proc_table *t)
{
	char *at = slurp("/proc/stat");
	unsigned int cpu, i;

	memset(t, 0, sizeof(*t));
	while ((at = strstr(at, "\ncpu")) != NULL) {
		cpu = strtoul(at + 4, &at, 10);
		need(cpu < PROC_CPUS, "fewer than %d CPUs", PROC_CPUS);
		t->present[cpu] = true;
		for (i = 0; i < PROC_STATES; i++) {
			uint64_t ns = strtoull(at, &at, 10) * PROC_UNIT_NS;

			t->value[cpu][i] = ns;
			if (ns > proc_most.value[cpu][i])
				proc_most.value[cpu][i] = ns;
		}
	}
}

/* Does @ns lie between two reads of /proc/stat, with @slack_ns? It rounds down. */
static inline bool proc_times_hold(const struct proc_table *before,
				   const struct proc_table *after,
				   unsigned int cpu, unsigned int i,
				   uint64_t ns, uint64_t slack_ns)
{
	uint64_t least = before->value[cpu][i];

	if (after->value[cpu][i] < least)
		least = after->value[cpu][i];
	return ns + slack_ns >= least &&
	       ns <= proc_most.value[cpu][i] + PROC_UNIT_NS + slack_ns;
}

/* A column for each possible CPU, a row for each vector. */
static inline void proc_read_softirqs(struct proc_table *t)
{
	char *at = slurp("/proc/softirqs");
	unsigned int cpu, cpus = 0, i;
	char *name = at;

	memset(t, 0, sizeof(*t));
	while ((name = strstr(name, "CPU")) != NULL) {
		name += 3;
		cpus++;
	}
	need(cpus <= PROC_CPUS, "at most %d CPUs", PROC_CPUS);
	for (i = 0; i < KTACH_SOFTIRQ_VECTORS; i++) {
		at = strchr(at, ':');
		need(at != NULL, "vector %u in /proc/softirqs", i);
		at++;
		for (cpu = 0; cpu < cpus; cpu++) {
			t->value[cpu][i] = strtoull(at, &at, 10);
			t->present[cpu] = true;
		}
	}
}

#endif /* KTACH_SELFTESTS_RING_TABLE_H */
