// SPDX-License-Identifier: GPL-2.0-or-later
/* The history: what went in is answered again, whatever happened meanwhile. */
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

#include "collector/history/history.h"
#include "lib/wire/wire_schema.h"
#include "tables/book.h"
#include "collector/history/sqlite/database.h"
#include "collector/history/write/writer.h"
#include "lib/base/clock.h"
#include "lib/wire/wire.h"
#include "tests/unit/history_place.h"
#include "tests/unit/patience.h"
#include "tests/unit/scratch.h"

#define S UINT64_C(1000000000)
#define HOUR (3600 * S)
/* Begins an hour, long ago: it is merged as soon as it is folded. */
#define THEN (UINT64_C(400000) * HOUR)

static char folder[64], file[96];
static const struct store_policy all_kept = {
	.keep_ns = { UINT64_C(9000000000) * S, UINT64_C(9000000000) * S,
		     UINT64_C(9000000000) * S },
	.memory_max = 1 << 30,
};
static struct writer w;
static struct buffer queue;
static const uint8_t node_a[WIRE_ID_SIZE] = { 0xa };
static const uint8_t node_b[WIRE_ID_SIZE] = { 0xb };

static int setup(void **state)
{
	if (!scratch_folder(folder))
		return -1;
	strcat(folder, "/deep/er");
	choose_place(folder);
	snprintf(file, sizeof(file), "%s/history.db", folder);
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	buffer_free(&queue);
	*strstr(folder, "/deep/er") = '\0';
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static void open_writer(const struct store_policy *policy)
{
	memset(&w, 0, sizeof(w));
	assert_int_equal(writer_open(&w, place, policy), 0);
	assert_int_equal(writer_recover(&w), 0);
}

static int64_t ask(const char *sql)
{
	int64_t answer;
	sqlite3_stmt *s;
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL),
			 0);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), 0);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	answer = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return answer;
}

/* A frame with one table goes into the queue. */
static void put_table(const uint8_t *uid, const struct wire_table *t,
		      const struct store_mark *mark)
{
	static struct wire_encoder encoder;
	static uint8_t bytes[WIRE_FRAME_MAX];
	struct queued r = { .marked = mark };

	wire_begin(&encoder, bytes, sizeof(bytes), t->real_ns);
	assert_int_equal(wire_put(&encoder, t, 0), t->rows);
	memcpy(r.frame.node, uid, WIRE_ID_SIZE);
	r.frame.time = t->real_ns;
	r.frame.size = (uint32_t)(encoder.used - WIRE_HEADER_SIZE);
	if (mark)
		r.mark = *mark;
	buffer_put(&queue, &r, sizeof(r));
	buffer_reserve(&queue, r.frame.size + 8);
	memcpy(queue.data + queue.used, bytes + WIRE_HEADER_SIZE, r.frame.size);
	queue.used += (r.frame.size + 7) / 8 * 8;
}

static void put_cells(const uint8_t *uid, uint32_t kind, uint32_t columns,
		      uint64_t real_ns, uint64_t mono_ns, const uint64_t *cells)
{
	const struct wire_text names[WIRE_TEXTS_MAX] = { { "eth0", 4 } };
	const struct wire_table t = { .kind = kind,
				      .schema = 1,
				      .origin = WIRE_ORIGIN_BPF,
				      .real_ns = real_ns,
				      .mono_ns = mono_ns,
				      .columns = columns,
				      .rows = 1,
				      .texts = wire_schema(kind)->texts,
				      .text = names,
				      .cells = cells };

	put_table(uid, &t, NULL);
}

/* One sample of CPU 3: user_ns is @user. */
static void put_user(const uint8_t *uid, uint64_t real_ns, uint64_t mono_ns,
		     uint64_t user)
{
	uint64_t cells[WIRE_CPU_REQUIRED] = { 3, 3, user };

	put_cells(uid, WIRE_CPU, WIRE_CPU_REQUIRED, real_ns, mono_ns, cells);
}

static void put_load(const uint8_t *uid, uint64_t real_ns, uint64_t load)
{
	uint64_t cells[WIRE_VALUE_COLUMNS] = { WIRE_LOAD_1MIN, load };

	put_cells(uid, WIRE_GAUGES, WIRE_VALUE_COLUMNS, real_ns, real_ns,
		  cells);
}

static void commit(void)
{
	uint64_t frames;

	assert_int_equal(writer_write(&w, &queue, &frames), 0);
	queue.used = 0;
}

/* Fold and merge all that can be. */
static void work(void)
{
	uint64_t memory_max = w.policy.memory_max;

	w.policy.memory_max = 0;
	w.next_ns = 0;
	while (w.open.bytes || !w.next_ns)
		assert_true(writer_work(&w) >= 0);
	w.policy.memory_max = memory_max;
}

static double values[HISTORY_POINTS_MAX];
static size_t count;
static char text[16];

static void take(void *context, const struct history_series *s)
{
	count = s->count;
	memcpy(values, s->values, s->count * sizeof(values[0]));
	snprintf(text, sizeof(text), "%s", s->text);
}

