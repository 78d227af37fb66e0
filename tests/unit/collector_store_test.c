// SPDX-License-Identifier: GPL-2.0-or-later
/* The history: what went in is read back with SQL. */
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

#include "collector/store.h"
#include "lib/clock.h"
#include "lib/wire.h"

#define S UINT64_C(1000000000)
#define KEEP_NS (3600 * S)

static char folder[64], file[96];

static const struct store_node host = { .id = "id-1",
					.name = "host",
					.version = "1.0" };

static int setup(void **state)
{
	strcpy(folder, "/tmp/ktach-store-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	strcat(folder, "/deep/er");
	snprintf(file, sizeof(file), "%s/history.db", folder);
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	folder[strlen("/tmp/ktach-store-XXXXXX")] = '\0';
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static struct store *open_store(void)
{
	struct store *store;

	assert_int_equal(store_open(&store, folder, KEEP_NS), 0);
	return store;
}

static sqlite3_int64 ask(const char *sql)
{
	sqlite3_int64 answer;
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

static void put(struct store *store, uint32_t kind, uint32_t columns,
		uint64_t real_ns, const uint64_t *cells)
{
	struct wire_text name = { "eth0+", 4 };
	struct wire_table t = { .kind = kind,
				.schema = 1,
				.origin = WIRE_ORIGIN_BPF,
				.real_ns = real_ns,
				.mono_ns = 55,
				.columns = columns,
				.rows = 1,
				.texts = kind == WIRE_NET ? 1 : 0,
				.text = kind == WIRE_NET ? &name : NULL,
				.cells = cells };

	store_put(store, &host, &t);
}

/* Each column has another value, so that no two can be swapped unseen. */
static void columns(void **state)
{
	uint64_t cells[WIRE_COLUMNS_MAX], now = clock_real_ns();
	struct store *store = open_store();
	int i;

	for (i = 0; i < WIRE_COLUMNS_MAX; i++)
		cells[i] = (uint64_t)i;
	cells[WIRE_CPU_GUEST_NICE_NS] = INT64_MAX;
	put(store, WIRE_CPU, WIRE_CPU_REQUIRED, now, cells);
	put(store, WIRE_SOFTIRQ, WIRE_SOFTIRQ_REQUIRED, now, cells);
	put(store, WIRE_NET, WIRE_NET_REQUIRED, now, cells);
	store_close(store);

	assert_int_equal(ask("PRAGMA user_version"), 1);
	assert_int_equal(
		ask("SELECT count(*) FROM cpu JOIN node ON node.id = cpu.node "
		    "JOIN origin USING (origin) "
		    "WHERE uid='id-1' AND node.name='host' AND version='1.0' "
		    "AND origin.name='bpf' AND mono_ns=55 AND cpu=0 "
		    "AND flags=1 AND user_ns=2 AND nice_ns=3 AND system_ns=4 "
		    "AND idle_ns=5 AND iowait_ns=6 AND irq_ns=7 "
		    "AND softirq_ns=8 AND steal_ns=9 AND guest_ns=10 "
		    "AND guest_nice_ns=9223372036854775807"),
		1);
	assert_int_equal(
		ask("SELECT count(*) FROM softirq WHERE cpu=0 AND flags=1 "
		    "AND hi=2 AND timer=3 AND net_tx=4 AND net_rx=5 AND block=6 "
		    "AND irq_poll=7 AND tasklet=8 AND sched=9 AND hrtimer=10"),
		1);
	assert_int_equal(
		ask("SELECT count(*) FROM net WHERE ifindex=0 AND name='eth0' "
		    "AND rx_bytes=1 AND rx_packets=2 AND rx_bytes_per_s=3 "
		    "AND rx_packets_per_s=4 AND tx_bytes=5 AND tx_packets=6 "
		    "AND tx_bytes_per_s=7 AND tx_packets_per_s=8"),
		1);
	assert_true((uint64_t)ask("SELECT real_ns FROM net") == now);
}

static void reopened(void **state)
{
	uint64_t cells[WIRE_CPU_REQUIRED] = { 0 }, now = clock_real_ns();
	struct store *store = open_store();

	put(store, WIRE_CPU, WIRE_CPU_REQUIRED, now, cells);
	store_close(store);
	store = open_store();
	put(store, WIRE_CPU, WIRE_CPU_REQUIRED, now + 1, cells);
	put(store, WIRE_CPU, WIRE_CPU_REQUIRED, now + 1, cells); /* again */
	store_close(store);
	assert_int_equal(ask("SELECT count(*) FROM cpu"), 2);
	assert_int_equal(ask("SELECT count(*) FROM node"), 1);
}

static void expired(void **state)
{
	uint64_t cells[WIRE_CPU_REQUIRED] = { 0 }, now = clock_real_ns(), i;
	struct store *store = open_store();
	struct store_stats stats;

	for (i = 0; i < 5000; i++)
		put(store, WIRE_CPU, WIRE_CPU_REQUIRED, now - KEEP_NS - S - i,
		    cells);
	put(store, WIRE_CPU, WIRE_CPU_REQUIRED, now, cells);
	store_stats(store, &stats);
	assert_int_equal(stats.dropped, 0);
	store_close(store);
	assert_int_equal(ask("SELECT count(*) FROM cpu"), 1);
	assert_true((uint64_t)ask("SELECT real_ns FROM cpu") == now);
}

static void queue_is_bounded(void **state)
{
	static uint64_t cells[WIRE_ROWS_MAX * WIRE_CPU_REQUIRED];
	struct wire_table t = { .kind = WIRE_NODE + 100, /* kept by nobody */
				.columns = WIRE_CPU_REQUIRED,
				.rows = WIRE_ROWS_MAX,
				.cells = cells };
	struct store *store = open_store();
	struct store_stats stats;
	int i;

	/* 1.5 MB each, much faster than the writer comes by. */
	for (i = 0; i < 5000; i++) {
		store_put(store, &host, &t);
		store_stats(store, &stats);
		if (stats.dropped)
			break;
	}
	assert_true(stats.dropped > 0);
	assert_true(stats.queued_bytes <= 64 << 20);
	store_close(store);
}

static void newer_schema(void **state)
{
	struct store *store = open_store();
	sqlite3 *db;

	store_close(store);
	assert_int_equal(sqlite3_open(file, &db), 0);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version=99", NULL, NULL,
				      NULL),
			 0);
	sqlite3_close(db);
	assert_int_not_equal(store_open(&store, folder, KEEP_NS), 0);
}

static void not_a_folder(void **state)
{
	struct store *store;

	assert_int_not_equal(store_open(&store, "/proc/version/x", KEEP_NS), 0);
	assert_int_not_equal(store_open(&store, "/proc/none", KEEP_NS), 0);
	assert_int_not_equal(store_open(&store, "", KEEP_NS), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(columns, setup, teardown),
		cmocka_unit_test_setup_teardown(reopened, setup, teardown),
		cmocka_unit_test_setup_teardown(expired, setup, teardown),
		cmocka_unit_test_setup_teardown(queue_is_bounded, setup,
						teardown),
		cmocka_unit_test_setup_teardown(newer_schema, setup, teardown),
		cmocka_unit_test(not_a_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
