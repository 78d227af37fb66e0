/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames from the queue leave as UDP datagrams, of a size that each path takes; or
 * larger ones, as the configuration says and the path is known to take. Nobody
 * acknowledges them: what was sent is gone.
 */
#ifndef KTACH_SHIPPER_SEND_DATAGRAM_H
#define KTACH_SHIPPER_SEND_DATAGRAM_H

#include "lib/loop/loop.h"
#include "shipper/queue/output.h"
#include "shipper/send/route.h"

enum datagram_limits {
	DATAGRAM_SAFE = 1232, /* IPv6's least MTU less its headers */
	DATAGRAM_SENDS = 16, /* under way at once */
	DATAGRAM_RECOVERED = 8, /* in a row that end a failure */
	DATAGRAM_MTU_EVERY = 60, /* flushes between two looks at the MTU */
	DATAGRAM_LEAVE = 16, /* failures before another collector */
	DATAGRAM_LOOK = 64, /* or before its name is looked up anew */
};

struct datagram;

struct datagram_send {
	struct loop_op op; /* first: done() gets this from it */
	struct datagram *datagram;
	struct queue_frame *frame; /* NULL: free */
	bool again; /* after the path was found narrower */
};

/**
 * struct datagram - the socket
 * @loop: completes the sends
 * @output: is told how large a frame may be
 * @queue: where frames are taken from
 * @route: which collector
 * @fd: the socket, -1 without
 * @leaving: it is closed when nothing is under way any more
 * @largest: payload that the configuration allows, bytes
 * @sends: room for what is under way
 * @under_way: how many
 * @sent: frames that left
 * @failed: frames that could not be sent
 * @failing: said so already
 * @passed: frames in a row that left, since
 * @bad: failures since the last time that enough passed
 * @flushes: until the next look at the MTU
 */
struct datagram {
	struct loop *loop;
	struct output *output;
	struct queue *queue;
	struct route route;
	int fd;
	bool leaving;
	size_t largest;
	struct datagram_send sends[DATAGRAM_SENDS];
	unsigned int under_way;
	uint64_t sent;
	uint64_t failed;
	bool failing;
	unsigned int passed;
	unsigned int bad;
	unsigned int flushes;
};

/**
 * datagram_open() - look for a collector, take over an output's frames
 * @d: filled
 * @loop: completes the sends
 * @output: its frames leave here
 * @to: collectors, as of peers_init()
 * @largest: payload, bytes, that a datagram may have at most
 *
 * Return: 0, or -errno after a message.
 */
int datagram_open(struct datagram *d, struct loop *loop, struct output *output,
		  const char *to, size_t largest);

/* Whether what is to be sent now goes to the present collector, at once. */
bool datagram_has_room(const struct datagram *d);

/* Which collector takes the place of this one, that is a spare: as soon as that is
 * due, and all that was there has left. NULL: it stays.
 */
const char *datagram_leaves_for(struct datagram *d);
void datagram_leave(struct datagram *d);

/* End what is under way; true once nothing is. Call until then. */
bool datagram_stop(struct datagram *d);

/* Stopped, or the loop does not run any more. */
void datagram_close(struct datagram *d);

#endif /* KTACH_SHIPPER_SEND_DATAGRAM_H */