static int query(const uint8_t *uid, const char *metric, uint64_t from,
		 uint64_t to, uint64_t step, enum history_aggregate aggregate)
{
	struct history_query q = { .metric = book_find(metric),
				   .from_ns = from,
				   .to_ns = to,
				   .step_ns = step,
				   .aggregate = aggregate };
	struct history *h;
	int ret;

	memcpy(q.node, uid, WIRE_ID_SIZE);
	assert_non_null(q.metric);
	assert_int_equal(history_open(&h, place, NULL), 0);
	ret = history_query(h, &q, take, NULL);
	history_close(h);
	return ret;
}

/* Samples in chunks, and those that are in the log only. */
static size_t kept(const char *metric, uint64_t from, uint64_t to)
{
	size_t n = 0, i;

	if (query(node_a, metric, from, to, S, HISTORY_LAST) < 1)
		return 0;
	for (i = 0; i < count; i++)
		n += !isnan(values[i]);
	return n;
}

/* Each column has another value, so that no two can be swapped unseen. */
static void columns(void **state)
{
	const struct wire_schema_use {
		const char *metric;
		double value;
	} gauges[] = { { "net.rx_bytes_per_s", 3 },
		       { "net.rx_packets_per_s", 4 },
		       { "net.tx_bytes_per_s", 7 },
		       { "net.tx_packets_per_s", 8 },
		       { "cpu.flags", 1 } };
	uint64_t cells[WIRE_COLUMNS_MAX];
	size_t i;

	for (i = 0; i < WIRE_COLUMNS_MAX; i++)
		cells[i] = i;
	cells[0] = 5;
	open_writer(&all_kept);
	put_cells(node_a, WIRE_NET, WIRE_NET_REQUIRED, THEN, 7, cells);
	put_cells(node_a, WIRE_CPU, WIRE_CPU_REQUIRED, THEN, 7, cells);
	put_cells(node_a, WIRE_NET, WIRE_NET_REQUIRED, THEN + S, 7 + S, cells);
	put_cells(node_a, WIRE_CPU, WIRE_CPU_REQUIRED, THEN + S, 7 + S, cells);
	commit();
	work();
	writer_close(&w);
	for (i = 0; i < sizeof(gauges) / sizeof(gauges[0]); i++) {
		assert_int_equal(query(node_a, gauges[i].metric, THEN,
				       THEN + 2 * S, S, HISTORY_LAST),
				 1);
		assert_true(values[1] == gauges[i].value);
	}
	assert_int_equal(query(node_a, "net.rx_bytes", THEN, THEN + S, S, 0),
			 1);
	assert_string_equal(text, "eth0");
	assert_true(isnan(values[0])); /* no rate of one sample */
	if (!on_servers())
		assert_int_equal(ask("PRAGMA user_version"), 5);
}

/* After a kill at any step, each sample is there once. */
static void killed(void **state)
{
	uint64_t i;

	for (i = 0; i < 30; i++) {
		open_writer(&all_kept);
		put_load(node_a, THEN + i * S, i);
		commit();
		if (i % 3 == 1)
			work();
		writer_close(&w); /* which writes nothing */
	}
	open_writer(&all_kept);
	work();
	assert_int_equal(kept_rows(), 0);
	assert_int_equal(kept_chunks(ENGINE_PARTS), 0);
	writer_close(&w);
	assert_int_equal(kept("load_1min", THEN, THEN + 60 * S), 30);
	assert_int_equal(query(node_a, "load_1min", THEN, THEN + 30 * S, 30 * S,
			       HISTORY_AVG),
			 1);
	assert_true(fabs(values[0] - 0.145) < 1e-9);
	assert_int_equal(kept_nodes(), 1);
}

/* Who sends much is folded without waiting for others, whose frames stay in the log. */
static void full(void **state)
{
	static const uint8_t large[][WIRE_ID_SIZE] = { { 0xb }, { 0xc } };
	uint64_t i;

	open_writer(&all_kept);
	put_load(node_a, THEN, 1);
	commit();
	for (i = 0; i < 2 * OPEN_FULL / 30; i++)
		put_load(large[i % 2], THEN + i * S / 1000, i);
	commit();
	put_load(node_a, THEN + S, 2);
	commit();
	assert_int_equal(w.open.large, 2);
	for (i = 0; w.open.large && i < 100; i++)
		assert_true(writer_work(&w) >= 0);
	assert_int_equal(w.open.large, 0);
	assert_true(w.open.bytes && w.open.bytes < 200);
	writer_close(&w);
	open_writer(&all_kept);
	assert_true(w.open.bytes && w.open.bytes < 200);
	work();
	assert_int_equal(kept_rows(), 0);
	writer_close(&w);
	assert_int_equal(kept("load_1min", THEN, THEN + 60 * S), 2);
}

/* An hour that takes too much memory to be merged is set aside, others are not. */
static void large_hour(void **state)
{
	static const uint8_t large[WIRE_ID_SIZE] = { 0xb };
	struct store_policy policy = all_kept;
	uint64_t i;

	policy.memory_limit = 6000;
	open_writer(&policy);
	for (i = 0; i < 1000; i++)
		put_load(large, THEN + i * S,
			 (i * UINT64_C(0x9e3779b97f4a7c15) >> 40) % 9973);
	for (i = 0; i < 60; i++)
		put_load(node_a, THEN + i * S, i);
	commit();
	work();
	assert_int_equal(w.trouble.aside, 1);
	assert_memory_equal(w.trouble.node, large, WIRE_ID_SIZE);
	writer_close(&w);
	assert_int_equal(kept_chunks(ENGINE_PARTS), 1);
	assert_int_equal(kept("load_1min", THEN, THEN + 60 * S), 60);
	policy.memory_limit *= 10;
	open_writer(&policy);
	work();
	writer_close(&w);
	assert_int_equal(kept_chunks(ENGINE_PARTS), 0);
	assert_int_equal(kept_chunks(TIER_RAW), 2);
}

