/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the threads that take frames share. */
#ifndef KTACH_COLLECTOR_FEED_FEED_H
#define KTACH_COLLECTOR_FEED_FEED_H

#include <pthread.h>
#include <stdbool.h>

#include "collector/feed/revoked_keys.h"
#include "collector/feed/session.h"
#include "collector/nodes/node.h"
#include "lib/wire/seal.h"

struct membership;
struct judge;
struct incidents;
struct relay;
struct store;
struct warden;
struct store_mark;

/**
 * struct feed - where frames go, and who may send them
 * @nodes: brought up to date
 * @store: gets every frame; may be NULL
 * @fleet: which nodes are ours among several collectors; NULL: all
 * @judge: whether our clock is good; NULL: it is
 * @warden: looks at nodes when frames of them were taken; NULL: nobody does
 * @incidents: of nodes' flight recorders; NULL: they are not kept
 * @relay: of requests to nodes; NULL: there are none
 * @sessions: how far the senders of streams came
 * @keys_lock: of the following
 * @keys: that sealed frames are opened with
 * @unsealed: frames that are not sealed are taken, too
 * @revoked: keys that are not taken any more
 * @revocations: how often @revoked has changed; atomic
 */
struct feed {
	struct nodes *nodes;
	struct store *store;
	struct membership *fleet;
	const struct judge *judge;
	struct warden *warden;
	struct incidents *incidents;
	struct relay *relay;
	struct sessions sessions;
	pthread_rwlock_t keys_lock;
	struct seal_keys keys;
	bool unsealed;
	struct revoked_keys revoked;
	unsigned int revocations;
};

/* Takes frames that are not sealed until feed_rekey() says otherwise. */
void feed_init(struct feed *feed, struct nodes *nodes, struct store *store);
void feed_exit(struct feed *feed);

/**
 * feed_rekey() - go over to other keys, or to some for the first time
 * @feed: the feed
 * @keys: taken over: empty afterwards
 * @unsealed: frames that are not sealed are taken, too
 */
void feed_rekey(struct feed *feed, struct seal_keys *keys, bool unsealed);

/* The key that a node gets now: it follows from the fleet key, of several from the last
 * one by the names of their files. False: there is none.
 */
bool feed_node_key(struct feed *feed, const uint8_t *node,
		   struct seal_key *key);

/* Go over to another list of revoked keys, which is empty afterwards. */
void feed_revoke(struct feed *feed, struct revoked_keys *revoked);

/* Whether a key of a node is revoked; @key 0: none. */
bool feed_is_revoked(struct feed *feed, const uint8_t *node, uint32_t key);

/* A mark that the store has settled: brings the sessions up to date. */
void feed_settled(struct feed *feed, const struct store_mark *mark);

/* About once a second: nodes that another member of the fleet has are moved there, not gone. */
void feed_note_moved(struct feed *feed);

/* Forget sessions that were not asked for since a time, monotonic. */
void feed_forget(struct feed *feed, uint64_t before_ns);

#endif /* KTACH_COLLECTOR_FEED_FEED_H */
