/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens to a frame: checked, accounted for, decoded, shown to the table
 * of nodes and handed to the history; or counted by the reason it was dropped.
 */
#ifndef KTACH_COLLECTOR_FEED_INGEST_H
#define KTACH_COLLECTOR_FEED_INGEST_H

#include <stddef.h>
#include <stdint.h>

#include "collector/base/peer.h"
#include "collector/feed/drop.h"
#include "collector/feed/feed.h"
#include "lib/wire/wire.h"

struct store_mark;

/**
 * struct ingest_counts - what came; one thread counts, others may look
 * @frames: that came
 * @bytes: in them
 * @dropped: by reason; dropped[WIRE_OK] stays 0
 */
struct ingest_counts {
	uint64_t frames;
	uint64_t bytes;
	uint64_t dropped[DROP_REASONS];
};

/**
 * struct ingest - from frames to nodes and history; one thread's
 * @next: another thread's, for ingest_sum()
 * @feed: shared
 * @outlet: of the store, for marks of our frames
 * @plain: what sealed frames are opened into
 * @room: what tables are decoded into
 * @large: @room took much memory since the last tick
 * @newest: the newest sample of the frame under way, by its node's clocks; 0: it
 *          has none, or was not decoded
 * @counts: of this thread
 * @told_ns: when the log last named a drop
 * @refusal: why the last frame of a stream was refused, if its sender understands an
 *           answer that says so; 0 if not
 */
struct ingest {
	struct ingest *next;
	struct feed *feed;
	unsigned int outlet;
	uint8_t *plain;
	struct wire_room room;
	bool large;
	struct node_time newest;
	struct ingest_counts counts;
	uint64_t told_ns;
	enum wire_refusal refusal;
};

int ingest_init(struct ingest *in, struct feed *feed);
void ingest_exit(struct ingest *in);

/* Each second: give back what large tables took. */
void ingest_tick(struct ingest *in);

/* Of a chain of them. */
void ingest_sum(const struct ingest *in, struct ingest_counts *sum);

/**
 * ingest_frame() - one datagram
 * @in: the state
 * @data: what came
 * @size: its size in bytes
 * @from: who sent it, for the log
 */
void ingest_frame(struct ingest *in, const void *data, size_t size,
		  struct peer *from);

/* What became of a frame of a stream. */
enum ingest_fate {
	INGEST_TAKEN,		/* on its way to the history; its mark follows */
	INGEST_STORED,		/* was there already: to be acknowledged */
	INGEST_BUSY,		/* no room now: to be offered again */
	INGEST_DROPPED,		/* nothing follows from it; counted, if it is of no
				 * kind for us */
	INGEST_REFUSED,		/* counted: nothing good can follow */
	INGEST_CLONE,		/* counted: another one is taken as this node */
	INGEST_NO_KEY,		/* counted: its key is not known */
};

/**
 * ingest_stream() - one frame of a stream
 * @in: the state
 * @data: what came, a whole frame
 * @size: its size in bytes
 * @from: who sent it, for the log
 * @mark: filled in but for the answer; @mark->connection is the caller's
 */
enum ingest_fate ingest_stream(struct ingest *in, const void *data, size_t size,
			       struct peer *from, struct store_mark *mark);

/* Count a drop; log it if nothing was logged for a while. */
void ingest_drop(struct ingest *in, unsigned int reason, struct peer *from);

#endif /* KTACH_COLLECTOR_FEED_INGEST_H */
