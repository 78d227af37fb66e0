/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of collector/feed/ingest.h. */
#ifndef KTACH_COLLECTOR_FEED_INGEST_TYPES_H
#define KTACH_COLLECTOR_FEED_INGEST_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "collector/base/peer.h"
#include "collector/feed/drop.h"
#include "collector/feed/feed.h"
#include "lib/wire/wire.h"

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

enum {
	INGEST_WHERE_SIZE = 128,
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
 * @where: who has the node instead, of WIRE_REFUSAL_MOVED; "": not known
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
	char where[INGEST_WHERE_SIZE];
	enum wire_refusal refusal;
};

#endif /* KTACH_COLLECTOR_FEED_INGEST_TYPES_H */
