/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is sampled, one entry a subject: CPU times, softirqs and packets, whose
 * samples come from rings and BPF, and then host/'s collectors, in its order.
 */
#ifndef KTACH_SHIPPER_SOURCE_TABLE_H
#define KTACH_SHIPPER_SOURCE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

struct option_spec;

enum source_index {
	SOURCE_CPU,
	SOURCE_SOFTIRQ,
	SOURCE_NET,
	SOURCE_HOST,			/* the first of host/ */
	SOURCES_MAX = 24
};

enum source_limits {
	SOURCE_SPECS = 2 * SOURCES_MAX,	/* options of all of them, at most */
	SOURCE_NAME_MAX = 16,		/* bytes, with a NUL */
};

#define SOURCE_INTERVAL_MIN_NS	UINT64_C(1000000)
#define SOURCE_INTERVAL_MAX_NS	UINT64_C(3600000000000)

/**
 * struct source_setting - what the configuration says of one
 * @interval_ns: between two samples; 0: nothing, until source_settle()
 * @enabled: whether it is sampled
 */
struct source_setting {
	uint64_t interval_ns;
	bool enabled;
};

/* How many there are. */
unsigned int source_count(void);
const char *source_name(unsigned int i);

/* The defaults of all of them. */
void source_preset(struct source_setting *settings);

/* Options NAME-interval and NAME-enabled of each. Return how many. */
unsigned int source_specs(struct source_setting *settings,
			  struct option_spec *specs);

/* The part of --help that tells of them. */
void source_help(void);

/**
 * source_settle() - give an interval to those that were given none
 * @settings: of all of them
 * @interval_ns: theirs, unless it is shorter than their default
 *
 * Return: the shortest interval of those that are enabled, ns; UINT64_MAX if
 * none is.
 */
uint64_t source_settle(struct source_setting *settings, uint64_t interval_ns);

#endif /* KTACH_SHIPPER_SOURCE_TABLE_H */
