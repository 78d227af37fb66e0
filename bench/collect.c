// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The collector's ingest and history under a fleet's frames, in one process: CPU
 * seconds of what takes a frame and of the history's thread, with neither the
 * sockets nor the making of the frames. Beside it the common design, SQLite
 * with a row a sample. bench/collect.sh runs it.
 *
 *   collect FOLDER NODES SECONDS
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/feeds/fleet.h"
#include "collector/base/self.h"
#include "collector/feed/ingest.h"
#include "collector/history/fold/rollup.h"
#include "collector/history/sqlite/database.h"
#include "collector/history/write/writer.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum {
	SERIES = 5, /* samples a frame */
	ROWS_VALUES = 3000000, /* of row a sample: enough to see its speed */
};

#define HOUR_NS UINT64_C(3600000000000)
#define DAY_NS (24 * HOUR_NS)

static const struct store_policy policy = {
	.keep_ns = { 3650 * DAY_NS, 3650 * DAY_NS, 3650 * DAY_NS },
	.memory_max = 256 << 20,
};
static struct fleet_host *hosts;
static uint32_t nodes, seconds;
static struct wire_encoder encoder;
static uint8_t frame[WIRE_FRAME_MAX];
static struct nodes table;
static struct feed shared;
static struct ingest ingest;

