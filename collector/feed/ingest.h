/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens to a frame: checked, accounted for, decoded, shown to the table
 * of nodes and handed to the history; or counted by the reason it was dropped.
 */
#ifndef KTACH_COLLECTOR_FEED_INGEST_H
#define KTACH_COLLECTOR_FEED_INGEST_H

#include "collector/feed/ingest_types.h"

struct store_mark;

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

/**
 * ingest_posted() - a frame that this process made of what somebody may tell
 * @in: the state
 * @data: the frame, not sealed
 * @size: its size in bytes
 * @from: who told it, for the log
 *
 * Return: 0; or why it was not taken, enum wire_error or enum ingest_reason.
 */
unsigned int ingest_posted(struct ingest *in, const void *data, size_t size,
			   struct peer *from);

/* Whether a whole frame is good, and of a sender that may send here. It is not taken,
 * and nothing is counted.
 */
bool ingest_check(struct ingest *in, const void *data, size_t size);

/* What became of a frame of a stream. */
enum ingest_fate {
	INGEST_TAKEN, /* on its way to the history; its mark follows */
	INGEST_STORED, /* was there already: to be acknowledged */
	INGEST_BUSY, /* no room now: to be offered again */
	INGEST_DROPPED, /* nothing follows from it; counted, if it is of no
				 * kind for us */
	INGEST_REFUSED, /* counted: nothing good can follow */
	INGEST_CLONE, /* counted: another one is taken as this node */
	INGEST_NO_KEY, /* counted: its key is not known */
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

#endif /* KTACH_COLLECTOR_FEED_INGEST_H */
