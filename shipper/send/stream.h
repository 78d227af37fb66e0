/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames from the queue leave over TCP, and stay in the queue until the
 * collector says that they are stored. When the connection breaks, a new one
 * begins with the oldest frame that was not acknowledged; the collector drops
 * what it has already. A collector whose own acknowledgements do not come is left
 * as one whose connection broke.
 *
 *   route --> connecting --> up: send, read acknowledgements --> closing
 *     ^                                                             |
 *     '-------------------------------------------------------------'
 */
#ifndef KTACH_SHIPPER_SEND_STREAM_H
#define KTACH_SHIPPER_SEND_STREAM_H

#include "lib/loop/loop.h"
#include "shipper/queue/output.h"
#include "shipper/send/large.h"
#include "shipper/send/route.h"
#include "shipper/send/word.h"

enum stream_limits {
	STREAM_ACKS = 16, /* read at once */
	STREAM_FRAME_MAX = 16384, /* bytes, if nothing asks for less */
	STREAM_REQUEST_MAX = WIRE_HEADER_SIZE + WIRE_REQUEST_HEAD +
			     WIRE_REQUEST_MAX + WIRE_SEAL_SIZE,
};

enum stream_state {
	STREAM_WAITING,
	STREAM_CONNECTING,
	STREAM_UP,
	STREAM_CLOSING,
};

/**
 * struct stream - the connection
 * @connect: operations; their done() finds the stream from them
 * @send: one frame, or what is left of it
 * @receive: acknowledgements
 * @timer: the end of an attempt to connect, then of the wait for an answer
 * @connecting: @connect is under way; the others likewise
 * @loop: completes them
 * @output: its frames leave here
 * @queue: where they wait
 * @state: see above
 * @route: which collector
 * @address: of it
 * @fd: the socket, -1 without
 * @sent: bytes of the frame under way that have left
 * @refusal: why it takes no frames, as it says; NULL: it does
 * @moved_to: who takes this node's frames, as it says; "": it says nothing of that
 * @accepts: enum wire_accepts: what it announced
 * @going: no new frame is sent; it is left when all are acknowledged
 * @no_key: the collector does not know the key of the oldest frame
 * @no_key_text: which
 * @in: acknowledgements, and other answers
 * @in_size: bytes of them so far
 * @skip: bytes that are still to come of a frame of an unknown kind
 * @unknown: such frames
 * @large: a request that has no room in @in
 * @words: frames beside the queue that wait
 * @word: the one under way; @sent is of it then
 * @request: told of requests; NULL: nobody is
 * @deaf: told that words do not get through any more
 * @owner: handed to both
 * @patience_ns: how long acknowledgements may take
 * @heard_ns: when the last one came, or what awaits one was sent
 * @connects: connections made
 * @last: the collector of the last one
 * @stop_by_ns: no new frame is sent, and after that time none awaited; or 0
 * @what: went wrong
 * @err: why, 0 if that says it
 * @home: it is closed to leave a spare
 * @goes_to: the collector that stream_stop() leaves it for; "" without
 */
struct stream {
	struct loop_op connect;
	struct loop_op send;
	struct loop_op receive;
	struct loop_op timer;
	bool connecting;
	bool sending;
	bool receiving;
	bool timing;
	struct loop *loop;
	struct output *output;
	struct queue *queue;
	enum stream_state state;
	struct route route;
	struct address address;
	int fd;
	size_t sent;
	const char *refusal;
	char moved_to[PEER_SIZE];
	uint8_t accepts;
	bool going;
	bool no_key;
	char no_key_text[256];
	uint8_t in[STREAM_ACKS * (WIRE_HEADER_SIZE + WIRE_SEAL_SIZE)];
	size_t in_size;
	size_t skip;
	uint64_t unknown;
	struct large large;
	struct list words;
	struct word *word;
	void (*request)(void *owner, const struct wire_frame *f);
	void (*deaf)(void *owner);
	void *owner;
	uint64_t patience_ns;
	uint64_t heard_ns;
	uint64_t connects;
	unsigned int last;
	uint64_t stop_by_ns;
	const char *what;
	int err;
	bool home;
	char goes_to[PEER_SIZE];
};

/**
 * stream_open() - begin to connect, take over an output's frames
 * @s: filled
 * @loop: completes the operations
 * @output: its frames leave here
 * @to: collectors, as of peers_init()
 * @patience_ns: a collector that acknowledges nothing for so long is left
 *
 * Return: 0, or -errno after a message.
 */
int stream_open(struct stream *s, struct loop *loop, struct output *output,
		const char *to, uint64_t patience_ns);

/* What it is told when it is stopped: the node goes there. */
void stream_goes_to(struct stream *s, const char *where);

/* Have a frame sent between those of the queue. False: there is no connection. */
bool stream_say(struct stream *s, struct word *word);

/* End what is under way; true once nothing is. Call until then. */
bool stream_stop(struct stream *s);

/* Stopped, or the loop does not run any more. */
void stream_close(struct stream *s);

#endif /* KTACH_SHIPPER_SEND_STREAM_H */
