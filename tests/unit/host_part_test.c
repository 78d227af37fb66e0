// SPDX-License-Identifier: GPL-2.0-or-later
/* Parts of the host: what is read of a machine that has one of each, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/labels.h"
#include "tables/book.h"
#include "tables/parts.h"
#include "tests/unit/host_table.h"

static struct host_tree tree;
static struct host_table table;

static void read_tree(void)
{
	const struct host_collector *c = host_collector_find("part");
	void *state;

	memset(&table, 0, sizeof(table));
	assert_int_equal(c->open(&state, &tree.options), 0);
	assert_int_equal(host_table_read(&table, c, state), 0);
	c->close(state);
}

static void begin(const char *exclude)
{
	assert_int_equal(host_tree_make(&tree, "storage"), 0);
	tree.options.exclude_parts = exclude;
	tree.options.parts = 1000;
	read_tree();
}

static double value_of(const uint64_t *row)
{
	static const double parts[] = { 0, 1, 1e6, 1, 1e3 };

	return (double)(int64_t)row[WIRE_PART_VALUE] /
	       parts[row[WIRE_PART_TYPE]];
}

static const uint64_t *find(const char *name, const char *labels)
{
	uint32_t i;

	for (i = 0; i < table.rows; i++)
		if (!strcmp(table.text[i][WIRE_PART_NAME], name) &&
		    !strcmp(table.text[i][WIRE_PART_LABELS], labels))
			return table.cells[i];
	return NULL;
}

/* One of each form of file, and of each group. */
static void values(void **test)
{
	static const struct {
		const char *name, *labels;
		double value;
	} all[] = {
		{ "node_nf_conntrack_stat_invalid", "", 5 },
		{ "node_nf_conntrack_stat_ignore", "", 0x8a + 0x10 },
		{ "node_nf_conntrack_stat_drop", "", 7 },
		{ "node_nf_conntrack_stat_search_restart", "", 4 },
		{ "ktach_wireless_quality", "device=\"wlan0\"", 70 },
		{ "ktach_wireless_level_dbm", "device=\"wlan0\"", -40 },
		{ "ktach_wireless_discarded_total",
		  "device=\"wlan0\",reason=\"retry\"", 3 },
		{ "ktach_wireless_missed_beacons_total", "device=\"wlan0\"",
		  2 },
		{ "node_udp_queues", "ip=\"v4\",queue=\"tx\"", 0x11 },
		{ "node_udp_queues", "ip=\"v4\",queue=\"rx\"", 0x102 },
		{ "node_ipvs_connections_total", "", 0x16AA370 },
		{ "node_ipvs_incoming_bytes_total", "", 0x51D8C8883AB3 },
		{ "node_ipvs_backend_connections_active",
		  "local_address=\"192.168.0.22\",local_port=\"3306\",proto=\"TCP\",remote_address=\"192.168.82.22\",remote_port=\"3306\"",
		  248 },
		{ "node_ipvs_backend_connections_inactive",
		  "local_mark=\"10001000\",proto=\"FWM\",remote_address=\"192.168.50.21\",remote_port=\"3306\"",
		  1 },
		{ "node_bonding_slaves", "master=\"bond0\"", 2 },
		{ "node_bonding_active", "master=\"bond0\"", 1 },
		{ "node_infiniband_port_data_received_bytes_total",
		  "device=\"mlx5_0\",port=\"1\"", 4000 },
		{ "node_nfs_packets_total", "protocol=\"tcp\"", 18628 },
		{ "node_nfs_rpc_retransmissions_total", "", 1 },
		{ "node_nfs_requests_total", "method=\"FsStat\",proto=\"2\"",
		  2 },
		{ "node_nfs_requests_total", "method=\"GetAttr\",proto=\"3\"",
		  4084749 },
		{ "node_nfs_requests_total", "method=\"Read\",proto=\"4\"",
		  20 },
		{ "node_nfsd_disk_bytes_read_total", "", 157286400 },
		{ "node_nfsd_server_threads", "", 8 },
		{ "node_nfsd_rpc_errors_total", "error=\"auth\"", 3 },
		{ "node_nfsd_requests_total", "method=\"Access\",proto=\"4\"",
		  1098 },
		{ "node_md_disks", "device=\"md0\",state=\"active\"", 2 },
		{ "node_md_state", "device=\"md0\",state=\"active\"", 1 },
		{ "node_md_blocks_synced", "device=\"md0\"", 136448 },
		{ "node_md_disks", "device=\"md1\",state=\"active\"", 2 },
		{ "node_md_disks", "device=\"md1\",state=\"failed\"", 1 },
		{ "node_md_disks", "device=\"md1\",state=\"spare\"", 1 },
		{ "node_md_disks_required", "device=\"md1\"", 3 },
		{ "node_md_blocks_synced", "device=\"md1\"", 37043392 },
		{ "node_md_state", "device=\"md1\",state=\"recovering\"", 1 },
		{ "node_md_state", "device=\"md1\",state=\"active\"", 0 },
		{ "node_md_state", "device=\"md2\",state=\"inactive\"", 1 },
		{ "node_md_disks", "device=\"md3\",state=\"active\"", 2 },
		{ "node_nvme_info",
		  "device=\"nvme0\",firmware_revision=\"1B2QEXP7\",model=\"Samsung SSD 970 PRO 512GB\",serial=\"S680HF8N190894I\",state=\"live\"",
		  1 },
		{ "node_xfs_extent_allocation_blocks_freed_total",
		  "device=\"dm-1\"", 93751 },
		{ "node_xfs_read_calls_total", "device=\"dm-1\"", 107739 },
		{ "node_btrfs_info",
		  "uuid=\"0abb23a9\",label=\"fixture \\\"1\\\"\"", 1 },
		{ "node_btrfs_used_bytes",
		  "uuid=\"0abb23a9\",mode=\"raid0\",block_group_type=\"data\"",
		  808189952 },
		{ "node_btrfs_device_errors_total",
		  "uuid=\"0abb23a9\",btrfs_dev_uuid=\"1\",type=\"corruption\"",
		  3 },
		{ "node_zfs_arc_hits", "", 8772612 },
		{ "node_zfs_arc_size", "", 1603939792 },
		{ "node_zfs_arc_c", "", 1643208777 },
		{ "ktach_zram_memory_bytes", "device=\"zram0\"", 3145728 },
		{ "node_tape_read_time_seconds_total", "device=\"0\"", 33.788 },
		{ "node_fibrechannel_rx_frames_total", "fc_host=\"host0\"",
		  0x3ffbe5a0 },
		{ "node_edac_correctable_errors_total", "controller=\"0\"", 3 },
		{ "node_edac_csrow_correctable_errors_total",
		  "controller=\"0\",csrow=\"unknown\"", 1 },
		{ "node_edac_csrow_correctable_errors_total",
		  "controller=\"0\",csrow=\"0\"", 2 },
		{ "node_cpu_core_throttles_total", "core=\"1\",package=\"0\"",
		  6 },
		{ "node_cpu_package_throttles_total", "package=\"0\"", 30 },
		{ "node_power_supply_info",
		  "power_supply=\"BAT0\",status=\"Discharging\",type=\"Battery\"",
		  1 },
		{ "node_power_supply_charge_ampere", "power_supply=\"BAT0\"",
		  2.412 },
		{ "node_power_supply_current_ampere", "power_supply=\"BAT0\"",
		  -0.5 },
		{ "node_power_supply_temp_celsius", "power_supply=\"BAT0\"",
		  25 },
		{ "node_drm_gpu_busy_percent", "card=\"0\"", 4 },
		{ "ktach_gpu_hertz", "card=\"1\",gt=\"0\"", 350e6 },
		{ "ktach_gpu_idle_seconds_total", "card=\"1\",gt=\"0\"", 1.5 },
		{ "node_dmi_info",
		  "product_name=\"Example 2000\",system_vendor=\"Example Inc.\"",
		  1 },
		{ "node_memory_numa_numa_hit_total", "node=\"0\"",
		  193460335812 },
		{ "node_memory_numa_MemFree", "node=\"0\"", 53030372.0 * 1024 },
		{ "ktach_huge_pages", "size=\"2048kB\",state=\"free\"", 4 },
		{ "ktach_transparent_huge_pages_info", "enabled=\"madvise\"",
		  1 },
		{ "node_ksmd_sleep_seconds", "", 0.02 },
		{ "node_time_clocksource_available_info",
		  "device=\"0\",clocksource=\"acpi_pm\"", 1 },
		{ "node_buddyinfo_blocks",
		  "node=\"0\",zone=\"DMA32\",size=\"1\"", 572 },
		{ "node_selinux_current_mode", "", 1 },
		{ "node_schedstat_running_seconds_total", "cpu=\"0\"",
		  2045936.778 },
		{ "node_schedstat_timeslices_total", "cpu=\"0\"", 4767485306 },
		{ "node_cooling_device_max_state",
		  "name=\"0\",type=\"Processor\"", 3 },
		{ "node_watchdog_timeout_seconds", "name=\"watchdog0\"", 60 },
		{ "node_logind_sessions",
		  "class=\"user\",remote=\"true\",type=\"tty\"", 1 },
		{ "node_logind_sessions",
		  "class=\"user\",remote=\"false\",seat=\"seat0\",type=\"wayland\"",
		  1 },
		{ "ktach_user_sessions", "user=\"me\"", 2 },
		{ "node_reboot_required", "", 1 },
		{ "ktach_updates", "kind=\"all\"", 12 },
		{ "ktach_updates", "kind=\"security\"", 3 },
	};
	const uint64_t *row;
	size_t i;

	begin("none");
	for (i = 0; i < sizeof(all) / sizeof(*all); i++) {
		row = find(all[i].name, all[i].labels);
		if (!row)
			fail_msg("%s{%s} is not there", all[i].name,
				 all[i].labels);
		if (value_of(row) != all[i].value)
			fail_msg("%s{%s} is %.17g, not %.17g", all[i].name,
				 all[i].labels, value_of(row), all[i].value);
	}
	host_tree_remove(&tree);
}

