// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules that look at more than a value: absence, growth, the share of nodes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/rules_table.h"

/* By the clock, also while the value does not come. */
static void tick(uint64_t at_ns)
{
	const struct node_time now = { 1000 * S + at_ns, at_ns };
	size_t i;

	for (i = 0; i < nodes.count; i++)
		node_seen(&nodes, nodes.list[i], &now);
	nodes_age(&nodes, at_ns);
	warden_tick(&warden, &nodes, &now);
}

static void absence(void **state)
{
	const uint64_t used[] = { 1 };
	uint64_t t;

	assert_int_equal(read_rules("[load]\nmetric = load_1min\n"
				    "absent = 10s\ntext = none for {value}\n"
				    "[data]\nmetric = mount.used\n"
				    "rows = /d\nabsent = 5s\ntext = x\n",
				    0),
			 0);
	gauge(100 * S, WIRE_LOAD_1MIN, 1);
	mounts(100 * S, "/d", used, NULL, 1);
	tick(100 * S);
	assert_null(node->alarms.first);
	for (t = 101; t < 104; t++) {
		mounts(t * S, "/e", used, NULL, 1);
		tick(t * S);
	}
	assert_null(firing("data", ""));
	tick(105 * S);
	assert_null(firing("data", ""));
	tick(108 * S);
	assert_non_null(firing("data", ""));
	mounts(109 * S, "/d", used, NULL, 1);
	tick(109 * S);
	assert_null(firing("data", ""));
	node->gauges.value[WIRE_LOAD_1MIN] = WIRE_ABSENT;
	tick(110 * S);
	tick(125 * S);
	assert_said("load", "", "none for 15 s");
	gauge(126 * S, WIRE_LOAD_1MIN, 1);
	tick(126 * S);
	assert_null(node->alarms.first);
}

/* What only the collector knows of a node comes with no table. */
static void known_here(void **state)
{
	assert_int_equal(read_rules("[ahead]\nmetric = clock.offset_s\n"
				    "above = 1 s\nmargin = 500 ms\nfor = 5s\n"
				    "text = {value} ahead\n"
				    "[gone]\nsilent = 30s\ntext = x\n",
				    0),
			 0);
	node->clock.offset_ns = 3 * (int64_t)S;
	node->clock.count = 1000;
	tick(100 * S);
	assert_null(firing("ahead", ""));
	tick(105 * S);
	assert_said("ahead", "", "3.0 s ahead");
	node->clock.offset_ns = 6 * (int64_t)S / 10;
	tick(106 * S);
	assert_non_null(firing("ahead", ""));
	node->clock.offset_ns = 4 * (int64_t)S / 10;
	tick(107 * S);
	assert_null(firing("ahead", ""));
}

/* How much it grows in a time, whatever it is. */
static void growth(void **state)
{
	uint64_t t;

	assert_int_equal(read_rules("[grows]\nmetric = memory_free_bytes\n"
				    "above = 1 GiB\nper = 1h\nwindow = 2m\n"
				    "text = {value} an hour, not {limit}\n",
				    0),
			 0);
	for (t = 0; t < 300; t++)
		gauge((100 + t) * S, WIRE_MEMORY_FREE_BYTES,
		      (4ULL << 30) + t * (100 << 10));
	assert_null(firing("grows", "")); /* 0.34 GiB */
	for (; t < 900; t++)
		gauge((100 + t) * S, WIRE_MEMORY_FREE_BYTES,
		      (4ULL << 30) + 300 * (100 << 10) + (t - 300) * (1 << 20));
	assert_non_null(firing("grows", ""));
	assert_true(firing("grows", "")->value > 3.4 * (1 << 30));
	assert_true(firing("grows", "")->value < 3.6 * (1 << 30));
	for (; t < 1500; t++)
		gauge((100 + t) * S, WIRE_MEMORY_FREE_BYTES, 5ULL << 30);
	assert_null(firing("grows", ""));
}

