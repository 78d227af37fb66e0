// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/history/tier.h"

const uint64_t tier_bucket_ns[TIERS] = {
	[TIER_MINUTE] = UINT64_C(60000000000),
	[TIER_FIVE] = UINT64_C(300000000000),
};

const char *const tier_name[TIERS] = {
	[TIER_RAW] = "raw",
	[TIER_MINUTE] = "minute",
	[TIER_FIVE] = "five",
};
