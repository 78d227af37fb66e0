/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One of host/'s collectors, in the loop. */
#ifndef KTACH_SHIPPER_HOST_SOURCE_H
#define KTACH_SHIPPER_HOST_SOURCE_H

#include "host/collector.h"
#include "lib/loop.h"

/**
 * struct host_source - all zeroes: closed
 * @poll: of the collector's descriptor
 * @loop: the loop
 * @collector: what it is
 * @state: the collector's own
 * @sink: gets its tables
 * @waiting: whether @poll is under way
 */
struct host_source {
	struct loop_op poll;		/* first: done() gets the source */
	struct loop *loop;
	const struct host_collector *collector;
	void *state;
	struct host_sink sink;
	bool waiting;
};

/* Return 0 or -errno, after a message. */
int host_source_open(struct host_source *s,
		     const struct host_collector *collector,
		     const struct host_options *options, struct loop *loop,
		     const struct host_sink *sink);

/* The loop may run for it. */
void host_source_close(struct host_source *s);

void host_source_collect(struct host_source *s);

#endif /* KTACH_SHIPPER_HOST_SOURCE_H */
