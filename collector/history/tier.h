/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How coarse what is kept is, and the hours that it is kept by. */
#ifndef KTACH_COLLECTOR_HISTORY_TIER_H
#define KTACH_COLLECTOR_HISTORY_TIER_H

#include <stdint.h>

enum tier {
	TIER_RAW,	/* samples */
	TIER_MINUTE,	/* their rollups */
	TIER_FIVE,
	TIERS
};

/* Length of a tier's bucket, ns; 0 of samples. */
extern const uint64_t tier_bucket_ns[TIERS];
extern const char *const tier_name[TIERS];

/* What a chunk spans. */
#define TIER_HOUR_NS UINT64_C(3600000000000)

/* The hour of a real time, since 1970. */
static inline uint64_t tier_hour(uint64_t real_ns)
{
	return real_ns / TIER_HOUR_NS;
}

#endif /* KTACH_COLLECTOR_HISTORY_TIER_H */
