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

#include "ktach/readers.h"

#define TREE_FILE_MAX 2048

static char tree[] = "/tmp/ktach-readers.XXXXXX";

static const char meminfo[] = "MemTotal:       24680000 kB\n"
			      "MemFree:        20000000 kB\n"
			      "MemAvailable:   23000000 kB\n"
			      "Cached:           600000 kB\n"
			      "SwapTotal:       1000000 kB\n"
			      "SwapFree:        1000001 kB\n";

static const char net_dev[] =
	"Inter-|   Receive                       |  Transmit\n"
	" face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n"
	"    lo:  100    2    0    0    0     0          0         0      100       2    0    0    0     0       0          0\n"
	"  eth0: 5000   40    1    2    0     0          0         0     7000      50    3    4    0     0       0          0\n"
	"a\033b:  1    1    0    0    0     0          0         0      1       1    0    0    0     0       0          0\n";

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
	put_stat(100, 2000, 3);
	put_softirqs(1000);
	put_file("meminfo", meminfo);
	put_file("loadavg", "0.31 12.25 3.07 9/345 6789\n");
	put_file("uptime", "86400.12 1.00\n");
	return 0;
}

static int remove_tree(void **state)
{
	static const char *const names[] = { "stat", "softirqs", "meminfo",
					     "loadavg", "uptime" };
	char path[PATH_MAX];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", tree, names[i]);
		unlink(path);
	}
	return rmdir(tree);
}

static const unsigned int sections = SECTION_ALL & ~(1U << SECTION_NET);

static int open_tree(struct readers *r, enum host_from from)
{
	static struct host_options host;
	const struct readers_options options = {
		.from = from,
		.sections = sections,
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

	assert_int_equal(open_tree(&r, HOST_FROM_PROC), 0);
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

/* Of a kernel without swap there is none; a file that is gone fails them all. */
static void what_is_missing(void **state)
{
	struct figures f = { 0 };
	struct readers r;

	put_file("meminfo", "MemTotal: 8 kB\nMemFree: 2 kB\n");
	assert_int_equal(open_tree(&r, HOST_FROM_PROC), 0);
	assert_int_equal(readers_read(&r, &f), 0);
	assert_int_equal(f.mem.free, 2048);
	assert_int_equal(f.mem.swap_total, 0);
	put_file("meminfo", "nothing\n");
	assert_int_equal(readers_read(&r, &f), -EINVAL);
	readers_close(&r);
	figures_free(&f);
	put_file("meminfo", meminfo);
	put_file("stat", "nothing\n");
	assert_int_equal(open_tree(&r, HOST_FROM_PROC), -EINVAL);
}

static void interfaces(void **state)
{
	struct net_figures f = { 0 };

	assert_int_equal(net_dev_parse(net_dev, &f), 0);
	assert_int_equal(f.rows, 3);
	assert_string_equal(f.row[0].name, "lo");
	assert_string_equal(f.row[1].name, "eth0");
	assert_int_equal(f.row[1].traffic[NET_SIDE_RX].bytes, 5000);
	assert_int_equal(f.row[1].traffic[NET_SIDE_RX].packets, 40);
	assert_int_equal(f.row[1].traffic[NET_SIDE_RX].errors, 1);
	assert_int_equal(f.row[1].traffic[NET_SIDE_RX].drops, 2);
	assert_int_equal(f.row[1].traffic[NET_SIDE_TX].bytes, 7000);
	assert_int_equal(f.row[1].traffic[NET_SIDE_TX].packets, 50);
	assert_int_equal(f.row[1].traffic[NET_SIDE_TX].drops, 4);
	/* A name must not write on the terminal by itself. */
	assert_string_equal(f.row[2].name, "a?b");
	free(f.row);
}

/* Cut anywhere but behind a line, the file is refused. */
static void interfaces_cut_off(void **state)
{
	struct net_figures f = { 0 };
	char text[sizeof(net_dev)];
	size_t i;

	for (i = 0; i < sizeof(net_dev) - 1; i++) {
		memcpy(text, net_dev, i);
		text[i] = '\0';
		if (i && net_dev[i - 1] == '\n' &&
		    strchr(text, '\n') + 1 != text + i)
			assert_int_equal(net_dev_parse(text, &f), 0);
		else
			assert_int_equal(net_dev_parse(text, &f), -EINVAL);
	}
	free(f.row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_from_its_files),
		cmocka_unit_test(what_is_missing),
		cmocka_unit_test(interfaces),
		cmocka_unit_test(interfaces_cut_off),
	};

	return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
