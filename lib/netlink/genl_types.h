/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the family "ktach" tells: others include genl.h. */
#ifndef KTACH_LIB_NETLINK_GENL_TYPES_H
#define KTACH_LIB_NETLINK_GENL_TYPES_H

#include <stdint.h>

#include <linux/ktach_netlink.h>

enum family_limits {
	FAMILY_NAME_LEN = 32,	/* of a source or a device, with the NUL */
	FAMILY_RINGS_MAX = 8,	/* rings that a sample tells of */
};

/* A ring, or the combined samples: kind and device are 0 and "" then. */
struct family_source {
	char name[FAMILY_NAME_LEN];
	char device[FAMILY_NAME_LEN];	/* under /dev */
	uint32_t kind;			/* enum ktach_ring_kind */
	uint32_t features;		/* KTACH_RING_TIMING */
	uint32_t period_us;
	uint32_t slots;
	uint32_t records;
	uint64_t head;			/* number of the newest sample */
	uint64_t missed;		/* ticks not served in time */
	uint64_t fill_ns_last;
	uint64_t fill_ns_max;
	uint64_t backward_events;
};

/* The newer of the two samples of a ring that metrics were computed from. */
struct family_ring {
	uint32_t kind;			/* enum ktach_ring_kind */
	uint64_t number;
	uint64_t mono_ns;
	uint64_t interval_ns;		/* since the older one */
};

struct family_memory {			/* bytes */
	uint64_t total, free, available, shared, buffers;
};

/* A combined sample, whole. */
struct family_sample {
	uint64_t number;		/* from 1, without gaps in the kernel */
	uint64_t lost;			/* samples missing before this one */
	uint64_t mono_ns;
	uint64_t real_ns;
	uint64_t missed;		/* ticks not served in time, so far */
	uint64_t metrics;		/* bit n: enum ktach_metric n is known */
	uint32_t cpus_possible;
	uint32_t cpus_online;
	uint32_t load[3];		/* 1, 5, 15 minutes; 1/KTACH_LOAD_ONE */
	struct family_memory memory;
	struct family_ring ring[FAMILY_RINGS_MAX];
	unsigned int rings;
	uint64_t total[KTACH_METRICS];	/* 1/KTACH_SHARE_ONE of all CPUs, or
					 * 1/KTACH_RATE_ONE a second, summed
					 */
	const struct ktach_cpu_sample *cpu; /* ascending; those asked for */
	unsigned int cpus;
};

#endif /* KTACH_LIB_NETLINK_GENL_TYPES_H */
