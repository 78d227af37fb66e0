// SPDX-License-Identifier: GPL-2.0-or-later
/* Speeds and interrupts as collectors give them, of a machine made of files. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/cpu/core.h"
#include "host/cpu/interrupts.h"
#include "lib/base/log.h"
#include "tests/unit/host_table.h"

static struct host_tree tree;
static struct host_table table;

static void make_folder(const char *name)
{
	assert_int_equal(host_tree_folder(&tree, name), 0);
}

static void put(const char *name, const char *text)
{
	assert_int_equal(host_tree_put(&tree, name, text), 0);
}

static void take_away(const char *name)
{
	char path[2 * HOST_TREE_PATH];

	snprintf(path, sizeof(path), "%s/%s", tree.dir, name);
	assert_int_equal(unlink(path), 0);
}

static int setup(void **state)
{
	log_init("test", LOG_ERROR);
	table = (struct host_table){ 0 };
	if (host_tree_begin(&tree))
		return -1;
	make_folder("proc/net");
	make_folder("sys/devices/system/cpu/cpu0/cpufreq");
	make_folder("sys/devices/system/cpu/cpu2/cpufreq");
	put("sys/devices/system/cpu/possible", "0-3\n");
	return 0;
}

static int teardown(void **state)
{
	host_tree_remove(&tree);
	return 0;
}

static void assert_row(uint64_t key, uint64_t count, const char *name)
{
	const uint64_t *row = host_table_row(&table, key);

	assert_non_null(row);
	assert_int_equal(row[WIRE_IRQ_COUNT], count);
	assert_ptr_equal(row, host_table_named(&table, WIRE_IRQ_NAME, name));
}

#define IRQS(a, b, c)                                   \
	"           CPU0       CPU1       \n"           \
	"  1:   " a "   0  IO-APIC   1-edge      one\n" \
	"  2:   0   " b "  IO-APIC   2-edge      two\n" \
	"  3:   " c "   0  IO-APIC   3-edge      three\n"

/* Those that came most often since the last time; at first, since the start. */
static void interrupts_that_come_most(void **state)
{
	void *irqs;

	tree.options.irqs = 2;
	put("proc/interrupts", IRQS("1000", "5", "70"));
	assert_int_equal(host_interrupts.open(&irqs, &tree.options), 0);
	assert_int_equal(host_table_read(&table, &host_interrupts, irqs), 0);
	assert_int_equal(table.kind, WIRE_IRQ);
	assert_int_equal(table.rows, 2);
	assert_row(1, 1000, "one");
	assert_row(3, 70, "three");

	put("proc/interrupts", IRQS("1001", "8", "72"));
	assert_int_equal(host_table_read(&table, &host_interrupts, irqs), 0);
	assert_int_equal(table.rows, 2);
	assert_row(2, 8, "two");
	assert_row(3, 72, "three");

	/* None came: those that came most of all. */
	assert_int_equal(host_table_read(&table, &host_interrupts, irqs), 0);
	assert_row(1, 1001, "one");
	assert_row(3, 72, "three");

	/* Counted anew: all of it came since. */
	put("proc/interrupts", IRQS("1003", "9", "50"));
	assert_int_equal(host_table_read(&table, &host_interrupts, irqs), 0);
	assert_row(3, 50, "three");
	assert_row(1, 1003, "one");
	host_interrupts.close(irqs);
}

static void interrupts_in_the_order_of_keys(void **state)
{
	void *irqs;

	tree.options.irqs = 0;
	put("proc/interrupts", IRQS("5", "9", "7") "NMI: 4 4 watching\n"
						   "FIQ:  usb_fiq\n");
	assert_int_equal(host_interrupts.open(&irqs, &tree.options), 0);
	assert_int_equal(host_table_read(&table, &host_interrupts, irqs), 0);
	assert_int_equal(table.rows, 4);
	assert_int_equal(table.cells[0][0], 1);
	assert_int_equal(table.cells[1][0], 2);
	assert_int_equal(table.cells[2][0], 3);
	assert_string_equal(table.text[3][WIRE_IRQ_NAME], "watching");

	/* What is damaged is left out, and told; the rest is there. */
	put("proc/interrupts", IRQS("6", "nine", "8"));
	assert_int_equal(host_table_read(&table, &host_interrupts, irqs),
			 -EINVAL);
	assert_int_equal(table.rows, 2);
	assert_row(1, 6, "one");
	put("proc/interrupts", "  1: 5 6 no title\n");
	assert_int_equal(host_table_read(&table, &host_interrupts, irqs),
			 -EINVAL);
	assert_int_equal(table.rows, 0);
	host_interrupts.close(irqs);
	take_away("proc/interrupts");
	assert_int_equal(host_interrupts.open(&irqs, &tree.options), -ENOENT);
}

