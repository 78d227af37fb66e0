// SPDX-License-Identifier: GPL-2.0-or-later
/* What agents use, by control groups that are not there. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/agent/agent_group.h"
#include "host/group_stat.h"
#include "tests/unit/host_table.h"
#include "tests/unit/scratch.h"

#define GROUPS "sys/" AGENT_GROUPS "/"

static struct host_tree tree;
static struct host_table table;
static void *state;

static void run(const char *format, const char *argument)
{
	char command[1024];

	snprintf(command, sizeof(command), format, tree.dir, argument);
	assert_int_equal(system(command), 0);
}

static int setup(void **test)
{
	assert_non_null(scratch_folder(tree.dir));
	snprintf(tree.proc, sizeof(tree.proc), "%s/proc", tree.dir);
	snprintf(tree.sys, sizeof(tree.sys), "%s/sys", tree.dir);
	tree.options = (struct host_options){ .proc = tree.proc,
					      .sys = tree.sys,
					      .root = "" };
	run("mkdir -p %s/proc", "");
	return 0;
}

static int teardown(void **test)
{
	host_tree_remove(&tree);
	return 0;
}

static void put(const char *group, const char *file, const char *text)
{
	char name[256];

	run("mkdir -p %s/" GROUPS "%s", group);
	snprintf(name, sizeof(name), GROUPS "%s/%s", group, file);
	assert_int_equal(host_tree_put(&tree, name, text), 0);
}

static int read_all(void)
{
	const struct host_collector *c = host_collector_find("agent");
	int err;

	assert_non_null(c);
	assert_int_equal(c->open(&state, &tree.options), 0);
	err = host_table_read(&table, c, state);
	c->close(state);
	return err;
}

/* Most hosts have none: nothing is put, and nothing is said. */
static void none(void **test)
{
	table.puts = 0;
	assert_int_equal(read_all(), 0);
	assert_int_equal(table.puts, 0);
}

static void figures(void **test)
{
	const uint64_t *row;

	put("ktach-agent@web.service", "cpu.stat",
	    "usage_usec 1234\nuser_usec 1000\nsystem_usec 234\n");
	put("ktach-agent@web.service", "memory.current", "4096\n");
	put("ktach-agent@web.service", "memory.events",
	    "low 0\nhigh 0\nmax 9\noom 3\noom_kill 2\noom_group_kill 0\n");
	put("ktach-agent@web.service", "pids.current", "7\n");
	put("ktach-agent@web.service", "io.stat",
	    "8:0 rbytes=100 wbytes=20 rios=1 wios=1 dbytes=0 dios=0\n"
	    "8:16 rbytes=11 wbytes=2 rios=1 wios=1 dbytes=0 dios=0\n");
	put("ktach-agent@web.service", "cgroup.procs", "5\n6\n");
	put("ktach-agent-check@web.service", "pids.current", "1\n");
	assert_int_equal(read_all(), 0);
	assert_int_equal(table.kind, WIRE_AGENT);
	assert_int_equal(table.rows, 1);
	row = host_table_named(&table, WIRE_AGENT_NAME, "web");
	assert_non_null(row);
	assert_int_equal(row[WIRE_AGENT_KEY], group_stat_key("web", 3));
	assert_int_equal(row[WIRE_AGENT_CPU_NS], 1234000);
	assert_int_equal(row[WIRE_AGENT_MEMORY_BYTES], 4096);
	assert_int_equal(row[WIRE_AGENT_OOM_KILLS], 2);
	assert_int_equal(row[WIRE_AGENT_READ_BYTES], 111);
	assert_int_equal(row[WIRE_AGENT_WRITTEN_BYTES], 22);
	assert_int_equal(row[WIRE_AGENT_PROCESSES], 2);
	assert_int_equal(row[WIRE_AGENT_THREADS], 7);
	/* No process 5 or 6 is there: nobody knows. */
	assert_int_equal(row[WIRE_AGENT_DESCRIPTORS], WIRE_ABSENT);
}

