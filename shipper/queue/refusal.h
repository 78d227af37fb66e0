/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames that were sealed with a former key, and that no collector takes any
 * more: those of a spool that was cut off while keys changed. Others wait behind
 * them, so that after a number of refusals they are given up. Frames of the
 * present key are not: there the collector lacks a key.
 */
#ifndef KTACH_SHIPPER_QUEUE_REFUSAL_H
#define KTACH_SHIPPER_QUEUE_REFUSAL_H

#include <stdbool.h>
#include <stdint.h>

enum {
	REFUSALS_MAX = 8,	/* in about a minute, by the backoff */
};

/**
 * struct refusal - all zeroes: none
 * @key: id of the key that was refused last
 * @count: how often, one connection after the other
 * @lost: frames that were given up
 */
struct refusal {
	uint32_t key;
	unsigned int count;
	uint64_t lost;
};

/* A frame was refused; @present: id of the key in use. */
static inline void refusal_count(struct refusal *r, uint32_t key,
				 uint32_t present)
{
	if (key == present)
		return;
	if (key != r->key)
		r->count = 0;
	r->key = key;
	r->count++;
}

/* Whether frames of a key are to be given up. */
static inline bool refusal_is_over(const struct refusal *r, uint32_t key)
{
	return key && key == r->key && r->count >= REFUSALS_MAX;
}

#endif /* KTACH_SHIPPER_QUEUE_REFUSAL_H */
