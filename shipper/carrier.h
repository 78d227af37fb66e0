/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What takes frames from the queue to the collector: UDP or TCP. */
#ifndef KTACH_SHIPPER_CARRIER_H
#define KTACH_SHIPPER_CARRIER_H

#include "shipper/config.h"
#include "shipper/datagram.h"
#include "shipper/stream.h"

struct carrier {
	bool tcp;
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
