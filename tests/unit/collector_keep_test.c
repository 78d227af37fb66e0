// SPDX-License-Identifier: GPL-2.0-or-later
/* What keeps the history whole: its log, its lock, and what is set aside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/feed/budget.h"
#include "collector/history/frames/frame_log.h"
#include "collector/history/sqlite/database.h"
#include "collector/history/sqlite/lock.h"
#include "collector/history/sqlite/wal.h"
#include "collector/history/write/writer.h"
#include "lib/wire/wire.h"
#include "tests/unit/history_place.h"
#include "tests/unit/scratch.h"

enum {
	FRAMES = 20,
	PAYLOAD = 300,
};

static char folder[64];

static int setup(void **state)
{
	if (!scratch_folder(folder))
		return -1;
	choose_place(folder);
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static void make_row(struct buffer *row)
{
	struct kept_frame f = { .node = { 7 } };
	uint8_t payload[PAYLOAD];
	int i;

	assert_int_equal(frame_log_begin(row), 0);
	assert_true(frame_log_empty(row));
	for (i = 0; i < FRAMES; i++) {
		memset(payload, i, sizeof(payload));
		f.time = (uint64_t)i;
		f.size = (uint32_t)(i * PAYLOAD / FRAMES);
		assert_int_equal(frame_log_put(row, &f, payload), 0);
	}
	assert_int_equal(frame_log_finish(row), 0);
}

/* Return how many frames came out; they are whole. */
static uint64_t walk(const void *data, size_t size, uint64_t *missing)
{
	const struct kept_frame *f;
	struct frame_walk w;
	uint64_t n = 0, i;

	frame_walk_begin(&w, data, size);
	while ((f = frame_walk_next(&w))) {
		const uint8_t *payload = (const uint8_t *)(f + 1);

		assert_true(f->time < FRAMES && f->node[0] == 7);
		assert_int_equal(f->size, f->time * PAYLOAD / FRAMES);
		for (i = 0; i < f->size; i++)
			assert_int_equal(payload[i], f->time);
		n++;
	}
	*missing = frame_walk_missing(&w);
	return n;
}

/* A bit costs the one frame that it is in, or none. */
static void one_bit(void **state)
{
	struct buffer row = { 0 };
	uint64_t missing;
	size_t i;

	make_row(&row);
	assert_int_equal(walk(row.data, row.used, &missing), FRAMES);
	assert_int_equal(missing, 0);
	for (i = 0; i < 8 * row.used; i++) {
		uint64_t n;

		row.data[i / 8] ^= 1 << i % 8;
		n = walk(row.data, row.used, &missing);
		assert_int_equal(n + missing, FRAMES);
		assert_true(missing <= 1);
		row.data[i / 8] ^= 1 << i % 8;
	}
	buffer_free(&row);
}

/* A row that is mended has all frames that were whole, and is whole itself. */
static void mended(void **state)
{
	struct buffer row = { 0 }, again = { 0 };
	uint64_t missing, n;

	make_row(&row);
	memset(row.data + row.used / 4, 0, row.used / 4);
	n = walk(row.data, row.used, &missing);
	assert_in_range(missing, 1, FRAMES - 1);
	assert_int_equal(frame_log_mend(&again, row.data, row.used), 0);
	assert_int_equal(walk(again.data, again.used, &missing), n);
	assert_int_equal(missing, 0);
	memset(row.data + 32, 0, row.used - 64);
	assert_int_equal(frame_log_mend(&again, row.data, row.used), 0);
	assert_true(frame_log_empty(&again));
	buffer_free(&row);
	buffer_free(&again);
}

static void torn(void **state)
{
	struct buffer row = { 0 };
	uint64_t missing, n;

	make_row(&row);
	memset(row.data + row.used / 4, 0, row.used / 4);
	n = walk(row.data, row.used, &missing);
	assert_in_range(missing, 1, FRAMES - 1);
	assert_int_equal(n + missing, FRAMES);
	assert_int_equal(walk(row.data, 0, &missing), 0);
	assert_int_equal(missing, 1); /* there was one at least */
	buffer_free(&row);
}

/* As rows were before frames had marks. */
static void plain_row(void **state)
{
	struct kept_frame f = { .node = { 7 },
				.time = 2,
				.size = 2 * PAYLOAD / FRAMES };
	uint8_t payload[PAYLOAD];
	struct buffer row = { 0 };
	uint64_t missing;
	int i;

	memset(payload, 2, sizeof(payload));
	for (i = 0; i < 3; i++) {
		buffer_put(&row, &f, sizeof(f));
		buffer_put(&row, payload, f.size);
	}
	assert_int_equal(walk(row.data, row.used, &missing), 3);
	assert_int_equal(missing, 0);
	assert_int_equal(walk(row.data, row.used - 1, &missing), 2);
	assert_int_equal(missing, 1);
	buffer_free(&row);
}