#define SOFTNET(packets, dropped, squeezed, cpu)                           \
	"000000" packets " 000000" dropped " 000000" squeezed              \
	" 00000000 00000000 00000000 00000000 00000000 00000000 00000000 " \
	"00000000 00000000 0000000" cpu "\n"

static void speeds_of_cpufreq(void **state)
{
	const uint64_t *row;
	void *cores;

	put("proc/net/softnet_stat",
	    SOFTNET("10", "02", "03", "0") SOFTNET("20", "00", "00", "1"));
	put("proc/cpuinfo", "processor\t: 1\ncpu MHz\t\t: 800.000\n");
	put("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq",
	    "2400000\n");
	put("sys/devices/system/cpu/cpu2/cpufreq/scaling_cur_freq", "1\n");
	assert_int_equal(host_core.open(&cores, &tree.options), 0);
	assert_int_equal(host_table_read(&table, &host_core, cores), 0);
	assert_int_equal(table.kind, WIRE_CORE);
	assert_int_equal(table.rows, 3);
	row = host_table_row(&table, 0);
	assert_int_equal(row[WIRE_CORE_HZ], 2400000000);
	assert_int_equal(row[WIRE_CORE_PACKETS], 0x10);
	assert_int_equal(row[WIRE_CORE_PACKETS + 1], 2);
	assert_int_equal(row[WIRE_CORE_PACKETS + 2], 3);
	row = host_table_row(&table, 1);
	assert_true(row[WIRE_CORE_HZ] == WIRE_ABSENT);
	assert_int_equal(row[WIRE_CORE_PACKETS], 0x20);
	row = host_table_row(&table, 2);
	assert_int_equal(row[WIRE_CORE_HZ], 1000);
	assert_true(row[WIRE_CORE_PACKETS] == WIRE_ABSENT);

	/* A CPU that goes, and speeds that make no sense. */
	put("proc/net/softnet_stat", SOFTNET("11", "02", "03", "0"));
	put("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "0\n");
	put("sys/devices/system/cpu/cpu2/cpufreq/scaling_cur_freq",
	    "9223372036854775807\n");
	assert_int_equal(host_table_read(&table, &host_core, cores), -ENODATA);
	assert_int_equal(table.rows, 1);
	assert_true(table.cells[0][WIRE_CORE_HZ] == WIRE_ABSENT);
	assert_int_equal(table.cells[0][WIRE_CORE_PACKETS], 0x11);
	host_core.close(cores);
}

static void speeds_of_cpuinfo(void **state)
{
	void *cores;

	put("proc/cpuinfo", "processor\t: 3\ncpu MHz\t\t: 1800.500\n");
	assert_int_equal(host_core.open(&cores, &tree.options), 0);
	assert_int_equal(host_table_read(&table, &host_core, cores), 0);
	assert_int_equal(table.rows, 1);
	assert_int_equal(table.cells[0][0], 3);
	assert_int_equal(table.cells[0][WIRE_CORE_HZ], 1800500000);
	put("proc/cpuinfo", "processor\t: 3\ncpu MHz\t\t: 900.250\n");
	assert_int_equal(host_table_read(&table, &host_core, cores), 0);
	assert_int_equal(table.cells[0][WIRE_CORE_HZ], 900250000);
	host_core.close(cores);
	take_away("proc/cpuinfo");
	assert_int_equal(host_core.open(&cores, &tree.options), -ENOENT);
}

/* Those of process 1, where the reader has no network in this /proc. */
static void drops_of_another_network(void **state)
{
	void *cores;

	make_folder("proc/1/net");
	put("proc/1/net/softnet_stat", SOFTNET("07", "00", "01", "2"));
	assert_int_equal(host_core.open(&cores, &tree.options), 0);
	assert_int_equal(host_table_read(&table, &host_core, cores), 0);
	assert_int_equal(table.rows, 1);
	assert_int_equal(table.cells[0][0], 2);
	assert_int_equal(table.cells[0][WIRE_CORE_PACKETS], 7);
	put("proc/1/net/softnet_stat", "damaged\n");
	assert_int_equal(host_table_read(&table, &host_core, cores), -EINVAL);
	host_core.close(cores);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(interrupts_that_come_most,
						setup, teardown),
		cmocka_unit_test_setup_teardown(interrupts_in_the_order_of_keys,
						setup, teardown),
		cmocka_unit_test_setup_teardown(speeds_of_cpufreq, setup,
						teardown),
		cmocka_unit_test_setup_teardown(speeds_of_cpuinfo, setup,
						teardown),
		cmocka_unit_test_setup_teardown(drops_of_another_network, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
