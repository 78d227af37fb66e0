// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Nodes over groups: a history that was written by one group is read and written on
 * while its nodes move to others, and back; whenever that is killed, all is there.
 */
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "collector/history/groups.h"
#include "collector/history/history.h"
#include "collector/history/store.h"
#include "lib/base/clock.h"
#include "lib/wire/wire.h"
#include "tables/book.h"
#include "tests/unit/scratch.h"

#define S UINT64_C(1000000000)
#define HOUR (3600 * S)
#define BEGIN (UINT64_C(470000) * HOUR)

enum {
	NODES = 12,
	HOURS = 5,
	FRAMES = 4, /* an hour */
	SESSION = 7,
	KILLS = 16,
};

static char folder[64];
static struct store *store;
static struct store_policy policy = {
	.keep_ns = { INT64_MAX, INT64_MAX, INT64_MAX },
};
static uint64_t sequences[NODES];
static double sums[NODES];
static int answers, kept;

static void name_node(uint8_t id[WIRE_ID_SIZE], int node)
{
	memset(id, 0, WIRE_ID_SIZE);
	id[0] = (uint8_t)(node + 1);
}

static void settled(void *context, const struct store_mark *m)
{
	answers++;
	kept += m->kept;
}

/* A node's next frame, by TCP: a row whose value is its number. */
static void submit(int node, uint64_t real_ns)
{
	static struct wire_encoder encoder;
	static uint8_t frame[1500];
	uint64_t sequence = ++sequences[node];
	uint64_t cells[] = { WIRE_LOAD_1MIN, 100 * sequence };
	struct wire_table t = { .kind = WIRE_GAUGES,
				.schema = 1,
				.origin = WIRE_ORIGIN_PROC,
				.real_ns = real_ns,
				.mono_ns = sequence * S,
				.columns = WIRE_VALUE_COLUMNS,
				.rows = 1,
				.cells = cells };
	struct store_mark mark = { .session = SESSION,
				   .after = sequence - 1,
				   .sequence = sequence };
	struct store_frame f = { .node = mark.node,
				 .time = real_ns,
				 .mark = &mark,
				 .account = "account",
				 .account_size = 7 };

	name_node(mark.node, node);
	wire_begin(&encoder, frame, sizeof(frame), real_ns);
	assert_int_equal(wire_put(&encoder, &t, 0), 1);
	f.data = frame + WIRE_HEADER_SIZE;
	f.size = encoder.used - WIRE_HEADER_SIZE;
	assert_true(store_put(store, &f));
	sums[node] += (double)sequence;
}

static void await(int count)
{
	answers = kept = 0;
	while (answers < count) {
		usleep(5000);
		store_settled(store, 0, settled, NULL);
	}
	assert_int_equal(kept, count);
}

static void start(unsigned int groups)
{
	policy.groups = groups;
	assert_int_equal(store_open(&store, folder, &policy), 0);
}

/* Some hours of all nodes, and what else is known of them: first, so that it is there once
 * the last frame is.
 */
static void write_hours(int from, int to)
{
	struct store_loss loss = { .count = { 1, 2 } };
	struct store_node n = { .node = loss.node,
				.values = "values",
				.values_size = 6 };
	int node, hour, i;

	for (node = 0; node < NODES; node++) {
		name_node(loss.node, node);
		loss.minute = BEGIN / HISTORY_LOSS_STEP_NS + (uint64_t)from;
		store_put_loss(store, &loss);
		assert_true(store_put_node(store, &n));
	}
	for (hour = from; hour < to; hour++)
		for (i = 0; i < FRAMES; i++)
			for (node = 0; node < NODES; node++)
				submit(node, BEGIN + (uint64_t)hour * HOUR +
						     (uint64_t)i * 600 * S);
	await((to - from) * FRAMES * NODES);
}

static void add(void *context, const struct history_series *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		if (!isnan(s->values[i]))
			*(double *)context += s->values[i];
}

static double ask(struct history *h, int node, uint64_t step_ns,
		  enum history_aggregate aggregate)
{
	struct history_query q = { .metric = book_find("load_1min"),
				   .from_ns = BEGIN,
				   .to_ns = BEGIN + 100 * HOUR,
				   .step_ns = step_ns,
				   .aggregate = aggregate };
	double sum = 0;

	name_node(q.node, node);
	assert_true(history_query(h, &q, add, &sum) >= 0);
	return sum;
}

/* Each sample once, and each hour's average, which rollups have. */
static void all_there(struct store *of)
{
	struct history *h;
	int node;

	assert_int_equal(history_open(&h, folder, of), 0);
	for (node = 0; node < NODES; node++) {
		assert_true(round(ask(h, node, 600 * S, HISTORY_LAST)) ==
			    sums[node]);
		assert_true(round(FRAMES * ask(h, node, HOUR, HISTORY_AVG)) ==
			    sums[node]);
	}
	history_close(h);
}

