// SPDX-License-Identifier: GPL-2.0-or-later
/* Sensors: names of files, the CPU's temperature, counters, chips that go. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/sensor/hwmon.h"
#include "host/sensor/sensor_cpu.h"
#include "host/sensor/sensor_scan.h"
#include "host/sensor/thermal.h"
#include "tests/unit/host_table.h"

enum {
	WAIT_MS = 60000, /* for what must come */
	READS_MAX = 10000, /* until it has come */
};

static struct host_table table;
static struct host_tree server, arm, storage;

static void files(void **state)
{
	static const char *const bad[] = {
		"",
		"temp",
		"temp_input",
		"temp1",
		"temp1_max",
		"temp1_inputs",
		"temp1_input ",
		"temp4096_input",
		"temp99999999999999999_input",
		"xtemp1_input",
		"temp1_average",
		"humidity1_input",
		"1_input",
		"\xff\xfe_input",
		"pwm1",
		"name",
		"..",
		"in1x_input",
	};
	struct hwmon_input in;
	size_t i;

	assert_true(hwmon_parse("temp12_input", &in));
	assert_int_equal(in.type, WIRE_SENSOR_MILLI_CELSIUS);
	assert_int_equal(in.channel, 12);
	assert_string_equal(in.stem, "temp12");
	assert_true(hwmon_parse("in0_input", &in));
	assert_int_equal(in.type, WIRE_SENSOR_MILLI_VOLT);
	assert_true(hwmon_parse("fan4095_input", &in));
	assert_int_equal(in.type, WIRE_SENSOR_RPM);
	assert_true(hwmon_parse("power1_average", &in));
	assert_int_equal(in.type, WIRE_SENSOR_MICRO_WATT);
	assert_true(hwmon_parse("curr1_input", &in));
	assert_int_equal(in.type, WIRE_SENSOR_MILLI_AMPERE);
	assert_true(hwmon_parse("energy1_input", &in));
	assert_int_equal(in.type, WIRE_SENSOR_MICRO_JOULE);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(hwmon_parse(bad[i], &in));
}