static double cpu(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Samples of the hour that is under way, as in life: none of it is over. */
static void begin(void)
{
	uint64_t now = clock_real_ns() / HOUR_NS * HOUR_NS;
	uint32_t i;

	for (i = 0; i < nodes; i++)
		fleet_begin(&hosts[i], i, now);
}

static size_t make_frame(uint32_t number, uint64_t sequence)
{
	static struct fleet_host samples[SERIES];
	struct wire_sender sender = { .session = 1 };
	struct wire_table tables[SERIES][FLEET_TABLES], one[SERIES];
	int i, t;

	for (i = 0; i < SERIES; i++) {
		fleet_step(&hosts[number]);
		samples[i] = hosts[number];
		fleet_tables(&samples[i], tables[i]);
	}
	wire_begin(&encoder, frame, sizeof(frame), hosts[number].real_ns);
	for (t = 0; t < FLEET_TABLES; t++) {
		for (i = 0; i < SERIES; i++)
			one[i] = tables[i][t];
		if (wire_put_series(&encoder, one, SERIES, 0) != one[0].rows)
			errx(1, "a frame has no room");
	}
	number++;
	memcpy(sender.node, &number, sizeof(number));
	return wire_finish(&encoder, &sender, sequence);
}

/* Return CPU seconds of this thread in ingest; @wire: bytes of frames. */
static double feed(struct store *store, uint64_t *wire)
{
	struct peer from = { .text = "bench" };
	uint64_t sequence;
	double spent = 0;
	uint32_t i;

	*wire = 0;
	begin();
	feed_init(&shared, &table, store);
	if (nodes_init(&table, self_memory_limit()) ||
	    ingest_init(&ingest, &shared))
		errx(1, "memory is short");
	for (sequence = 1; sequence <= seconds / SERIES; sequence++) {
		for (i = 0; i < nodes; i++) {
			size_t size = make_frame(i, sequence);
			double before;

			*wire += size;
			while (store && store_full(store))
				nanosleep(&(struct timespec){ 0, 1000000 },
					  NULL);
			before = cpu(CLOCK_THREAD_CPUTIME_ID);
			ingest_frame(&ingest, frame, size, &from);
			spent += cpu(CLOCK_THREAD_CPUTIME_ID) - before;
		}
	}
	if (ingest.counts.dropped[DROP_VALUE] ||
	    ingest.counts.dropped[DROP_FULL])
		errx(1, "frames were dropped");
	ingest_exit(&ingest);
	feed_exit(&shared);
	nodes_exit(&table);
	return spent;
}

/* Return CPU seconds of reading all frames, and nothing else. */
static double decode(void)
{
	double spent = 0, before;
	struct wire_frame open;
	struct wire_table t;
	struct wire_room room;
	uint64_t sequence;
	uint32_t i;

	begin();
	if (wire_room_open(&room))
		errx(1, "memory is short");
	for (sequence = 1; sequence <= seconds / SERIES; sequence++) {
		for (i = 0; i < nodes; i++) {
			size_t size = make_frame(i, sequence);

			before = cpu(CLOCK_THREAD_CPUTIME_ID);
			if (wire_open(&open, frame, size))
				errx(1, "a frame does not open");
			while (wire_next(&open, &t, &room) == 1)
				;
			spent += cpu(CLOCK_THREAD_CPUTIME_ID) - before;
		}
	}
	wire_room_close(&room);
	return spent;
}

/* What clocks cost, for the loop above reads two a frame. */
static double clock_cost(void)
{
	double before = cpu(CLOCK_THREAD_CPUTIME_ID);
	int i;

	for (i = 0; i < 100000; i++)
		cpu(CLOCK_THREAD_CPUTIME_ID);
	return (cpu(CLOCK_THREAD_CPUTIME_ID) - before) / 100000;
}

/* What a value costs, by who has it in hand. */
enum stage {
	STAGE_DECODE,
	STAGE_TABLE,
	STAGE_LOG,
	STAGE_START,
	STAGE_FOLD,
	STAGE_KEEP_PARTS,
	STAGE_MERGE,
	STAGE_ROLLUP,
	STAGE_KEEP_CHUNKS,
	STAGE_AGAIN,
	STAGES
};

static const char *const stage_name[STAGES] = {
	[STAGE_DECODE] = "decode",
	[STAGE_TABLE] = "table",
	[STAGE_LOG] = "queue, marks, log",
	[STAGE_START] = "(the log, at a start)",
	[STAGE_FOLD] = "fold to parts",
	[STAGE_KEEP_PARTS] = "commit parts",
	[STAGE_MERGE] = "merge",
	[STAGE_ROLLUP] = "rollups",
	[STAGE_KEEP_CHUNKS] = "commit chunks",
	[STAGE_AGAIN] = "(pack again, if idle)",
};
static double stages[STAGES];
static double twice; /* what is spent to tell them apart */

/* Book what was spent since the last call. */
static void spent(enum stage stage, double *since)
{
	double now = cpu(CLOCK_PROCESS_CPUTIME_ID);

	stages[stage] += now - *since;
	*since = now;
}

static void fold_all(struct writer *w, double *since)
{
	struct open_node *done[OUTBOX_MAX];
	struct engine_fold made;
	size_t i;

	while (w->open.oldest) {
		struct open_node *n = w->open.oldest;

		for (; n && !outbox_full(&w->out); n = n->younger) {
			if (fold_node(&w->fold, n, w->e->last_log, &made))
				errx(1, "memory is short");
			done[w->out.fold_count] = n;
			outbox_put_fold(&w->out, &made);
		}
		spent(STAGE_FOLD, since);
		if (w->e->ops->fold(w->e, w->out.folds, w->out.fold_count))
			errx(1, "%s", writer_problem(w));
		for (i = 0; i < w->out.fold_count; i++)
			open_pop(&w->open, done[i], w->e->last_log);
		outbox_clear(&w->out);
		spent(STAGE_KEEP_PARTS, since);
	}
}

/* What the rollups of a merge cost: they are made once more of its chunk. */
static double rollup_cost(const struct writer *w,
			  const struct engine_merge *made)
{
	static struct block block, sums[TIERS - TIER_MINUTE];
	double before, cost = 0;
	struct chunk c = { .zstd = NULL };
	int tier;

	if (!made->chunks[TIER_RAW].data ||
	    chunk_open(&c, made->chunks[TIER_RAW].data,
		       made->chunks[TIER_RAW].size))
		return 0;
	for (tier = TIER_MINUTE; tier < TIERS; tier++)
		chunk_begin(w->fold.writers[tier], COLUMN_SMALL);
	while (chunk_next(&c, &block, 0, CHUNK_ALL, 0) == 1) {
		before = cpu(CLOCK_THREAD_CPUTIME_ID);
		rollup_make(&block, &tier_bucket_ns[TIER_MINUTE], sums,
			    TIERS - TIER_MINUTE);
		for (tier = TIER_MINUTE; tier < TIERS; tier++)
			chunk_put(w->fold.writers[tier],
				  &sums[tier - TIER_MINUTE]);
		cost += cpu(CLOCK_THREAD_CPUTIME_ID) - before;
	}
	chunk_close(&c);
	return cost;
}

/* Part of what merging was booked as. */
static void split_rollups(const struct writer *w, double *since)
{
	double cost = 0;
	size_t i;

	for (i = 0; i < w->out.merge_count; i++)
		cost += rollup_cost(w, &w->out.merges[i]);
	stages[STAGE_MERGE] -= cost;
	stages[STAGE_ROLLUP] += cost;
	twice += cpu(CLOCK_PROCESS_CPUTIME_ID) - *since;
	*since = cpu(CLOCK_PROCESS_CPUTIME_ID);
}

/* All hours become chunks, in rounds as the writer has them. */
static void merge_all(struct writer *w, double *since)
{
	struct engine_key keys[OUTBOX_MAX];
	struct engine_merge made;
	int i, count;

	do {
		count = w->e->ops->ripe(w->e, INT64_MAX, 1, keys, OUTBOX_MAX);
		for (i = 0; i < count && !outbox_full(&w->out); i++) {
			if (fold_merge(&w->fold, w->e, &keys[i], false, &made))
				errx(1, "%s", writer_problem(w));
			repack_note(w, &made);
			outbox_put_merge(&w->out, &made);
		}
		spent(STAGE_MERGE, since);
		split_rollups(w, since);
		if (count < 0 ||
		    w->e->ops->merge(w->e, w->out.merges, w->out.merge_count))
			errx(1, "%s", writer_problem(w));
		outbox_clear(&w->out);
		spent(STAGE_KEEP_CHUNKS, since);
	} while (count);
}

/* Fold and merge what is left, as if the hour were over. Return CPU seconds, but for
 * those of a start: one that runs has its frames in memory.
 */
static double finish(const char *folder, uint64_t *soon, uint64_t *bytes)
{
	static struct writer w;
	double before = cpu(CLOCK_PROCESS_CPUTIME_ID), since = before, all;
	struct engine_room room;
	int ret;

	if (writer_open(&w, folder, &policy) || writer_recover(&w))
		exit(1);
	spent(STAGE_START, &since);
	fold_all(&w, &since);
	w.e->ops->trim(w.e, w.e->last_log + 1);
	spent(STAGE_KEEP_PARTS, &since);
	merge_all(&w, &since);
	all = cpu(CLOCK_PROCESS_CPUTIME_ID) - before - twice -
	      stages[STAGE_START];
	w.e->ops->room(w.e, &room);
	*soon = room.used;
	since = cpu(CLOCK_PROCESS_CPUTIME_ID);
	while ((ret = repack_one(&w)) == 1)
		;
	if (ret)
		errx(1, "%s", writer_problem(&w));
	spent(STAGE_AGAIN, &since);
	w.e->ops->room(w.e, &room);
	*bytes = room.used;
	writer_close(&w);
	return all;
}

static void insert(sqlite3_stmt *s, uint32_t node, const struct wire_table *t)
{
	uint32_t row, i;

	sqlite3_bind_int64(s, 1, node);
	sqlite3_bind_int64(s, 2, (int64_t)t->real_ns);
	for (row = 0; row < t->rows; row++) {
		for (i = 0; i < t->columns; i++)
			sqlite3_bind_int64(
				s, 3 + (int)i,
				(int64_t)t->cells[row * t->columns + i]);
		if (sqlite3_step(s) != SQLITE_DONE)
			errx(1, "a row was not inserted");
		sqlite3_reset(s);
	}
}

/* A table a kind, keyed by node, time and row, committed once a second. */
static double row_a_sample(const char *folder, uint64_t *values,
			   uint64_t *bytes)
{
	static const char *const names[] = { "cpu",    "softirq",  "net",
					     "gauges", "counters", "disk" };
	sqlite3_stmt *statements[FLEET_TABLES];
	struct wire_table tables[FLEET_TABLES];
	struct database d = { 0 };
	char sql[800];
	double spent = 0;
	uint32_t t, i;

	snprintf(sql, sizeof(sql), "%s/rows.db", folder);
	if (sqlite3_open(sql, &d.db))
		errx(1, "%s", sql);
	database_run(&d, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
	begin();
	fleet_tables(&hosts[0], tables);
	for (t = 0; t < FLEET_TABLES; t++) {
		size_t at = (size_t)snprintf(
			sql, sizeof(sql),
			"CREATE TABLE %s(node INTEGER, real_ns INTEGER",
			names[t]);

		for (i = 0; i < tables[t].columns; i++)
			at += (size_t)snprintf(sql + at, sizeof(sql) - at,
					       ", c%u INTEGER", i);
		snprintf(sql + at, sizeof(sql) - at,
			 ", PRIMARY KEY(node, real_ns, c0)) WITHOUT ROWID");
		database_run(&d, sql);
		at = (size_t)snprintf(sql, sizeof(sql),
				      "INSERT INTO %s VALUES(?,?", names[t]);
		for (i = 0; i < tables[t].columns; i++)
			at += (size_t)snprintf(sql + at, sizeof(sql) - at,
					       ",?");
		snprintf(sql + at, sizeof(sql) - at, ")");
		sqlite3_prepare_v2(d.db, sql, -1, &statements[t], NULL);
	}
	for (*values = 0; *values < ROWS_VALUES;) {
		double before;

		for (i = 0; i < nodes; i++)
			fleet_step(&hosts[i]);
		before = cpu(CLOCK_PROCESS_CPUTIME_ID);
		database_run(&d, "BEGIN");
		for (i = 0; i < nodes && *values < ROWS_VALUES; i++) {
			fleet_tables(&hosts[i], tables);
			for (t = 0; t < FLEET_TABLES; t++)
				insert(statements[t], i, &tables[t]);
			*values += fleet_values();
		}
		if (database_run(&d, "COMMIT"))
			errx(1, "%s", d.problem);
		spent += cpu(CLOCK_PROCESS_CPUTIME_ID) - before;
	}
	*bytes = database_size(&d);
	for (t = 0; t < FLEET_TABLES; t++)
		sqlite3_finalize(statements[t]);
	sqlite3_close(d.db);
	return spent;
}

static void bar(const char *name, double value, double limit, int most)
{
	printf("BAR %s_%u %.2f %.2f %s\n", name, nodes, value, limit,
	       (most ? value <= limit : value >= limit) ? "ok" : "short");
}

int main(int argc, char **argv)
{
	uint64_t values, wire, bytes, soon, rows, row_bytes;
	double clocks, decoded, to_table, main_spent, all, history, sql;
	struct store_stats stats;
	struct store *store;
	int stage;

	if (argc != 4)
		errx(2, "usage: collect FOLDER NODES SECONDS");
	log_init("collect", LOG_INFO);
	nodes = (uint32_t)strtoul(argv[2], NULL, 10);
	seconds = (uint32_t)strtoul(argv[3], NULL, 10) / SERIES * SERIES;
	hosts = calloc(nodes, sizeof(*hosts));
	if (!hosts || !seconds)
		errx(1, "memory is short, or no time");
	values = fleet_values() * nodes * seconds;
	clocks = clock_cost() * nodes * seconds / SERIES;

	decoded = decode() - clocks;
	to_table = feed(NULL, &wire) - clocks;
	if (store_open(&store, argv[1], &policy))
		return 1;
	all = cpu(CLOCK_PROCESS_CPUTIME_ID);
	main_spent = cpu(CLOCK_THREAD_CPUTIME_ID);
	history = feed(store, &wire) - clocks;
	main_spent = cpu(CLOCK_THREAD_CPUTIME_ID) - main_spent;
	store_stats(store, &stats);
	store_close(store);
	all = cpu(CLOCK_PROCESS_CPUTIME_ID) - all;
	history += all - main_spent; /* the thread's */
	stages[STAGE_DECODE] = decoded;
	stages[STAGE_TABLE] = to_table - decoded;
	stages[STAGE_LOG] = history - to_table;
	history += finish(argv[1], &soon, &bytes);
	sql = row_a_sample(argv[1], &rows, &row_bytes);

	printf("%u nodes, %u s, %" PRIu64 " values a sample, %" PRIu64
	       " values; frames %.2f bytes a value; %" PRIu64 " dropped\n",
	       nodes, seconds, fleet_values(), values,
	       (double)wire / (double)values, stats.dropped);
	printf("to the table:     %6.1f ns a value\n",
	       to_table * 1e9 / (double)values);
	printf("with history:     %6.1f ns a value, folding and rollups included\n",
	       history * 1e9 / (double)values);
	for (stage = 0; stage < STAGES; stage++)
		printf("  %-24s %6.1f\n", stage_name[stage],
		       stages[stage] * 1e9 / (double)values);
	printf("row a sample:     %6.1f ns a value, %.2f bytes a value\n",
	       sql * 1e9 / (double)rows, (double)row_bytes / (double)rows);
	printf("chunks, rollups:  %6.2f bytes a value before they are packed again\n",
	       (double)soon / (double)values);
	printf("                  %6.3f bytes a value then, 1/%.0f of that\n",
	       (double)bytes / (double)values,
	       (double)row_bytes / (double)rows /
		       ((double)bytes / (double)values));
	bar("table_million_values_per_s", (double)values / to_table / 1e6, 20,
	    0);
	bar("history_million_values_per_s", (double)values / history / 1e6, 20,
	    0);
	if (seconds >= 3600) /* less is not what a chunk has in life */
		bar("history_bytes_per_value", (double)bytes / (double)values,
		    0.5, 1);
	return stats.dropped ? 1 : 0;
}
