/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waits of one kind, by how long they took, as bpf/latency.h has the buckets. */
#ifndef KTACH_HOST_LATENCY_HISTOGRAM_H
#define KTACH_HOST_LATENCY_HISTOGRAM_H

#include <stdint.h>

#include "bpf/latency.h"

/* Bounds of a bucket, in ns: the shortest wait that is in it, and the next longer one that
 * is not.
 */
uint64_t bucket_from(unsigned int bucket);
uint64_t bucket_to(unsigned int bucket);

/**
 * histogram_quantile() - what so many of the waits were not longer than
 * @count: waits in each bucket
 * @of: part of them, in thousandths: 990 is the 99th percentile
 * @most_ns: the longest wait
 *
 * It lies in the bucket that has the wait in question, as far up as that is among the
 * bucket's waits, and is no longer than the longest one.
 *
 * Return: ns; UINT64_MAX: there were no waits.
 */
uint64_t histogram_quantile(const uint32_t count[LATENCY_BUCKETS],
			    unsigned int of, uint64_t most_ns);

#endif /* KTACH_HOST_LATENCY_HISTOGRAM_H */