static void cpu_names(void **state)
{
	static const char *const yes[] = {
		"coretemp",    "k10temp",   "zenpower",	    "cpu_thermal",
		"cpu-thermal", "CPU-therm", "cpu0-thermal", "soc_thermal",
		"soc-thermal", "cpu",	    "x86_pkg_temp",
	};
	static const char *const no[] = { "",	     "nvme",
					  "acpitz",  "gpu-thermal",
					  "cpufan",  "socket",
					  "nct6798", "drivetemp" };
	size_t i;

	for (i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		assert_true(sensor_cpu_named(yes[i]));
	for (i = 0; i < sizeof(no) / sizeof(*no); i++)
		assert_false(sensor_cpu_named(no[i]));
	assert_true(thermal_is_hwmon("cpu-thermal", "cpu_thermal"));
	assert_true(thermal_is_hwmon("acpitz", "acpitz"));
	assert_false(thermal_is_hwmon("acpitz", "acpi"));
	assert_false(thermal_is_hwmon("acpi", "acpitz"));
}

static void counters(void **state)
{
	assert_int_equal(sensor_widen(100, 100, 150, 1000), 150);
	assert_int_equal(sensor_widen(5900, 900, 50, 1000), 6050);
	assert_int_equal(sensor_widen(900, 900, 50, 0), 50);
	assert_int_equal(sensor_widen(900, 900, 50, 800), 50);
}

static const struct host_collector *collector(void)
{
	const struct host_collector *c = host_collector_find("sensor");

	assert_non_null(c);
	return c;
}

/* Read, and take news until a sensor has a value. */
static const uint64_t *read_until(void *sensors, uint64_t key)
{
	const struct host_sink sink = { host_table_keep, &table };

	assert_int_equal(host_table_read(&table, collector(), sensors), 0);
	while (key &&
	       host_table_row(&table, key)[WIRE_SENSOR_VALUE] == WIRE_ABSENT) {
		struct pollfd fd = { collector()->fd(sensors), POLLIN, 0 };

		assert_int_equal(poll(&fd, 1, WAIT_MS), 1);
		assert_int_equal(collector()->changed(sensors, &sink), 0);
	}
	return key ? host_table_row(&table, key) : NULL;
}

/* Read until its value is left out, and not another one than @before. */
static bool comes_to_miss(void *sensors, uint64_t key, uint64_t before)
{
	uint64_t value;
	int i;

	for (i = 0; i < READS_MAX; i++) {
		read_until(sensors, 0);
		value = host_table_row(&table, key)[WIRE_SENSOR_VALUE];
		if (value != before)
			return value == WIRE_ABSENT;
	}
	return false;
}

static bool comes_to_be(void *sensors, uint64_t key, uint64_t value)
{
	int i;

	for (i = 0; i < READS_MAX; i++)
		if (read_until(sensors, key)[WIRE_SENSOR_VALUE] == value)
			return true;
	return false;
}

static void *opened(const struct host_tree *t)
{
	void *sensors;

	memset(&table, 0, sizeof(table));
	assert_int_equal(collector()->open(&sensors, &t->options), 0);
	return sensors;
}

/* The row of a chip and a label. */
static const uint64_t *row(const char *chip, const char *label)
{
	uint32_t i;

	for (i = 0; i < table.rows; i++)
		if (!strcmp(table.text[i][WIRE_SENSOR_CHIP], chip) &&
		    !strcmp(table.text[i][WIRE_SENSOR_LABEL], label))
			return table.cells[i];
	return NULL;
}

static void check(void *sensors, const char *chip, const char *label,
		  enum wire_sensor_type type, int64_t value)
{
	const uint64_t *r = row(chip, label);

	assert_non_null(r);
	r = read_until(sensors, r[WIRE_SENSOR_KEY]);
	assert_int_equal(r[WIRE_SENSOR_TYPE], type);
	assert_int_equal(r[WIRE_SENSOR_VALUE], value);
}

static void of_server(void **state)
{
	void *sensors = opened(&server);
	const uint64_t *r;

	read_until(sensors, 0);
	assert_int_equal(table.rows, 2 * 65 + 2 + 4 + 1 + 4);
	check(sensors, "coretemp.0", "cpu", WIRE_SENSOR_MILLI_CELSIUS, 55000);
	check(sensors, "coretemp.1", "cpu", WIRE_SENSOR_MILLI_CELSIUS, 56000);
	check(sensors, "coretemp.1", "Core 63", WIRE_SENSOR_MILLI_CELSIUS,
	      40063);
	check(sensors, "nvme0", "Composite", WIRE_SENSOR_MILLI_CELSIUS, 38850);
	r = row("nvme0", "Composite");
	assert_int_equal(r[WIRE_SENSOR_MAX], 84850);
	assert_int_equal(r[WIRE_SENSOR_CRITICAL], 89850);
	check(sensors, "nvme0", "Sensor 1", WIRE_SENSOR_MILLI_CELSIUS, 38850);
	/* 65261.85 degrees are no limit */
	assert_true(row("nvme0", "Sensor 1")[WIRE_SENSOR_MAX] == WIRE_ABSENT);
	check(sensors, "nct6798-nct6775.656", "fan1", WIRE_SENSOR_RPM, 1235);
	check(sensors, "nct6798-nct6775.656", "Vcore", WIRE_SENSOR_MILLI_VOLT,
	      904);
	check(sensors, "nct6798-nct6775.656", "PCH_CHIP_TEMP",
	      WIRE_SENSOR_MILLI_CELSIUS, -128000);
	check(sensors, "power_meter-ACPI000D:00", "power1",
	      WIRE_SENSOR_MICRO_WATT, 412000000);
	check(sensors, "intel-rapl:1", "package-1", WIRE_SENSOR_MICRO_JOULE,
	      3000000);
	check(sensors, "intel-rapl:1:0", "dram", WIRE_SENSOR_MICRO_JOULE,
	      4000000);
	collector()->close(sensors);
}

static void of_board(void **state)
{
	void *sensors = opened(&arm);

	read_until(sensors, 0);
	assert_int_equal(table.rows, 2);
	check(sensors, "thermal_zone0", "cpu", WIRE_SENSOR_MILLI_CELSIUS,
	      48312);
	assert_int_equal(row("thermal_zone0", "cpu")[WIRE_SENSOR_CRITICAL],
			 110000);
	check(sensors, "thermal_zone1", "gpu-thermal",
	      WIRE_SENSOR_MILLI_CELSIUS, 47000);
	collector()->close(sensors);
}

/* Where hwmon knows the CPU, zones would say the same again. */
static void of_store(void **state)
{
	void *sensors = opened(&storage);

	read_until(sensors, 0);
	assert_int_equal(table.rows, 2 + 1 + 1);
	check(sensors, "k10temp-0000:00:18.3", "cpu", WIRE_SENSOR_MILLI_CELSIUS,
	      61250);
	check(sensors, "k10temp-0000:00:18.3", "Tccd1",
	      WIRE_SENSOR_MILLI_CELSIUS, 58500);
	check(sensors, "drivetemp-0:0:0:0", "temp1", WIRE_SENSOR_MILLI_CELSIUS,
	      31000);
	collector()->close(sensors);
}

#define ENERGY "sys/class/powercap/intel-rapl:0/energy_uj"

/* A counter goes on over its end, and over a reading that failed. */
static void energy(void **state)
{
	void *sensors;
	uint64_t key;

	assert_int_equal(host_tree_put(&server, ENERGY, "262143328800\n"), 0);
	sensors = opened(&server);
	read_until(sensors, 0);
	key = row("intel-rapl:0", "package-0")[WIRE_SENSOR_KEY];
	assert_int_equal(read_until(sensors, key)[WIRE_SENSOR_VALUE],
			 UINT64_C(262143328800));
	assert_int_equal(host_tree_put(&server, ENERGY, "nonsense\n"), 0);
	assert_true(comes_to_miss(sensors, key, UINT64_C(262143328800)));
	assert_int_equal(host_tree_put(&server, ENERGY, "100\n"), 0);
	assert_int_equal(read_until(sensors, key)[WIRE_SENSOR_VALUE],
			 UINT64_C(262143328850) + 100);
	collector()->close(sensors);
}

#define TEMPERATURE "sys/class/hwmon/hwmon0/temp1_input"

/* Each of these leaves the value out, and the others as they are. */
static void garbage(void **state)
{
	static const char *const bad[] = {
		"",
		"\n",
		"x\n",
		"12x\n",
		"99999999999999999999\n",
		"-9223372036854775808\n",
		"2000000\n",
		"-300000\n",
		"\xff\n",
	};
	void *sensors = opened(&storage);
	uint64_t key;
	size_t i;

	read_until(sensors, 0);
	key = row("k10temp-0000:00:18.3", "cpu")[WIRE_SENSOR_KEY];
	assert_int_equal(host_tree_put(&storage, TEMPERATURE, "8\r\n"), 0);
	assert_true(comes_to_be(sensors, key, 8));
	assert_int_equal(host_tree_put(&storage, TEMPERATURE, "9"), 0);
	assert_true(comes_to_be(sensors, key, 9));
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(host_tree_put(&storage, TEMPERATURE, "7\n"),
				 0);
		assert_true(comes_to_be(sensors, key, 7));
		assert_int_equal(host_tree_put(&storage, TEMPERATURE, bad[i]),
				 0);
		assert_true(comes_to_miss(sensors, key, 7));
		check(sensors, "k10temp-0000:00:18.3", "Tccd1",
		      WIRE_SENSOR_MILLI_CELSIUS, 58500);
	}
	collector()->close(sensors);
}