static void one_holder(void **state)
{
	struct lock l, second;
	pid_t holder = 0;
	int status;

	assert_int_equal(lock_take(&l, folder, &holder), 0);
	assert_int_equal(lock_take(&second, folder, &holder), -EBUSY);
	assert_int_equal(holder, getpid());
	lock_release(&l);
	if (!fork()) {
		lock_take(&l, folder, &holder);
		_exit(0);
	}
	wait(&status);
	assert_int_equal(lock_take(&l, folder, &holder), 0);
	lock_release(&l);
}

/* What a process was at when it was killed is known to the next one. */
static void work_is_noted(void **state)
{
	const uint8_t node[WIRE_ID_SIZE] = { 1 }, other[WIRE_ID_SIZE] = { 2 };
	struct lock l;
	uint64_t tries;
	pid_t holder;

	for (tries = 1; tries <= 3; tries++) {
		assert_int_equal(lock_take(&l, folder, &holder), 0);
		assert_int_equal(lock_begin(&l, other, -1), 1);
		lock_end(&l);
		assert_int_equal(lock_begin(&l, node, -1), tries);
		lock_release(&l);
	}
	assert_int_equal(lock_take(&l, folder, &holder), 0);
	assert_int_equal(lock_begin(&l, node, 5), 1);
	assert_int_equal(lock_begin(&l, node, -1), 4);
	lock_end(&l);
	assert_int_equal(lock_begin(&l, node, -1), 1);
	lock_end(&l);
	lock_release(&l);
}

static struct writer w;
static struct store_policy policy = {
	.keep_ns = { INT64_MAX, INT64_MAX, INT64_MAX },
};

/* A frame of one row, by TCP. */
static void put_frame(uint64_t sequence)
{
	static struct wire_encoder encoder;
	static uint8_t frame[1500];
	uint64_t cells[] = { WIRE_LOAD_1MIN, sequence }, frames;
	struct wire_table t = { .kind = WIRE_GAUGES,
				.schema = 1,
				.origin = WIRE_ORIGIN_PROC,
				.real_ns = UINT64_C(1700000000000000000),
				.mono_ns = sequence,
				.columns = WIRE_VALUE_COLUMNS,
				.rows = 1,
				.cells = cells };
	struct queued r = { .mark = { .node = { 9 },
				      .session = 1,
				      .after = sequence - 1,
				      .sequence = sequence },
			    .frame = { .node = { 9 }, .time = t.real_ns },
			    .marked = true };
	struct buffer queue = { 0 };

	wire_begin(&encoder, frame, sizeof(frame), t.real_ns);
	wire_put(&encoder, &t, 0);
	r.frame.size = (uint32_t)(encoder.used - WIRE_HEADER_SIZE);
	buffer_put(&queue, &r, sizeof(r));
	buffer_put(&queue, frame + WIRE_HEADER_SIZE,
		   (r.frame.size + 7) / 8 * 8);
	assert_int_equal(writer_write(&w, &queue, &frames), 0);
	assert_int_equal(frames, 1);
	buffer_free(&queue);
}

static void start(void)
{
	memset(&w, 0, sizeof(w));
	assert_int_equal(writer_open(&w, place, &policy), 0);
	assert_int_equal(writer_recover(&w), 0);
}

static void work(void)
{
	int i;

	w.next_ns = 0;
	for (i = 0; i < 10; i++)
		assert_in_range(writer_work(&w), 0, 1);
}

/* Killed at the same node's frames again and again, a start sets them aside; by
 * the next version they are folded.
 */
static void killed_at(void **state)
{
	const uint8_t node[WIRE_ID_SIZE] = { 9 };
	int i;

	if (on_servers())
		skip();
	start();
	put_frame(1);
	for (i = 0; i < ENGINE_TRIES_MAX; i++) {
		lock_begin(&database_of(w.e)->lock, node, -1);
		writer_close(&w);
		start();
	}
	work();
	assert_int_equal(w.trouble.aside, 1);
	assert_memory_equal(w.trouble.node, node, sizeof(node));
	assert_int_equal(w.open.bytes, 0);
	assert_int_equal(database_number(database_of(w.e),
					 "SELECT count(*) FROM aside"),
			 1);
	put_frame(2);
	work();
	assert_int_equal(w.trouble.aside, 1);
	assert_int_equal(database_number(database_of(w.e),
					 "SELECT count(*) FROM part"),
			 0);
	assert_int_equal(database_number(database_of(w.e),
					 "SELECT count(*) FROM raw"),
			 1);
	database_run(database_of(w.e), "UPDATE aside SET version='0.0.9'");
	writer_close(&w);
	start();
	assert_int_equal(database_number(database_of(w.e),
					 "SELECT count(*) FROM aside"),
			 0);
	assert_true(w.open.bytes > 0);
	work();
	assert_int_equal(w.open.bytes, 0);
	assert_int_equal(w.trouble.aside, 0);
	assert_int_equal(
		database_number(database_of(w.e), "SELECT bytes FROM node"),
		database_number(database_of(w.e),
				"SELECT (SELECT sum(length(data)) FROM raw) + "
				"(SELECT sum(length(data)) FROM minute) + "
				"(SELECT sum(length(data)) FROM five)"));
	writer_close(&w);
}

