/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A recording: a file of samples.
 *
 *   offset size
 *        0    8  magic     "KTACHREC"
 *        8    4  version   RECORD_VERSION
 *       12    4  crc       CRC32C of the 12 bytes before
 *       16       chunks, one a sample:
 *        0    4  magic     "KTCS"
 *        4    4  stored    bytes that follow this head
 *        8    4  size      bytes that they unpack to
 *       12    4  crc       CRC32C of the 12 bytes before and of what follows
 *       16       a sample: 64-bit numbers (ktach/record_sample.c has their
 *                order), compressed by zlib
 *
 * All integers are little endian. A chunk is appended by one write: a crash
 * cuts the last one off, and the reader says so. Where a chunk is damaged the
 * reader goes on at the next one that is whole.
 *
 * The wire's frames are not used: they carry counters, a recording the figures
 * that were shown, of which the kernel made some.
 */
#ifndef KTACH_KTACH_RECORD_FILE_H
#define KTACH_KTACH_RECORD_FILE_H

#include "ktach/record_sample.h"

enum record_limits {
	RECORD_VERSION = 1,
	RECORD_HEAD = 16,		/* bytes, of the file and of a chunk */
	RECORD_SIZE_MAX = 64 << 20,	/* bytes of a sample */
};

/* A recording that is being made. */
struct record_writer {
	int fd;
	struct numbers numbers;
	uint8_t *chunk;
	size_t room;
};

/* Create @path, which must not be there. Return 0, or -errno after a message. */
int record_create(struct record_writer *w, const char *path);

/* Append a sample. Return 0, or -errno after a message: -ENOSPC and the like. */
int record_append(struct record_writer *w, const struct figures *f);

/* Return 0, or -errno after a message. */
int record_finish(struct record_writer *w);

/**
 * struct record_reader - a recording in memory
 * @samples: read so far
 * @damaged: places that were skipped, as no whole chunk was there
 * @skipped: bytes there
 * @cut: the file ends within a chunk
 */
struct record_reader {
	const uint8_t *data;
	size_t size;
	size_t at;
	uint64_t *numbers;
	size_t room;
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

#endif /* KTACH_KTACH_RECORD_FILE_H */
