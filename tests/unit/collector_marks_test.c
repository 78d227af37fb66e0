// SPDX-License-Identifier: GPL-2.0-or-later
/* Frames that want to be acknowledged: kept once, in order, and known again
 * after the history was closed.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "collector/history/history.h"
#include "tables/book.h"
#include "collector/feed/session.h"
#include "collector/history/store.h"
#include "lib/base/clock.h"
#include "lib/wire/wire.h"
#include "tests/unit/history_place.h"
#include "tests/unit/scratch.h"

#define HOUR_NS UINT64_C(3600000000000)

static char folder[64], file[96];
static struct store *store;
static struct store_mark answer;
static int answers;
static uint64_t begin_ns;

/* All is folded at once, so that rows are seen. */
static const struct store_policy policy = {
	.keep_ns = { HOUR_NS, HOUR_NS, HOUR_NS },
};

static int setup(void **state)
{
	if (!scratch_folder(folder))
		return -1;
	choose_place(folder);
	snprintf(file, sizeof(file), "%s/history.db", folder);
	begin_ns = clock_real_ns();
	return store_open(&store, place, &policy);
}

static int teardown(void **state)
{
	char command[128];

	store_close(store);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static void settled(void *context, const struct store_mark *m)
{
	answer = *m;
	answers++;
}

/* A frame with one row, whose value is its sequence. */
static void submit(uint64_t session, uint64_t after, uint64_t sequence)
{
	static struct wire_encoder encoder;
	static uint8_t frame[1500];
	uint64_t cells[] = { WIRE_LOAD_1MIN, sequence };
	struct wire_table t = { .kind = WIRE_GAUGES,
				.schema = 1,
				.origin = WIRE_ORIGIN_PROC,
				.real_ns = begin_ns + session * 100000000 +
					   sequence * 10000000,
				.mono_ns = sequence,
				.columns = WIRE_VALUE_COLUMNS,
				.rows = 1,
				.cells = cells };
	struct store_mark mark = { .node = "0123456789abcde",
				   .session = session,
				   .after = after,
				   .sequence = sequence,
				   .connection = 5 };
	struct store_frame f = { .node = mark.node,
				 .time = t.real_ns,
				 .mark = &mark };

	wire_begin(&encoder, frame, sizeof(frame), t.real_ns);
	assert_int_equal(wire_put(&encoder, &t, 0), 1);
	f.data = frame + WIRE_HEADER_SIZE;
	f.size = encoder.used - WIRE_HEADER_SIZE;
	assert_true(store_put(store, &f));
}

/* Wait for so many answers; the last one is in @answer. */
static void await(int count)
{
	answers = 0;
	while (answers < count) {
		usleep(20000);
		store_settled(store, 0, settled, NULL);
	}
	assert_int_equal(answers, count);
}

/* Sum of the rows' values, which are hundredths: each frame has a time of its own. */
static void sum(void *context, const struct history_series *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		if (!isnan(s->values[i]))
			*(double *)context += round(100 * s->values[i]);
}

static double total(void)
{
	struct history_query q = { .node = "0123456789abcde",
				   .metric = book_find("load_1min"),
				   .from_ns = begin_ns,
				   .to_ns = begin_ns + 2000000000,
				   .step_ns = 1000000,
				   .aggregate = HISTORY_LAST };
	struct history *h;
	double all = 0;

	assert_int_equal(history_open(&h, place, store), 0);
	assert_true(history_query(h, &q, sum, &all) >= 0);
	history_close(h);
	return all;
}

static struct kept_sessions sessions(void)
{
	return kept_sessions((const uint8_t *)"0123456789abcde");
}

static void once(void **state)
{
	submit(7, 0, 1);
	submit(7, 1, 2);
	await(2);
	assert_true(answer.kept && answer.stored == 2);
	submit(7, 2, 2); /* again */
	await(1);
	assert_true(answer.kept && answer.stored == 2);
	submit(7, 0, 1); /* by someone who does not know */
	await(1);
	assert_true(answer.kept && answer.stored == 2);
	submit(7, 0, 3);
	await(1);
	assert_true(answer.kept && answer.stored == 3);
	submit(8, 0, 1); /* another session */
	submit(7, 2, 3);
	await(2);
	assert_true(answer.kept && answer.stored == 3);
	assert_true(total() == 1 + 2 + 3 + 1);
}

/* Sessions of a node in turn, within one commit and over several. */
static void in_turn(void **state)
{
	submit(7, 0, 1);
	submit(8, 0, 1);
	submit(7, 0, 1); /* again: not twice */
	submit(8, 1, 2);
	submit(7, 1, 2);
	submit(8, 1, 2); /* again */
	submit(7, 3, 4); /* 3 is missing */
	await(7);
	assert_true(!answer.kept && answer.stored == 2);
	submit(8, 2, 3);
	submit(7, 2, 3);
	await(2);
	assert_true(answer.kept && answer.stored == 3);
	assert_true(total() == 2 * (1 + 2 + 3));
	assert_int_equal(sessions().sum, 3 + 3);
	assert_int_equal(sessions().count, 2);
}

static void change(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(file, &db), 0);
	sqlite3_busy_timeout(db, 5000);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), 0);
	sqlite3_close(db);
}

