// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/latency/histogram.h"

uint64_t bucket_from(unsigned int bucket)
{
	unsigned int octave = bucket / 4 + 1;

	if (bucket < 4)
		return bucket;
	return (UINT64_C(4) + bucket % 4) << (octave - 2);
}

uint64_t bucket_to(unsigned int bucket)
{
	return bucket_from(bucket + 1);
}

uint64_t histogram_quantile(const uint32_t count[LATENCY_BUCKETS],
			    unsigned int of, uint64_t most_ns)
{
	uint64_t all = 0, before = 0, rank, ns;
	unsigned int i;

	for (i = 0; i < LATENCY_BUCKETS; i++)
		all += count[i];
	if (!all)
		return UINT64_MAX;
	rank = (all * of + 999) / 1000;
	for (i = 0; before + count[i] < rank; i++)
		before += count[i];
	ns = bucket_from(i) + (bucket_to(i) - bucket_from(i)) *
				      (rank - before) / (count[i] ?: 1);
	return ns < most_ns ? ns : most_ns;
}
