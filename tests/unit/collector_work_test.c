// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the history costs, in steps and not in time: new sessions by the thousand in one
 * commit, and a start with a million of them. Steps of SQL are those of SQLite's
 * machine; those of marks.c are its basic blocks, which this file is compiled to count.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "collector/history/sqlite/sqlite.h"
#include "collector/history/store.h"
#include "collector/history/write/marks.c" /* instrumented here */
#include "collector/recall.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "tests/unit/scratch.h"

enum {
	FEW = 512,
	MANY = 16 * FEW,
	MILLION = 1000000,
	STEPS_MAX = 300, /* of SQL, for a session */
};

/* Of this thread. */
static __thread uint64_t sql_steps;
static uint64_t blocks;

void __sanitizer_cov_trace_pc(void);
int __real_sqlite3_open_v2(const char *file, sqlite3 **db, int flags,
			   const char *vfs);
int __wrap_sqlite3_open_v2(const char *file, sqlite3 **db, int flags,
			   const char *vfs);

__attribute__((no_sanitize_coverage)) void __sanitizer_cov_trace_pc(void)
{
	blocks++;
}

static int count_step(void *context)
{
	sql_steps++;
	return 0;
}

int __wrap_sqlite3_open_v2(const char *file, sqlite3 **db, int flags,
			   const char *vfs)
{
	int result = __real_sqlite3_open_v2(file, db, flags, vfs);

	if (*db)
		sqlite3_progress_handler(*db, 1, count_step, NULL);
	return result;
}

static char folder[64];

static int setup(void **state)
{
	return scratch_folder(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static int no_mark(struct engine *e, const uint8_t *node, uint64_t session,
		   uint64_t *stored)
{
	return -ENOENT;
}

/* Blocks of marks.c for so many frames of one node, each of a session of its own. */
static uint64_t take_marks(uint64_t count)
{
	const struct engine_ops ops = { .mark = no_mark };
	struct engine engine = { .ops = &ops };
	struct writer w = { .e = &engine };
	struct store_mark mark = { .node = "0123456789abcde", .sequence = 1 };
	uint64_t before = blocks;

	open_init(&w.open);
	for (mark.session = 1; mark.session <= count; mark.session++)
		assert_int_equal(marks_take(&w, &mark), 1);
	assert_int_equal(w.marks.used, count * sizeof(struct engine_mark));
	open_exit(&w.open);
	buffer_free(&w.marks);
	buffer_free(&w.slots);
	return blocks - before;
}

static void marks_of_a_commit(void **state)
{
	uint64_t few = take_marks(FEW), many = take_marks(MANY);

	print_message("# %.1f and %.1f blocks a session\n", (double)few / FEW,
		      (double)many / MANY);
	assert_true(few > FEW);
	assert_true(many < 3 * (MANY / FEW) * few);
}

/* Steps of SQL for a commit with so many new sessions, of as many nodes or of one. */
static uint64_t commit(struct engine *e, uint64_t first, size_t count,
		       bool nodes)
{
	struct engine_mark *marks = calloc(count, sizeof(*marks));
	const struct engine_commit c = { .real_ns = clock_real_ns(),
					 .marks = marks,
					 .mark_count = count };
	uint64_t before = sql_steps;
	size_t i;

	assert_non_null(marks);
	for (i = 0; i < count; i++) {
		marks[i].session = first + i;
		marks[i].sequence = 1;
		if (nodes)
			memcpy(marks[i].node, &marks[i].session,
			       sizeof(uint64_t));
	}
	assert_int_equal(e->ops->commit(e, &c), 0);
	free(marks);
	return sql_steps - before;
}

static void sessions_of_a_commit(void **state)
{
	struct engine *e;
	uint64_t steps;
	int nodes;

	assert_int_equal(sqlite_open(&e, folder), 0);
	commit(e, 1, FEW, false);
	for (nodes = 0; nodes < 2; nodes++) {
		steps = commit(e, MANY * (uint64_t)(nodes + 1), MANY, nodes);
		print_message("# %.1f steps of SQL a session\n",
			      (double)steps / MANY);
		assert_true(steps > MANY && steps < MANY * STEPS_MAX);
	}
	e->ops->close(e);
}

/* Steps of SQL from nothing until the collector would listen. */
static uint64_t start(void)
{
	const struct store_policy policy = { .keep_ns = { 1, 1, 1 } };
	struct nodes nodes;
	struct store *store;
	struct recall recall;
	uint64_t before = sql_steps;

	assert_int_equal(nodes_init(&nodes, 0), 0);
	assert_int_equal(store_open(&store, folder, &policy), 0);
	assert_int_equal(recall_open(&recall, folder, &nodes, store, 1), 0);
	before = sql_steps - before;
	recall_close(&recall);
	store_close(store);
	nodes_exit(&nodes);
	return before;
}

static void fill(uint64_t count)
{
	char file[96], sql[400];
	sqlite3 *db;

	snprintf(file, sizeof(file), "%s/history.db", folder);
	assert_int_equal(sqlite3_open(file, &db), 0);
	snprintf(
		sql, sizeof(sql),
		"PRAGMA synchronous=OFF; WITH RECURSIVE n(i) AS (SELECT 1 "
		"UNION ALL SELECT i+1 FROM n WHERE i<%llu) INSERT INTO session "
		"SELECT x'61616161616161616161616161616161', i, 1, %llu FROM n",
		(unsigned long long)count, (unsigned long long)clock_real_ns());
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), 0);
	sqlite3_close(db);
}

static void start_of_many(void **state)
{
	uint64_t empty, many;

	start(); /* makes it */
	empty = start();
	fill(MILLION);
	many = start();
	print_message("# %llu steps of SQL at a start, %llu with a million\n",
		      (unsigned long long)empty, (unsigned long long)many);
	assert_true(empty > 0 && many <= empty + 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marks_of_a_commit),
		cmocka_unit_test_setup_teardown(sessions_of_a_commit, setup,
						teardown),
		cmocka_unit_test_setup_teardown(start_of_many, setup, teardown),
	};

	log_init("test", LOG_ERROR);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
