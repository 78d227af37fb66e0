// SPDX-License-Identifier: GPL-2.0-or-later
/* What follows from the cells of a row: sensors, mounts, disks, CPUs. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "collector/figures/told.h"
#include "collector/figures/figure.h"
#include "tests/unit/nodes_table.h"
#include "tests/unit/near.h"

/* By its name in the book. */
static double told(const char *metric, const struct samples *s)
{
	const struct book_entry *e = book_find(metric);

	assert_non_null(e);
	return told_metric(e, s, s->rows[0]);
}

static void sensor(uint64_t mono_ns, uint64_t type, uint64_t value)
{
	const uint64_t cells[] = { 7, type, value, WIRE_ABSENT, 95000 };
	const struct wire_text text[] = { { "k10temp", 7 }, { "cpu", 3 } };

	take(WIRE_SENSOR, mono_ns, WIRE_SENSOR_COLUMNS, 1, cells,
	     WIRE_SENSOR_TEXTS, text);
}

static void sensors(void **state)
{
	const struct samples *s;

	sensor(100 * S, WIRE_SENSOR_MILLI_CELSIUS, (uint64_t)-12500);
	s = node_samples(node, WIRE_SENSOR);
	assert_near(told("sensor.celsius", s), -12.5);
	assert_near(told("sensor.critical", s), 95);
	assert_true(isnan(told("sensor.max", s)));
	assert_true(isnan(told("sensor.watts", s)));
	sensor(110 * S, WIRE_SENSOR_MILLI_CELSIUS, WIRE_ABSENT);
	assert_true(isnan(told("sensor.celsius", s)));

	/* Energy counts up; what it says now is power. */
	sensor(120 * S, WIRE_SENSOR_MICRO_JOULE, 1000000);
	sensor(130 * S, WIRE_SENSOR_MICRO_JOULE, 651000000);
	assert_near(told("sensor.watts", s), 65);
	assert_true(isnan(told("sensor.celsius", s)));
}

static void mount_at(uint64_t mono_ns, uint64_t flags, uint64_t used,
		     uint64_t available)
{
	const uint64_t cells[] = { 7, flags, 120, used, available, 0, 0 };
	const struct wire_text text[WIRE_MOUNT_TEXTS] = { { "/", 1 } };

	take(WIRE_MOUNT, mono_ns, WIRE_MOUNT_COLUMNS, 1, cells,
	     WIRE_MOUNT_TEXTS, text);
}

/* A figure takes the fullest one that can be written to. */
static void mounts(void **state)
{
	const struct figure *f = figure_find("mount.used");
	const struct samples *s;

	mount_at(100 * S, 0, 75, 25);
	s = node_samples(node, WIRE_MOUNT);
	assert_near(told("mount.used", s), 0.75);
	assert_true(isnan(told("mount.inodes_used", s)));
	assert_near(figure_of_node(f, node), 0.75);
	mount_at(110 * S, WIRE_MOUNT_READ_ONLY, 100, 0);
	assert_near(told("mount.used", s), 1);
	assert_true(isnan(figure_of_node(f, node)));
	mount_at(120 * S, WIRE_MOUNT_HUNG, WIRE_ABSENT, WIRE_ABSENT);
	assert_true(isnan(figure_of_node(f, node)));
}

static void disks(void **state)
{
	const struct samples *s;
	uint64_t cells[WIRE_DISK_REQUIRED] = { 1 };
	const struct wire_text name = { "sda", 3 };

	take(WIRE_DISK, 100 * S, WIRE_DISK_REQUIRED, 1, cells, 1, &name);
	s = node_samples(node, WIRE_DISK);
	assert_true(isnan(told("disk.busy", s)));
	cells[WIRE_DISK_READS] = 30;
	cells[WIRE_DISK_READ_NS] = 60000000;
	cells[WIRE_DISK_WRITES] = 10;
	cells[WIRE_DISK_WRITE_NS] = 40000000;
	cells[WIRE_DISK_BUSY_NS] = S + 4000000; /* 0.4 % more than there is */
	cells[WIRE_DISK_QUEUE_NS] = 5 * S / 2;
	take(WIRE_DISK, 101 * S, WIRE_DISK_REQUIRED, 1, cells, 1, &name);
	assert_near(told("disk.busy", s), 1);
	assert_near(told("disk.queue", s), 2.5);
	assert_near(told("disk.read_await_ns", s), 2e6);
	assert_near(told("disk.write_await_ns", s), 4e6);
	assert_near(told("disk.await_ns", s), 2.5e6);
	take(WIRE_DISK, 102 * S, WIRE_DISK_REQUIRED, 1, cells, 1, &name);
	assert_near(told("disk.busy", s), 0);
	assert_true(isnan(told("disk.await_ns", s))); /* no request */
}

