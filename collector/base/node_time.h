/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_COLLECTOR_BASE_NODE_TIME_H
#define KTACH_COLLECTOR_BASE_NODE_TIME_H

#include <stdint.h>

/* When a frame came, by the collector's clocks. */
struct node_time {
	uint64_t real_ns;
	uint64_t mono_ns;
};

#endif /* KTACH_COLLECTOR_BASE_NODE_TIME_H */
