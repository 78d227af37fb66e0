/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_HOST_CPU_CORE_H
#define KTACH_HOST_CPU_CORE_H

#include "host/rows.h"

enum softnet_count {
	SOFTNET_PACKETS,		/* as the columns of WIRE_CORE have it */
	SOFTNET_DROPPED,
	SOFTNET_SQUEEZED,
	SOFTNET_STEERED,
	SOFTNET_FLOW_LIMITED,
	SOFTNET_COUNTS
};

/**
 * struct core - what is known of a CPU
 * @seen: whether this reading had it
 * @counted: whether a reading before had counts of it
 * @hz: WIRE_ABSENT if nobody tells
 * @last: the kernel's counts, 32 bits wide
 * @total: the same, widened: they do not wrap as long as this is kept
 */
struct core {
	bool seen;
	bool counted;
	uint64_t hz;
	uint32_t last[SOFTNET_COUNTS];
	uint64_t total[SOFTNET_COUNTS];
};

/**
 * softnet_parse() - take in /proc/net/softnet_stat
 * @text: the file
 * @cores: by number of CPU
 * @max: of them
 *
 * Return: 0; -EINVAL if a line is cut short or names no CPU: it is left out.
 */
int softnet_parse(const char *text, struct core *cores, uint32_t max);

/* Take in the speeds that /proc/cpuinfo has. Return CPUs that have one. */
uint32_t cpuinfo_hz(const char *text, struct core *cores, uint32_t max);

#endif /* KTACH_HOST_CPU_CORE_H */
