/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far each session's frames came, of those that are sent over TCP: what
 * the history has for certain, and what is on its way there. A frame that was
 * taken already is not taken again.
 *
 *   sequence   1 ............ stored ............ accepted ......
 *              in the history         with the writer      not yet here
 *
 * A session that is new here may be one that the history knows: the mark of its
 * first frame asks. A node has few: a new one takes the place of its oldest.
 */
#ifndef KTACH_COLLECTOR_FEED_SESSION_H
#define KTACH_COLLECTOR_FEED_SESSION_H

#include <stddef.h>
#include <stdint.h>

#include "collector/nodes/node.h"
#include "lib/wire/wire.h"

enum session_limits {
	SESSIONS_MAX = 1 << 18,
	SESSION_BUCKETS = 4,		/* of the nodes that share a lock */
};

/**
 * struct session - of one node
 * @next: in its hash bucket
 * @node: whose it is
 * @session: which
 * @stored: the newest frame that is committed
 * @accepted: the newest frame that was handed to the writer
 * @tried: a frame that the writer had no room for, and that was counted; 0: none
 * @term: of store_term(), when the others were learnt
 * @connection: that handed it; 0: none
 * @used_ns: monotonic time when it was last asked for
 */
struct session {
	struct session *next;
	uint8_t node[WIRE_ID_SIZE];
	uint64_t session;
	uint64_t stored;
	uint64_t accepted;
	uint64_t tried;
	unsigned int term;
	uint64_t connection;
	uint64_t used_ns;
};

/* All of them; begins zeroed. Who asks for a node's holds its lock, see
 * collector/nodes/node.h.
 */
struct sessions {
	struct session *buckets[NODE_LOCKS][SESSION_BUCKETS];
	size_t count; /* atomic */
};

/* Find a session; @lock is nodes_lock()'s. NULL: it is not there. */
struct session *sessions_find(struct sessions *s, unsigned int lock,
			      const uint8_t *node, uint64_t session);

/* The same, or make it. NULL: too many, or no memory. */
struct session *sessions_get(struct sessions *s, unsigned int lock,
			     const uint8_t *node, uint64_t session,
			     uint64_t now_ns);

/* Forget those of a lock, which is held, that were not asked for since a time. */
void sessions_forget(struct sessions *s, unsigned int lock,
		     uint64_t before_ns);
void sessions_exit(struct sessions *s);

#endif /* KTACH_COLLECTOR_FEED_SESSION_H */
