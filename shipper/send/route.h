/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which collector to try, and when: the one that this node wants, the next one
 * if it does not answer, and the first one again after a while. Names are
 * looked up anew each time; one that has several addresses has them tried in
 * turn.
 *
 *   route_try() --> looking --> found(address) --> carrier
 *        ^                                            |
 *        '------ backoff <------ route_failed() <-----'
 */
#ifndef KTACH_SHIPPER_SEND_ROUTE_H
#define KTACH_SHIPPER_SEND_ROUTE_H

#include "lib/loop/loop.h"
#include "shipper/send/backoff.h"
#include "shipper/send/peers.h"
#include "shipper/send/resolve.h"

/* How long a spare serves before the first one is tried again: this, then twice
 * as long each time.
 */
#define ROUTE_HOME_NS UINT64_C(60000000000)
#define ROUTE_HOME_DOUBLINGS 4

enum {
	ROUTE_REASONS = 8, /* that are told of one failure */
	ROUTE_MOVES = 4, /* that are followed at once, until frames arrive */
};

/**
 * struct route - the way to a collector
 * @timer: operation; its done() finds the route from it
 * @waiting: it is under way, until the next attempt
 * @looking: a name is looked up
 * @stopped: nothing begins any more
 * @hurried: the end is near: no wait grows
 * @loop: that it runs on
 * @found: called with an address to use
 * @context: handed to it
 * @peers: in the order of preference
 * @current: the one that is used, or tried
 * @named: one that a collector named instead of itself; "": none
 * @moves: how often that was followed
 * @resolve: its lookup
 * @backoff: of the attempts
 * @failing: no frame arrived since an attempt failed
 * @told: reasons that were said since
 * @told_count: of them
 * @failures: attempts that were in vain: which address of a name is next
 * @home_at_ns: when to leave a spare
 * @spares: how often a spare was left in vain
 * @name: of the current one, for messages
 */
struct route {
	struct loop_op timer;
	bool waiting;
	bool looking;
	bool stopped;
	bool hurried;
	struct loop *loop;
	void (*found)(void *context, const struct address *address);
	void *context;
	struct peers peers;
	unsigned int current;
	char named[PEER_SIZE];
	unsigned int moves;
	struct resolve resolve;
	struct backoff backoff;
	bool failing;
	const char *told[ROUTE_REASONS];
	unsigned int told_count;
	unsigned int failures;
	uint64_t home_at_ns;
	unsigned int spares;
	char name[PEER_SIZE];
};

/* Return 0, or -EINVAL after a message. */
int route_init(struct route *r, struct loop *loop, const char *list,
	       const uint8_t *node,
	       void (*found)(void *context, const struct address *address),
	       void *context);

/* Look for an address; found() is called, perhaps at once. */
void route_try(struct route *r);

/* The address was no good: log it, try the next one after a while. */
void route_failed(struct route *r, const char *what, int err);

/* The collector says that this node is another one's: go there at once. Where that is not
 * known, or one sends us to the other again and again, it is as any failure.
 */
void route_moved(struct route *r, const char *what, const char *where);

/* It is good: what was sent arrived. */
void route_good(struct route *r);

/* The one that this node wants most, and the one after the current one: NULL
 * without another.
 */
const char *route_preferred(const struct route *r);
const char *route_next(const struct route *r);

/* Whether it is time to leave a spare; the carrier closes, then goes home. */
bool route_go_home(struct route *r);
void route_home(struct route *r);

/* There is little time left: try now, and again without long waits. */
void route_hurry(struct route *r);

/* End what is under way; true once nothing is. Call until then. */
bool route_stop(struct route *r);

#endif /* KTACH_SHIPPER_SEND_ROUTE_H */
