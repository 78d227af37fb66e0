// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "collector/feed/losses.h"
#include "collector/history/store.h"

#define MINUTE_NS UINT64_C(60000000000)

static void hand_over(struct losses *l)
{
	struct nodes *nodes = l->nodes;
	struct store_loss loss = { .minute = l->minute };
	size_t i;

	for (i = 0; i < nodes->count; i++) {
		struct node *node = nodes->list[i];

		if (!node_losses(node, loss.count))
			continue;
		memcpy(loss.node, node->id, sizeof(loss.node));
		store_put_loss(l->store, &loss);
	}
}

void losses_tick(struct losses *l, uint64_t real_ns)
{
	uint64_t minute = real_ns / MINUTE_NS;

	if (l->minute && minute != l->minute)
		hand_over(l);
	l->minute = minute;
}

void losses_end(struct losses *l)
{
	if (l->minute)
		hand_over(l);
}
