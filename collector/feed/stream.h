/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames over TCP: taken in, written, then acknowledged. A connection whose
 * frames the history could not keep is closed; its sender comes back and sends
 * them again. While the history has no room, nothing is read: the sender waits.
 */
#ifndef KTACH_COLLECTOR_FEED_STREAM_H
#define KTACH_COLLECTOR_FEED_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/address.h"
#include "lib/loop.h"
#include "lib/wire.h"

struct ingest;
struct streams;

enum stream_limits {
	STREAMS_MAX = 16384,		/* a power of two */
	STREAM_ACKS = 16,		/* that wait to be sent, at most */
};

/**
 * struct stream - a connection
 * @receive: operation; its done() finds the stream from it
 * @send: likewise
 * @streams: all of them
 * @id: for marks: a count, and its place among all
 * @fd: the socket
 * @receiving: @receive is under way
 * @sending: bytes of @out that @send sends
 * @closing: waits for its operations to end
 * @taking: its frames are being taken
 * @paused: waits for the history
 * @left: its sender has gone: what it sent is elsewhere
 * @refused_ns: when it was told that a key is not known, or found to be a
 *              clone; what comes after that is not looked at. 0: it was not
 * @from: for the log
 * @in: WIRE_FRAME_MAX bytes
 * @in_size: of what came and was not taken yet
 * @out: acknowledgements
 * @out_size: bytes of them
 * @out_last: bytes of the last one
 * @out_session: its session
 */
struct stream {
	struct loop_op receive;
	struct loop_op send;
	struct streams *streams;
	uint64_t id;
	int fd;
	bool receiving;
	size_t sending;
	bool closing;
	bool taking;
	bool paused;
	bool left;
	uint64_t refused_ns;
	char from[80];
	uint8_t *in;
	size_t in_size;
	uint8_t out[STREAM_ACKS * (WIRE_HEADER_SIZE + WIRE_SEAL_SIZE)];
	size_t out_size;
	size_t out_last;
	uint64_t out_session;
};

/**
 * struct streams - the listening socket and what came in
 * @accept: operation: a poll of @fd
 * @settled: operation: the store's descriptor
 * @loop: that it runs on
 * @ingest: gets the frames; its store is there
 * @fd: the socket
 * @accepting: @accept is under way
 * @accepted: connections so far, above what other threads count from
 * @awake_ns: when its thread was awake last
 * @count: that there are now
 * @all: by place
 */
struct streams {
	struct loop_op accept;
	struct loop_op settled;
	struct loop *loop;
	struct ingest *ingest;
	int fd;
	bool accepting;
	uint64_t accepted;
	uint64_t awake_ns;
	size_t count;
	struct stream *all[STREAMS_MAX];
};

/**
 * streams_open() - take shippers' connections
 * @s: filled
 * @loop: to run on
 * @ingest: gets what comes
 * @fd: a TCP socket that listens; closed by streams_close()
 */
void streams_open(struct streams *s, struct loop *loop, struct ingest *ingest,
		  int fd);

/* Once a second or so: go on where something was short. */
void streams_tick(struct streams *s);

/* The loop must not run any more. */
void streams_close(struct streams *s);

#endif /* KTACH_COLLECTOR_FEED_STREAM_H */
