// SPDX-License-Identifier: GPL-2.0-or-later
/* The rows of a large table: in whatever order they come, they are in order. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "collector/nodes/node.h"
#include "collector/nodes/rows.h"
#include "lib/wire/wire_schema.h"

#define S UINT64_C(1000000000)

enum {
	MANY = 20000,
	PART = 7,
};

static struct samples samples;
static size_t all;
static struct samples_budget budget;

static int setup(void **state)
{
	memset(&samples, 0, sizeof(samples));
	all = 2 * MANY;
	budget = (struct samples_budget){ .left = all, .all = &all };
	return 0;
}

static int teardown(void **state)
{
	samples_clear(&samples, &budget);
	assert_int_equal(budget.left, 2 * MANY);
	return 0;
}

/* Tables of a few rows each: keys from @key on, @step apart; the value is @value,
 * and the key.
 */
static int take(uint64_t key, int64_t step, size_t count, uint64_t value,
		uint64_t mono_ns)
{
	uint64_t cells[PART][2];
	struct wire_table t = { .kind = WIRE_IRQ,
				.origin = WIRE_ORIGIN_PROC,
				.real_ns = S,
				.mono_ns = mono_ns,
				.columns = 2,
				.cells = cells[0] };
	int err = 0;

	while (count && !err) {
		for (t.rows = 0; t.rows < PART && count; t.rows++, count--) {
			cells[t.rows][0] = key;
			cells[t.rows][1] = value + key;
			key += (uint64_t)step;
		}
		err = samples_take(&samples, &t, &budget);
	}
	return err;
}

static void assert_in_order(size_t count)
{
	size_t i;

	assert_int_equal(samples_settle(&samples), 0);
	assert_int_equal(samples.count, count);
	for (i = 1; i < samples.count; i++)
		assert_true(samples.rows[i - 1]->key < samples.rows[i]->key);
}

static void assert_all_have(uint64_t value)
{
	size_t i;

	for (i = 0; i < samples.count; i++)
		assert_int_equal(samples.rows[i]->cells[1],
				 value + samples.rows[i]->key);
}

static void falling(void **state)
{
	assert_int_equal(take(MANY, -1, MANY, 0, S), 0);
	assert_in_order(MANY);
	assert_all_have(0);
	assert_int_equal(samples_find(&samples, 1)->key, 1);
	assert_int_equal(samples_find(&samples, MANY)->key, MANY);
	assert_null(samples_find(&samples, MANY + 1));
}

/* Those that wait for the others are found again, too. */
static void twice(void **state)
{
	assert_int_equal(take(2, 2, MANY / 2, 0, S), 0);
	assert_int_equal(take(MANY - 1, -2, 100, 0, S), 0);
	assert_int_equal(take(MANY - 1, -2, 100, 0, S), 0);
	assert_int_equal(take(MANY - 1, -2, MANY / 2, 5, 2 * S), 0);
	assert_int_equal(take(2, 2, MANY / 2, 5, 2 * S), 0);
	assert_in_order(MANY);
	assert_all_have(5);
}

static void over_budget(void **state)
{
	assert_int_equal(take(3 * MANY, -1, 3 * MANY, 0, S), -ENOSPC);
	assert_true(budget.refused > 0);
	assert_in_order(2 * MANY);
}

/* Rows that wait are forgotten like others; few rows do not make it look. */
static void forgotten(void **state)
{
	uint64_t second;

	assert_int_equal(take(MANY, -1, MANY, 0, S), 0);
	for (second = 2; second < 30; second++)
		assert_int_equal(take(MANY + 1, 1, PART, 0, second * S), 0);
	assert_in_order(MANY + PART);
	for (; second < 30 + MANY / PART / 16; second++)
		assert_int_equal(take(MANY + 1, 1, PART, 0, second * S), 0);
	assert_in_order(PART);
}

static size_t count_current(void)
{
	size_t i, count = 0;

	for (i = 0; i < samples.count; i++)
		count += samples_current(&samples, samples.rows[i]);
	return count;
}

/* A table without rows leaves none that is of now; an older one changes nothing. */
static void ended(void **state)
{
	struct wire_table none = { .kind = WIRE_IRQ,
				   .origin = WIRE_ORIGIN_PROC,
				   .real_ns = S,
				   .mono_ns = 3 * S,
				   .columns = 2 };

	assert_int_equal(take(1, 1, 3, 0, 2 * S), 0);
	assert_int_equal(take(1, 1, 3, 0, 4 * S), 0);
	assert_int_equal(samples_take(&samples, &none, &budget), 0);
	assert_int_equal(count_current(), 3);
	none.mono_ns = 6 * S;
	assert_int_equal(samples_take(&samples, &none, &budget), 0);
	assert_int_equal(count_current(), 0);
	assert_int_equal(take(2, 1, 1, 5, 8 * S), 0);
	samples.whole = true;
	assert_int_equal(count_current(), 1);
	assert_int_equal(samples_find(&samples, 2)->cells[1], 7);
}

static void take_of_node(struct nodes *nodes, struct node *node, uint32_t kind,
			 uint64_t keys)
{
	uint64_t cells[WIRE_NET_REQUIRED] = { 0 };
	struct wire_table t = { .kind = kind,
				.origin = WIRE_ORIGIN_PROC,
				.real_ns = S,
				.mono_ns = S,
				.columns = wire_schema(kind)->required,
				.rows = 1,
				.cells = cells };

	for (; keys; keys--) {
		cells[0] = keys;
		assert_int_equal(node_take(nodes, node, &t), NODE_OK);
	}
}

/* The large table of a node goes when the node does; others are its last words. */
static void gone(void **state)
{
	const uint64_t memory = UINT64_C(2) * MANY * NODES_ROW_BYTES;
	const struct node_time now = { .real_ns = 7 * S, .mono_ns = 3 * S };
	struct wire_frame f = { .sequence = 1, .sender.session = 1 };
	static struct nodes nodes;
	struct node *node;

	memset(f.sender.node, 'a', sizeof(f.sender.node));
	assert_int_equal(nodes_init(&nodes, memory * NODE_ROWS_SHARE), 0);
	assert_int_equal(nodes_take(&nodes, &f, &now,
				    &(struct peer){ .text = "there" }, &node),
			 NODE_OK);
	node_seen(&nodes, node, &now);
	take_of_node(&nodes, node, WIRE_IRQ, MANY);
	take_of_node(&nodes, node, WIRE_NET, 100);
	assert_true(node_samples(node, WIRE_IRQ)->count < MANY);
	nodes_age(&nodes, 4 * S);
	assert_int_equal(node_samples(node, WIRE_IRQ)->count, MANY);
	nodes_age(&nodes, 1000 * S);
	assert_int_equal(node->state, NODE_GONE);
	assert_int_equal(node_samples(node, WIRE_IRQ)->count, 0);
	assert_int_equal(node_samples(node, WIRE_NET)->count, 100);
	nodes_exit(&nodes);
	assert_int_equal(nodes.rows_left, nodes.rows_max);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(falling, setup, teardown),
		cmocka_unit_test_setup_teardown(twice, setup, teardown),
		cmocka_unit_test_setup_teardown(over_budget, setup, teardown),
		cmocka_unit_test_setup_teardown(forgotten, setup, teardown),
		cmocka_unit_test_setup_teardown(ended, setup, teardown),
		cmocka_unit_test(gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
