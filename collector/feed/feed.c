// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "collector/feed/feed.h"
#include "collector/history/store.h"
#include "lib/base/barrier.h"
#include "lib/base/clock.h"
#include "lib/base/key_file.h"

void feed_init(struct feed *feed, struct nodes *nodes, struct store *store)
{
	memset(feed, 0, sizeof(*feed));
	feed->nodes = nodes;
	feed->store = store;
	feed->unsealed = true;
	pthread_rwlock_init(&feed->keys_lock, NULL);
}

void feed_exit(struct feed *feed)
{
	sessions_exit(&feed->sessions);
	key_file_free(&feed->keys);
	revoked_keys_free(&feed->revoked);
	pthread_rwlock_destroy(&feed->keys_lock);
}

void feed_rekey(struct feed *feed, struct seal_keys *keys, bool unsealed)
{
	pthread_rwlock_wrlock(&feed->keys_lock);
	key_file_free(&feed->keys);
	feed->keys = *keys;
	feed->unsealed = unsealed;
	pthread_rwlock_unlock(&feed->keys_lock);
	*keys = (struct seal_keys){ 0 };
}

bool feed_node_key(struct feed *feed, const uint8_t *node, struct seal_key *key)
{
	bool found = false;
	size_t i;

	pthread_rwlock_rdlock(&feed->keys_lock);
	for (i = feed->keys.count; i-- && !found;) {
		found = feed->keys.list[i].fleet;
		if (found)
			seal_derive(key, &feed->keys.list[i], node);
	}
	pthread_rwlock_unlock(&feed->keys_lock);
	return found;
}

void feed_revoke(struct feed *feed, struct revoked_keys *revoked)
{
	pthread_rwlock_wrlock(&feed->keys_lock);
	revoked_keys_free(&feed->revoked);
	feed->revoked = *revoked;
	pthread_rwlock_unlock(&feed->keys_lock);
	*revoked = (struct revoked_keys){ 0 };
	add_relaxed(&feed->revocations, 1);
}

bool feed_is_revoked(struct feed *feed, const uint8_t *node, uint32_t key)
{
	bool is;

	pthread_rwlock_rdlock(&feed->keys_lock);
	is = revoked_keys_have(&feed->revoked, node, key);
	pthread_rwlock_unlock(&feed->keys_lock);
	return is;
}

static void settle_session(struct session *s, const struct store_mark *mark)
{
	if (mark->unknown)
		s->stored = 0;
	if (mark->stored > s->stored)
		s->stored = mark->stored;
	if (s->accepted < s->stored ||
	    (!mark->kept && mark->connection == s->connection))
		s->accepted = s->stored;
}

/* Frames that follow one that was not kept have to come again together with it. */
void feed_settled(struct feed *feed, const struct store_mark *mark)
{
	unsigned int lock = nodes_lock(feed->nodes, mark->node);
	struct session *s =
		sessions_find(&feed->sessions, lock, mark->node, mark->session);

	if (s)
		settle_session(s, mark);
	nodes_unlock(feed->nodes, mark->node);
}

void feed_forget(struct feed *feed, uint64_t before_ns)
{
	unsigned int lock;

	for (lock = 0; lock < NODE_LOCKS; lock++) {
		pthread_mutex_lock(&feed->nodes->locks[lock]);
		sessions_forget(&feed->sessions, lock, before_ns);
		pthread_mutex_unlock(&feed->nodes->locks[lock]);
	}
}
