// SPDX-License-Identifier: GPL-2.0-or-later
/* What the inspector takes from a tree of /proc: right values, and no half files. */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ktach/figures/net_figures.h"
#include "ktach/figures/readers.h"

#define TREE_FILE_MAX 2048

static char tree[] = "/tmp/ktach-readers.XXXXXX";

static const char meminfo[] = "MemTotal:       24680000 kB\n"
			      "MemFree:        20000000 kB\n"
			      "MemAvailable:   23000000 kB\n"
			      "Cached:           600000 kB\n"
			      "SwapTotal:       1000000 kB\n"
			      "SwapFree:        1000001 kB\n";

static void put_file(const char *name, const char *text)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", tree, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* Two CPUs, of which the first one was busy for so many ticks. */
static void put_stat(unsigned int busy, unsigned int idle, unsigned int running)
{
	char text[TREE_FILE_MAX];

	snprintf(text, sizeof(text),
		 "cpu  %u 0 0 %u 0 0 0 0 0 0\ncpu0 %u 0 0 1000 0 0 0 0 0 0\n"
		 "cpu1 0 0 0 %u 0 0 0 0 0 0\nintr 7 7\nctxt 9\n"
		 "processes 5\nprocs_running %u\nprocs_blocked 0\n",
		 busy, 1000 + idle, busy, idle, running);
	put_file("stat", text);
}

static void put_softirqs(unsigned int timer)
{
	static const char *const names[] = { "HI",	"TIMER", "NET_TX",
					     "NET_RX",	"BLOCK", "IRQ_POLL",
					     "TASKLET", "SCHED", "HRTIMER",
					     "RCU" };
	char text[TREE_FILE_MAX];
	size_t i;
	int n = snprintf(text, sizeof(text), "  CPU0 CPU1\n");

	for (i = 0; i < 10; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%s: %u 0\n",
			      names[i], i == 1 ? timer : 0);
	put_file("softirqs", text);
}

static int make_tree(void **state)
{
	assert_non_null(mkdtemp(tree));
	return 0;
}

static int fill_tree(void **state)
{
	put_stat(100, 2000, 3);
	put_softirqs(1000);
	put_file("meminfo", meminfo);
	put_file("loadavg", "0.31 12.25 3.07 9/345 6789\n");
	put_file("uptime", "86400.12 1.00\n");
	return 0;
}

static void remove_file(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", tree, name);
	unlink(path);
}