/* Of what a sender may leave out there are rates, too, if it does not. */
static void optional_counters(void **state)
{
	uint64_t cells[WIRE_DISK_COLUMNS] = { 1 };
	const struct wire_text name = { "sda", 3 };
	const struct samples *s;

	cells[WIRE_DISK_FLUSHES] = 10;
	cells[WIRE_DISK_FLUSH_NS] = S;
	take(WIRE_DISK, 100 * S, WIRE_DISK_COLUMNS, 1, cells, 1, &name);
	cells[WIRE_DISK_FLUSHES] = 14;
	cells[WIRE_DISK_FLUSH_NS] = S + 8000000;
	take(WIRE_DISK, 102 * S, WIRE_DISK_COLUMNS, 1, cells, 1, &name);
	s = node_samples(node, WIRE_DISK);
	assert_near(told("disk.flushes", s), 2);
	assert_near(told("disk.flush_await_ns", s), 2e6);
	take(WIRE_DISK, 103 * S, WIRE_DISK_REQUIRED, 1, cells, 1, &name);
	assert_true(isnan(told("disk.flushes", s)));
	assert_true(isnan(told("disk.size_bytes", s)));
	assert_near(told("disk.reads", s), 0);
}

/* Two CPUs; @times: of each, by state of /proc/stat. */
static void cpus(uint64_t mono_ns, const uint64_t *times)
{
	uint64_t cells[2 * WIRE_CPU_REQUIRED];
	uint64_t i;

	for (i = 0; i < 2; i++) {
		uint64_t *row = cells + i * WIRE_CPU_REQUIRED;

		row[WIRE_CPU_KEY] = i;
		row[WIRE_CPU_FLAGS] = WIRE_CPU_ONLINE | WIRE_CPU_SEEN;
		memcpy(row + WIRE_CPU_USER_NS, times + i * 10,
		       10 * sizeof(*row));
	}
	take(WIRE_CPU, mono_ns, WIRE_CPU_REQUIRED, 2, cells, 0, NULL);
}

static double of_all(const char *metric)
{
	return figure_of_node(figure_find(metric), node);
}

/* All but idle and iowait are busy: of a CPU, and of both. */
static void assert_adds_up(const struct samples *s, size_t row)
{
	static const char *const busy[] = { "cpu.user",	   "cpu.nice",
					    "cpu.system",  "cpu.irq",
					    "cpu.softirq", "cpu.steal",
					    "cpu.guest",   "cpu.guest_nice" };
	double sum = 0, all = 0;
	size_t i;

	for (i = 0; i < sizeof(busy) / sizeof(busy[0]); i++) {
		sum += told_metric(book_find(busy[i]), s, s->rows[row]);
		all += of_all(busy[i]);
	}
	assert_near(sum, told_metric(book_find("cpu.busy"), s, s->rows[row]));
	assert_near(all, of_all("cpu.busy"));
	assert_near(all + of_all("cpu.idle") + of_all("cpu.iowait"), 1);
}

