// SPDX-License-Identifier: GPL-2.0-or-later
/* What the inspector takes from /proc: right values, and no half files. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ktach/host_files.h"
#include "ktach/net_reader.h"

static const char meminfo[] = "MemTotal:       24680000 kB\n"
			      "MemFree:        20000000 kB\n"
			      "MemAvailable:   23000000 kB\n"
			      "Buffers:          250000 kB\n"
			      "Cached:           600000 kB\n"
			      "SwapCached:            7 kB\n"
			      "SwapTotal:       1000000 kB\n"
			      "SwapFree:         900000 kB\n"
			      "Shmem:              8900 kB\n";

static const char net_dev[] =
	"Inter-|   Receive                       |  Transmit\n"
	" face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n"
	"    lo:  100    2    0    0    0     0          0         0      100       2    0    0    0     0       0          0\n"
	"  eth0: 5000   40    1    2    0     0          0         0     7000      50    3    4    0     0       0          0\n"
	"a\033b:  1    1    0    0    0     0          0         0      1       1    0    0    0     0       0          0\n";

static void memory_in_bytes(void **state)
{
	struct mem_figures f = { 0 };

	assert_int_equal(mem_parse(meminfo, &f), 0);
	assert_int_equal(f.total, 24680000ULL * 1024);
	assert_int_equal(f.free, 20000000ULL * 1024);
	assert_int_equal(f.available, 23000000ULL * 1024);
	assert_int_equal(f.buffers, 250000ULL * 1024);
	assert_int_equal(f.cached, 600000ULL * 1024);
	assert_int_equal(f.shared, 8900ULL * 1024);
	assert_int_equal(f.swap_total, 1000000ULL * 1024);
	assert_int_equal(f.swap_free, 900000ULL * 1024);
}

/* A line that was cut off, and those that never came, are not known. */
static void memory_cut_off(void **state)
{
	char text[sizeof(meminfo)];
	struct mem_figures f;
	size_t i;

	for (i = 0; i < sizeof(meminfo) - 1; i++) {
		memcpy(text, meminfo, i);
		text[i] = '\0';
		if (mem_parse(text, &f))
			continue;
		assert_int_equal(f.total, 24680000ULL * 1024);
		assert_true(f.cached == 600000ULL * 1024 ||
			    f.cached == FIGURE_UNKNOWN);
		assert_int_equal(f.shared, FIGURE_UNKNOWN);
	}
	assert_int_equal(mem_parse("", &f), -EINVAL);
	assert_int_equal(mem_parse("MemTotal: 5", &f), -EINVAL);
}

/* Of a kernel without MemAvailable, and of one that has more than there is. */
static void memory_that_is_not_known(void **state)
{
	struct mem_figures f;

	assert_int_equal(mem_parse("MemTotal: 8 kB\nMemFree: 2 kB\n", &f), 0);
	assert_int_equal(f.free, 2048);
	assert_int_equal(f.available, FIGURE_UNKNOWN);
	assert_int_equal(mem_parse("MemTotal: 8 kB\nMemFree: 2 kB\n"
				   "MemAvailable: 9 kB\nSwapTotal: 1 kB\n"
				   "SwapFree: 2 kB\n",
				   &f),
			 0);
	assert_int_equal(f.free, 2048);
	assert_int_equal(f.available, FIGURE_UNKNOWN);
	assert_int_equal(f.swap_free, FIGURE_UNKNOWN);
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

/* This machine's own files, as they are. */
static void own_files(void **state)
{
	struct load_figures load = { 0 };
	struct mem_figures mem = { 0 };

	assert_int_equal(mem_read("/proc", &mem), 0);
	assert_true(mem.total >= mem.available && mem.available > 0);
	assert_int_equal(load_read("/proc", &load), 0);
	assert_true(load.tasks >= load.running && load.running > 0);
	assert_true(load.uptime_s > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_in_bytes),
		cmocka_unit_test(memory_cut_off),
		cmocka_unit_test(memory_that_is_not_known),
		cmocka_unit_test(interfaces),
		cmocka_unit_test(interfaces_cut_off),
		cmocka_unit_test(own_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