static int count_again(void *context, const struct engine_piece *p)
{
	const uint8_t *data = p->data.data;
	int *again = context;

	*again += data[0] == CHUNK_VERSION_AGAIN;
	return 0;
}

static int packed_again(enum tier tier)
{
	struct engine_walk walk = { .tier = tier };
	int again = 0;

	assert_int_equal(w.e->ops->walk(w.e, &walk, count_again, &again), 0);
	return again;
}

static void put_noise(const uint8_t *uid, uint64_t hour)
{
	uint64_t i;

	for (i = 0; i < 1200; i++)
		put_load(uid, THEN + (hour * 3600 + i) * S,
			 (i * UINT64_C(0x9e3779b97f4a7c15) >> 40) % 97);
	commit();
	work();
}

static void pack_all_again(void)
{
	int ret, i = 0;

	while ((ret = repack_one(&w)) == 1)
		assert_true(++i < 20);
	assert_int_equal(ret, 0);
}

/* Chunks are packed again once there is time, those that were there before, too; what they
 * have is the same then, and they are not packed a third time.
 */
static void packed_smaller(void **state)
{
	static double before[1200];
	int64_t size;
	struct engine_room room;

	open_writer(&all_kept);
	put_noise(node_a, 0);
	writer_close(&w);
	query(node_a, "load_1min", THEN, THEN + 1200 * S, S, HISTORY_AVG);
	memcpy(before, values, sizeof(before));
	open_writer(&all_kept);
	put_noise(node_b, 1);
	put_noise(node_a, 1);
	assert_int_equal(packed_again(TIER_RAW), 0);
	w.e->ops->room(w.e, &room);
	size = (int64_t)room.used;
	pack_all_again();
	assert_int_equal(packed_again(TIER_RAW), 3);
	w.e->ops->room(w.e, &room);
	assert_true((int64_t)room.used <= size);
	writer_close(&w);
	query(node_a, "load_1min", THEN, THEN + 1200 * S, S, HISTORY_AVG);
	assert_memory_equal(values, before, sizeof(before));
	query(node_b, "load_1min", THEN + 3600 * S, THEN + 4800 * S, S,
	      HISTORY_AVG);
	assert_memory_equal(values, before, sizeof(before));
}

/* An hour that is merged once more after that is one chunk as ever. */
static void late_after_packing(void **state)
{
	open_writer(&all_kept);
	put_noise(node_a, 0);
	pack_all_again();
	put_load(node_a, THEN + 1300 * S, 5);
	commit();
	work();
	assert_int_equal(packed_again(TIER_RAW), 0);
	pack_all_again();
	assert_int_equal(packed_again(TIER_RAW), 1);
	writer_close(&w);
	assert_int_equal(kept_chunks(TIER_RAW), 1);
	assert_int_equal(kept("load_1min", THEN, THEN + 1400 * S), 1201);
}

/* To the last bit: an average of one rate is that rate. */
static void check_within(const char *metric, uint64_t step)
{
	static double least[1000], avg[1000];
	size_t i;

	query(node_a, metric, THEN, THEN + 1000 * S, step, HISTORY_MIN);
	memcpy(least, values, sizeof(least));
	query(node_a, metric, THEN, THEN + 1000 * S, step, HISTORY_AVG);
	memcpy(avg, values, sizeof(avg));
	query(node_a, metric, THEN, THEN + 1000 * S, step, HISTORY_MAX);
	assert_true(count > 100 && !isnan(avg[count / 2]));
	for (i = 0; i < count; i++)
		assert_false(avg[i] < least[i] || avg[i] > values[i]);
}

static void averages_within(void **state)
{
	uint64_t cells[WIRE_CPU_REQUIRED] = { 3, 3 }, i;

	open_writer(&all_kept);
	for (i = 0; i < 1000; i++) {
		cells[WIRE_CPU_USER_NS] += i * i * 977 % 99999937;
		cells[WIRE_CPU_IDLE_NS] += i * 7919 % 999983 * 1000;
		put_cells(node_a, WIRE_CPU, WIRE_CPU_REQUIRED, THEN + i * S,
			  i * S + i * i % 6007 + 1, cells);
	}
	commit();
	work();
	writer_close(&w);
	check_within("cpu.user_ns", S);
	check_within("cpu.busy", S);
	check_within("cpu.user_ns", 7 * S);
}