static void count_state(void *context, const uint8_t *id, const void *data,
			size_t size)
{
	if (id[0] == *(uint8_t *)context + 1)
		++*(uint8_t *)context;
}

static void count_loss(void *context, const struct history_loss *l)
{
	*(int64_t *)context += l->count[1];
}

static void count_node(void *context, const struct history_node *n)
{
	++*(int *)context;
}

/* Once each, in the order of ids; values by pieces. */
static void states_there(int losses)
{
	const uint8_t none[WIRE_ID_SIZE] = { 0 };
	struct history_losses_query q = { .from_ns = BEGIN,
					  .to_ns = BEGIN + 100 * HOUR,
					  .step_ns = HISTORY_LOSS_STEP_NS };
	uint8_t accounts = 0, values = 0;
	int64_t lost = 0;
	struct history *h;
	int node, nodes = 0;

	assert_int_equal(history_open(&h, folder, store), 0);
	assert_int_equal(history_accounts(h, 100, count_state, &accounts), 0);
	assert_int_equal(history_values(h, none, 5, count_state, &values), 0);
	assert_int_equal(history_nodes(h, count_node, &nodes), 0);
	for (node = 0; node < NODES; node++) {
		name_node(q.node, node);
		assert_int_equal(history_losses(h, &q, count_loss, &lost), 0);
	}
	history_close(h);
	assert_int_equal(accounts, NODES);
	assert_int_equal(values, 5);
	assert_int_equal(nodes, NODES);
	assert_int_equal(lost, 2 * losses * NODES);
}

/* Nodes of a group's file that belong to another one, or the file's bytes. */
static int64_t count_strangers(unsigned int group, unsigned int groups)
{
	char path[PATH_MAX], file[PATH_MAX + 16];
	int64_t strangers = 0;
	sqlite3_stmt *s;
	sqlite3 *db;

	assert_int_equal(groups_folder(path, folder, group), 0);
	snprintf(file, sizeof(file), "%s/history.db", path);
	assert_int_equal(sqlite3_open(file, &db), 0);
	sqlite3_busy_timeout(db, 5000);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT uid FROM node", -1, &s,
					    NULL),
			 0);
	while (sqlite3_step(s) == SQLITE_ROW)
		strangers += groups_of(sqlite3_column_blob(s, 0), groups) !=
			     group;
	sqlite3_finalize(s);
	sqlite3_close(db);
	return strangers;
}

static void await_moved(unsigned int groups)
{
	unsigned int group, folders = groups_folders(folder);

	for (group = 0; group < folders; group++)
		while (count_strangers(group, groups)) {
			all_there(store);
			usleep(10000);
		}
}

static int setup(void **state)
{
	memset(sequences, 0, sizeof(sequences));
	memset(sums, 0, sizeof(sums));
	return scratch_folder(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

/* Where a node is never changes: histories of fleets rest on it. */
static void partitions_stay(void **state)
{
	static unsigned int count[GROUPS_PARTITIONS];
	uint8_t id[WIRE_ID_SIZE] = { 0 };
	uint32_t i;

	assert_int_equal(groups_partition(id), 2654);
	for (i = 0; i < WIRE_ID_SIZE; i++)
		id[i] = (uint8_t)(i + 1);
	assert_int_equal(groups_partition(id), 3251);
	memset(id, 0, sizeof(id));
	for (i = 0; i < 100 * GROUPS_PARTITIONS; i++) {
		memcpy(id, &i, sizeof(i));
		count[groups_partition(id)]++;
		assert_true(groups_of(id, 16) < 16);
	}
	for (i = 0; i < GROUPS_PARTITIONS; i++)
		assert_in_range(count[i], 50, 160);
}

static void moves(void **state)
{
	static const unsigned int groups[] = { 3, 2, 1, 4 };
	int i;

	start(1);
	write_hours(0, 1);
	store_close(store);
	all_there(NULL);
	assert_int_equal(groups_folders(folder), 1);
	for (i = 0; i < 4; i++) {
		start(groups[i]);
		all_there(store);
		states_there(i + 1);
		write_hours(i + 1, i + 2); /* with marks that are known */
		all_there(store);
		await_moved(groups[i]);
		all_there(store);
		store_close(store);
		all_there(NULL);
		assert_int_equal(groups_get(folder), groups[i]);
	}
}

/* A process that moves, killed at any moment. */
static void move_and_die(unsigned int groups, unsigned int us)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		start(groups);
		usleep(us);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void killed(void **state)
{
	unsigned int i;

	start(1);
	write_hours(0, HOURS);
	store_close(store);
	for (i = 0; i < KILLS; i++) {
		move_and_die(1 + i % 4, i * 7919 % 30000);
		all_there(NULL);
	}
	start(3);
	states_there(1);
	write_hours(HOURS, HOURS + 1);
	await_moved(3);
	states_there(2);
	store_close(store);
	all_there(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(partitions_stay),
					    TEST(moves), TEST(killed) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
