// SPDX-License-Identifier: GPL-2.0-or-later
/* Disks: lines of /proc/diskstats, wraps, names and sizes, which are chosen. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/disk/disk_device.h"
#include "host/file.h"
#include "tests/unit/host_table.h"

static struct host_table table;
static struct host_tree storage;

static const char sda[] = "   8       0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 "
			  "15 16 17\n";

static struct diskstats line_of(const char *text)
{
	struct diskstats line = { 0 };

	assert_true(diskstats_next(&text, &line));
	return line;
}

static void lines(void **state)
{
	const char *at = " 254  1048575 nvme0n1p1 1 2 3 4 5 6 7 8 9 10 11\n"
			 "   8  0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 "
			 "17 18 19\n";
	struct diskstats d = { 0 };
	uint32_t i;

	assert_true(diskstats_next(&at, &d));
	assert_int_equal(d.major, 254);
	assert_int_equal(d.minor, 1048575);
	assert_string_equal(d.name, "nvme0n1p1");
	assert_int_equal(d.count, DISKSTATS_REQUIRED);
	assert_true(diskstats_next(&at, &d));
	assert_string_equal(d.name, "sda");
	assert_int_equal(d.count, DISKSTATS_VALUES);
	for (i = 0; i < DISKSTATS_VALUES; i++)
		assert_int_equal(d.values[i], i + 1);
	assert_false(diskstats_next(&at, &d));
}

/* However short it is cut: the line is right, or it isn't there. */
static void cut(void **state)
{
	char text[sizeof(sda)];
	size_t i;

	for (i = 0; i < sizeof(sda) - 1; i++) {
		const char *at = text;
		struct diskstats d;

		memcpy(text, sda, i);
		text[i] = '\0';
		assert_false(diskstats_next(&at, &d));
	}
}

static void garbage(void **state)
{
	const char *at =
		"\n\xff\xfe\n8\n8 0\n8 0 sda\n"
		"8 0 sda 1 2 3 4 5 6 7 8 9 10\n"
		"8 0 sda 1 2 3 4 5 6 7 8 9 10 -11\n"
		"8 0 sda 1 2 3 4 5 6 7 8 9 10 11x\n"
		"8 0 sda 1 2 3 4 5 6 7 8 9 10 11 12x 13\n"
		"4096 0 sda 1 2 3 4 5 6 7 8 9 10 11\n"
		"8 1048576 sda 1 2 3 4 5 6 7 8 9 10 11\n"
		"8 99999999999999999999999 sda 1 2 3 4 5 6 7 8 9 10 11\n"
		"8 0 a-name-that-is-longer-than-the-kernel-allows 1 2 3 4 5 6 7 8 9 10 11\n"
		"8 0 sda 99999999999999999999999 2 3 4 5 6 7 8 9 10 11\n";
	struct diskstats d;

	/* A number that there cannot be is known by that. */
	assert_true(diskstats_next(&at, &d));
	assert_int_equal(d.values[0], 1);
	assert_true(d.values[10] == UINT64_MAX);
	assert_true(diskstats_next(&at, &d));
	assert_true(d.values[0] == UINT64_MAX);
	assert_int_equal(d.values[1], 2);
	assert_false(diskstats_next(&at, &d));
}

/* The kernel's times wrap at 2^32 ms, ours go on. */
static void wraps(void **state)
{
	struct diskstats line = line_of("8 0 sda 1 1 1 4294967290 1 1 1 7 0 "
					"4294967295 4294967000\n");
	uint64_t row[WIRE_DISK_COLUMNS] = { 0 };
	struct disk_device d;

	disk_device_init(&d, &line);
	line = line_of("8 0 sda 2 1 1 10 1 1 1 6 0 0 4294967295\n");
	assert_true(disk_device_update(&d, &line));
	disk_device_row(&d, &line, row);
	assert_int_equal(row[WIRE_DISK_READ_NS],
			 (UINT64_C(4294967296) + 10) * 1000000);
	assert_int_equal(row[WIRE_DISK_WRITE_NS], 7000000);
	assert_int_equal(row[WIRE_DISK_BUSY_NS],
			 UINT64_C(4294967296) * 1000000);
	assert_int_equal(row[WIRE_DISK_QUEUE_NS],
			 UINT64_C(4294967295) * 1000000);
}

static void replaced(void **state)
{
	struct diskstats line = line_of("8 0 sda 9 9 9 4294967295 9 9 9 9 0 9 "
					"9\n");
	uint64_t row[WIRE_DISK_COLUMNS] = { 0 };
	struct disk_device d;

	disk_device_init(&d, &line);
	line = line_of("8 0 sda 9 9 8 5 9 9 9 9 0 9 9\n");
	assert_false(disk_device_update(&d, &line));
	disk_device_row(&d, &line, row);
	assert_int_equal(row[WIRE_DISK_READ_NS], 5000000);
	assert_int_equal(row[WIRE_DISK_READ_BYTES], 8 * 512);
}