static void run(const struct host_tree *t, const char *command)
{
	char text[2 * HOST_TREE_PATH + 256];

	snprintf(text, sizeof(text), "cd %s/sys/class/hwmon && %s", t->dir,
		 command);
	assert_int_equal(system(text), 0);
}

static size_t count(const struct sensor_chip *c)
{
	size_t n = 0;

	for (; c; c = c->next)
		n++;
	return n;
}

/* A chip stays what it is, but not if another device takes its name. */
static void chips_change(void **state)
{
	struct sensor_scan scan = { 0 };
	struct sensor_chip *first, *c;

	sensor_scan(&scan, storage.sys);
	assert_int_equal(count(scan.found), 3);
	first = scan.found;
	scan.old = scan.found;
	sensor_scan(&scan, storage.sys);
	assert_null(scan.old);
	assert_int_equal(count(scan.found), 3);
	assert_ptr_equal(scan.found, first);

	run(&storage, "cp -a $(readlink -f hwmon1) ../../devices/other && "
		      "rm hwmon1 && ln -s ../../devices/other hwmon1");
	scan.old = scan.found;
	sensor_scan(&scan, storage.sys);
	assert_int_equal(count(scan.found), 3);
	assert_ptr_equal(scan.found, first);
	assert_int_equal(count(scan.old), 1);
	assert_string_equal(scan.old->name, "drivetemp");
	sensor_chip_free(scan.old);

	/* One that said that it has gone is opened again. */
	first->gone = true;
	run(&storage, "rm hwmon1");
	scan.old = scan.found;
	sensor_scan(&scan, storage.sys);
	assert_int_equal(count(scan.found), 2);
	assert_int_equal(count(scan.old), 2);
	assert_ptr_not_equal(scan.found, first);
	while ((c = scan.found ? scan.found : scan.old)) {
		*(scan.found ? &scan.found : &scan.old) = c->next;
		sensor_chip_free(c);
	}
}

/* Virtual machines have none of it. */
static void nothing(void **state)
{
	const struct host_options o = { .proc = "/proc",
					.sys = "/nowhere",
					.root = "" };
	void *sensors;

	memset(&table, 0, sizeof(table));
	assert_int_equal(collector()->open(&sensors, &o), 0);
	assert_int_equal(host_table_read(&table, collector(), sensors), 0);
	assert_int_equal(table.puts, 0);
	collector()->close(sensors);
}

static int make_trees(void **state)
{
	return host_tree_make(&server, "server") ||
	       host_tree_make(&arm, "arm") ||
	       host_tree_make(&storage, "storage");
}

static int remove_trees(void **state)
{
	host_tree_remove(&server);
	host_tree_remove(&arm);
	host_tree_remove(&storage);
	return 0;
}

/* For those that change it. */
static int renew_storage(void **state)
{
	host_tree_remove(&storage);
	return host_tree_make(&storage, "storage");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files),
		cmocka_unit_test(cpu_names),
		cmocka_unit_test(counters),
		cmocka_unit_test(of_server),
		cmocka_unit_test(of_board),
		cmocka_unit_test(of_store),
		cmocka_unit_test(energy),
		cmocka_unit_test_teardown(garbage, renew_storage),
		cmocka_unit_test_teardown(chips_change, renew_storage),
		cmocka_unit_test(nothing),
	};

	return cmocka_run_group_tests(tests, make_trees, remove_trees);
}
