// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "collector/agents/relay.h"
#include "collector/agents/wishes.h"
#include "collector/feed/ack.h"
#include "collector/feed/ask.h"
#include "collector/feed/ingest.h"
#include "collector/feed/stream.h"

/* Its frames are sealed, and its place is taken for good. */
static bool is_of_node(const struct stream *c, const uint8_t *node)
{
	return c && !c->closing && !c->left && !c->refused_ns &&
	       c->place.sender && c->last.key &&
	       !memcmp(c->last.node, node, WIRE_ID_SIZE);
}

/* The session that its shipper announced it for. */
static uint64_t session_of(struct feed *feed, const uint8_t *id,
			   enum wire_service service)
{
	const struct node *node;
	uint64_t session;

	nodes_lock(feed->nodes, id);
	node = nodes_find(feed->nodes, id);
	session = node ? wishes_serves(node, service) : 0;
	nodes_unlock(feed->nodes, id);
	return session;
}

/* The newest one: a former one of the same shipper may not have been missed yet. */
static uint64_t find(void *context, const uint8_t *node,
		     enum wire_service service)
{
	struct streams *s = context;
	uint64_t session = 0, found = 0;
	size_t i;

	for (i = 0; i < STREAMS_MAX; i++) {
		if (!is_of_node(s->all[i], node))
			continue;
		if (!session)
			session = session_of(s->ingest->feed, node, service);
		if (session && s->all[i]->last.session == session &&
		    s->all[i]->id > found)
			found = s->all[i]->id;
	}
	return found;
}

static bool send_request(void *context, uint64_t connection,
			 const struct relay_request *r)
{
	struct streams *s = context;
	struct stream *c = s->all[connection % STREAMS_MAX];

	if (c->request || r->size > WIRE_REQUEST_MAX)
		return false;
	c->request = malloc(WIRE_HEADER_SIZE + WIRE_REQUEST_HEAD + r->size +
			    WIRE_SEAL_SIZE);
	if (!c->request)
		return false;
	c->request_size = ack_request(s->ingest->feed, &c->last, r->service,
				      r->id, r->text, r->size, c->request);
	c->request_sent = 0;
	if (!c->request_size) {
		free(c->request);
		c->request = NULL;
		return false;
	}
	stream_send_acks(c);
	return true;
}

void ask_nodes(struct streams *s)
{
	const struct relay_claim claim = { .find = find,
					   .send = send_request,
					   .context = s };

	if (s->ingest->feed->relay)
		relay_claim(s->ingest->feed->relay, &claim);
}
