// SPDX-License-Identifier: GPL-2.0-or-later
/* Figures, the top of them, the fleet's sums, silence, gauges and counters. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/figures/fleet.h"
#include "collector/figures/topk.h"
#include "tests/unit/near.h"

#define S UINT64_C(1000000000)

enum {
	NODES = 40,
	CPUS = 3,
};

static struct nodes nodes;
static struct visit visit;

static int setup(void **state)
{
	return nodes_init(&nodes, 0);
}

static int teardown(void **state)
{
	nodes_exit(&nodes);
	assert_int_equal(nodes.rows_left, nodes.rows_max);
	return 0;
}

static struct node *node_of(uint8_t id, uint64_t mono_ns)
{
	static uint64_t sequence;
	struct wire_frame f = { .sequence = ++sequence, .sender.session = 1 };
	struct node_time now = { .real_ns = S, .mono_ns = mono_ns };
	struct node *node = NULL;

	f.sender.node[0] = id;
	assert_int_equal(nodes_take(&nodes, &f, &now,
				    &(struct peer){ .text = "there" }, &node),
			 NODE_OK);
	node_seen(&nodes, node, &now);
	return node;
}

static void take(struct node *node, uint32_t kind, uint32_t columns,
		 uint32_t rows, uint64_t mono_ns, const uint64_t *cells)
{
	const struct wire_text names[] = { { "lo", 2 }, { "eth0", 4 } };
	struct wire_table t = { .kind = kind,
				.schema = 1,
				.origin = WIRE_ORIGIN_PROC,
				.real_ns = S + mono_ns,
				.mono_ns = mono_ns,
				.columns = columns,
				.rows = rows,
				.cells = cells };

	if (kind == WIRE_NET) {
		t.texts = WIRE_NET_TEXTS;
		t.text = names;
	}
	assert_int_equal(node_take(&nodes, node, &t), NODE_OK);
}

/* A second in which each CPU is busy for a share of hundredths + its number. */
static void take_cpus(struct node *node, uint64_t hundredths)
{
	uint64_t cells[CPUS * WIRE_CPU_REQUIRED] = { 0 };
	uint32_t cpu;

	for (cpu = 0; cpu < CPUS; cpu++) {
		cells[cpu * WIRE_CPU_REQUIRED] = cpu;
		cells[cpu * WIRE_CPU_REQUIRED + WIRE_CPU_FLAGS] =
			WIRE_CPU_ONLINE;
	}
	take(node, WIRE_CPU, WIRE_CPU_REQUIRED, CPUS, S, cells);
	for (cpu = 0; cpu < CPUS; cpu++) {
		uint64_t *c = &cells[cpu * WIRE_CPU_REQUIRED];

		c[WIRE_CPU_USER_NS] = (hundredths + cpu) * S / 100;
		c[WIRE_CPU_IDLE_NS] = S - c[WIRE_CPU_USER_NS];
	}
	take(node, WIRE_CPU, WIRE_CPU_REQUIRED, CPUS, 2 * S, cells);
}

static void fill(void)
{
	uint8_t i;

	for (i = 0; i < NODES; i++)
		take_cpus(node_of((uint8_t)(i + 1), S), i * 7 % NODES);
}

static struct topk *top(const char *figure, enum figure_over over, size_t k,
			bool smallest)
{
	static struct topk t;

	t.k = k;
	t.smallest = smallest;
	assert_int_equal(visit_begin(&visit, &nodes), 0);
	topk_of(&t, &visit, figure_find(figure), over);
	visit_end(&visit);
	return &t;
}

/* Against a sort of all of them. */
static void top_cpus(void **state)
{
	struct topk *t;
	size_t i;

	fill();
	t = top("cpu.busy", FIGURE_CPUS, 7, false);
	assert_int_equal(t->count, 7);
	assert_int_equal(t->offered, NODES * CPUS);
	/* 41, then 40 twice (of 39 + 1 and 38 + 2), then 39 three times. */
	assert_within(t->entries[0].value, 0.41, 1e-9);
	assert_int_equal(t->entries[0].key, 2);
	assert_within(t->entries[1].value, 0.40, 1e-9);
	assert_within(t->entries[2].value, 0.40, 1e-9);
	assert_within(t->entries[5].value, 0.39, 1e-9);
	for (i = 1; i < t->count; i++)
		assert_true(t->entries[i].value <= t->entries[i - 1].value);
	t = top("cpu.busy", FIGURE_CPUS, TOPK_MAX, true);
	assert_int_equal(t->count, NODES * CPUS);
	assert_within(t->entries[0].value, 0, 1e-9);
	for (i = 1; i < t->count; i++)
		assert_true(t->entries[i].value >= t->entries[i - 1].value);
}

