/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What takes frames from the queue to the collector: UDP or TCP. */
#ifndef KTACH_SHIPPER_CARRIER_H
#define KTACH_SHIPPER_CARRIER_H

#include "shipper/config.h"
#include "shipper/remote/remote.h"
#include "shipper/send/datagram.h"
#include "shipper/send/stream.h"

/**
 * struct carrier - the present one
 * @tcp: which
 * @remote: gets what comes back for ktach-agentd, over TCP; set before it is opened; NULL: nobody
 * @failed: of carriers before it, as what follows
 * @unknown: see carrier_unknown()
 * @reconnects: see carrier_reconnects()
 */
struct carrier {
	bool tcp;
	struct remote *remote;
	uint64_t failed;
	uint64_t unknown;
	uint64_t reconnects;
	union {
		struct datagram datagram;
		struct stream stream;
	};
};

/* Open the one that the configuration names; from then on frames leave. Return
 * 0, or -errno after a message.
 */
int carrier_open(struct carrier *c, const struct config *config,
		 struct loop *loop, struct output *output);

/* What the collector is told that may come back: enum wire_accepts. */
uint64_t carrier_accepts(const struct carrier *c);

/* Whether frames do not get through, as far as is known. */
bool carrier_is_failing(const struct carrier *c);

/* The shipper is about to end: an attempt to connect that waits for its time begins
 * now.
 */
void carrier_hurry(struct carrier *c);

/* Where the next frames are to go to, if that is another collector: once it was told
 * that, carrier_leave(). NULL: they stay; TCP does it by itself.
 */
const char *carrier_leaves_for(struct carrier *c);
void carrier_leave(struct carrier *c);

/* Before carrier_stop(): the node goes there. Return whether a frame has to tell
 * that, and may: TCP does it by itself.
 */
bool carrier_goes_to(struct carrier *c, const char *where);

/* End what is under way; true once nothing is. Call until then. */
bool carrier_stop(struct carrier *c);

/* Stopped, or the loop does not run any more. */
void carrier_close(struct carrier *c);

/* Where it sends to, for messages. */
const char *carrier_peer(const struct carrier *c);

/* Frames that could not be sent, and were given up. */
uint64_t carrier_failed(const struct carrier *c);

/* Frames of an unknown kind that came back, and were dropped. */
uint64_t carrier_unknown(const struct carrier *c);

/* Connections after the first one. */
uint64_t carrier_reconnects(const struct carrier *c);

#endif /* KTACH_SHIPPER_CARRIER_H */