/* Rollups say what the samples would. */
static void rollups(void **state)
{
	uint64_t i, user = 0;

	open_writer(&all_kept);
	for (i = 0; i < 1200; i++) {
		put_load(node_a, THEN + i * S, i % 60 + i / 60);
		user += i % 60 == 7 ? S / 2 : S / 10;
		put_user(node_a, THEN + i * S, i * S + 1, user);
	}
	commit();
	work();
	writer_close(&w);
	assert_int_equal(kept_chunks(TIER_MINUTE), 1);
	assert_int_equal(query(node_a, "load_1min", THEN, THEN + 1200 * S,
			       60 * S, HISTORY_AVG),
			 1);
	assert_int_equal(count, 20);
	assert_true(fabs(values[3] - 0.325) <= 0.0051); /* rounded */
	query(node_a, "load_1min", THEN, THEN + 1200 * S, 60 * S, HISTORY_MAX);
	assert_true(values[3] == 0.62);
	query(node_a, "load_1min", THEN, THEN + 1200 * S, 300 * S, HISTORY_MIN);
	assert_true(values[1] == 0.05);
	query(node_a, "load_1min", THEN, THEN + 1200 * S, 300 * S,
	      HISTORY_LAST);
	assert_true(values[1] == 0.68);
	query(node_a, "cpu.user_ns", THEN, THEN + 1200 * S, 60 * S,
	      HISTORY_MAX);
	assert_true(fabs(values[2] - 5e8) < 5e8 / 256);
	query(node_a, "cpu.user_ns", THEN, THEN + 1200 * S, 60 * S,
	      HISTORY_AVG);
	assert_true(fabs(values[2] - (59e8 + 5e8) / 60) < 1);
	query(node_a, "cpu.user_ns", THEN, THEN + 1200 * S, S, HISTORY_AVG);
	assert_true(values[127] == 5e8 && values[128] == 1e8);
}

static void put_value(uint64_t real_ns, uint64_t key, uint64_t value)
{
	const uint64_t cells[] = { key, value };

	put_cells(node_a, WIRE_GAUGES, WIRE_VALUE_COLUMNS, real_ns,
		  real_ns - THEN + 1, cells);
}

static void put_all(uint64_t i)
{
	uint64_t cpu[WIRE_CPU_REQUIRED] = { 3, WIRE_CPU_ONLINE };
	uint64_t disk[WIRE_DISK_REQUIRED] = { 8 << 20 };
	uint64_t mount[WIRE_MOUNT_COLUMNS] = { 21, 0, 100 };
	uint64_t at = THEN + i * S;

	uint64_t extra = (i + 50) / 60 * S / 2;

	/* Busy for 0.25 of each second, 0.75 of the tenth of each minute. */
	cpu[WIRE_CPU_IDLE_NS] = i * S / 2 - extra;
	cpu[WIRE_CPU_IOWAIT_NS] = i * S / 4;
	cpu[WIRE_CPU_USER_NS] = i * S / 4 + extra;
	cpu[WIRE_CPU_GUEST_NS] = i * S / 8;
	disk[WIRE_DISK_BUSY_NS] = i * S / 10 + extra;
	mount[WIRE_MOUNT_USED_BYTES] = i % 60 == 10 ? 75 : 50;
	mount[WIRE_MOUNT_AVAILABLE_BYTES] = 100 - mount[WIRE_MOUNT_USED_BYTES];
	put_cells(node_a, WIRE_CPU, WIRE_CPU_REQUIRED, at, i * S + 1, cpu);
	put_cells(node_a, WIRE_DISK, WIRE_DISK_REQUIRED, at, i * S + 1, disk);
	put_cells(node_a, WIRE_MOUNT, WIRE_MOUNT_COLUMNS, at, i * S + 1, mount);
	put_value(at, WIRE_MEMORY_TOTAL_BYTES, 1000);
	put_value(at, WIRE_MEMORY_AVAILABLE_BYTES, i % 60 == 10 ? 200 : 600);
}

static void forget_samples(void)
{
	const struct engine_drop all = { .tier = TIER_RAW,
					 .to = UINT64_MAX,
					 .most = 1000 };

	open_writer(&all_kept);
	assert_in_range(w.e->ops->drop(w.e, &all), 0, 999);
	writer_close(&w);
}

static void assert_is(const char *metric, uint64_t step,
		      enum history_aggregate aggregate, double expected)
{
	assert_int_equal(query(node_a, metric, THEN, THEN + 120 * S, step,
			       aggregate),
			 1);
	if (isnan(expected))
		assert_true(isnan(values[1]));
	else
		assert_true(fabs(values[1] - expected) < 0.002);
}

static void assert_figures(uint64_t step, bool samples)
{
	assert_is("disk.busy", step, HISTORY_MIN, 0.1);
	assert_is("disk.busy", step, HISTORY_MAX, 0.6);
	assert_is("mount.used", step, HISTORY_MIN, 0.5);
	assert_is("mount.used", step, HISTORY_MAX, 0.75);
	assert_is("memory.used", step, HISTORY_MIN, 0.4);
	assert_is("memory.used", step, HISTORY_MAX, 0.8);
	assert_is("memory_used", step, HISTORY_MAX, 0.8); /* as it was called */
	assert_is("memory.used_bytes", step, HISTORY_MAX, 800);
	assert_is("cpu.iowait", step, HISTORY_MAX, 0.25);
	assert_is("cpu.busy", step, HISTORY_MAX, samples ? 0.75 : NAN);
	assert_is("cpu.busy", step, HISTORY_MIN, samples ? 0.25 : NAN);
}

