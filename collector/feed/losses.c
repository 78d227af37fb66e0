// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "collector/feed/losses.h"
#include "collector/history/store.h"
#include "collector/state/state.h"
#include "collector/nodes/visit.h"
#include "lib/base/clock.h"

#define MINUTE_NS UINT64_C(60000000000)
#define SILENT_NS UINT64_C(3000000000) /* all of its frames are written */

/*
 * What was counted must not be counted again after a kill. The next frame of a node
 * takes its account along; the account of a silent node is stored here.
 */
static void keep_account(struct losses *l, const struct node *node)
{
	uint8_t bytes[STATE_ACCOUNT_MAX];
	struct store_node n = { .node = node->id,
				.real_ns = node->last_seen.real_ns,
				.account = bytes };

	if (clock_mono_ns() - node->last_seen.mono_ns < SILENT_NS)
		return;
	n.account_size = state_account(node, bytes);
	store_put_node(l->store, &n);
}

static void hand_over(struct losses *l)
{
	struct store_loss loss = { .minute = l->minute };
	struct node *node;
	struct visit v;

	if (visit_begin(&v, l->nodes))
		return; /* memory is short: it counts in the next minute */
	for (node = visit_first(&v); node; node = visit_next(&v)) {
		if (!node_losses(node, loss.count))
			continue;
		memcpy(loss.node, node->id, sizeof(loss.node));
		store_put_loss(l->store, &loss);
		keep_account(l, node);
	}
	visit_end(&v);
}

void losses_tick(struct losses *l, uint64_t real_ns)
{
	uint64_t minute = real_ns / MINUTE_NS;

	if (l->minute && minute != l->minute)
		hand_over(l);
	l->minute = minute;
}

void losses_end(struct losses *l, uint64_t real_ns)
{
	losses_tick(l, real_ns);
	hand_over(l);
}
