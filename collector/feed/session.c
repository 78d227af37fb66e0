// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "collector/feed/session.h"
#include "collector/history/store.h"
#include "lib/base/barrier.h"

/* The session, among those of a lock; a node has few at a time. */
static struct session **bucket(struct sessions *s, unsigned int lock,
			       uint64_t session)
{
	uint64_t hash = session * UINT64_C(0x9e3779b97f4a7c15);

	return &s->buckets[lock][(hash >> 32) % SESSION_BUCKETS];
}

static struct session *session_new(struct sessions *s, struct session **chain,
				   const uint8_t *node, uint64_t session)
{
	struct session *n;

	if (load_relaxed(&s->count) >= SESSIONS_MAX)
		return NULL;
	n = calloc(1, sizeof(*n));
	if (!n)
		return NULL;
	memcpy(n->node, node, sizeof(n->node));
	n->session = session;
	n->next = *chain;
	*chain = n;
	add_relaxed(&s->count, 1);
	return n;
}

struct session *sessions_find(struct sessions *s, unsigned int lock,
			      const uint8_t *node, uint64_t session)
{
	struct session *n = *bucket(s, lock, session);

	for (; n; n = n->next)
		if (n->session == session &&
		    !memcmp(n->node, node, sizeof(n->node)))
			break;
	return n;
}

static void drop_session(struct sessions *s, struct session **at)
{
	struct session *n = *at;

	*at = n->next;
	free(n);
	add_relaxed(&s->count, -1);
}

/* Whether it has frames on their way to the history: sessions without any are removed
 * first.
 */
static bool is_busy(const struct session *n)
{
	return n->accepted != n->stored;
}

static bool is_older(const struct session *a, const struct session *b)
{
	if (is_busy(a) != is_busy(b))
		return is_busy(b);
	return a->used_ns < b->used_ns;
}

/* Make room for another one of a node. */
static void drop_oldest(struct sessions *s, unsigned int lock,
			const uint8_t *node)
{
	struct session **at, **oldest = NULL;
	int i, count = 0;

	for (i = 0; i < SESSION_BUCKETS; i++) {
		for (at = &s->buckets[lock][i]; *at; at = &(*at)->next) {
			if (memcmp((*at)->node, node, sizeof((*at)->node)))
				continue;
			count++;
			if (!oldest || is_older(*at, *oldest))
				oldest = at;
		}
	}
	if (count >= STORE_SESSIONS_MAX)
		drop_session(s, oldest);
}

struct session *sessions_get(struct sessions *s, unsigned int lock,
			     const uint8_t *node, uint64_t session,
			     uint64_t now_ns)
{
	struct session *n = sessions_find(s, lock, node, session);

	if (!n) {
		drop_oldest(s, lock, node);
		n = session_new(s, bucket(s, lock, session), node, session);
	}
	if (n)
		n->used_ns = now_ns;
	return n;
}

static void forget_old(struct sessions *s, struct session **at,
		       uint64_t before_ns)
{
	while (*at) {
		if ((*at)->used_ns >= before_ns)
			at = &(*at)->next;
		else
			drop_session(s, at);
	}
}

void sessions_forget(struct sessions *s, unsigned int lock, uint64_t before_ns)
{
	int i;

	for (i = 0; i < SESSION_BUCKETS; i++)
		forget_old(s, &s->buckets[lock][i], before_ns);
}

void sessions_exit(struct sessions *s)
{
	unsigned int lock;

	for (lock = 0; lock < NODE_LOCKS; lock++)
		sessions_forget(s, lock, UINT64_MAX);
}
