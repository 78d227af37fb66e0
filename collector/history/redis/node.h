/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is kept of a node, as a value: its row, its losses. */
#ifndef KTACH_COLLECTOR_HISTORY_REDIS_NODE_H
#define KTACH_COLLECTOR_HISTORY_REDIS_NODE_H

#include "collector/history/redis/call.h"

/* As struct engine_node, with its texts. */
struct node_row {
	uint64_t first_ns;
	uint64_t last_ns;
	uint64_t folded;
	char name[WIRE_TEXT_MAX + 1];
	char version[WIRE_TEXT_MAX + 1];
};

/* Return 0, or -ENOENT: there is none, and all is 0. */
int node_read(const redisReply *reply, struct node_row *n);

/* As an argument. */
void node_put(struct redis *r, const struct node_row *n);

/* Losses of a minute. */
struct node_minute {
	uint64_t minute;
	int64_t count[LOSS_CAUSES];
};

/* A node's struct node_minute, by rising minutes. Return 0 or a negative errno. */
int loss_minutes(struct redis *r, const uint8_t *node, struct buffer *minutes);

#endif /* KTACH_COLLECTOR_HISTORY_REDIS_NODE_H */
