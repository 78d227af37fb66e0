/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures as a run of 64-bit numbers, and back: what a recording holds. */
#ifndef KTACH_KTACH_RECORD_SAMPLE_H
#define KTACH_KTACH_RECORD_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "ktach/figures.h"

enum {
	/* Of a sample: more CPUs or interfaces than any host has. */
	RECORD_ROWS_MAX = 65536,
};

struct numbers {
	uint64_t *at;
	size_t count;		/* in use */
	size_t room;
};

/* Append @f to @n, which grows. Return 0 or -ENOMEM. */
int sample_pack(struct numbers *n, const struct figures *f);

/**
 * sample_unpack() - the reverse
 * @f: filled; its rows are used again
 * @at: numbers as sample_pack() made them
 * @count: how many
 *
 * Return: 0; -EBADMSG if they are not a sample; -ENOMEM.
 */
int sample_unpack(struct figures *f, const uint64_t *at, size_t count);

#endif /* KTACH_KTACH_RECORD_SAMPLE_H */
