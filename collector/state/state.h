/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What outlives the collector of a node, as bytes for the history:
 *
 *   its account    who sends as it, how far its frames came, what was lost;
 *                  written with each frame
 *   its values     the latest of each table, as frames (include/ktach/wire.h);
 *                  written when it falls silent, and now and then
 */
#ifndef KTACH_COLLECTOR_STATE_STATE_H
#define KTACH_COLLECTOR_STATE_STATE_H

#include "collector/base/buffer.h"
#include "collector/nodes/node.h"

enum state_limits {
	STATE_ACCOUNT_MAX = 1344,
};

/* Write a node's account; @to has STATE_ACCOUNT_MAX bytes. Returns its size. */
size_t state_account(const struct node *node, uint8_t *to);

/**
 * state_restore() - make a node of its account, before any of its frames came
 * @nodes: the table; it is one thread's as yet
 * @id: which
 * @data: what state_account() wrote, also an older version's
 * @size: of it
 * @now: when
 *
 * Return: the node, which is gone until samples of it are taken; NULL if there
 * is no room, or it is no account.
 */
struct node *state_restore(struct nodes *nodes, const uint8_t *id,
			   const void *data, size_t size,
			   const struct node_time *now);

/* Likewise of one of which only its name and times are known. */
struct node *state_restore_name(struct nodes *nodes, const uint8_t *id,
				const char *name, const char *version,
				uint64_t first_ns, uint64_t last_ns,
				const struct node_time *now);

/* Append a node's values. Return 0 or -ENOMEM. */
int state_values(const struct node *node, struct buffer *to);

/* Give a restored node its values; it is locked. */
void state_restore_values(struct nodes *nodes, struct node *node,
			  const void *data, size_t size);

#endif /* KTACH_COLLECTOR_STATE_STATE_H */
