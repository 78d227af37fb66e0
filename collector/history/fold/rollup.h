/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is kept of a minute or five: for each column the least, average, most
 * and last value, as a block with four columns for one and a sample a bucket.
 *
 * A counter's least and most are rates between two samples, as codes of 16 bits
 * (rollup_rate()); its average is not written, as the last values tell it.
 */
#ifndef KTACH_COLLECTOR_HISTORY_FOLD_ROLLUP_H
#define KTACH_COLLECTOR_HISTORY_FOLD_ROLLUP_H

#include "collector/history/chunk/block.h"

enum rollup_part {
	ROLLUP_MIN,
	ROLLUP_AVG,
	ROLLUP_MAX,
	ROLLUP_LAST,
	ROLLUP_PARTS
};

enum rollup_limits {
	ROLLUP_MAX_TIERS = 2,
};

/**
 * rollup_make() - sum up samples, in one pass over them
 * @raw: samples of whole buckets
 * @bucket_ns: how long buckets are: each a multiple of the one before it
 * @out: for each set; the head of each bucket is that of its last sample
 * @count: of both, up to ROLLUP_MAX_TIERS
 *
 * Return: 0 or -ENOMEM.
 */
int rollup_make(const struct block *raw, const uint64_t *bucket_ns,
		struct block *out, size_t count);

/* A rate a second as a code, exact to 1/512 from 0.001 on, and back. 0 is the
 * code of none: NAN.
 */
uint64_t rollup_code(double rate);
double rollup_rate(uint64_t code);

/* Growth a second from one value of a counter to the next; NAN if there was a
 * restart between them.
 */
double rollup_growth(uint64_t from, uint64_t from_mono_ns, uint64_t to,
		     uint64_t to_mono_ns);

#endif /* KTACH_COLLECTOR_HISTORY_FOLD_ROLLUP_H */
