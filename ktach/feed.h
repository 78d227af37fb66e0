/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where samples come from, one after the other: this host, or a recording. */
#ifndef KTACH_KTACH_FEED_H
#define KTACH_KTACH_FEED_H

#include "ktach/command.h"
#include "ktach/record/record_file.h"

/**
 * struct feed - samples
 * @next: makes @f the next sample, and @wait_ns the time until the one after
 *        it. Returns 0; 1 at the end; -errno after a message
 * @wait_ns: time until the next sample
 * @live: samples are made when they are asked for, at any time
 */
struct feed {
	int (*next)(struct feed *feed, struct figures *f);
	uint64_t wait_ns;
	bool live;
};

struct live_feed {
	struct feed feed;	/* first */
	struct readers readers;
};

/* Samples of @sections of this host, s->interval_ns apart. Return 0, or -errno
 * after a message.
 */
int live_feed_open(struct live_feed *l, const struct settings *s,
		   unsigned int sections);
void live_feed_close(struct live_feed *l);

struct replay_feed {
	struct feed feed;	/* first */
	struct record_reader reader;
	struct figures ahead;	/* the sample after the one that was given */
	int state;		/* what record_next() said of it */
	uint64_t speed;
};

/* Samples of @path, s->speed times as fast as they were taken. */
int replay_feed_open(struct replay_feed *r, const struct settings *s,
		     const char *path);
void replay_feed_close(struct replay_feed *r);

#endif /* KTACH_KTACH_FEED_H */
