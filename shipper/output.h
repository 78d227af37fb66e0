/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames on their way out: tables go in, datagrams leave through the loop.
 */
#ifndef KTACH_SHIPPER_OUTPUT_H
#define KTACH_SHIPPER_OUTPUT_H

#include "lib/loop.h"
#include "lib/wire.h"

enum output_limits {
	OUTPUT_FRAMES = 64,	/* under the pen or under way at once */
	OUTPUT_RECOVERED = 8,	/* frames in a row that end a failure */
};

/* A frame's memory, and its send. */
struct output_frame {
	struct loop_op op;	/* first: done() gets the frame from it */
	struct output *output;
	bool busy;
	size_t size;
	uint8_t *data;
};

struct output {
	struct loop *loop;
	const struct wire_sender *sender;
	int fd;
	char peer[300];		/* for messages */
	size_t frame_max;
	uint8_t *memory;
	struct output_frame frames[OUTPUT_FRAMES];
	struct output_frame *open;	/* under the pen, or NULL */
	struct wire_encoder encoder;
	uint64_t sequence;	/* of the last frame that was sealed */
	uint64_t failed;	/* frames that could not be sent */
	unsigned int under_way;
	bool failing;		/* said so already */
	unsigned int passed;	/* frames in a row that left, since */
};

/**
 * output_open() - connect a UDP socket
 * @o: filled
 * @loop: completes the sends
 * @sender: goes into each frame; must stay
 * @to: HOST, HOST:PORT or [HOST]:PORT
 * @frame_max: largest frame, bytes
 *
 * Return: 0, or -errno after a message.
 */
int output_open(struct output *o, struct loop *loop,
		const struct wire_sender *sender, const char *to,
		size_t frame_max);
void output_close(struct output *o);

/* Append a table; sends frames as they fill up. */
void output_put(struct output *o, const struct wire_table *table);

/* Send the frame under the pen, if there is something in it. */
void output_flush(struct output *o);

#endif /* KTACH_SHIPPER_OUTPUT_H */