/* What ktach-agentd says: of one that runs, and of those that do not. */
static void status(void **test)
{
	const uint64_t *row;
	char root[300];

	snprintf(root, sizeof(root), "%s/root", tree.dir);
	tree.options.root = root;
	run("mkdir -p %s/root/run/ktach", "");
	assert_int_equal(host_tree_put(&tree, "root/run/ktach/agents",
				       "web unhealthy 2 7 3\n"
				       "db failed 0 5 0\n"
				       "old unknown 0 1 0\n"
				       "bad running 0 1\n"),
			 0);
	put("ktach-agent@web.service", "pids.current", "7\n");
	assert_int_equal(read_all(), 0);
	assert_int_equal(table.rows, 3);
	row = host_table_named(&table, WIRE_AGENT_NAME, "web");
	assert_int_equal(row[WIRE_AGENT_THREADS], 7);
	assert_int_equal(row[WIRE_AGENT_UP], 1);
	assert_int_equal(row[WIRE_AGENT_FAILED], 0);
	assert_int_equal(row[WIRE_AGENT_FAILURES], 2);
	assert_int_equal(row[WIRE_AGENT_RESTARTS], 7);
	assert_int_equal(row[WIRE_AGENT_HEALTH_RESTARTS], 3);
	row = host_table_named(&table, WIRE_AGENT_NAME, "db");
	assert_int_equal(row[WIRE_AGENT_THREADS], WIRE_ABSENT);
	assert_int_equal(row[WIRE_AGENT_UP], 0);
	assert_int_equal(row[WIRE_AGENT_FAILED], 1);
	row = host_table_named(&table, WIRE_AGENT_NAME, "old");
	assert_int_equal(row[WIRE_AGENT_UP], WIRE_ABSENT);
	/* Of one who does not run any more. */
	run("touch -d '1 minute ago' %s/root/run/ktach/agents", "");
	assert_int_equal(read_all(), 0);
	assert_int_equal(table.rows, 1);
	row = host_table_named(&table, WIRE_AGENT_NAME, "web");
	assert_int_equal(row[WIRE_AGENT_UP], WIRE_ABSENT);
	tree.options.root = "";
}

/* A file that is missing or makes no sense costs its own value. */
/* The last one goes: a table without rows says so, once. */
static void ended(void **test)
{
	const struct host_collector *c = host_collector_find("agent");

	put("ktach-agent@web.service", "pids.current", "7\n");
	assert_int_equal(c->open(&state, &tree.options), 0);
	assert_int_equal(host_table_read(&table, c, state), 0);
	assert_int_equal(table.rows, 1);
	run("rm -r %s/" GROUPS, "");
	table.puts = 0;
	table.kind = 0;
	assert_int_equal(host_table_read(&table, c, state), 0);
	assert_int_equal(host_table_read(&table, c, state), 0);
	assert_int_equal(table.puts, 1);
	assert_int_equal(table.kind, WIRE_AGENT);
	assert_int_equal(table.rows, 0);
	c->close(state);
}

static void damaged(void **test)
{
	const uint64_t *row;

	put("ktach-agent@a.b-c.service", "cpu.stat", "usage_usec \n");
	put("ktach-agent@a.b-c.service", "memory.current", "max\n");
	put("ktach-agent@a.b-c.service", "pids.current", "3\n");
	put("ktach-agent@.service", "pids.current", "3\n");
	assert_int_equal(read_all(), 0);
	assert_int_equal(table.rows, 1);
	row = host_table_named(&table, WIRE_AGENT_NAME, "a.b-c");
	assert_non_null(row);
	assert_int_equal(row[WIRE_AGENT_CPU_NS], WIRE_ABSENT);
	assert_int_equal(row[WIRE_AGENT_MEMORY_BYTES], WIRE_ABSENT);
	assert_int_equal(row[WIRE_AGENT_READ_BYTES], WIRE_ABSENT);
	assert_int_equal(row[WIRE_AGENT_PROCESSES], WIRE_ABSENT);
	assert_int_equal(row[WIRE_AGENT_THREADS], 3);
}

/* The wire and the history know an agent by it: it stays what it is. */
static void keys(void **test)
{
	assert_int_equal(group_stat_key("", 0),
			 UINT64_C(14695981039346656037) >> 11);
	assert_int_equal(group_stat_key("a", 1),
			 UINT64_C(0xaf63dc4c8601ec8c) >> 11);
	assert_true(group_stat_key("web", 3) < UINT64_C(1) << 53);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(none, setup, teardown),
		cmocka_unit_test_setup_teardown(figures, setup, teardown),
		cmocka_unit_test_setup_teardown(ended, setup, teardown),
		cmocka_unit_test_setup_teardown(status, setup, teardown),
		cmocka_unit_test_setup_teardown(damaged, setup, teardown),
		cmocka_unit_test(keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
