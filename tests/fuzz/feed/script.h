/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a client of streams.c sends, and what it may be told for it. */
#ifndef KTACH_TESTS_FUZZ_FEED_SCRIPT_H
#define KTACH_TESTS_FUZZ_FEED_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/wire/seal.h"

enum script_limits {
	SCRIPT_MAX = 16384,
	SCRIPT_FRAMES = 6,
	SCRIPT_NODES = 1024,
};

/**
 * struct script - one connection: a session of some node, from its first frame on
 * @data: @size bytes
 * @sender: whose
 * @frames: number of the last one that is whole and good, before one was spoilt
 * @spoilt: one was
 * @piece: bytes at once, 0: all
 * @stays: it is left open, whatever came of it
 * @reset: it ends by a reset
 */
struct script {
	uint8_t data[SCRIPT_MAX];
	size_t size;
	struct wire_sender sender;
	uint64_t frames;
	bool spoilt;
	size_t piece;
	bool stays;
	bool reset;
};

/* @fleet: of every other node; the others' frames are not sealed. */
void script_make(struct script *s, const struct seal_key *fleet,
		 unsigned int seed);

#endif /* KTACH_TESTS_FUZZ_FEED_SCRIPT_H */
