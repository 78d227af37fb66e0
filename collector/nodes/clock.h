/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far a node's wall clock is from ours. Each sample says what it was by both
 * of the node's clocks. How much later than it our monotonic clock shows at its
 * arrival tells a frame that was on its way for longer than others, out of a
 * queue for one: only those that came at once are compared.
 */
#ifndef KTACH_COLLECTOR_NODES_CLOCK_H
#define KTACH_COLLECTOR_NODES_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/base/node_time.h"

/* From here on a node's clock is told of. */
#define CLOCK_OFF_NS INT64_C(1000000000)
/* A clock that is so far from ours is not used for storing or expiring. */
#define CLOCK_FAR_NS INT64_C(3600000000000)
/* 2000-01-01: before it no clock is right. */
#define CLOCK_2000_NS UINT64_C(946684800000000000)

/**
 * struct clock - of a node
 * @count: samples compared since its clock, or ours, was set; 0: none
 * @offset_ns: the node's clock less ours, smoothed
 * @path_ns: the least that our monotonic clock was ahead of the node's
 * @path_at_ns: when that was, by ours
 * @good_at_ns: when a sample was compared last
 */
struct clock {
	uint64_t count;
	int64_t offset_ns;
	int64_t path_ns;
	uint64_t path_at_ns;
	uint64_t good_at_ns;
};

/* A sample of @real_ns and @mono_ns came. */
void clock_take(struct clock *c, uint64_t real_ns, uint64_t mono_ns,
		const struct node_time *now);

/* Whether enough is known of it. */
bool clock_known(const struct clock *c);

/* Seconds that it is ahead of ours, NaN if that is not known. */
double clock_offset_s(const struct clock *c);

#endif /* KTACH_COLLECTOR_NODES_CLOCK_H */