static void top_nodes(void **state)
{
	struct topk *t;

	fill();
	t = top("cpu.busy", FIGURE_NODES, 2, false);
	assert_within(t->entries[0].value, 0.40, 1e-9);
	assert_within(t->entries[1].value, 0.39, 1e-9);
	assert_int_equal(top("load_1min", FIGURE_NODES, 5, false)->count, 0);
}

/* Of equal ones the ids decide, whatever the order that they come in. */
static void top_ties(void **state)
{
	struct topk t = { .k = 2 };
	struct node a = { .id = { 1 } }, b = { .id = { 2 } },
		    c = { .id = { 3 } };
	struct topk_entry entries[] = {
		{ 5, &c }, { 5, &a }, { NAN, &a }, { 5, &b }
	};
	size_t i;

	for (i = 0; i < 4; i++)
		topk_offer(&t, &entries[i]);
	topk_sort(&t);
	assert_ptr_equal(t.entries[0].node, &a);
	assert_ptr_equal(t.entries[1].node, &b);
	assert_int_equal(t.offered, 3);
}

static void sum(struct fleet *fleet)
{
	assert_int_equal(visit_begin(&visit, &nodes), 0);
	fleet_sum(fleet, &visit);
	visit_end(&visit);
}

static void silence(void **state)
{
	struct fleet fleet;
	uint64_t serial;

	node_of(1, S);
	node_of(2, 20 * S);
	nodes_age(&nodes, 20 * S);
	sum(&fleet);
	assert_int_equal(fleet.states[NODE_FRESH], 1);
	assert_int_equal(fleet.states[NODE_LAGGING], 1);
	serial = nodes.serial;
	nodes_age(&nodes, 20 * S);
	assert_int_equal(nodes.serial, serial);
	nodes_age(&nodes, 60 * S);
	assert_true(nodes.serial > serial);
	sum(&fleet);
	assert_int_equal(fleet.states[NODE_GONE], 2);
	nodes_forget(&nodes, 60 * S, 50 * S);
	assert_int_equal(nodes.forgotten, 1);
}

static void sums(void **state)
{
	struct fleet fleet;
	uint8_t i;

	for (i = 0; i < 4; i++)
		take_cpus(node_of((uint8_t)(i + 1), S), 10 * i);
	sum(&fleet);
	assert_int_equal(fleet.cpus, 4 * CPUS);
	/* Each CPU's number is a hundredth more. */
	assert_within(fleet.busy_cpus, CPUS * 0.6 + 4 * 0.03, 1e-9);
	/* What is gone has no CPUs any more. */
	nodes_age(&nodes, 100 * S);
	sum(&fleet);
	assert_int_equal(fleet.cpus, 0);
	assert_true(isnan(fleet.busy_cpus));
}

/* What a node does not tell is no 0 of the fleet's, nor are its CPUs idle. */
static void sums_of_unknown(void **state)
{
	uint64_t cells[CPUS * WIRE_CPU_REQUIRED] = { 0 };
	struct fleet fleet;
	uint32_t cpu;

	for (cpu = 0; cpu < CPUS; cpu++) {
		cells[cpu * WIRE_CPU_REQUIRED] = cpu;
		cells[cpu * WIRE_CPU_REQUIRED + WIRE_CPU_FLAGS] =
			WIRE_CPU_ONLINE;
	}
	take(node_of(1, S), WIRE_CPU, WIRE_CPU_REQUIRED, CPUS, S, cells);
	sum(&fleet);
	assert_int_equal(fleet.cpus, CPUS);
	assert_true(isnan(fleet_busy(&fleet)));
	assert_true(isnan(fleet.busy_cpus) && isnan(fleet.softirqs_per_s));
	assert_true(isnan(fleet.rx_bytes_per_s) && isnan(fleet.tx_bytes_per_s));
	assert_true(isnan(fleet.memory_bytes) &&
		    isnan(fleet.memory_used_bytes));
	take_cpus(node_of(2, S), 49);
	sum(&fleet);
	assert_int_equal(fleet.cpus, 2 * CPUS);
	assert_true(fabs(fleet_busy(&fleet) - 0.5) < 1e-9);
}

