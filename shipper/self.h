/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the shipper says about itself, in the first table of each frame. */
#ifndef KTACH_SHIPPER_SELF_H
#define KTACH_SHIPPER_SELF_H

#include "shipper/carrier.h"
#include "shipper/config.h"
#include "shipper/identity.h"

/* How often the shipper asks what it uses itself: a system call of each sample less. */
#define SELF_USAGE_NS (10 * 1000000000ULL)

/**
 * struct self_usage - what the shipper uses itself, at most SELF_USAGE_NS old
 * @due_ns: when it is read next, by the monotonic clock; 0: at once
 * @cpu_ns: of all threads, since the start
 * @memory_bytes: the largest resident set since the start
 */
struct self_usage {
	uint64_t due_ns;
	uint64_t cpu_ns;
	uint64_t memory_bytes;
};

void self_put(struct output *output, const struct config *config,
	      const struct identity *identity, const struct carrier *carrier,
	      const struct flight *flight, struct self_usage *usage);

/* The last word to a collector: the node goes there, "" that it ends. */
void self_put_leaving(struct output *output, const char *where);

#endif /* KTACH_SHIPPER_SELF_H */
