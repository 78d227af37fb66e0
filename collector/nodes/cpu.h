/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What CPUs did over a row's window (collector/nodes/samples.h), by state. */
#ifndef KTACH_COLLECTOR_NODES_CPU_H
#define KTACH_COLLECTOR_NODES_CPU_H

#include <stdbool.h>

#include "collector/nodes/samples.h"

enum {
	CPU_STATES = WIRE_CPU_GUEST_NICE_NS - WIRE_CPU_USER_NS + 1,
};

extern const char *const cpu_state_names[CPU_STATES];

/* ns that each state took, each ns counted once. */
struct cpu_times {
	uint64_t ns[CPU_STATES];
};

/* Of WIRE_CPU or WIRE_SOFTIRQ: in the newest sample, and online. */
bool cpu_online(const struct samples *s, const struct samples_row *row);

/* Add a row's times; nothing if one of them is not known, as after it fell. */
void cpu_add(struct cpu_times *t, const struct samples *s,
	     const struct samples_row *row);

/* The same for all CPUs that are online. */
void cpu_add_all(struct cpu_times *t, const struct samples *s);

/* The share of a state, or of all but idle and iowait: they sum up to 1 even
 * where the kernel counts some states in ticks and others exactly. NaN if there
 * is no time yet.
 */
double cpu_share(const struct cpu_times *t, unsigned int state);
double cpu_busy_share(const struct cpu_times *t);

/* CPUs that are online. */
size_t cpu_count(const struct samples *s);

#endif /* KTACH_COLLECTOR_NODES_CPU_H */