/* Figures are the same of samples and of rollups, where these tell. */
static void figures(void **state)
{
	uint64_t i;

	open_writer(&all_kept);
	for (i = 0; i < 240; i++)
		put_all(i);
	commit();
	work();
	writer_close(&w);
	assert_is("cpu.busy", 60 * S, HISTORY_AVG, 0.25 + 0.5 / 60);
	assert_is("cpu.user", 60 * S, HISTORY_AVG, 0.125 + 0.5 / 60);
	assert_is("memory.used", 60 * S, HISTORY_AVG, 0.4 + 0.4 / 60);
	assert_figures(60 * S, true);
	forget_samples();
	assert_figures(60 * S, false);
	assert_is("cpu.busy", 60 * S, HISTORY_AVG, 0.25 + 0.5 / 60);
}

/* Of each second 0.97 s are counted, 1.03 s of the tenth of each minute. */
static void put_lossy(uint64_t i)
{
	uint64_t cpu[WIRE_CPU_REQUIRED] = { 3, WIRE_CPU_ONLINE };
	uint64_t more = (i + 50) / 60, at = THEN + i * S;

	cpu[WIRE_CPU_USER_NS] = i * S * 20 / 100 + more * S / 100;
	cpu[WIRE_CPU_NICE_NS] = i * S * 5 / 100;
	cpu[WIRE_CPU_SYSTEM_NS] = i * S * 10 / 100 + more * S * 5 / 100;
	cpu[WIRE_CPU_IDLE_NS] = i * S * 50 / 100;
	cpu[WIRE_CPU_IOWAIT_NS] = i * S * 4 / 100;
	cpu[WIRE_CPU_IRQ_NS] = i * S * 2 / 100;
	cpu[WIRE_CPU_SOFTIRQ_NS] = i * S * 3 / 100;
	cpu[WIRE_CPU_STEAL_NS] = i * S * 3 / 100;
	cpu[WIRE_CPU_GUEST_NS] = i * S * 7 / 100;
	put_cells(node_a, WIRE_CPU, WIRE_CPU_REQUIRED, at, i * S + 1, cpu);
}

static double at_second(const char *metric, uint64_t step,
			enum history_aggregate aggregate)
{
	assert_int_equal(query(node_a, metric, THEN, THEN + 240 * S, step,
			       aggregate),
			 1);
	return values[1];
}

static void assert_adds_up(uint64_t step, enum history_aggregate aggregate)
{
	static const char *const busy[] = { "cpu.user",	   "cpu.nice",
					    "cpu.system",  "cpu.irq",
					    "cpu.softirq", "cpu.steal",
					    "cpu.guest",   "cpu.guest_nice" };
	double all = at_second("cpu.busy", step, aggregate), sum = 0;
	size_t i;

	for (i = 0; i < sizeof(busy) / sizeof(busy[0]); i++)
		sum += at_second(busy[i], step, aggregate);
	assert_true(fabs(sum - all) < 1e-9);
	sum += at_second("cpu.idle", step, aggregate);
	sum += at_second("cpu.iowait", step, aggregate);
	assert_true(fabs(sum - 1) < 1e-9);
}

/* Shares are parts of what was counted: of samples and of rollups. */
static void shares_add_up(void **state)
{
	uint64_t i;
	int kept;

	open_writer(&all_kept);
	for (i = 0; i < 360; i++)
		put_lossy(i);
	commit();
	work();
	writer_close(&w);
	assert_adds_up(S, HISTORY_AVG);
	assert_adds_up(S, HISTORY_MAX);
	for (kept = 2; kept--; forget_samples()) {
		assert_adds_up(60 * S, HISTORY_AVG);
		assert_adds_up(60 * S, HISTORY_LAST);
		/* Of a minute: 60 times 0.10 s, and 0.05, of 60 * 0.97 + 0.06. */
		assert_true(fabs(at_second("cpu.system", 60 * S, HISTORY_AVG) -
				 6.05 / 58.26) < 1e-6);
		assert_true(at_second("cpu.system", 60 * S, HISTORY_MAX) >
			    0.14);
		assert_true(at_second("cpu.system", 60 * S, HISTORY_MIN) <=
			    at_second("cpu.system", 60 * S, HISTORY_AVG));
	}
}

/* What comes late joins its hour. */
static void late(void **state)
{
	open_writer(&all_kept);
	put_load(node_a, THEN + 10 * S, 10);
	commit();
	work();
	put_load(node_a, THEN + 5 * S, 40);
	commit();
	work();
	writer_close(&w);
	assert_int_equal(kept("load_1min", THEN, THEN + 60 * S), 2);
	query(node_a, "load_1min", THEN, THEN + 60 * S, 60 * S, HISTORY_AVG);
	assert_true(values[0] == 0.25);
	assert_int_equal(kept_chunks(TIER_RAW), 1);
}

/* A clock that is set back, a node that boots, two hosts with one id. */
static void troubles(void **state)
{
	static const uint64_t real_s[] = { 0, 1, 2, 7200, 7201, 3, 4 };
	uint64_t i;

	open_writer(&all_kept);
	for (i = 0; i < 7; i++)
		put_user(node_a, THEN + real_s[i] * S, (i + 1) * S, i * S);
	/* boots: both clocks' counters begin anew */
	put_user(node_a, THEN + 5 * S, S / 2, 1);
	put_user(node_a, THEN + 6 * S, S + S / 2, 2);
	/* the other host, at the same times */
	put_user(node_a, THEN + 5 * S, 900 * S, 500 * S);
	put_user(node_a, THEN + 6 * S, 901 * S, 501 * S);
	commit();
	work();
	writer_close(&w);
	assert_int_equal(kept_chunks(TIER_RAW), 2);
	assert_int_equal(query(node_a, "cpu.user_ns", THEN, THEN + 10000 * S, S,
			       HISTORY_MAX),
			 1);
	for (i = 0; i < count; i++)
		assert_true(isnan(values[i]) || values[i] <= 1e9);
	assert_false(isnan(values[1]));
	assert_false(isnan(values[4]));
	assert_false(isnan(values[7201]));
}

