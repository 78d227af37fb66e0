/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of interfaces: read from the rate table that bpf/ publishes, or from
 * /proc/net/dev where that can't be had. It is tried again now and then; interfaces
 * that the table lacks, as another ktach counts them, are read from there as well.
 */
#ifndef KTACH_SHIPPER_NET_SOURCE_H
#define KTACH_SHIPPER_NET_SOURCE_H

#include "lib/loop.h"
#include "shipper/config.h"
#include "shipper/net.h"
#include "shipper/net_proc.h"
#include "shipper/output.h"

struct net_source {
	struct loop_op poll;	/* first: done() gets the source */
	struct loop_op poll_proc; /* of what @proc wants to know */
	struct loop *loop;
	struct output *output;
	const struct host_options *host;
	struct net_config config;
	struct net *net;	/* NULL, or failed: from /proc, or left out */
	bool armed;		/* @poll is under way */
	uint64_t tried_ns;	/* when that was tried last, CLOCK_MONOTONIC */
	struct net_proc proc;
	bool from_proc;
	bool proc_said;		/* that it cannot be read */
	bool closing;
	int waiting;		/* polls under way */
	struct net_row *rows;	/* room for as many as the table has slots */
	uint64_t *cells;
	struct wire_text *names;
	size_t room;
	uint64_t shipped_ns;	/* the tick that was shipped last */
};

void net_source_open(struct net_source *s, const struct config *c,
		     struct loop *loop, struct output *output);
/* Stops looking after the counters, which count on; the next one goes on with
 * them. Context: not within the loop's callbacks.
 */
void net_source_close(struct net_source *s);

/* Whether two configurations say the same of packets. */
bool net_source_same(const struct config *a, const struct config *b);
void net_source_collect(struct net_source *s);

#endif /* KTACH_SHIPPER_NET_SOURCE_H */
