/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests of collector/nodes/: one node that takes tables; after cmocka.h. */
#ifndef KTACH_TESTS_NODES_TABLE_H
#define KTACH_TESTS_NODES_TABLE_H

#include <string.h>

#include "collector/nodes/node.h"

#define S UINT64_C(1000000000)

static struct nodes nodes;
static struct node *node;

static inline int setup(void **state)
{
	struct wire_frame f = { .sequence = 1, .sender.session = 1 };
	struct node_time now = { .real_ns = 7 * S, .mono_ns = 3 * S };

	memset(f.sender.node, 'a', WIRE_ID_SIZE);
	if (nodes_init(&nodes, 0))
		return -1;
	if (nodes_take(&nodes, &f, &now, &(struct peer){ .text = "there" }, &node) != NODE_OK)
		return -1;
	node_seen(&nodes, node, &now);
	return 0;
}

/* Nothing of the nodes' memory is left over. */
static inline int teardown(void **state)
{
	nodes_exit(&nodes);
	assert_int_equal(nodes.rows_left, nodes.rows_max);
	return 0;
}

/* Give @node a table that was read at @mono_ns. */
static inline void take(uint32_t kind, uint64_t mono_ns, uint32_t columns,
			uint32_t rows, const uint64_t *cells, uint32_t texts,
			const struct wire_text *text)
{
	const struct wire_table t = { .kind = kind,
				      .schema = 1,
				      .origin = WIRE_ORIGIN_PROC,
				      .real_ns = 100 * S + mono_ns,
				      .mono_ns = mono_ns,
				      .columns = columns,
				      .rows = rows,
				      .cells = cells,
				      .texts = texts,
				      .text = text };

	assert_int_equal(node_take(&nodes, node, &t), NODE_OK);
}

#endif /* KTACH_TESTS_NODES_TABLE_H */
