/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which CPUs are online. */
#ifndef KTACH_COLLECTOR_FIGURES_CPU_H
#define KTACH_COLLECTOR_FIGURES_CPU_H

#include <stdbool.h>

#include "collector/nodes/samples.h"

/* Of WIRE_CPU or WIRE_SOFTIRQ: in the newest sample, and online. */
bool cpu_online(const struct samples *s, const struct samples_row *row);

/* CPUs that are online. */
size_t cpu_count(const struct samples *s);

#endif /* KTACH_COLLECTOR_FIGURES_CPU_H */