/* What makes no sense is left out. */
static void refused(void **test)
{
	begin("none");
	/* What is unsigned and all ones is not counted by the device. */
	assert_null(find("node_fibrechannel_invalid_crc_total",
			 "fc_host=\"host0\""));
	/* Not known to the driver. */
	assert_null(find("ktach_wireless_noise_dbm", "device=\"wlan0\""));
	/* Nobody asked for it. */
	assert_null(
		find("node_nfs_requests_total", "method=\"Null\",proto=\"3\""));
	/* Cut off within the last number; an array that has no end. */
	assert_int_equal(host_tree_put(&tree, "proc/mdstat",
				       "md0 : active raid1 sdb1[1] sda1[0]\n"
				       "      136448 blocks [2/2] [UU]\n"),
			 0);
	assert_int_equal(host_tree_put(&tree, "proc/1/net/stat/nf_conntrack",
				       "found drop\n1 2\n3\n"),
			 0);
	assert_int_equal(
		host_tree_put(&tree, "proc/1/net/rpc/nfs",
			      "rpc 43 -1 4\nproc4 3 1 2\nproc3 999 1\n"),
		0);
	assert_int_equal(
		host_tree_put(&tree, "sys/devices/system/edac/mc/mc0/ce_count",
			      "3 4\n"),
		0);
	assert_int_equal(
		host_tree_put(&tree, "proc/1/net/udp",
			      "sl\n 1: 2 3 07 00000001:0000000x 00:0\n"),
		0);
	read_tree();
	assert_null(find("node_md_blocks", "device=\"md0\""));
	assert_null(find("node_nf_conntrack_stat_found", ""));
	assert_non_null(find("node_nfs_rpcs_total", ""));
	assert_null(find("node_nfs_rpc_retransmissions_total", ""));
	assert_null(
		find("node_nfs_requests_total", "method=\"Read\",proto=\"4\""));
	assert_null(
		find("node_edac_correctable_errors_total", "controller=\"0\""));
	assert_null(find("node_udp_queues", "ip=\"v4\",queue=\"tx\""));
	host_tree_remove(&tree);
}