static void marks(void **state)
{
	const struct wire_table t = { .kind = WIRE_GAUGES,
				      .schema = 1,
				      .origin = WIRE_ORIGIN_PROC,
				      .real_ns = THEN,
				      .mono_ns = 1,
				      .columns = 2,
				      .rows = 1,
				      .cells = (uint64_t[]){ WIRE_LOAD_1MIN,
							     1 } };
	struct store_mark m = { .node = { 0xa }, .session = 9, .sequence = 1 };
	uint64_t frames;
	int i;

	/* 1, then 1 again, then 3 without 2. */
	open_writer(&all_kept);
	for (i = 0; i < 3; i++) {
		m.sequence = i == 2 ? 3 : 1;
		m.after = i == 2 ? 2 : 0;
		put_table(node_a, &t, &m);
		assert_int_equal(writer_write(&w, &queue, &frames), 0);
		assert_int_equal(frames, i == 0);
		assert_int_equal(((struct queued *)queue.data)->mark.kept,
				 i < 2);
		assert_int_equal(((struct queued *)queue.data)->mark.stored, 1);
		queue.used = 0;
	}
	work();
	writer_close(&w);
	assert_int_equal(kept("load_1min", THEN, THEN + S), 1);
}

static void retention(void **state)
{
	struct store_policy policy = all_kept;
	uint64_t now = clock_real_ns(), i;

	policy.keep_ns[TIER_RAW] = 10 * HOUR;
	policy.keep_ns[TIER_MINUTE] = 20 * HOUR;
	open_writer(&policy);
	for (i = 0; i < 60; i++)
		put_load(node_a, now - i * HOUR, i);
	commit();
	work();
	work();
	writer_close(&w);
	/* An hour goes as a whole; what is late for the samples is gone. */
	assert_in_range(kept_chunks(TIER_RAW), 9, 11);
	/* Just after the hour the one before it is still open, too. */
	assert_in_range(kept_chunks(ENGINE_PARTS), 0, 2);
	assert_int_equal(kept_pieces(TIER_RAW).older,
			 kept_chunks(TIER_RAW) - 1);
	query(node_a, "load_1min", now - 8 * HOUR, now, HOUR, HISTORY_MAX);
	assert_false(isnan(values[0]));
}

static void size_limit(void **state)
{
	struct store_policy policy = all_kept;
	struct engine_room room;
	uint64_t i, salt = 1;

	policy.size_max = 400000;
	open_writer(&policy);
	for (i = 0; i < 40; i++) {
		uint64_t n;

		for (n = 0; n < 3000; n++) {
			salt = salt * 6364136223846793005 + 1;
			put_load(node_a, THEN + i * HOUR + n * S, salt >> 8);
		}
		commit();
		work();
	}
	assert_int_equal(w.e->ops->room(w.e, &room), 0);
	assert_true(room.used <= policy.size_max);
	assert_true(w.expired > 10);
	writer_close(&w);
	/* The oldest samples went, the newest and the rollups stayed. */
	assert_int_equal(kept("load_1min", THEN + 39 * HOUR, THEN + 40 * HOUR),
			 3000);
	assert_int_equal(kept_chunks(TIER_FIVE), 40);
}

static int64_t lost[LOSS_CAUSES];
static size_t steps;

static void take_loss(void *context, const struct history_loss *loss)
{
	int i;

	for (i = 0; i < LOSS_CAUSES; i++)
		lost[i] += loss->count[i];
	assert_true(loss->real_ns % (5 * 60 * S) == 0);
	steps++;
}

static void ask_losses(const uint8_t *uid, uint64_t from, uint64_t to)
{
	struct history_losses_query q = { .from_ns = from,
					  .to_ns = to,
					  .step_ns = 5 * 60 * S };
	struct history *h;

	memcpy(q.node, uid, WIRE_ID_SIZE);
	memset(lost, 0, sizeof(lost));
	steps = 0;
	assert_int_equal(history_open(&h, place, NULL), 0);
	assert_int_equal(history_losses(h, &q, take_loss, NULL), 0);
	history_close(h);
}

