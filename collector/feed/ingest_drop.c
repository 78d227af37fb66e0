// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "collector/feed/ingest_drop.h"
#include "collector/history/store.h"
#include "lib/base/barrier.h"
#include "lib/base/clock.h"

/* Anybody can send garbage: it must not fill the disk with log lines. */
#define TELL_EVERY_NS UINT64_C(60000000000)

/* Count it. Whether the log is to tell of it, too. */
static bool count_drop(struct ingest *in, unsigned int reason)
{
	uint64_t now = clock_mono_ns();

	count_up(&in->counts.dropped[reason], 1);
	if (!drop_is_told(reason) ||
	    (in->told_ns && now - in->told_ns < TELL_EVERY_NS))
		return false;
	in->told_ns = now;
	return true;
}

void ingest_drop(struct ingest *in, unsigned int reason, struct peer *from)
{
	if (count_drop(in, reason))
		drop_tell(reason, peer_text(from));
}

/* Count it at its node, too. */
static void count_at_node(struct ingest *in, struct node *node,
			  unsigned int reason)
{
	enum node_drop what = drop_of_node(reason);

	if (!node || what == NODE_DROPS)
		return;
	node->dropped[what]++;
	node_changed(in->feed->nodes, node);
}

void ingest_drop_of(struct ingest *in, struct node *node, unsigned int reason,
		    struct peer *from)
{
	count_at_node(in, node, reason);
	ingest_drop(in, reason, from);
}

void ingest_drop_frame(struct ingest *in, unsigned int reason,
		       const struct wire_frame *frame, struct peer *from)
{
	const char *hint = drop_hint(reason);
	char id[NODE_ID_TEXT_SIZE], text[256];

	if (!hint) {
		ingest_drop(in, reason, from);
		return;
	}
	if (!count_drop(in, reason))
		return;
	node_id_format(frame->sender.node, id);
	snprintf(text, sizeof(text), "%s, of node %s, key %08x: %s,",
		 peer_text(from), id,
		 frame->flags & WIRE_SEALED ? frame->check : 0, hint);
	drop_tell(reason, text);
}

void ingest_drop_over_budget(struct ingest *in, struct node *node,
			     struct peer *from)
{
	char who[NODE_ID_TEXT_SIZE + NODE_NAME_SIZE + 128];

	count_at_node(in, node, DROP_BUDGET);
	if (!count_drop(in, DROP_BUDGET))
		return;
	snprintf(who, sizeof(who), "%s, node %s%s%s%s,", peer_text(from),
		 node->id_text, node->name[0] ? " '" : "", node->name,
		 node->name[0] ? "'" : "");
	drop_tell(DROP_BUDGET, who);
}

void ingest_drop_left(struct ingest *in, const void *data,
		      const struct store_mark *last, struct peer *from)
{
	struct nodes *nodes = in->feed->nodes;
	struct wire_frame frame;
	const uint8_t *id;

	wire_peek(&frame, data);
	id = frame.sender.node;
	nodes_lock(nodes, id);
	ingest_drop_of(in,
		       memcmp(id, last->node, WIRE_ID_SIZE) ?
			       NULL :
			       nodes_find(nodes, id),
		       DROP_LEFT, from);
	nodes_unlock(nodes, id);
}