/* Every series is in the book, as what it is, with labels that can be read; each once. */
static void in_the_book(void **test)
{
	uint32_t i, j;

	begin("none");
	assert_true(table.rows > 200);
	for (i = 0; i < table.rows; i++) {
		const char *name = table.text[i][WIRE_PART_NAME];
		const struct book_part *p = book_part_find(name);

		if (!p)
			fail_msg("%s is in no book", name);
		if (p->counter !=
		    (table.cells[i][WIRE_PART_TYPE] >= WIRE_OWN_COUNTER))
			fail_msg("%s is a %s in the book", name,
				 p->counter ? "counter" : "gauge");
		assert_true(labels_sane(table.text[i][WIRE_PART_LABELS]));
		for (j = 0; j < i; j++)
			assert_int_not_equal(table.cells[i][0],
					     table.cells[j][0]);
	}
	host_tree_remove(&tree);
}

/* A family of /metrics has one book. */
static void only_in_one_book(void **test)
{
	const struct book_part *p, *other;
	size_t i, j;

	for (i = 0; (p = book_part(i)); i++) {
		for (j = 0; !p->group && j < BOOK_ENTRIES; j++) {
			const char *series =
				book[j].series + (*book[j].series == '=');
			size_t size = strcspn(series, "{/");

			if (size && !strncmp(series, p->name, size) &&
			    (!p->name[size] ||
			     !strcmp(p->name + size, "_total")))
				fail_msg("%s is in both books", p->name);
		}
		for (j = 0; (other = book_part(j)) && j < i; j++)
			if (!p->group == !other->group &&
			    !strcmp(p->group ? p->group : p->name,
				    p->group ? other->group : other->name))
				fail_msg("%s is there twice", p->name);
	}
}

static void chosen(void **test)
{
	begin("*");
	assert_int_equal(table.rows, 0);
	tree.options.include_parts = "edac,md";
	tree.options.exclude_parts = NULL;
	read_tree();
	assert_non_null(
		find("node_edac_correctable_errors_total", "controller=\"0\""));
	assert_non_null(find("node_md_blocks", "device=\"md0\""));
	assert_null(find("node_nfsd_server_threads", ""));
	tree.options.include_parts = NULL;
	read_tree();
	assert_non_null(find("node_nfsd_server_threads", ""));
	assert_null(host_table_named(&table, WIRE_PART_NAME,
				     "node_buddyinfo_blocks"));
	tree.options.parts = 7;
	read_tree();
	assert_int_equal(table.rows, 7);
	host_tree_remove(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(refused),
		cmocka_unit_test(in_the_book),
		cmocka_unit_test(only_in_one_book),
		cmocka_unit_test(chosen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
