// SPDX-License-Identifier: GPL-2.0-or-later
/* A day of an ordinary host: none of the rules that ktach comes with fires. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bench/feeds/fleet.h"
#include "tests/unit/rules_table.h"

enum {
	DAY = 86400, /* samples */
	SHORT = 3600,
};

static struct fleet_host host;

static uint64_t count_firing(void)
{
	const struct alarm *a;
	uint64_t count = 0;

	for (a = node->alarms.first; a; a = a->next)
		count += a->firing;
	return count;
}

/* Each second a sample, and a look by the clock. Return how many alarms there were. */
static uint64_t live(int seconds)
{
	struct wire_table tables[FLEET_TABLES];
	struct node_time now;
	int i, t;

	fleet_begin(&host, 0, 1000000 * S);
	host.gauges[WIRE_MEMORY_TOTAL_BYTES][1] = UINT64_C(16) << 30;
	host.gauges[WIRE_MEMORY_AVAILABLE_BYTES][1] = UINT64_C(8) << 30;
	for (i = 0; i < seconds; i++) {
		uint32_t kinds = 0;

		fleet_step(&host);
		fleet_tables(&host, tables);
		now = (struct node_time){ host.real_ns, host.mono_ns };
		for (t = 0; t < FLEET_TABLES; t++) {
			assert_int_equal(node_take(&nodes, node, &tables[t]),
					 NODE_OK);
			kinds |= 1U << tables[t].kind;
		}
		node_seen(&nodes, node, &now);
		warden_frame(&warden, &nodes, node, kinds, &now);
		nodes_age(&nodes, now.mono_ns);
		warden_tick(&warden, &nodes, &now);
	}
	return warden.past_count + count_firing();
}

static void quiet_day(void **state)
{
	const struct node_time now = { 1, 1 };
	struct rules rules;

	assert_int_equal(
		rules_load(&rules, NULL, false, problem, sizeof(problem)), 0);
	warden_change(&warden, &nodes, &rules, &now);
	assert_int_equal(live(DAY), 0);
}

/* What is looked at would be seen. */
static void not_quiet(void **state)
{
	assert_int_equal(read_rules("[busy]\nmetric = cpu.busy\nover = nodes\n"
				    "above = 3 %\ntext = x\n",
				    0),
			 0);
	assert_true(live(SHORT) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(quiet_day, begin, end),
		cmocka_unit_test_setup_teardown(not_quiet, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
