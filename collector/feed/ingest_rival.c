// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/feed/ingest_rival.h"
#include "lib/base/clean.h"
#include "lib/base/log.h"

/* Two hosts that have one id are named as often. */
#define TELL_EVERY_NS UINT64_C(60000000000)

/* A rival's name is in its frames: looked for until one tells it. */
static void read_name(struct ingest *in, struct rival *rival,
		      const struct wire_frame *frame)
{
	struct wire_frame copy = *frame; /* it may be read again */
	struct wire_table table;

	while (wire_next(&copy, &table, &in->room) == 1)
		if (table.kind == WIRE_NODE && table.rows && table.text)
			clean_text(rival->name, sizeof(rival->name),
				   &table.text[WIRE_NODE_NAME]);
}

static void tell_rival(const struct node *node, const struct rival *rival)
{
	char taken[NODE_ID_TEXT_SIZE], refused[NODE_ID_TEXT_SIZE];

	node_id_format(node->from.boot, taken);
	node_id_format(rival->who.boot, refused);
	log_warn(
		"two hosts send as node %s: taken is '%s' at %s (boot %s), refused '%s' at %s (boot %s); give one an id of its own: remove /var/lib/ktach/node-id there and start its shipper again",
		node->id_text, node->name, node->from.address, taken,
		rival->name, rival->who.address, refused);
}

void ingest_take_rival(struct ingest *in, struct node *node,
		       const struct wire_frame *frame,
		       const struct node_time *now)
{
	struct rival *rival = node->rivals;

	while (rival && (rival->last.mono_ns != now->mono_ns ||
			 rival->who.session != frame->sender.session))
		rival = rival->next;
	if (!rival)
		return;
	if (!rival->name[0])
		read_name(in, rival, frame);
	node_changed(in->feed->nodes, node);
	if (!rival->proven ||
	    (node->rivals_told_ns &&
	     now->mono_ns - node->rivals_told_ns < TELL_EVERY_NS))
		return;
	node->rivals_told_ns = now->mono_ns;
	tell_rival(node, rival);
}