/* What no kernel says has no value, and leaves no trace. */
static void nonsense(void **state)
{
	struct diskstats line = line_of("8 0 sda 1 1 1 1 1 1 1 1 0 5000000000 "
					"1\n");
	uint64_t row[WIRE_DISK_COLUMNS];
	struct disk_device d;

	disk_device_init(&d, &line);
	line = line_of("8 0 sda 2 1 9223372036854775807 4294967296 1 1 1 1 "
		       "4294967295 4000000000 1\n");
	assert_true(disk_device_update(&d, &line));
	memset(row, 0, sizeof(row));
	disk_device_row(&d, &line, row);
	assert_int_equal(row[WIRE_DISK_READS], 2);
	assert_int_equal(row[WIRE_DISK_READ_BYTES], 0);
	assert_int_equal(row[WIRE_DISK_READ_NS], 0);
	assert_int_equal(row[WIRE_DISK_IN_FLIGHT], 0);
	assert_int_equal(row[WIRE_DISK_BUSY_NS], UINT64_C(4000000000000000));
	line = line_of("8 0 sda 3 1 4 6 1 1 1 1 3 1 1\n");
	assert_true(disk_device_update(&d, &line));
	disk_device_row(&d, &line, row);
	assert_int_equal(row[WIRE_DISK_READ_BYTES], 4 * 512);
	assert_int_equal(row[WIRE_DISK_READ_NS], 6000000);
	assert_int_equal(row[WIRE_DISK_IN_FLIGHT], 3);
}

static void *opened(const struct host_options *o)
{
	const struct host_collector *c = host_collector_find("disk");
	void *collector;

	assert_non_null(c);
	assert_int_equal(c->open(&collector, o), 0);
	return collector;
}

static void read_once(const struct host_options *o)
{
	const struct host_collector *c = host_collector_find("disk");
	void *collector = opened(o);

	memset(&table, 0, sizeof(table));
	assert_int_equal(host_table_read(&table, c, collector), 0);
	assert_int_equal(table.kind, WIRE_DISK);
	c->close(collector);
}

static void names(void **state)
{
	const uint64_t *row;

	read_once(&storage.options);
	assert_int_equal(table.rows, 2 + 12 + 2 + 4);
	row = host_table_named(&table, WIRE_DISK_NAME, "vg0-srv");
	assert_non_null(row);
	assert_int_equal(row[WIRE_DISK_KEY], 253 << 20 | 1);
	assert_int_equal(row[WIRE_DISK_SIZE_BYTES], UINT64_C(3221225472) * 512);
	/* the 23rd line */
	assert_int_equal(row[WIRE_DISK_READS], 23000);
	assert_int_equal(row[WIRE_DISK_READ_BYTES], 23 * 8000 * 512);
	assert_int_equal(row[WIRE_DISK_BUSY_NS], UINT64_C(16100000000));
	assert_int_equal(row[WIRE_DISK_DISCARDS], 115);
	assert_int_equal(row[WIRE_DISK_DISCARDED_BYTES], 23 * 40 * 512);
	assert_int_equal(row[WIRE_DISK_DISCARD_NS], 161000000);
	assert_int_equal(row[WIRE_DISK_FLUSHES], 69);
	assert_int_equal(row[WIRE_DISK_FLUSH_NS], 46000000);
	assert_non_null(host_table_named(&table, WIRE_DISK_NAME, "nvme0n1"));
	assert_non_null(host_table_named(&table, WIRE_DISK_NAME, "md127"));
	assert_null(host_table_named(&table, WIRE_DISK_NAME, "dm-1"));
	assert_null(host_table_named(&table, WIRE_DISK_NAME, "nvme2c0n1"));
}

static void choices(void **state)
{
	struct host_options o = storage.options;

	o.partitions = true;
	read_once(&o);
	assert_int_equal(table.rows, 20 + 4);
	o.exclude_disks = "sd*,vg0-root,dm-1,nvme?n1p*";
	read_once(&o);
	assert_int_equal(table.rows, 2 + 2 + 2);
	o = storage.options;
	o.include_disks = "loop*,zram0,vg0*,nvme*";
	read_once(&o);
	assert_int_equal(table.rows, 2 + 1 + 2 + 2);
}

