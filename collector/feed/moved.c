// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "collector/feed/feed.h"
#include "collector/feed/ingest_types.h"
#include "collector/fleet/membership.h"
#include "collector/history/store.h"
#include "collector/nodes/visit.h"

void feed_note_moved(struct feed *feed)
{
	char where[INGEST_WHERE_SIZE];
	struct node *node;
	struct visit v;

	if (!feed->fleet || visit_begin(&v, feed->nodes))
		return;
	for (node = visit_first(&v); node; node = visit_next(&v)) {
		struct wire_text text = { where, 0 };

		if (node->moved_to[0] || node->ended ||
		    store_term(feed->store, node->id) ||
		    membership_owner(feed->fleet, node->id, where,
				     sizeof(where)) != MEMBERSHIP_OTHER)
			continue;
		text.size = strlen(where);
		if (text.size)
			node_leaves(feed->nodes, node, &text);
	}
	visit_end(&v);
}