/* What is kept counts, not what was known of it. */
static void changed(void **state)
{
	if (on_servers())
		skip();
	submit(7, 0, 1);
	await(1);
	change("UPDATE session SET stored=5");
	submit(7, 1, 2);
	await(1);
	assert_true(answer.kept && answer.stored == 5);
	submit(7, 5, 6);
	await(1);
	assert_true(answer.kept && answer.stored == 6);
	change("DELETE FROM session");
	submit(7, 6, 7);
	await(1);
	assert_true(!answer.kept && answer.unknown);
	submit(7, 0, 8);
	await(1);
	assert_true(answer.kept && answer.stored == 8);
	assert_true(total() == 1 + 6 + 8);
}

/* What follows a frame that is missing is refused, and changes nothing. */
static void no_hole(void **state)
{
	submit(7, 0, 1);
	submit(7, 2, 3);
	submit(7, 3, 4);
	await(3);
	assert_true(!answer.kept && answer.stored == 1);
	submit(9, 1, 2); /* the first one of a session is missing */
	await(1);
	assert_true(!answer.kept && answer.unknown);
	assert_true(total() == 1);
	assert_int_equal(sessions().count, 1);
}

static void known_again(void **state)
{
	submit(7, 0, 1);
	submit(7, 1, 2);
	store_close(store);
	assert_int_equal(sessions().sum, 2);
	assert_int_equal(store_open(&store, place, &policy), 0);
	submit(7, 0, 1); /* who was started, too, has seen nothing of it */
	submit(7, 1, 2);
	submit(7, 2, 3);
	await(3);
	assert_true(answer.kept && answer.session == 7 && answer.stored == 3);
	assert_memory_equal(answer.node, "0123456789abcde", WIRE_ID_SIZE);
	assert_true(total() == 1 + 2 + 3);
}

/* A node that begins sessions without end has a few, the newest ones. */
static void few_a_node(void **state)
{
	uint64_t i;

	for (i = 1; i <= 3 * STORE_SESSIONS_MAX; i++)
		submit(i, 0, 1);
	await(3 * STORE_SESSIONS_MAX);
	assert_true(answer.kept);
	assert_int_equal(sessions().count, STORE_SESSIONS_MAX);
	assert_int_equal(sessions().lowest, 2 * STORE_SESSIONS_MAX + 1);
}

/* The table is gone while the history is open: nothing is acknowledged, and it
 * goes on when that is mended.
 */