/* One frame a minute, and what the minute's number is of samples. */
static void losses(void **state)
{
	struct store_policy policy = all_kept;
	struct store_loss loss = { .count = { [LOSS_MISSING] = 1 } };
	struct buffer all = { 0 };
	uint64_t now = clock_real_ns() / HOUR * HOUR, i;

	policy.keep_ns[TIER_MINUTE] = 10 * HOUR;
	memcpy(loss.node, node_a, sizeof(loss.node));
	for (i = 1; i <= 20; i++) {
		loss.minute = now / (60 * S) - i;
		loss.count[LOSS_NET] = (int64_t)i;
		buffer_put(&all, &loss, sizeof(loss));
	}
	loss.minute = now / (60 * S) - 20 * 60; /* too old */
	buffer_put(&all, &loss, sizeof(loss));
	open_writer(&policy);
	assert_int_equal(writer_put_losses(&w, &all), 0);
	assert_int_equal(writer_put_losses(&w, &all), 0);
	buffer_free(&all);
	work();
	writer_close(&w);
	if (!on_servers())
		assert_int_equal(ask("SELECT count(*) FROM loss"), 20);

	ask_losses(node_a, now - 10 * 60 * S, now);
	assert_int_equal(steps, 2);
	assert_int_equal(lost[LOSS_MISSING], 2 * 10);
	assert_int_equal(lost[LOSS_NET], 2 * 55);
	assert_int_equal(lost[LOSS_RECEIVED], 0);
	ask_losses((const uint8_t *)"nobody nobody no", 0, now);
	assert_int_equal(steps, 0);
}

static void newer_schema(void **state)
{
	struct history *h;
	sqlite3 *db;

	if (on_servers())
		skip();
	open_writer(&all_kept);
	writer_close(&w);
	assert_int_equal(sqlite3_open(file, &db), 0);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version=99", NULL, NULL,
				      NULL),
			 0);
	sqlite3_close(db);
	assert_int_not_equal(writer_open(&w, place, &all_kept), 0);
	assert_int_not_equal(history_open(&h, place, NULL), 0);
}

static void not_a_folder(void **state)
{
	struct store *s;

	assert_int_not_equal(store_open(&s, "/proc/version/x", &all_kept), 0);
	assert_int_not_equal(store_open(&s, "/proc/none", &all_kept), 0);
	assert_int_not_equal(store_open(&s, "", &all_kept), 0);
}

/* The thread's side: frames go in, what is open is answered. */
static void threaded(void **state)
{
	static uint8_t big[60000];
	struct store_frame f = { node_a, THEN, big, sizeof(big), NULL };
	struct store_stats stats;
	struct store *s;
	int i;

	assert_int_equal(store_open(&s, place, &all_kept), 0);
	/* 60 kB each, much faster than the writer comes by. */
	for (i = 0; i < 100000; i++)
		if (!store_put(s, &f))
			break;
	store_stats(s, &stats);
	assert_true(stats.dropped > 0);
	assert_true(stats.queued_bytes <= 64 << 20);
	store_close(s);
}

/* What was told of each row, one after the other. */
struct told {
	size_t rows;
	uint64_t keys[16];
	size_t known[16]; /* steps with a value */
	double sum[16];
};

static void tell(void *context, const struct history_series *s)
{
	struct told *t = context;
	size_t i;

	assert_true(t->rows < 16);
	t->keys[t->rows] = s->key;
	for (i = 0; i < s->count; i++)
		if (!isnan(s->values[i])) {
			t->known[t->rows]++;
			t->sum[t->rows] += s->values[i];
		}
	t->rows++;
}

/* The mounts with these numbers, in this order, have as many bytes as that. */
static void put_mounts(const uint64_t *keys, uint32_t rows, uint64_t real_ns)
{
	uint64_t cells[4 * WIRE_MOUNT_COLUMNS] = { 0 };
	const struct wire_text names[4 * WIRE_TEXTS_MAX] = { { "/", 1 } };
	const struct wire_table t = { .kind = WIRE_MOUNT,
				      .schema = 1,
				      .origin = WIRE_ORIGIN_PROC,
				      .real_ns = real_ns,
				      .mono_ns = real_ns - THEN + 1,
				      .columns = WIRE_MOUNT_COLUMNS,
				      .rows = rows,
				      .texts = wire_schema(WIRE_MOUNT)->texts,
				      .text = names,
				      .cells = cells };
	uint32_t i;

	for (i = 0; i < rows; i++) {
		cells[i * WIRE_MOUNT_COLUMNS] = keys[i];
		cells[i * WIRE_MOUNT_COLUMNS + WIRE_MOUNT_USED_BYTES] = keys[i];
	}
	put_table(node_a, &t, NULL);
}

/* One hour in rollups alone, one in samples, one in the log: each row is answered
 * once, in the order of keys, whatever the order and the place that it came in.
 */