/* Three processes are killed at @slot of a node: the next one sets it aside. */
static void kill_at(const uint8_t *node, int64_t slot)
{
	int i;

	for (i = 0; i < ENGINE_TRIES_MAX; i++) {
		w.e->ops->begin(w.e, node, slot);
		writer_close(&w);
		start();
	}
	work();
}

static int64_t count_parts(void)
{
	struct engine_key keys[4];

	assert_int_equal(w.e->ops->ripe(w.e, UINT64_MAX, 1, keys, 4), 0);
	return kept_chunks(ENGINE_PARTS);
}

static void start_again(void)
{
	writer_close(&w);
	start();
	work();
}

/* Once with more memory, not at each start; it is told all the time. */
static void more_memory(void **state)
{
	const uint8_t node[WIRE_ID_SIZE] = { 9 };
	const int64_t slot = 1700000000 / 3600;

	policy.memory_limit = 1 << 30;
	start();
	put_frame(1);
	kill_at(node, -1);
	put_frame(2);
	kill_at(node, slot);
	assert_int_equal(w.trouble.aside, 2);
	assert_int_equal(count_parts(), 1);
	start_again();
	assert_int_equal(w.trouble.aside, 2);
	assert_memory_equal(w.trouble.node, node, sizeof(node));
	assert_int_equal(count_parts(), 1);
	policy.memory_limit += policy.memory_limit / 16;
	start_again();
	assert_int_equal(w.trouble.aside, 2);
	policy.memory_limit *= 2;
	start_again();
	assert_int_equal(w.trouble.aside, 0);
	assert_int_equal(count_parts(), 0);
	assert_int_equal(kept_chunks(TIER_RAW), 1);
	/* With less memory nothing is tried that failed with more. */
	policy.memory_limit /= 4;
	put_frame(3);
	kill_at(node, -1);
	start_again();
	assert_int_equal(w.trouble.aside, 1);
	policy.memory_limit *= 4;
	start_again();
	assert_int_equal(w.trouble.aside, 0);
	writer_close(&w);
	policy.memory_limit = 0;
}

/* The write-ahead log of some commits, and its size. */
static uint8_t *read_wal(char path[96], size_t *size)
{
	static uint8_t data[1 << 20];
	uint64_t i;
	FILE *f;

	start();
	for (i = 1; i <= 10; i++)
		put_frame(i);
	snprintf(path, 96, "%s/history.db-wal", folder);
	f = fopen(path, "r");
	assert_non_null(f);
	*size = fread(data, 1, sizeof(data), f);
	fclose(f);
	writer_close(&w);
	return data;
}

static uint64_t lost_of(const char *path, const uint8_t *data, size_t size,
			bool same_boot)
{
	uint64_t lost;
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, size, f), size);
	fclose(f);
	lost = wal_count_lost(path, same_boot);
	unlink(path);
	return lost;
}

/* A frame is 24 bytes and a page; each commit has at least one. */
static void damaged_wal(void **state)
{
	const size_t frame = 24 + 4096;
	size_t size, at, last;
	uint64_t lost, before;
	char path[96];
	uint8_t *data;

	if (on_servers())
		skip();
	data = read_wal(path, &size);
	assert_int_equal(wal_count_lost(path, true), 0); /* there is none */
	assert_int_equal((size - 32) % frame, 0);
	assert_int_equal(lost_of(path, data, size, true), 0);
	assert_int_equal(lost_of(path, data, size - 1, true), 0); /* torn */
	before = UINT64_MAX;
	for (at = 0; at < size; at += at < 32 ? 1 : frame / 3) {
		data[at] ^= 4;
		lost = lost_of(path, data, size, true);
		assert_in_range(lost, 1, before);
		assert_int_equal(lost_of(path, data, size, false), lost - 1);
		data[at] ^= 4;
		before = lost;
	}
	assert_int_equal(before, 1);
	/* What is behind the last commit was not committed. */
	last = size - frame;
	memset(data + last + 4, 0, 4);
	assert_int_equal(lost_of(path, data, size, true), 0);
}

static void account(void **state)
{
	uint64_t until = 0, now = UINT64_C(1000000000000), spent = 0, i;

	while (budget_spend(&until, 1 << 20, now))
		spent += 1 << 20;
	assert_int_equal(spent,
			 BUDGET_CELLS_PER_S * (BUDGET_BURST_NS / 1000000000));
	for (i = 0; i < 16; i++, now += 62500000)
		spent += budget_spend(&until, 1 << 20, now) ? 1 << 20 : 0;
	assert_in_range(spent, 36U << 20, 40U << 20);
	assert_true(budget_spend(&until, 0, now));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_bit),
		cmocka_unit_test(torn),
		cmocka_unit_test(mended),
		cmocka_unit_test(plain_row),
		cmocka_unit_test(account),
		cmocka_unit_test_setup_teardown(one_holder, setup, teardown),
		cmocka_unit_test_setup_teardown(work_is_noted, setup, teardown),
		cmocka_unit_test_setup_teardown(killed_at, setup, teardown),
		cmocka_unit_test_setup_teardown(more_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(damaged_wal, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
