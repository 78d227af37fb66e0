// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "collector/feed/session.h"
#include "lib/barrier.h"

/* Which of a lock's; a node has few sessions at a time. */
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

struct session *sessions_get(struct sessions *s, unsigned int lock,
			     const uint8_t *node, uint64_t session,
			     uint64_t now_ns)
{
	struct session **chain = bucket(s, lock, session), *n;

	for (n = *chain; n; n = n->next)
		if (n->session == session &&
		    !memcmp(n->node, node, sizeof(n->node)))
			break;
	if (!n)
		n = session_new(s, chain, node, session);
	if (n)
		n->used_ns = now_ns;
	return n;
}

static void forget(struct sessions *s, struct session **at, uint64_t before_ns)
{
	struct session *n;

	while ((n = *at)) {
		if (n->used_ns >= before_ns) {
			at = &n->next;
			continue;
		}
		*at = n->next;
		free(n);
		add_relaxed(&s->count, -1);
	}
}

void sessions_forget(struct sessions *s, unsigned int lock, uint64_t before_ns)
{
	int i;

	for (i = 0; i < SESSION_BUCKETS; i++)
		forget(s, &s->buckets[lock][i], before_ns);
}

void sessions_exit(struct sessions *s)
{
	unsigned int lock;

	for (lock = 0; lock < NODE_LOCKS; lock++)
		sessions_forget(s, lock, UINT64_MAX);
}