static void order_of_keys(void **state)
{
	static const uint64_t keys[][4] = { { 30, 10, 20, 7 },
					    { 20, 5, 30, 10 },
					    { 10, 30, 1, 20 } };
	static const uint64_t sorted[] = { 1, 5, 7, 10, 20, 30 };
	struct history_query q = { .metric = book_find("mount.used_bytes"),
				   .from_ns = THEN,
				   .to_ns = THEN + 3 * HOUR,
				   .step_ns = 60 * S,
				   .aggregate = HISTORY_LAST };
	struct told t = { 0 };
	struct queued *r;
	struct history *h;
	struct store *s;
	int i, tries = patience_ms(10000) / 10;

	open_writer(&all_kept);
	put_mounts(keys[0], 4, THEN);
	commit();
	work();
	writer_close(&w);
	forget_samples();
	open_writer(&all_kept);
	put_mounts(keys[1], 4, THEN + HOUR);
	commit();
	work();
	writer_close(&w);
	assert_int_equal(kept_chunks(TIER_RAW), 1);
	assert_int_equal(kept_chunks(TIER_MINUTE), 2);
	assert_int_equal(store_open(&s, place, &all_kept), 0);
	put_mounts(keys[2], 4, THEN + 2 * HOUR);
	r = (struct queued *)queue.data;
	assert_true(
		store_put(s, &(struct store_frame){ .node = node_a,
						    .time = THEN + 2 * HOUR,
						    .data = (uint8_t *)(r + 1),
						    .size = r->frame.size }));
	memcpy(q.node, node_a, WIRE_ID_SIZE);
	assert_int_equal(history_open(&h, place, s), 0);
	for (; tries && t.rows < 6; tries--) {
		memset(&t, 0, sizeof(t));
		assert_true(history_query(h, &q, tell, &t) >= 0);
		usleep(10000);
	}
	assert_int_equal(kept_chunks(TIER_RAW), 1);
	history_close(h);
	store_close(s);
	assert_int_equal(t.rows, 6);
	assert_memory_equal(t.keys, sorted, sizeof(sorted));
	for (i = 0; i < 6; i++) {
		assert_int_equal(t.known[i], sorted[i] < 10 ? 1 : 3);
		assert_true(t.sum[i] == (double)(sorted[i] * t.known[i]));
	}
}

/* A running store goes over to another retention with its next look. */
static void kept_less(void **state)
{
	struct store_policy less = all_kept;
	struct store_stats stats = { 0 };
	struct store *s;
	int tenths;

	open_writer(&all_kept);
	put_load(node_a, THEN, 1);
	commit();
	work();
	writer_close(&w);
	less.keep_ns[TIER_RAW] = HOUR;
	assert_int_equal(store_open(&s, place, &all_kept), 0);
	store_keep(s, &less);
	store_expire(s, clock_real_ns());
	for (tenths = 0; !stats.expired && tenths < 600; tenths++) {
		usleep(100000);
		store_stats(s, &stats);
	}
	store_close(s);
	assert_true(stats.expired > 0);
	assert_int_equal(kept_chunks(TIER_RAW), 0);
	assert_int_equal(kept_chunks(TIER_FIVE), 1);
}

/* One whose few frames came early in what another one flooded does not keep the log of
 * that: it is folded before its time.
 */
static void held_log(void **state)
{
	struct store_policy small = all_kept;
	uint64_t i;

	small.memory_max = 2048;
	open_writer(&small);
	put_load(node_b, THEN, 1);
	put_load(node_a, THEN, 1);
	for (i = 1; i < 400; i++)
		put_load(node_b, THEN + i * S, i);
	commit();
	assert_true(w.log.used > 8 * small.memory_max);
	while (writer_work(&w) > 0)
		;
	assert_null(w.open.oldest);
	writer_close(&w);
	assert_int_equal(kept_rows(), 0);
}

static uint64_t statements;

static int count_statement(unsigned int what, void *context, void *p, void *x)
{
	statements++;
	return 0;
}

static int count_statements(sqlite3 *db, char **message,
			    const struct sqlite3_api_routines *api)
{
	return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, count_statement, NULL);
}

/* Hours without anything are not asked for one by one. */
static void decades(void **state)
{
	const uint64_t day = 24 * HOUR, begin = THEN - 9000 * day;

	open_writer(&all_kept);
	put_load(node_a, begin, 100);
	put_load(node_a, THEN, 300);
	put_load(node_b, begin + 3000 * day, 200);
	commit();
	work();
	put_load(node_a, THEN + HOUR, 400);
	commit();
	writer_close(&w);
	sqlite3_auto_extension((void (*)(void))count_statements);
	statements = 0;
	assert_int_equal(query(node_a, "load_1min", begin - day, THEN + day,
			       day, HISTORY_LAST),
			 1);
	sqlite3_reset_auto_extension();
	if (!on_servers())
		assert_in_range(statements, 1, 200);
	assert_true(!isnan(values[1]) && !isnan(values[9001]));
	assert_true(isnan(values[0]) && isnan(values[2]) &&
		    isnan(values[9000]));
}

static void bad_questions(void **state)
{
	open_writer(&all_kept);
	writer_close(&w);
	assert_int_equal(query(node_a, "load_1min", 5, 5, 1, 0), -EINVAL);
	assert_int_equal(query(node_a, "load_1min", 0, HOUR, 1, 0), -EINVAL);
	assert_int_equal(query(node_a, "load_1min", 0, HOUR, 0, 0), -EINVAL);
	assert_int_equal(query(node_a, "load_1min", 0, HOUR, S, 9), -EINVAL);
	assert_int_equal(query(node_a, "load_1min", 0, HOUR, S, 0), 0);
	assert_null(book_find("cpu.none"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(columns),
		TEST(killed),
		TEST(full),
		TEST(large_hour),
		TEST(averages_within),

		TEST(packed_smaller),

		TEST(late_after_packing),
		TEST(rollups),
		TEST(late),
		TEST(figures),
		TEST(shares_add_up),
		TEST(troubles),
		TEST(marks),
		TEST(retention),
		TEST(size_limit),
		TEST(newer_schema),
		TEST(threaded),
		TEST(bad_questions),
		TEST(losses),
		TEST(kept_less),
		TEST(decades),
		TEST(order_of_keys),
		TEST(held_log),
		cmocka_unit_test(not_a_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
