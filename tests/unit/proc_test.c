// SPDX-License-Identifier: GPL-2.0-or-later
/* /proc/stat and /proc/softirqs: right values in their places, cut files refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/kernel/cpu_table.h"
#include "lib/kernel/proc.h"

static const char stat_text[] = "cpu  4705 150 1120 16250 520 30 45 8 9 10\n"
				"cpu0 1 2 3 4 5 6 7 8 9 10\n"
				"cpu3 18446744073 2 3 4 5 6 7 8 9 10\n"
				"intr 114930548 113199788 3\n"
				"ctxt 1990473\n";

static const char softirqs_text[] =
	"                    CPU0       CPU2       \n"
	"          HI:          1          2\n"
	"       TIMER:          3          4\n"
	"      NET_TX:          5          6\n"
	"      NET_RX:          7 4294967295\n"
	"       BLOCK:          9         10\n"
	"    IRQ_POLL:         11         12\n"
	"     TASKLET:         13         14\n"
	"       SCHED:         15         16\n"
	"     HRTIMER:         17         18\n"
	"         RCU:         19         20\n";

static void stat_values(void **state)
{
	uint64_t cells[2 * CPU_TABLE_COLUMNS];
	int i;

	assert_int_equal(stat_parse(stat_text, 100, cells, 2), 2);
	assert_int_equal(cells[WIRE_CPU_KEY], 0);
	for (i = 0; i < CPU_TABLE_VALUES; i++)
		assert_int_equal(cells[2 + i], (i + 1) * 10000000);
	assert_int_equal(cells[CPU_TABLE_COLUMNS], 3);
	assert_int_equal(cells[CPU_TABLE_COLUMNS + WIRE_CPU_USER_NS],
			 184467440730000000);
}

static void stat_bad(void **state)
{
	uint64_t cells[2 * CPU_TABLE_COLUMNS];
	char text[sizeof(stat_text)];
	size_t n = (size_t)(strstr(stat_text, "intr") - stat_text), i;

	assert_int_equal(stat_parse(stat_text, 100, cells, 1), -EINVAL);
	assert_int_equal(stat_parse("", 100, cells, 2), -EINVAL);
	assert_int_equal(stat_parse("intr 5\n", 100, cells, 2), -EINVAL);
	assert_int_equal(stat_parse("cpu 1\ncpux 1\nintr\n", 100, cells, 2),
			 -EINVAL);
	assert_int_equal(stat_parse("cpu 1\ncpu0 1 -2 3\nintr 1\n", 100, cells,
				    2),
			 -EINVAL);
	assert_int_equal(stat_parse("cpu 1\ncpu0 1 99999999999999999999 3\n"
				    "intr 1\n",
				    100, cells, 2),
			 -EINVAL);
	assert_int_equal(stat_parse("cpu 1\ncpu0 1 2\nintr 1\n", 100, cells, 2),
			 1);
	/* A CPU of which something makes no sense costs the others nothing. */
	assert_int_equal(
		stat_parse("cpu 1\ncpu0 1 1844674407370955161\ncpu1 5\nintr 1\n",
			   100, cells, 2),
		1);
	assert_int_equal(cells[WIRE_CPU_KEY], 1);
	assert_int_equal(cells[WIRE_CPU_USER_NS], 50000000);
	/* Steal that makes no sense costs itself only. */
	assert_int_equal(stat_parse("cpu 1\ncpu0 1 0 0 3 0 0 0 "
				    "18446744073709551615 0 0\nintr 1\n",
				    100, cells, 2),
			 1);
	assert_int_equal(cells[WIRE_CPU_FLAGS],
			 WIRE_CPU_ONLINE | WIRE_CPU_SEEN | WIRE_CPU_NO_STEAL);
	assert_int_equal(cells[WIRE_CPU_STEAL_NS], 0);
	assert_int_equal(cells[WIRE_CPU_IDLE_NS], 30000000);
	for (i = 0; i <= n; i++) {
		memcpy(text, stat_text, i);
		text[i] = '\0';
		assert_int_equal(stat_parse(text, 100, cells, 2), -EINVAL);
	}
}

static void softirqs_values(void **state)
{
	uint64_t cells[2 * CPU_TABLE_COLUMNS];

	assert_int_equal(softirqs_parse(softirqs_text, cells, 2), 2);
	assert_int_equal(cells[WIRE_SOFTIRQ_KEY], 0);
	assert_int_equal(cells[WIRE_SOFTIRQ_HI], 1);
	assert_int_equal(cells[WIRE_SOFTIRQ_RCU], 19);
	assert_int_equal(cells[CPU_TABLE_COLUMNS], 2);
	assert_int_equal(cells[CPU_TABLE_COLUMNS + WIRE_SOFTIRQ_NET_RX],
			 4294967295);
}

static void softirqs_bad(void **state)
{
	uint64_t cells[2 * CPU_TABLE_COLUMNS];
	char text[sizeof(softirqs_text)];
	size_t i;

	assert_int_equal(softirqs_parse(softirqs_text, cells, 1), -EINVAL);
	for (i = 0; i < sizeof(softirqs_text) - 1; i++) {
		memcpy(text, softirqs_text, i);
		text[i] = '\0';
		assert_int_equal(softirqs_parse(text, cells, 2), -EINVAL);
	}
	/* What makes no sense costs its CPU, and not the other one. */
	assert_int_equal(
		softirqs_parse("CPU0 CPU2\nHI: 9223372036854775808 1\n"
			       "TIMER: 1 2\nNET_TX: 1 2\nNET_RX: 1 2\n"
			       "BLOCK: 1 2\nIRQ_POLL: 1 2\nTASKLET: 1 2\n"
			       "SCHED: 1 2\nHRTIMER: 1 2\nRCU: 1 2\n",
			       cells, 2),
		1);
	assert_int_equal(cells[WIRE_SOFTIRQ_KEY], 2);
	assert_int_equal(cells[CPU_TABLE_COLUMNS - 1], 2);
}

