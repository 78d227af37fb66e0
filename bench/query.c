// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A question about 30 days of a host with 8 CPUs, in steps of 5 min: from the
 * history's rollups, and from SQLite with a row a CPU and 5 min as the common
 * design has it. CPU time of this process, the best of some rounds.
 *
 *   query FOLDER
 */
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/feeds/fleet.h"
#include "collector/history/history.h"
#include "collector/history/sqlite/database.h"
#include "collector/history/write/writer.h"
#include "tables/book.h"
#include "lib/base/log.h"

#define S UINT64_C(1000000000)
#define HOUR_NS (3600 * S)
#define STEP_NS (300 * S)
/* Begins an hour, long ago. */
#define THEN_NS (UINT64_C(400000) * HOUR_NS)

enum {
	DAYS = 30,
	HOURS = DAYS * 24,
	SAMPLES = 60, /* an hour */
	ROUNDS = 20,
	STEPS = HOURS * 12,
};

static const uint8_t uid[WIRE_ID_SIZE] = { 1 };
static struct fleet_host host;
static double sums[FLEET_CPUS];

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void must(int err, const char *what)
{
	if (err)
		errx(1, "%s failed: %d", what, err);
}

/* A row a CPU each 5 min, as the last sample before it has them. */
static void put_rows(sqlite3_stmt *s, const struct wire_table *t)
{
	uint32_t row, i;

	for (row = 0; row < t->rows; row++) {
		sqlite3_bind_int64(s, 1, (int64_t)(t->real_ns / STEP_NS));
		for (i = 0; i < t->columns; i++)
			sqlite3_bind_int64(
				s, 2 + (int)i,
				(int64_t)t->cells[row * t->columns + i]);
		if (sqlite3_step(s) != SQLITE_DONE)
			errx(1, "a row was not inserted");
		sqlite3_reset(s);
	}
}

static void keep_hour(struct writer *w, uint64_t hour)
{
	struct engine_key key = { .hour = hour };
	struct engine_fold made = { .log = hour };
	struct engine_merge merge;

	memcpy(made.node, uid, sizeof(uid));
	memcpy(key.node, uid, sizeof(uid));
	must(fold_parts(&w->fold), "fold_parts");
	must(fold_take(&w->fold, &made), "fold_take");
	must(w->e->ops->fold(w->e, &made, 1), "fold");
	must(fold_merge(&w->fold, w->e, &key, false, &merge), "fold_merge");
	must(w->e->ops->merge(w->e, &merge, 1), "merge");
	outbox_free_fold(&made);
	outbox_free_merge(&merge);
}

static void put_hour(struct writer *w, sqlite3_stmt *rows)
{
	struct wire_table tables[FLEET_TABLES];
	uint64_t hour = tier_hour(host.real_ns);
	int i, t;

	fold_clear(&w->fold);
	for (i = 0; i < SAMPLES; i++) {
		fleet_step(&host);
		host.real_ns = hour * HOUR_NS + (uint64_t)i * 60 * S + S;
		host.mono_ns = host.real_ns - THEN_NS + S;
		fleet_tables(&host, tables);
		for (t = 0; t < FLEET_TABLES; t++)
			must(fold_add(&w->fold, &tables[t]), "fold_add");
		if (i % 5 == 4)
			put_rows(rows, &tables[0]);
	}
	keep_hour(w, hour);
	host.real_ns = (hour + 1) * HOUR_NS;
}

static sqlite3_stmt *make_rows(struct database *d, const char *folder)
{
	sqlite3_stmt *s;
	char text[256];

	snprintf(text, sizeof(text), "%s/rows.db", folder);
	if (sqlite3_open(text, &d->db))
		errx(1, "%s", text);
	database_run(d,
		     "PRAGMA journal_mode=WAL; CREATE TABLE cpu(at INTEGER, "
		     "cpu INTEGER, flags, user_ns, c3, c4, c5, c6, c7, c8, c9, "
		     "c10, c11, PRIMARY KEY(at, cpu)) WITHOUT ROWID; BEGIN");
	must(sqlite3_prepare_v2(
		     d->db, "INSERT INTO cpu VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
		     -1, &s, NULL),
	     "prepare");
	return s;
}

