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

#include "collector/feed/places.h"
#include "collector/history/store.h"
#include "lib/base/address.h"
#include "lib/loop/loop.h"
#include "lib/wire/wire.h"

struct ingest;
struct store_mark;
struct streams;

enum stream_limits {
	STREAMS_MAX = 16384, /* a power of two */
	STREAMS_SPARE = 64, /* of them for connections that end */
	STREAM_SMALL = 4096, /* of a half frame: cheap to copy */
	STREAM_ACKS = 16, /* that wait to be sent, at most */
};

/**
 * struct stream - a connection
 * @receive: operation, a poll; its done() finds the stream from it
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
 * @behind: its last frame was old when it came
 * @refused_ns: when it was told that a key is not known, or found to be a
 *              clone; what comes after that is not looked at. 0: it was not
 * @from: for the log
 * @place: among all
 * @in: what came and was not taken yet; NULL: nothing
 * @in_size: bytes of it
 * @in_room: and of memory
 * @out: acknowledgements; NULL until there is one
 * @out_size: bytes of them
 * @out_last: bytes of the last one
 * @out_session: its session
 * @request: a frame to its sender; NULL: there is none
 * @request_size: of it
 * @request_sent: of that
 * @requesting: @send sends it
 * @last: of the frame that came last: whom to tell that we are alive
 * @alive_ns: when it was told so last
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
	bool behind;
	uint64_t refused_ns;
	struct peer from;
	struct place place;
	uint8_t *in;
	size_t in_size;
	size_t in_room;
	uint8_t *out;
	size_t out_size;
	size_t out_last;
	uint64_t out_session;
	uint8_t *request;
	size_t request_size;
	size_t request_sent;
	bool requesting;
	struct store_mark last;
	uint64_t alive_ns;
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
 * @ending: of them
 * @turn: who goes on first when there is room again
 * @revocations: of the feed, that were looked at
 * @half_peak: bytes of half frames since memory was given back
 * @places: who may stay
 * @all: by their ids
 * @scratch: what is received goes here first
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
	size_t ending;
	size_t turn;
	unsigned int revocations;
	size_t half_peak;
	struct places places;
	struct stream *all[STREAMS_MAX];
	uint8_t scratch[STREAM_SMALL + WIRE_FRAME_MAX];
};

/**
 * streams_open() - take shippers' connections
 * @s: filled
 * @loop: to run on
 * @ingest: gets what comes
 * @fd: a TCP socket that listens; closed by streams_close()
 * @limit: what they may take; STREAMS_MAX - STREAMS_SPARE connections at most
 */
void streams_open(struct streams *s, struct loop *loop, struct ingest *ingest,
		  int fd, const struct places_limit *limit);

/* About once a second: go on where memory or room was short. */
void streams_tick(struct streams *s);

/* The loop must not run any more. */
void streams_close(struct streams *s);

/* After a stop of this process: what the senders that have left have sent is not
 * taken.
 */
void streams_look_for_leavers(struct streams *s);

/* End those that have had their time, or more memory than there is. */
void streams_end_overdue(struct streams *s);

/* The rest is for streams.c: one connection. NULL: no memory. */
struct stream *stream_new(struct streams *s, int fd,
			  const struct address *from);
void stream_free(struct stream *stream);

/* It is freed when the kernel does not use its memory any more. */
void stream_end(struct stream *stream);

/* Wait for what comes. */
void stream_receive(struct stream *stream);

/* Go on, if the history has room now for what was left. */
void stream_resume(struct stream *stream);

/* May be called at any time: the acknowledgement is sent now and then. */
void stream_tell_alive(struct stream *stream, uint64_t now_ns);

/* Put an acknowledgement; send what is put. */
void stream_acknowledge(struct stream *stream, const struct store_mark *mark,
			uint64_t sequence);
void stream_send_acks(struct stream *stream);

#endif /* KTACH_COLLECTOR_FEED_STREAM_H */