/* A disk goes, another one comes, one changes its size and its name. */
static void changes(void **state)
{
	const struct host_collector *c = host_collector_find("disk");
	void *collector = opened(&storage.options);
	char text[16384];
	struct host_file file;
	char *gone;

	memset(&table, 0, sizeof(table));
	assert_int_equal(host_table_read(&table, c, collector), 0);
	assert_int_equal(host_file_open(&file, storage.proc, "diskstats"), 0);
	assert_int_equal(host_file_read(&file), 0);
	gone = strstr(file.text, "   8       0 sda");
	snprintf(text, sizeof(text), "%.*s%s", (int)(gone - file.text),
		 file.text, strchr(gone, '\n') + 1);
	strcat(text, "   8     192 sdm 7 7 7 7 7 7 7 7 0 7 7\n");
	assert_int_equal(host_tree_put(&storage, "proc/diskstats", text), 0);
	assert_int_equal(host_table_read(&table, c, collector), 0);
	assert_int_equal(table.rows, 20);
	assert_null(host_table_named(&table, WIRE_DISK_NAME, "sda"));
	assert_true(
		host_table_row(&table, 8 << 20 | 192)[WIRE_DISK_SIZE_BYTES] ==
		WIRE_ABSENT);
	assert_true(host_table_row(&table, 8 << 20 | 192)[WIRE_DISK_FLUSHES] ==
		    WIRE_ABSENT);

	assert_int_equal(host_tree_put(&storage, "sys/block/dm-1/dm/name",
				       "vg0-new\n"),
			 0);
	assert_int_equal(host_tree_put(&storage, "sys/block/dm-1/size", "8\n"),
			 0);
	/* Its counts begin anew: /sys is looked at again. */
	gone = strstr(text, " dm-1 ");
	memset(gone + 6, '0', 5);
	assert_int_equal(host_tree_put(&storage, "proc/diskstats", text), 0);
	assert_int_equal(host_table_read(&table, c, collector), 0);
	assert_int_equal(host_table_named(&table, WIRE_DISK_NAME,
					  "vg0-new")[WIRE_DISK_SIZE_BYTES],
			 4096);
	assert_int_equal(host_tree_put(&storage, "proc/diskstats", file.text),
			 0);
	host_file_close(&file);
	c->close(collector);
}

/* Reads of the one row after this one. */
static uint64_t reads(void *collector)
{
	const struct host_collector *c = host_collector_find("disk");

	memset(&table, 0, sizeof(table));
	assert_int_equal(host_table_read(&table, c, collector), 0);
	assert_int_equal(table.rows, 1);
	return table.cells[0][WIRE_DISK_READS];
}

static void put_stat(const char *text)
{
	assert_int_equal(host_tree_put(&storage, "sys/block/sda/stat", text),
			 0);
}

/* One disk of many is read from its own file in between, as long as that is
 * whole; a kernel has the same in both.
 */
static void own_file(void **state)
{
	static const char stat[] = "99999999 9000000 9000000 900 9000000 "
				   "9000000 9000000 900 0 900 900\n";
	const struct host_collector *c = host_collector_find("disk");
	struct host_options o = storage.options;
	struct host_memory memory = { 0 };
	uint64_t whole;
	void *collector;

	o.include_disks = "sda";
	o.memory = &memory;
	put_stat(stat);
	collector = opened(&o);
	whole = reads(collector);
	assert_true(whole && whole < 99999999);
	assert_int_equal(reads(collector), 99999999);
	assert_int_equal(table.cells[0][WIRE_DISK_KEY], 8 << 20);
	assert_non_null(host_table_named(&table, WIRE_DISK_NAME, "sda"));
	put_stat("99999999 9000000 9000");
	assert_int_equal(reads(collector), whole);
	assert_int_equal(reads(collector), whole);
	put_stat(stat);
	assert_int_equal(reads(collector), 99999999);
	c->close(collector);

	o.include_disks = "sd*";
	collector = opened(&o);
	memset(&table, 0, sizeof(table));
	assert_int_equal(host_table_read(&table, c, collector), 0);
	assert_int_equal(host_table_read(&table, c, collector), 0);
	assert_int_equal(host_table_named(&table, WIRE_DISK_NAME,
					  "sda")[WIRE_DISK_READS],
			 whole);
	c->close(collector);
	host_memory_exit(&memory);
}

static void unreadable(void **state)
{
	const struct host_collector *c = host_collector_find("disk");
	struct host_options o = storage.options;
	void *collector;

	o.proc = "/nowhere";
	assert_int_equal(c->open(&collector, &o), -ENOENT);
	o = storage.options;
	o.sys = "/nowhere";
	read_once(&o);
	assert_true(table.rows > 20);
	assert_true(table.cells[0][WIRE_DISK_SIZE_BYTES] == WIRE_ABSENT);
	assert_int_equal(table.cells[0][WIRE_DISK_READS], 1000);
	collector = opened(&storage.options);
	assert_int_equal(host_tree_put(&storage, "proc/diskstats", "x\n"), 0);
	assert_int_equal(host_table_read(&table, c, collector), -EINVAL);
	assert_int_equal(host_tree_put(&storage, "proc/diskstats", ""), 0);
	assert_int_equal(host_table_read(&table, c, collector), 0);
	assert_int_equal(table.rows, 0);
	c->close(collector);
}

static int make_tree(void **state)
{
	return host_tree_make(&storage, "storage");
}

static int remove_tree(void **state)
{
	host_tree_remove(&storage);
	return 0;
}

/* For those that change it. */
static int renew_tree(void **state)
{
	remove_tree(state);
	return make_tree(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(cut),
		cmocka_unit_test(garbage),
		cmocka_unit_test(wraps),
		cmocka_unit_test(replaced),
		cmocka_unit_test(nonsense),
		cmocka_unit_test(names),
		cmocka_unit_test(choices),
		cmocka_unit_test(own_file),
		cmocka_unit_test_teardown(changes, renew_tree),
		cmocka_unit_test_teardown(unreadable, renew_tree),
	};

	return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