static void cannot_be_written(void **state)
{
	sqlite3 *db;

	if (on_servers())
		skip();
	submit(7, 0, 1);
	await(1);
	assert_int_equal(sqlite3_open(file, &db), 0);
	sqlite3_busy_timeout(db, 5000);
	assert_int_equal(sqlite3_exec(db, "ALTER TABLE log RENAME TO gone",
				      NULL, NULL, NULL),
			 0);
	submit(7, 1, 2);
	submit(7, 2, 3);
	await(2);
	assert_true(!answer.kept && !answer.stored);
	assert_int_equal(sqlite3_exec(db, "ALTER TABLE gone RENAME TO log",
				      NULL, NULL, NULL),
			 0);
	sqlite3_close(db);
	submit(7, 1, 2);
	submit(7, 2, 3);
	await(2);
	assert_true(answer.kept && answer.stored == 3);
	assert_true(total() == 1 + 2 + 3);
}

static void old_ones_go(void **state)
{
	sqlite3 *db;

	if (on_servers())
		skip();
	submit(7, 0, 1);
	await(1);
	assert_int_equal(sqlite3_open(file, &db), 0);
	sqlite3_busy_timeout(db, 5000);
	assert_int_equal(sqlite3_exec(db, "UPDATE session SET real_ns=1", NULL,
				      NULL, NULL),
			 0);
	sqlite3_close(db);
	store_close(store); /* it looks for them at its start */
	assert_int_equal(store_open(&store, place, &policy), 0);
	store_expire(store, begin_ns);
	while (sessions().count)
		usleep(50000);
}

static void table_of_sessions(void **state)
{
	static struct sessions all;
	struct session *s;
	uint8_t node[WIRE_ID_SIZE] = { 0 };
	uint64_t i;

	for (i = 1; i <= 1000; i++) {
		memcpy(node, &i, sizeof(i));
		s = sessions_get(&all, 7, node, i, i);
		s->stored = s->accepted = i;
	}
	assert_int_equal(all.count, 1000);
	i = 500;
	memcpy(node, &i, sizeof(i));
	s = sessions_get(&all, 7, node, 500, 2000);
	assert_int_equal(s->stored, 500);
	sessions_forget(&all, 7, 900);
	assert_int_equal(all.count, 102);
	assert_int_equal(sessions_get(&all, 7, node, 500, 1)->stored, 500);
	assert_int_equal(sessions_get(&all, 7, node, 899, 1)->stored, 0);
	node[0] = 2;
	assert_null(sessions_find(&all, 7, node, 500));
	assert_int_equal(sessions_get(&all, 7, node, 500, 1)->stored, 0);
	sessions_exit(&all);
	assert_int_equal(all.count, 0);
}

/* The oldest goes, but none whose frames are on their way. */
static void oldest_goes(void **state)
{
	static struct sessions all;
	uint8_t node[WIRE_ID_SIZE] = { 1 }, other[WIRE_ID_SIZE] = { 2 };
	uint64_t i;

	sessions_get(&all, 7, other, 1, 0);
	for (i = 1; i <= STORE_SESSIONS_MAX; i++)
		sessions_get(&all, 7, node, i, i)->accepted = i == 1;
	sessions_get(&all, 7, node, i, i);
	assert_int_equal(all.count, STORE_SESSIONS_MAX + 1);
	assert_non_null(sessions_find(&all, 7, node, 1));
	assert_null(sessions_find(&all, 7, node, 2));
	assert_non_null(sessions_find(&all, 7, node, 3));
	assert_non_null(sessions_find(&all, 7, other, 1));
	sessions_exit(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(once, setup, teardown),
		cmocka_unit_test_setup_teardown(in_turn, setup, teardown),
		cmocka_unit_test_setup_teardown(changed, setup, teardown),
		cmocka_unit_test_setup_teardown(no_hole, setup, teardown),
		cmocka_unit_test_setup_teardown(known_again, setup, teardown),
		cmocka_unit_test_setup_teardown(cannot_be_written, setup,
						teardown),
		cmocka_unit_test_setup_teardown(old_ones_go, setup, teardown),
		cmocka_unit_test_setup_teardown(few_a_node, setup, teardown),
		cmocka_unit_test(table_of_sessions),
		cmocka_unit_test(oldest_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