/* Rows that are only followed leave room for what is wrong. */
static void followed_rows(void **state)
{
	enum {
		ROWS = 300
	};
	static uint64_t cells[ROWS * WIRE_MOUNT_COLUMNS];
	static struct wire_text texts[ROWS * WIRE_MOUNT_TEXTS];
	static char names[ROWS][8];
	uint32_t i;

	assert_int_equal(read_rules("[a]\nmetric = mount.used\nabove = 99 %\n"
				    "within = 1h\nwindow = 1h\ntext = x\n"
				    "[b]\nmetric = mount.used\nabove = 40 %\n"
				    "text = x\n",
				    0),
			 0);
	for (i = 0; i < ROWS; i++) {
		uint64_t *c = &cells[(size_t)i * WIRE_MOUNT_COLUMNS];
		struct wire_text *t = &texts[(size_t)i * WIRE_MOUNT_TEXTS];

		snprintf(names[i], sizeof(names[i]), "/%u", i);
		c[WIRE_MOUNT_KEY] = i + 1;
		c[WIRE_MOUNT_SIZE_BYTES] = 1000;
		c[WIRE_MOUNT_USED_BYTES] = i == ROWS - 1 ? 500 : 1;
		c[WIRE_MOUNT_AVAILABLE_BYTES] = 500;
		t[0] = (struct wire_text){ names[i],
					   (uint32_t)strlen(names[i]) };
		t[1] = t[2] = (struct wire_text){ "x", 1 };
	}
	take(WIRE_MOUNT, 100 * S, WIRE_MOUNT_COLUMNS, ROWS, cells,
	     WIRE_MOUNT_TEXTS, texts);
	look(WIRE_MOUNT, 100 * S);
	assert_non_null(firing("b", "/299"));
	assert_true(node->alarms.count <= ALARMS_WATCHED + 1);
}

static struct node *add_node(int name)
{
	struct wire_frame f = { .sequence = 1, .sender.session = 1 };
	struct node_time now = { .real_ns = 1100 * S, .mono_ns = 100 * S };
	struct node *added;

	memset(f.sender.node, name, WIRE_ID_SIZE);
	assert_int_equal(nodes_take(&nodes, &f, &now,
				    &(struct peer){ .text = "there" }, &added),
			 NODE_OK);
	node_seen(&nodes, added, &now);
	return added;
}

static const struct alarm *of_fleet(void)
{
	const struct alarm *a = warden.fleet->alarms.first;

	return a && a->firing ? a : NULL;
}

/* It fires once, of the fleet, when it holds of enough nodes. */
static void share_of_nodes(void **state)
{
	struct node *all[4] = { node, add_node('b'), add_node('c'),
				add_node('d') };
	char text[RULE_TEXT_MAX];
	int i;

	assert_int_equal(read_rules("[load]\nmetric = load_1min\nabove = 2\n"
				    "share = 50 %\nfor = 2s\n"
				    "text = {value} of {node}, over {limit}\n",
				    0),
			 0);
	for (i = 0; i < 3; i++) {
		node = all[i];
		gauge(101 * S, WIRE_LOAD_1MIN, 300);
		assert_null(firing("load", ""));
		assert_int_equal(warden_health(node).alarms, 0);
	}
	tick(101 * S);
	assert_null(of_fleet());
	tick(103 * S);
	assert_non_null(of_fleet());
	rule_say_alarm(warden.fleet, of_fleet(), text, sizeof(text));
	assert_string_equal(text, "75.0 % of fleet, over 50.0 %");
	gauge(104 * S, WIRE_LOAD_1MIN, 100);
	tick(104 * S);
	assert_null(of_fleet());
	assert_int_equal(warden.past_count, 1);
	assert_string_equal(warden.past[0].name, "fleet");
	gauge(105 * S, WIRE_LOAD_1MIN, 300);
	tick(105 * S);
	tick(107 * S);
	assert_non_null(of_fleet());
	assert_int_equal(
		read_rules("[other]\nsilent = 5s\ntext = x\n", 107 * S), 0);
	assert_null(of_fleet());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(absence, begin, end),
		cmocka_unit_test_setup_teardown(known_here, begin, end),
		cmocka_unit_test_setup_teardown(growth, begin, end),
		cmocka_unit_test_setup_teardown(followed_rows, begin, end),
		cmocka_unit_test_setup_teardown(share_of_nodes, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
