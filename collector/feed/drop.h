/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a frame, or a table of one, is not taken. */
#ifndef KTACH_COLLECTOR_FEED_DROP_H
#define KTACH_COLLECTOR_FEED_DROP_H

#include <stdbool.h>

#include "collector/base/loss.h"
#include "lib/wire/wire.h"

/* Reasons to drop a frame or a table: enum wire_error's, and these. */
enum ingest_reason {
	DROP_VALUE = WIRE_ERRORS,	/* a number that can't be */
	DROP_DUPLICATE,
	DROP_LATE,
	DROP_STRAGGLER,			/* of a session that has ended */
	DROP_CLONE,			/* of another host with the same id */
	DROP_REVOKED,			/* its node's key is not taken any more */
	DROP_FULL,			/* too many nodes or rows */
	DROP_BUDGET,			/* more values than a node may send */
	DROP_LEFT,			/* its sender went elsewhere with it */
	DROP_SOCKET,			/* by the kernel: receive buffer full */
	DROP_REASONS
};

/* Its short name: "short", "crc", ... "duplicate". */
const char *drop_name(unsigned int reason);

/* The same reason among a node's own counts (enum node_drop); NODE_DROPS: it has none
 * there.
 */
enum node_drop drop_of_node(unsigned int reason);

/* Whether the log is to tell of it: duplicates and the like are daily business of UDP. */
bool drop_is_told(unsigned int reason);

/* What to do about it; NULL: nothing is known to help. */
const char *drop_hint(unsigned int reason);

/* Tell the log. */
void drop_tell(unsigned int reason, const char *from);

#endif /* KTACH_COLLECTOR_FEED_DROP_H */
