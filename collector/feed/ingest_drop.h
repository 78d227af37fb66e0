/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * To count what is not taken: for all together, and at its node where it is certain
 * whose it is; and to log it, if nothing was logged for a while.
 */
#ifndef KTACH_COLLECTOR_FEED_INGEST_DROP_H
#define KTACH_COLLECTOR_FEED_INGEST_DROP_H

#include "collector/feed/ingest_types.h"

struct store_mark;

/* Of nobody. */
void ingest_drop(struct ingest *in, unsigned int reason, struct peer *from);

/* Of a node, which is locked; NULL: it is not known. */
void ingest_drop_of(struct ingest *in, struct node *node, unsigned int reason,
		    struct peer *from);

/* Of nobody, a frame whose header can be read: the log has whose it says that it is. */
void ingest_drop_frame(struct ingest *in, unsigned int reason,
		       const struct wire_frame *frame, struct peer *from);

/* A frame with more values than its node may send: it loses that, and nobody else does. */
void ingest_drop_over_budget(struct ingest *in, struct node *node,
			     struct peer *from);

/* A frame of a stream that is not looked at, as its sender went elsewhere with it;
 * @last: what was taken of the stream last.
 */
void ingest_drop_left(struct ingest *in, const void *data,
		      const struct store_mark *last, struct peer *from);

#endif /* KTACH_COLLECTOR_FEED_INGEST_DROP_H */
