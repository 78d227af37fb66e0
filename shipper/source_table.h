/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is sampled: host/'s collectors, in their order, and packets. */
#ifndef KTACH_SHIPPER_SOURCE_TABLE_H
#define KTACH_SHIPPER_SOURCE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

struct host_collector;
struct option_list;

enum source_limits {
	SOURCES_MAX = 24,
	SOURCE_NAME_MAX = 16, /* bytes, with a NUL */
};

#define SOURCE_INTERVAL_MIN_NS UINT64_C(1000000)
#define SOURCE_INTERVAL_MAX_NS UINT64_C(3600000000000)

/**
 * struct source_setting - what the configuration says of one
 * @given_ns: time between two samples; 0: nothing is said
 * @enabled: what is said of it
 * @on: by source_settle(): whether it is sampled
 * @interval_ns: by source_settle(): time between two samples
 */
struct source_setting {
	uint64_t given_ns;
	bool enabled;
	bool on;
	uint64_t interval_ns;
};

/* How many there are. */
unsigned int source_count(void);
const struct host_collector *source_collector(unsigned int i);

/* The defaults of all of them. */
void source_preset(struct source_setting *settings);

/* Options NAME-interval and NAME-enabled of each. */
void source_specs(struct source_setting *settings, struct option_list *list);

/* The part of --help that tells of them. */
void source_help(void);

/**
 * source_settle() - decide which are sampled, and how often
 * @settings: of all of them
 * @interval_ns: of those that were given none, unless it is shorter than their
 *               default
 * @net: false: packets are left out
 *
 * Return: the shortest interval of those that are sampled, ns; UINT64_MAX if
 * none is.
 */
uint64_t source_settle(struct source_setting *settings, uint64_t interval_ns,
		       bool net);

#endif /* KTACH_SHIPPER_SOURCE_TABLE_H */