static void make(const char *folder, struct database *rows)
{
	static const struct store_policy policy = {
		.keep_ns = { INT64_MAX, INT64_MAX, INT64_MAX },
		.memory_max = 1 << 20,
	};
	static struct writer w;
	sqlite3_stmt *insert = make_rows(rows, folder);
	int i;

	must(writer_open(&w, folder, &policy), "writer_open");
	fleet_begin(&host, 1, THEN_NS);
	host.real_ns = THEN_NS;
	for (i = 0; i < HOURS; i++)
		put_hour(&w, insert);
	writer_close(&w);
	sqlite3_finalize(insert);
	must(database_run(rows, "COMMIT"), "commit");
}

static void series(void *context, const struct history_series *s)
{
	size_t i;

	if (s->count != STEPS || s->key >= FLEET_CPUS)
		errx(1, "an answer of another shape");
	for (sums[s->key] = 0, i = 0; i < s->count; i++)
		sums[s->key] += isnan(s->values[i]) ? 0 : s->values[i];
}

static double of_history(const char *folder)
{
	struct history_query q = { .metric = book_find("cpu.user_ns"),
				   .from_ns = THEN_NS,
				   .to_ns = THEN_NS + HOURS * HOUR_NS,
				   .step_ns = STEP_NS };
	struct history *h;
	double best = INFINITY;
	int i;

	memcpy(q.node, uid, sizeof(uid));
	must(history_open(&h, folder, NULL), "history_open");
	for (i = 0; i < ROUNDS; i++) {
		double before = cpu_ms();

		if (history_query(h, &q, series, NULL) != FLEET_CPUS)
			errx(1, "not all CPUs are in the answer");
		best = fmin(best, cpu_ms() - before);
	}
	history_close(h);
	return best;
}

/* Rates are differences of what lies one step before. */
static double of_rows(struct database *d)
{
	double best = INFINITY, before, sum[FLEET_CPUS];
	sqlite3_int64 last[FLEET_CPUS];
	sqlite3_stmt *s;
	int i;

	must(sqlite3_prepare_v2(d->db,
				"SELECT cpu, user_ns FROM cpu WHERE at BETWEEN "
				"?1 AND ?2 ORDER BY at, cpu",
				-1, &s, NULL),
	     "prepare");
	sqlite3_bind_int64(s, 1, (sqlite3_int64)(THEN_NS / STEP_NS));
	sqlite3_bind_int64(s, 2, INT64_MAX);
	for (i = 0; i < ROUNDS; i++) {
		memset(sum, 0, sizeof(sum));
		memset(last, 0, sizeof(last));
		before = cpu_ms();
		while (sqlite3_step(s) == SQLITE_ROW) {
			int cpu = sqlite3_column_int(s, 0);
			sqlite3_int64 now = sqlite3_column_int64(s, 1);

			if (last[cpu])
				sum[cpu] += (double)(now - last[cpu]) / 300;
			last[cpu] = now;
		}
		sqlite3_reset(s);
		best = fmin(best, cpu_ms() - before);
	}
	sqlite3_finalize(s);
	for (i = 0; i < FLEET_CPUS; i++)
		if (fabs(sum[i] / sums[i] - 1) > 0.01)
			errx(1, "CPU %d: %f, and %f in rows", i, sums[i],
			     sum[i]);
	return best;
}

int main(int argc, char **argv)
{
	struct database rows = { 0 };
	double history_ms, rows_ms;

	if (argc != 2)
		errx(2, "usage: query FOLDER");
	log_init("query", LOG_INFO);
	make(argv[1], &rows);
	history_ms = of_history(argv[1]);
	rows_ms = of_rows(&rows);
	sqlite3_close(rows.db);
	printf("30 days of cpu.user_ns of %d CPUs, %d steps each, ms of CPU\n",
	       FLEET_CPUS, STEPS);
	printf("  history %.1f, a row a CPU and step %.1f: %.2f of it\n",
	       history_ms, rows_ms, history_ms / rows_ms);
	printf("BAR query_30_days_ms %.1f 5 %s\n", history_ms,
	       history_ms <= 5 ? "ok" : "short");
	return 0;
}