/* In a second of the clock 0.97 s are counted of one, 1.03 s of the other. */
static void shares(void **state)
{
	uint64_t times[20] = { 0 };
	const uint64_t grown[20] = { 300, 70, 100, 400, 50, 10, 20, 20, 100, 9,
				     10,  0,  10,  970, 10, 0,	5,  25, 20,  0 };
	const struct samples *s;
	int i;

	cpus(100 * S, times);
	for (i = 0; i < 20; i++)
		times[i] += grown[i] * (S / 1000);
	cpus(101 * S, times);
	s = node_samples(node, WIRE_CPU);
	assert_adds_up(s, 0);
	assert_adds_up(s, 1);
	assert_near(told("cpu.idle", s), 400.0 / 970);
	assert_near(told("cpu.steal", s), 20.0 / 970);
	/* A guest has no more than the user that it is a part of. */
	assert_near(told_metric(book_find("cpu.guest"), s, s->rows[1]),
		    10.0 / 1030);
	assert_near(told_metric(book_find("cpu.user"), s, s->rows[1]), 0);
	/* Both together: sums over sums. */
	assert_near(of_all("cpu.idle"), 1370.0 / 2000);
	/* One whose states stand still is not idle, and adds nothing to both. */
	times[0] += S / 4;
	times[3] += S * 3 / 4;
	cpus(102 * S, times);
	cpus(103 * S, times);
	times[0] += S / 4;
	times[3] += S * 3 / 4;
	cpus(104 * S, times);
	assert_true(isnan(told_metric(book_find("cpu.busy"), s, s->rows[1])));
	assert_true(isnan(told_metric(book_find("cpu.idle"), s, s->rows[1])));
	assert_near(of_all("cpu.busy"), 0.25);
	assert_near(told_metric(book_find("cpu.user_ns"), s, s->rows[1]), 0);
}

/* Of what makes no sense at its source 0 is sent, and that this is nothing. */
static void untold_steal(void **state)
{
	uint64_t cells[WIRE_CPU_REQUIRED] = { 0, WIRE_CPU_ONLINE |
							 WIRE_CPU_NO_STEAL };
	const struct samples *s;

	take(WIRE_CPU, 100 * S, WIRE_CPU_REQUIRED, 1, cells, 0, NULL);
	cells[WIRE_CPU_USER_NS] = S / 4;
	cells[WIRE_CPU_IDLE_NS] = S / 2;
	take(WIRE_CPU, 101 * S, WIRE_CPU_REQUIRED, 1, cells, 0, NULL);
	s = node_samples(node, WIRE_CPU);
	assert_near(told("cpu.busy", s), 1.0 / 3);
	assert_near(told("cpu.user", s), 1.0 / 3);
	assert_true(isnan(told("cpu.steal", s)));
	assert_true(isnan(of_all("cpu.steal")));
	/* When it makes sense again it did not grow from 0. */
	cells[WIRE_CPU_FLAGS] = WIRE_CPU_ONLINE;
	cells[WIRE_CPU_STEAL_NS] = 1000 * S;
	cells[WIRE_CPU_USER_NS] += S;
	take(WIRE_CPU, 102 * S, WIRE_CPU_REQUIRED, 1, cells, 0, NULL);
	assert_true(isnan(told("cpu.steal", s)));
	assert_true(isnan(told("cpu.user", s)));
}

/* Of a CPU of which a time fell nothing is known, for its sum is not. */
static void shares_of_what_fell(void **state)
{
	uint64_t times[20] = { [7] = S, [10] = S, [13] = S };
	const struct samples *s;

	cpus(100 * S, times);
	times[0] += S / 2;
	times[7] = 0;
	times[10] += S / 2;
	times[13] += S / 2;
	cpus(101 * S, times);
	s = node_samples(node, WIRE_CPU);
	assert_true(isnan(told("cpu.user", s)));
	assert_true(isnan(told("cpu.busy", s)));
	assert_near(of_all("cpu.user"), 0.5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sensors, setup, teardown),
		cmocka_unit_test_setup_teardown(mounts, setup, teardown),
		cmocka_unit_test_setup_teardown(disks, setup, teardown),
		cmocka_unit_test_setup_teardown(optional_counters, setup,
						teardown),
		cmocka_unit_test_setup_teardown(shares, setup, teardown),
		cmocka_unit_test_setup_teardown(shares_of_what_fell, setup,
						teardown),
		cmocka_unit_test_setup_teardown(untold_steal, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
