/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A recording: a file of frames of the wire (include/ktach/wire.h), one after the
 * other, unsealed. They carry the tables that figures were made from.
 *
 * A sample is one frame, or several if its rows need them. Its last table is one of
 * WIRE_NODE: its key is the number of the sample's frames, so that one without all
 * of them is known, and its period the time between two samples. The first frames
 * are no sample, but what the first one is compared with: their period is 0.
 *
 * A frame is appended by one write: a crash cuts the last one off, and the reader
 * says so. Where a frame is damaged the reader goes on at the next one that is
 * whole.
 */
#ifndef KTACH_KTACH_RECORD_RECORD_FILE_H
#define KTACH_KTACH_RECORD_RECORD_FILE_H

#include "ktach/figures/figures.h"
#include "ktach/figures/reading.h"
#include "lib/wire/wire.h"

/* Beside the wire's keys: what only a recording has. */
enum record_gauge {
	RECORD_UPTIME_S = WIRE_GAUGE_KEYS + 100,
	RECORD_MISSED_TIMES,
	RECORD_MISSED_SOFTIRQS,
};

enum record_fact {
	RECORD_NOTE = 116, /* of all recordings, whatever facts come to be */
};

_Static_assert((int)RECORD_NOTE > WIRE_FACT_KEYS, "no fact's key");

/**
 * struct record_writer - a recording that is being made
 * @fd: the file
 * @interval_ns: time between two samples
 * @begun: what the first one is compared with is written
 * @frames: of the sample so far
 * @sequence: number of the last frame
 */
struct record_writer {
	int fd;
	uint64_t interval_ns;
	bool begun;
	uint64_t frames;
	uint64_t sequence;
	struct wire_sender sender;
	int error;
	struct rows gauges;
	struct rows facts;
	struct wire_encoder encoder;
	uint8_t frame[WIRE_FRAME_MAX];
};

/* Create @path, which must not be there. Return 0, or -errno after a message. */
int record_create(struct record_writer *w, const char *path,
		  uint64_t interval_ns);

/**
 * record_append() - append a sample
 * @w: the recording
 * @told: by enum section: what figures of CPUs and interfaces were made from
 * @f: the figures, for all else
 *
 * Return: 0, or -errno after a message: -ENOSPC and the like.
 */
int record_append(struct record_writer *w, const struct readings *const *told,
		  const struct figures *f);

/* Return 0, or -errno after a message. */
int record_finish(struct record_writer *w);

/**
 * struct record_reader - a recording in memory
 * @frame: that is being read
 * @frames: of the sample so far, without a gap
 * @told: the tables
 * @samples: read so far
 * @damaged: places that were skipped, as no whole frame was there
 * @skipped: bytes there
 * @cut: the file ends within a frame, or within a sample
 */
struct record_reader {
	const uint8_t *data;
	size_t size;
	size_t at;
	bool reading;
	struct wire_frame frame;
	struct wire_room room;
	uint64_t frames;
	struct readings told;
	uint64_t samples;
	uint64_t damaged;
	uint64_t skipped;
	bool cut;
};

/* Return 0, or -errno after a message; -EPROTO: it is not a recording, or one
 * of another version.
 */
int record_open(struct record_reader *r, const char *path);
void record_close(struct record_reader *r);

/* The next sample. Return 0; 1 at the end; -ENOMEM. */
int record_next(struct record_reader *r, struct figures *f);

#endif /* KTACH_KTACH_RECORD_RECORD_FILE_H */
