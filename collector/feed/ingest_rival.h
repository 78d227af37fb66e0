/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two hosts that send as one node: the log has both. */
#ifndef KTACH_COLLECTOR_FEED_INGEST_RIVAL_H
#define KTACH_COLLECTOR_FEED_INGEST_RIVAL_H

#include "collector/feed/ingest_types.h"

/* A frame of a node, which is locked, was refused: if it is of another host that sends
 * as this node, learn its name, and tell the log.
 */
void ingest_take_rival(struct ingest *in, struct node *node,
		       const struct wire_frame *frame,
		       const struct node_time *now);

#endif /* KTACH_COLLECTOR_FEED_INGEST_RIVAL_H */