/* By their names: in another order, with one that is new, and one that comes again. */
static void softirqs_by_name(void **state)
{
	uint64_t cells[2 * CPU_TABLE_COLUMNS];

	assert_int_equal(
		softirqs_parse("CPU0 CPU2\nRCU: 10 20\nNEW: 5\n"
			       "TIMER: 2 12\nHI: 1 11\nNET_RX: 4 14\n"
			       "NET_TX: 3 13\nIRQ_POLL: 6 16\n"
			       "BLOCK: 5 15\nTIMER: 0 0\nTASKLET: 7 17\n"
			       "HRTIMER: 9 19\nSCHED: 8 18\n",
			       cells, 2),
		2);
	for (uint64_t i = 0; i < CPU_TABLE_VALUES - 1; i++) {
		assert_int_equal(cells[2 + i], i + 1);
		assert_int_equal(cells[CPU_TABLE_COLUMNS + 2 + i], i + 11);
	}
	assert_int_equal(cells[CPU_TABLE_COLUMNS - 1], 10);
	assert_int_equal(cells[2 * CPU_TABLE_COLUMNS - 1], 20);
}

/* read_back() - what text_ends() makes of a text that a file begins with. */
static const char *read_back(const char *text, size_t more)
{
	static char got[64];
	char path[] = "/tmp/ktach-ends-XXXXXX";
	int fd = mkstemp(path);
	size_t used;

	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(ftruncate(fd, (off_t)(strlen(text) + more)), 0);
	strcpy(got, text);
	used = text_ends(fd, got, strlen(got));
	assert_int_equal(used, strlen(got));
	close(fd);
	return got;
}

static void ends(void **state)
{
	assert_string_equal(read_back("", 0), "");
	assert_string_equal(read_back("1 2\n", 0), "1 2\n");
	assert_string_equal(read_back("1 2", 0), "1 2\n");
	assert_string_equal(read_back("1 2", 1), "1 2"); /* cut off */
	assert_string_equal(read_back("1\r\n2 \r x\r\n", 0), "1\n2 \r x\n");
	assert_string_equal(read_back("1\r\n2\r", 0), "1\n2\n");
	assert_string_equal(read_back("1\r\n2", 5), "1\n2");
	assert_string_equal(read_back("\r\n", 0), "\n");
}

/* A file as long as the room, which has none for another newline. */
static void full(void **state)
{
	char text[16] = "";
	char path[] = "/tmp/ktach-full-XXXXXX";
	struct proc_file p = { .fd = mkstemp(path), .text = text, .size = 8 };

	assert_true(p.fd >= 0);
	unlink(path);
	assert_int_equal(write(p.fd, "123456", 6), 6);
	assert_int_equal(proc_read(&p), 0);
	assert_string_equal(text, "123456\n");
	assert_int_equal(pwrite(p.fd, "1234567", 7, 0), 7);
	assert_int_equal(proc_read(&p), 0);
	assert_string_equal(text, "1234567");
	assert_int_equal(pwrite(p.fd, "123456789", 9, 0), 9);
	assert_int_equal(proc_read(&p), 0);
	assert_string_equal(text, "1234567");
	close(p.fd);
	assert_int_equal(proc_read(&p), -EBADF);
}

static void numbers(void **state)
{
	const char *at =
		"  7 18446744073709551615 18446744073709551616 "
		"99999999999999999999999 -5 -99999999999999999999 7-5 - x";
	uint64_t value;

	assert_true(proc_number(&at, &value));
	assert_int_equal(value, 7);
	assert_true(proc_number(&at, &value));
	assert_true(value == UINT64_MAX);
	assert_true(proc_number(&at, &value));
	assert_true(value == UINT64_MAX);
	assert_true(proc_number(&at, &value));
	assert_true(value == UINT64_MAX);
	assert_true(proc_number(&at, &value));
	assert_true(value == UINT64_MAX);
	assert_true(proc_number(&at, &value));
	assert_true(value == UINT64_MAX);
	assert_true(proc_number(&at, &value));
	assert_int_equal(value, 7);
	assert_false(proc_number(&at, &value));
	assert_string_equal(at, "-5 - x");
	at += 2;
	assert_false(proc_number(&at, &value));
	assert_string_equal(at, "- x");
}

/* The machine's own files, as they are. */
static void own_files(void **state)
{
	static uint64_t cells[4096 * CPU_TABLE_COLUMNS];
	uint32_t cpus = possible_cpus("/sys");
	struct proc_file p;

	assert_true(cpus >= (uint32_t)sysconf(_SC_NPROCESSORS_ONLN));
	assert_int_equal(proc_open(&p, "/proc/stat", cpus), 0);
	assert_int_equal(proc_read(&p), 0);
	assert_int_equal(stat_parse(p.text, 100, cells, cpus),
			 sysconf(_SC_NPROCESSORS_ONLN));
	proc_close(&p);
	assert_int_equal(proc_open(&p, "/proc/softirqs", cpus), 0);
	assert_int_equal(proc_read(&p), 0);
	assert_in_range(softirqs_parse(p.text, cells, cpus), 1, cpus);
	proc_close(&p);
	assert_int_equal(proc_open(&p, "/proc/no-such-file", cpus), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stat_values),
		cmocka_unit_test(stat_bad),
		cmocka_unit_test(softirqs_values),
		cmocka_unit_test(softirqs_bad),
		cmocka_unit_test(softirqs_by_name),
		cmocka_unit_test(ends),
		cmocka_unit_test(full),
		cmocka_unit_test(numbers),
		cmocka_unit_test(own_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