static void gauges(void **state)
{
	struct node *node = node_of(1, S);
	uint64_t cells[] = { WIRE_LOAD_1MIN,
			     125,
			     WIRE_MEMORY_TOTAL_BYTES,
			     1000,
			     WIRE_MEMORY_AVAILABLE_BYTES,
			     250,
			     WIRE_GAUGE_KEYS + 3,
			     9 };

	assert_true(isnan(figure_of_node(figure_find("load_1min"), node)));
	take(node, WIRE_GAUGES, WIRE_VALUE_COLUMNS, 4, S, cells);
	assert_within(figure_of_node(figure_find("load_1min"), node), 1.25,
		      1e-9);
	assert_within(figure_of_node(figure_find("memory_used"), node), 0.75,
		      1e-9);
	assert_true(isnan(figure_of_node(figure_find("threads"), node)));
	/* An older sample changes nothing. */
	cells[1] = 500;
	take(node, WIRE_GAUGES, WIRE_VALUE_COLUMNS, 1, S / 2, cells);
	assert_within(figure_of_node(figure_find("load_1min"), node), 1.25,
		      1e-9);
}

static void counters(void **state)
{
	const struct figure *f = figure_find("context_switches");
	struct node *node = node_of(1, S);
	uint64_t cells[] = { WIRE_CONTEXT_SWITCHES, 1000, WIRE_FORKS, 5 };

	take(node, WIRE_COUNTERS, WIRE_VALUE_COLUMNS, 2, S, cells);
	assert_true(isnan(figure_of_node(f, node)));
	cells[1] = 1300;
	take(node, WIRE_COUNTERS, WIRE_VALUE_COLUMNS, 2, 3 * S, cells);
	assert_within(figure_of_node(f, node), 150, 1e-9);
	/* The second part of a sample belongs to the first. */
	take(node, WIRE_COUNTERS, WIRE_VALUE_COLUMNS, 1, 3 * S, cells + 2);
	assert_within(figure_of_node(f, node), 150, 1e-9);
	cells[1] = 10;
	take(node, WIRE_COUNTERS, WIRE_VALUE_COLUMNS, 2, 4 * S, cells);
	assert_true(isnan(figure_of_node(f, node)));
}

/* Optional columns: the largest bucket is no sum; absent ones are unknown. */
static void bursts(void **state)
{
	const struct figure *f = figure_find("net.rx_max_bucket_bytes");
	const struct figure *rate = figure_find("net.rx_bytes_per_s");
	uint32_t at = WIRE_NET_RX_MORE + WIRE_NET_MAX_BUCKET_BYTES;
	uint64_t cells[2 * WIRE_NET_COLUMNS] = { 0 };
	struct node *node = node_of(1, S);

	assert_non_null(f);
	cells[0] = 1;
	cells[WIRE_NET_COLUMNS] = 2;
	cells[WIRE_NET_RX_BYTES_PER_S] = 100;
	cells[WIRE_NET_COLUMNS + WIRE_NET_RX_BYTES_PER_S] = 20;
	cells[at] = 70;
	cells[WIRE_NET_COLUMNS + at] = 50;
	take(node, WIRE_NET, WIRE_NET_COLUMNS, 2, S, cells);
	assert_within(figure_of_node(f, node), 70, 1e-9);
	assert_within(figure_of_node(rate, node), 120, 1e-9);
	cells[at] = WIRE_ABSENT;
	take(node, WIRE_NET, WIRE_NET_COLUMNS, 2, 2 * S, cells);
	assert_within(figure_of_node(f, node), 50, 1e-9);
	/* A shipper that leaves them out. */
	cells[WIRE_NET_REQUIRED] = 2;
	take(node, WIRE_NET, WIRE_NET_REQUIRED, 1, 3 * S, cells);
	assert_true(isnan(figure_of_row(f, &node->net, node->net.rows[0])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(top_cpus, setup, teardown),
		cmocka_unit_test_setup_teardown(top_nodes, setup, teardown),
		cmocka_unit_test(top_ties),
		cmocka_unit_test_setup_teardown(silence, setup, teardown),
		cmocka_unit_test_setup_teardown(sums, setup, teardown),
		cmocka_unit_test_setup_teardown(sums_of_unknown, setup,
						teardown),
		cmocka_unit_test_setup_teardown(gauges, setup, teardown),
		cmocka_unit_test_setup_teardown(counters, setup, teardown),
		cmocka_unit_test_setup_teardown(bursts, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
