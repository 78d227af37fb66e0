/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What programs tell by statsd's lines: counters, gauges, timers and sets, with
 * DogStatsD's tags as labels.
 *
 *   NAME:VALUE|c, g, ms, h, d or s[|@RATE][|#TAG:VALUE,TAG...]
 */
#ifndef KTACH_HOST_OWN_STATSD_H
#define KTACH_HOST_OWN_STATSD_H

#include "host/own/own_rows.h"

enum statsd_limits {
	STATSD_SAMPLES = 1024, /* of a timer between two readings */
	STATSD_MEMBERS = 4096, /* of a set */
	STATSD_VALUES_MAX = 1 << 20, /* of all timers and sets */
};

/* Series that nobody has told of for so long are forgotten. */
#define STATSD_IDLE_NS UINT64_C(3600000000000)

struct statsd_series;

/**
 * struct statsd - all zeroes but @most: nothing was told
 * @most: series there may be
 * @slots: them, by the hash of their names
 * @room: slots
 * @count: series
 * @values: samples of timers and members of sets that are kept
 * @random: chooses samples
 * @lines: taken
 * @refused: lines that were not
 * @why: the last one's reason; NULL once it is said
 * @line: its beginning
 */
struct statsd {
	uint64_t most;
	struct statsd_series **slots;
	size_t room;
	size_t count;
	size_t values;
	uint64_t random;
	uint64_t lines;
	uint64_t refused;
	const char *why;
	char line[64];
};

/* Take in lines, as a datagram has them. @now_ns: CLOCK_MONOTONIC. */
void statsd_take(struct statsd *s, const char *text, size_t size,
		 uint64_t now_ns);

/* Tell all series; timers and sets begin anew. */
void statsd_tell(struct statsd *s, struct own_rows *o, uint64_t now_ns);
void statsd_exit(struct statsd *s);

#endif /* KTACH_HOST_OWN_STATSD_H */