static int remove_tree(void **state)
{
	static const char *const names[] = { "stat", "softirqs", "meminfo",
					     "loadavg", "uptime" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		remove_file(names[i]);
	return rmdir(tree);
}

static const unsigned int sections = SECTION_ALL & ~(1U << SECTION_NET);

static int open_tree(struct readers *r, enum host_from from,
		     unsigned int wanted)
{
	static struct host_options host;
	const struct readers_options options = {
		.from = from,
		.sections = wanted,
		.host = &host,
	};

	host_options_preset(&host);
	host.proc = tree;
	return readers_open(r, &options, 1000000000);
}

/* Shares and rates of what grew between two readings; what is not in the files, or
 * cannot be, is not known.
 */
static void a_host_from_its_files(void **state)
{
	struct figures f = { 0 };
	struct readers r;

	assert_int_equal(open_tree(&r, HOST_FROM_PROC, sections), 0);
	assert_int_equal(readers_read(&r, &f), 0);
	assert_true(readers_must_wait(&r, &f));
	put_stat(160, 2060, 4);
	put_softirqs(1500);
	assert_int_equal(readers_read(&r, &f), 0);
	assert_int_equal(f.cpu.span.origin, ORIGIN_PROC);
	assert_int_equal(f.cpu.rows, 2);
	assert_int_equal(cpu_busy(f.cpu.row[1].values), 0);
	assert_true(f.cpu.row[0].values[STATE_USER] > 0);
	assert_int_equal(f.cpu.row[0].values[STATE_USER],
			 f.cpu.row[1].values[STATE_IDLE]);
	assert_true(f.softirq.total[1] > 0);
	assert_int_equal(cpu_sum(f.softirq.total), f.softirq.total[1]);
	assert_int_equal(f.mem.total, 24680000ULL * 1024);
	assert_int_equal(f.mem.available, 23000000ULL * 1024);
	assert_int_equal(f.mem.buffers, FIGURE_UNKNOWN);
	assert_int_equal(f.mem.swap_free, FIGURE_UNKNOWN);
	assert_int_equal(f.load.load[1], 12250);
	assert_int_equal(f.load.tasks, 345);
	assert_int_equal(f.load.running, 4);
	assert_int_equal(f.load.uptime_s, 86400);
	assert_int_equal(f.notes, 0);
	readers_close(&r);
	figures_free(&f);
}

/* Where no line tells of swap it is not known. A file that makes no sense costs its own
 * section until it does, one that is not there for ever; the last one is missed.
 */
static void what_is_missing(void **state)
{
	struct figures f = { 0 };
	struct readers r;

	put_file("meminfo", "MemTotal: 8 kB\nMemFree: 2 kB\n");
	assert_int_equal(open_tree(&r, HOST_FROM_PROC, sections), 0);
	assert_int_equal(readers_read(&r, &f), 0);
	assert_int_equal(f.mem.free, 2048);
	assert_true(f.mem.swap_total == FIGURE_UNKNOWN);
	put_file("meminfo", "nothing\n");
	remove_file("uptime");
	assert_int_equal(readers_read(&r, &f), 0);
	assert_int_equal(f.mem.span.origin, ORIGIN_NONE);
	assert_int_equal(f.load.span.origin, ORIGIN_PROC);
	assert_int_equal(f.load.uptime_s, FIGURE_UNKNOWN);
	put_file("meminfo", meminfo);
	put_file("stat", "nothing\n");
	assert_int_equal(readers_read(&r, &f), 0);
	assert_int_equal(f.mem.total, 24680000ULL * 1024);
	assert_int_equal(f.cpu.span.origin, ORIGIN_NONE);
	readers_close(&r);
	assert_int_equal(open_tree(&r, HOST_FROM_PROC, 1U << SECTION_CPU),
			 -EINVAL);
	figures_free(&f);
	f = (struct figures){ 0 };
	remove_file("softirqs");
	assert_int_equal(open_tree(&r, HOST_FROM_PROC, sections), 0);
	put_stat(100, 2000, 3);
	assert_int_equal(readers_read(&r, &f), 0);
	assert_int_equal(f.cpu.span.origin, ORIGIN_PROC);
	assert_int_equal(f.softirq.span.origin, ORIGIN_NONE);
	readers_close(&r);
	assert_int_equal(open_tree(&r, HOST_FROM_PROC, 1U << SECTION_SOFTIRQ),
			 -ENOENT);
	figures_free(&f);
}

/* @bytes received by each of three interfaces, 1 s after another. */
static void put_links(struct readings *told, uint64_t second, uint64_t bytes)
{
	static const char *const names[] = { "eth0", "br0", "a\033b" };
	const struct host_sink sink = { readings_put, told };
	struct rows rows = { .kind = WIRE_LINK };
	uint64_t key, *row;
	uint32_t column;

	for (key = 1; key <= 3; key++) {
		row = rows_add(&rows, key);
		for (column = WIRE_LINK_RX_BYTES;
		     column <= WIRE_LINK_TX_DROPPED; column++)
			row[column] = 7;
		row[WIRE_LINK_RX_BYTES] = bytes;
		rows_text(&rows, WIRE_LINK_NAME, names[key - 1],
			  strlen(names[key - 1]));
	}
	rows_put(&rows, &sink, WIRE_ORIGIN_PROC, 0, second * 1000000000);
	rows_exit(&rows);
}

/* Of the first one packets are counted. */
static void put_rates(struct readings *told, uint64_t second)
{
	const struct host_sink sink = { readings_put, told };
	struct rows rows = { .kind = WIRE_NET };
	uint64_t *row = rows_add(&rows, 1);
	uint32_t column;

	for (column = 1; column < WIRE_NET_COLUMNS; column++)
		row[column] = column;
	rows_put(&rows, &sink, WIRE_ORIGIN_BPF, 0, second * 1000000000);
	rows_exit(&rows);
}

static void put_fact(struct readings *told, const char *text)
{
	const struct host_sink sink = { readings_put, told };
	struct rows rows = { .kind = WIRE_FACTS };

	rows_add(&rows, WIRE_FACT_STACKED);
	rows_text(&rows, WIRE_FACT, text, strlen(text));
	rows_put(&rows, &sink, WIRE_ORIGIN_PROC, 0, 0);
	rows_exit(&rows);
}

/* The devices' own rates, and those of the rate table where it has them. */
static void interfaces_of_two_tables(void **state)
{
	const struct net_traffic *t;
	struct readings told = { 0 };
	struct net_figures f = { 0 };

	put_links(&told, 1, 1000);
	put_fact(&told, "br0 eth0");
	assert_int_equal(net_between(&told, &f), 0);
	assert_int_equal(f.span.interval_ns, 0);
	assert_int_equal(f.row[0].traffic[NET_SIDE_RX].bytes_per_s,
			 FIGURE_UNKNOWN);
	put_links(&told, 3, 5000);
	put_rates(&told, 2);
	assert_int_equal(net_between(&told, &f), 0);
	assert_int_equal(f.rows, 3);
	assert_int_equal(f.span.origin, ORIGIN_BPF);
	t = &f.row[0].traffic[NET_SIDE_RX];
	assert_int_equal(f.row[0].origin, ORIGIN_BPF);
	assert_int_equal(t->bytes, WIRE_NET_RX_BYTES);
	assert_int_equal(t->bytes_per_s, WIRE_NET_RX_BYTES_PER_S);
	assert_int_equal(t->device_bytes_per_s, 2000);
	assert_int_equal(t->burst_bytes,
			 WIRE_NET_RX_MORE + WIRE_NET_MAX_BUCKET_BYTES);
	assert_int_equal(t->drops, 7);
	assert_int_equal(f.row[0].traffic[NET_SIDE_TX].burst_p99_bytes,
			 WIRE_NET_TX_MORE + WIRE_NET_P99_BUCKET_BYTES);
	assert_false(f.row[0].stacked);
	assert_string_equal(f.row[1].name, "br0");
	assert_true(f.row[1].stacked);
	assert_int_equal(f.row[1].origin, ORIGIN_PROC);
	assert_int_equal(f.row[1].traffic[NET_SIDE_RX].bytes_per_s, 2000);
	assert_int_equal(f.row[1].queue[0], FIGURE_UNKNOWN);
	/* A name must not write on the terminal by itself. */
	assert_string_equal(f.row[2].name, "a?b");
	/* A counter fell, the table is gone, and the bridge lies on nothing here. */
	told.put = 0;
	put_links(&told, 4, 10);
	put_fact(&told, "br0 eth1");
	assert_int_equal(net_between(&told, &f), 0);
	assert_int_equal(f.span.origin, ORIGIN_PROC);
	assert_int_equal(f.row[0].origin, ORIGIN_PROC);
	assert_int_equal(f.row[0].traffic[NET_SIDE_RX].bytes_per_s,
			 FIGURE_UNKNOWN);
	assert_int_equal(f.row[0].traffic[NET_SIDE_TX].bytes_per_s, 0);
	assert_false(f.row[1].stacked);
	readings_free(&told);
	free(f.row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_host_from_its_files, fill_tree),
		cmocka_unit_test_setup(what_is_missing, fill_tree),
		cmocka_unit_test(interfaces_of_two_tables),
	};

	return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
