// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "collector/feed/session.h"

/* FNV-1a */
static struct session **bucket(struct sessions *s, const uint8_t *node,
			       uint64_t session)
{
	uint32_t hash = 2166136261;
	int i;

	for (i = 0; i < WIRE_ID_SIZE; i++)
		hash = (hash ^ node[i]) * 16777619;
	for (i = 0; i < 8; i++)
		hash = (hash ^ (session >> 8 * i & 0xff)) * 16777619;
	return &s->buckets[(hash ^ hash >> 16) % SESSION_BUCKETS];
}

static struct session *session_new(struct sessions *s, struct session **chain,
				   const uint8_t *node, uint64_t session)
{
	struct session *n;

	if (s->count == SESSIONS_MAX)
		return NULL;
	n = calloc(1, sizeof(*n));
	if (!n)
		return NULL;
	memcpy(n->node, node, sizeof(n->node));
	n->session = session;
	n->next = *chain;
	*chain = n;
	s->count++;
	return n;
}

struct session *sessions_get(struct sessions *s, const uint8_t *node,
			     uint64_t session, uint64_t now_ns)
{
	struct session **chain = bucket(s, node, session), *n;

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

void sessions_forget(struct sessions *s, uint64_t before_ns)
{
	struct session **at, *n;
	int i;

	for (i = 0; i < SESSION_BUCKETS; i++) {
		at = &s->buckets[i];
		while ((n = *at)) {
			if (n->used_ns >= before_ns) {
				at = &n->next;
				continue;
			}
			*at = n->next;
			free(n);
			s->count--;
		}
	}
}

void sessions_exit(struct sessions *s)
{
	sessions_forget(s, UINT64_MAX);
}
