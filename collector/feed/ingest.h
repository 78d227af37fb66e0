/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens to a frame: checked, accounted for, decoded, shown to the table
 * of nodes and handed to the history; or counted by the reason it was dropped.
 */
#ifndef KTACH_COLLECTOR_FEED_INGEST_H
#define KTACH_COLLECTOR_FEED_INGEST_H

#include <stddef.h>
#include <stdint.h>

#include "collector/nodes/node.h"
#include "collector/feed/session.h"
#include "lib/seal.h"
#include "lib/wire.h"

struct store;
struct store_mark;

/* Reasons to drop a frame or a table: enum wire_error's, and these. */
enum ingest_reason {
	DROP_VALUE = WIRE_ERRORS,	/* a number that can't be */
	DROP_DUPLICATE,
	DROP_LATE,
	DROP_STRAGGLER,			/* of a session that has ended */
	DROP_FULL,			/* too many nodes or rows */
	DROP_SOCKET,			/* by the kernel: receive buffer full */
	DROP_REASONS
};

/**
 * struct ingest - from datagrams to nodes and history
 * @nodes: brought up to date
 * @store: gets every frame; may be NULL
 * @sessions: how far the senders of streams came
 * @keys: that sealed frames are opened with
 * @unsealed: frames that are not sealed are taken, too
 * @plain: what sealed frames are opened into
 * @room: what tables are decoded into
 * @frames: datagrams that came
 * @bytes: in them
 * @dropped: by reason; dropped[WIRE_OK] stays 0
 * @told_ns: when the log last named a drop
 */
struct ingest {
	struct nodes *nodes;
	struct store *store;
	struct sessions sessions;
	struct seal_keys keys;
	bool unsealed;
	uint8_t *plain;
	struct wire_room room;
	uint64_t frames;
	uint64_t bytes;
	uint64_t dropped[DROP_REASONS];
	uint64_t told_ns;
};

/* Takes unsealed frames only, unless @keys and @unsealed are set. */
int ingest_init(struct ingest *in, struct nodes *nodes, struct store *store);
void ingest_exit(struct ingest *in);

/**
 * ingest_rekey() - go over to other keys, or to some for the first time
 * @in: the state
 * @keys: taken over: empty afterwards
 * @unsealed: frames that are not sealed are taken, too
 *
 * Context: where frames are taken in.
 */
void ingest_rekey(struct ingest *in, struct seal_keys *keys, bool unsealed);

/**
 * ingest_frame() - one datagram
 * @in: the state
 * @data: what came
 * @size: its size in bytes
 * @from: who sent it, for the log
 */
void ingest_frame(struct ingest *in, const void *data, size_t size,
		  const char *from);

/* What became of a frame of a stream. */
enum ingest_fate {
	INGEST_TAKEN,		/* on its way to the history; its mark follows */
	INGEST_STORED,		/* was there already: to be acknowledged */
	INGEST_BUSY,		/* no room now: to be offered again */
	INGEST_REFUSED,		/* counted: nothing good can follow */
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
			       const char *from, struct store_mark *mark);

/* A mark that the store has settled: brings the sessions up to date. */
void ingest_settled(struct ingest *in, const struct store_mark *mark);

/* Count a drop; log it if nothing was logged for a while. */
void ingest_drop(struct ingest *in, unsigned int reason, const char *from);

/* Short name of a reason: "short", "crc", ... "duplicate". */
const char *ingest_reason_name(unsigned int reason);

#endif /* KTACH_COLLECTOR_FEED_INGEST_H */
