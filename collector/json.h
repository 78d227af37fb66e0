/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known, as JSON documents. Times and counts are exact integers; a
 * share is a number from 0 to 1; a rate is a number a second, null where two
 * samples are not there yet.
 */
#ifndef KTACH_COLLECTOR_JSON_H
#define KTACH_COLLECTOR_JSON_H

#include <jansson.h>

#include "collector/ingest.h"
#include "collector/node.h"
#include "collector/store.h"

/* One line of the list of nodes. */
json_t *json_summary(const struct node *node, const struct node_time *now);

/* The list, with what was dropped and how the history does. */
json_t *json_nodes(const struct ingest *in, const struct store_stats *stats,
		   const struct node_time *now);

/* Everything about one node. */
json_t *json_node(const struct node *node, const struct node_time *now);

/* Parts of it (json_samples.c); null before the first sample. */
json_t *json_cpu(const struct samples *s);
json_t *json_softirq(const struct samples *s);
json_t *json_net(const struct samples *s);

/* Of all CPUs that have one: the share that wasn't idle; null if none has. */
json_t *json_busy_share(const struct samples *s);

/* Sum of a column of WIRE_NET. */
json_t *json_net_sum(const struct samples *s, uint32_t column);

#endif /* KTACH_COLLECTOR_JSON_H */
