/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames that are the same each time, for golden files and their readers. */
#ifndef KTACH_TESTS_WIRE_SAMPLES_H
#define KTACH_TESTS_WIRE_SAMPLES_H

#include "lib/wire/seal.h"

enum wire_samples {
	SAMPLES_NODE,		/* one row, as docs/wire.md shows it */
	SAMPLES_HOST,		/* every kind of table, one sample */
	SAMPLES_SERIES,		/* eight samples of CPUs and softirqs */
	SAMPLES_ACK,
	SAMPLES_SEALED,		/* SAMPLES_NODE, sealed */
	SAMPLES_FRAMES
};

extern const struct wire_sender samples_sender;

/* The node's key, that SAMPLES_SEALED is sealed with. */
extern const struct seal_key samples_key;

/* Make a frame; returns its size, WIRE_FRAME_MAX at most. */
size_t samples_make(enum wire_samples which, uint8_t *frame);

/* Its name: "node", ... */
const char *samples_name(enum wire_samples which);

#endif /* KTACH_TESTS_WIRE_SAMPLES_H */
