/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What scripts of connections are made with, by a seed; after script.h of theirs. */
#ifndef KTACH_TESTS_FUZZ_SCRIPT_BASE_H
#define KTACH_TESTS_FUZZ_SCRIPT_BASE_H

#include <stdint.h>
#include <string.h>

static uint64_t state;

/* xorshift64* */
static unsigned int pick(unsigned int below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (unsigned int)((state * UINT64_C(2685821657736338717)) >> 33) %
	       below;
}

static void put(struct script *s, const void *data, size_t size)
{
	if (size > SCRIPT_MAX - s->size)
		size = SCRIPT_MAX - s->size;
	memcpy(s->data + s->size, data, size);
	s->size += size;
}

#endif /* KTACH_TESTS_FUZZ_SCRIPT_BASE_H */
