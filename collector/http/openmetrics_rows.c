// SPDX-License-Identifier: GPL-2.0-or-later
/* Disks, mounts, links, sensors, cores and interrupts, by node_exporter's names.
 * The top processes are others each time: they make no series.
 */
#include <math.h>

#include "collector/http/series.h"
#include "collector/nodes/derived.h"
#include "lib/irq_symbol.h"

static void disk_labels(struct page *p, const struct samples_row *row)
{
	series_label(p, "device", samples_text(row, WIRE_DISK_NAME));
}

static void mount_labels(struct page *p, const struct samples_row *row)
{
	series_label(p, "device", samples_text(row, WIRE_MOUNT_DEVICE));
	series_label(p, "fstype", samples_text(row, WIRE_MOUNT_TYPE));
	series_label(p, "mountpoint", samples_text(row, WIRE_MOUNT_POINT));
}

static void link_labels(struct page *p, const struct samples_row *row)
{
	series_label(p, "device", samples_text(row, WIRE_LINK_NAME));
}

static void core_labels(struct page *p, const struct samples_row *row)
{
	series_number_label(p, "cpu", row->key);
}

static void irq_labels(struct page *p, const struct samples_row *row)
{
	char text[IRQ_SYMBOL_SIZE];

	series_label(p, "type", irq_symbol(row->key, text));
	series_label(p, "devices", samples_text(row, WIRE_IRQ_NAME));
}

/* Two chips may have one name: the key tells them apart. */
static void sensor_labels(struct page *p, const struct samples_row *row)
{
	series_label(p, "chip", samples_text(row, WIRE_SENSOR_CHIP));
	series_label(p, "sensor", samples_text(row, WIRE_SENSOR_LABEL));
	series_number_label(p, "id", row->key);
}

static void (*const labels[WIRE_KINDS])(struct page *p,
					const struct samples_row *row) = {
	[WIRE_DISK] = disk_labels, [WIRE_MOUNT] = mount_labels,
	[WIRE_LINK] = link_labels, [WIRE_SENSOR] = sensor_labels,
	[WIRE_CORE] = core_labels, [WIRE_IRQ] = irq_labels,
};

/* One cell of each row of a kind. @scale: what it is divided by, 0: 1. */
static const struct cells {
	const char *name;
	const char *help;
	uint32_t kind;
	uint32_t column;
	enum series_type type;
	double scale;
} cells[] = {
	{ "node_disk_reads_completed", "Reads.", WIRE_DISK, WIRE_DISK_READS,
	  SERIES_COUNTER },
	{ "node_disk_reads_merged", "Reads that were merged.", WIRE_DISK,
	  WIRE_DISK_READS_MERGED, SERIES_COUNTER },
	{ "node_disk_read_bytes", "Bytes read.", WIRE_DISK,
	  WIRE_DISK_READ_BYTES, SERIES_COUNTER },
	{ "node_disk_read_time_seconds", "Time that reads took.", WIRE_DISK,
	  WIRE_DISK_READ_NS, SERIES_COUNTER, 1e9 },
	{ "node_disk_writes_completed", "Writes.", WIRE_DISK, WIRE_DISK_WRITES,
	  SERIES_COUNTER },
	{ "node_disk_writes_merged", "Writes that were merged.", WIRE_DISK,
	  WIRE_DISK_WRITES_MERGED, SERIES_COUNTER },
	{ "node_disk_written_bytes", "Bytes written.", WIRE_DISK,
	  WIRE_DISK_WRITTEN_BYTES, SERIES_COUNTER },
	{ "node_disk_write_time_seconds", "Time that writes took.", WIRE_DISK,
	  WIRE_DISK_WRITE_NS, SERIES_COUNTER, 1e9 },
	{ "node_disk_io_now", "Requests under way.", WIRE_DISK,
	  WIRE_DISK_IN_FLIGHT, SERIES_GAUGE },
	{ "node_disk_io_time_seconds", "Time that it was busy.", WIRE_DISK,
	  WIRE_DISK_BUSY_NS, SERIES_COUNTER, 1e9 },
	{ "node_disk_io_time_weighted_seconds",
	  "Time that it was busy, by requests under way.", WIRE_DISK,
	  WIRE_DISK_QUEUE_NS, SERIES_COUNTER, 1e9 },
	{ "node_disk_discards_completed", "Discards.", WIRE_DISK,
	  WIRE_DISK_DISCARDS, SERIES_COUNTER },
	{ "node_disk_discard_time_seconds", "Time that discards took.",
	  WIRE_DISK, WIRE_DISK_DISCARD_NS, SERIES_COUNTER, 1e9 },
	{ "node_disk_discarded_sectors", "Sectors of 512 bytes discarded.",
	  WIRE_DISK, WIRE_DISK_DISCARDED_BYTES, SERIES_COUNTER, 512 },
	{ "node_disk_flush_requests", "Flushes.", WIRE_DISK, WIRE_DISK_FLUSHES,
	  SERIES_COUNTER },
	{ "node_disk_flush_requests_time_seconds", "Time that flushes took.",
	  WIRE_DISK, WIRE_DISK_FLUSH_NS, SERIES_COUNTER, 1e9 },
	{ "ktach_disk_size_bytes", "Size.", WIRE_DISK, WIRE_DISK_SIZE_BYTES,
	  SERIES_GAUGE },
	{ "node_filesystem_size_bytes", "Size.", WIRE_MOUNT,
	  WIRE_MOUNT_SIZE_BYTES, SERIES_GAUGE },
	{ "node_filesystem_avail_bytes", "Room for ordinary users.", WIRE_MOUNT,
	  WIRE_MOUNT_AVAILABLE_BYTES, SERIES_GAUGE },
	{ "node_filesystem_files", "Inodes.", WIRE_MOUNT, WIRE_MOUNT_INODES,
	  SERIES_GAUGE },
	{ "node_filesystem_files_free", "Inodes that are free.", WIRE_MOUNT,
	  WIRE_MOUNT_INODES_FREE, SERIES_GAUGE },
	{ "node_network_receive_bytes", "Bytes received, by the device.",
	  WIRE_LINK, WIRE_LINK_RX_BYTES, SERIES_COUNTER },
	{ "node_network_receive_packets", "Packets received, by the device.",
	  WIRE_LINK, WIRE_LINK_RX_PACKETS, SERIES_COUNTER },
	{ "node_network_transmit_bytes", "Bytes sent, by the device.",
	  WIRE_LINK, WIRE_LINK_TX_BYTES, SERIES_COUNTER },
	{ "node_network_transmit_packets", "Packets sent, by the device.",
	  WIRE_LINK, WIRE_LINK_TX_PACKETS, SERIES_COUNTER },
	{ "ktach_network_qdisc_drops",
	  "Packets that the queueing discipline dropped.", WIRE_LINK,
	  WIRE_LINK_QDISC_DROPS, SERIES_COUNTER },
	{ "ktach_network_qdisc_overlimits",
	  "Times that the queueing discipline held packets back.", WIRE_LINK,
	  WIRE_LINK_QDISC_OVERLIMITS, SERIES_COUNTER },
	{ "ktach_network_qdisc_backlog_bytes", "Bytes that wait to be sent.",
	  WIRE_LINK, WIRE_LINK_QDISC_BACKLOG_BYTES, SERIES_GAUGE },
	{ "ktach_network_qdisc_backlog_packets",
	  "Packets that wait to be sent.", WIRE_LINK,
	  WIRE_LINK_QDISC_BACKLOG_PACKETS, SERIES_GAUGE },
	{ "node_network_receive_errs", "Packets received with errors.",
	  WIRE_LINK, WIRE_LINK_RX_ERRORS, SERIES_COUNTER },
	{ "node_network_receive_drop", "Packets dropped on receipt.", WIRE_LINK,
	  WIRE_LINK_RX_DROPPED, SERIES_COUNTER },
	{ "node_network_transmit_errs", "Packets not sent by errors.",
	  WIRE_LINK, WIRE_LINK_TX_ERRORS, SERIES_COUNTER },
	{ "node_network_transmit_drop", "Packets dropped on sending.",
	  WIRE_LINK, WIRE_LINK_TX_DROPPED, SERIES_COUNTER },
	{ "node_network_transmit_colls", "Collisions.", WIRE_LINK,
	  WIRE_LINK_COLLISIONS, SERIES_COUNTER },
	{ "node_network_carrier_changes", "Times the carrier came or went.",
	  WIRE_LINK, WIRE_LINK_CARRIER_CHANGES, SERIES_COUNTER },
	{ "node_network_mtu_bytes", "MTU.", WIRE_LINK, WIRE_LINK_MTU_BYTES,
	  SERIES_GAUGE },
	{ "node_network_speed_bytes", "Speed, bytes a second.", WIRE_LINK,
	  WIRE_LINK_SPEED_BITS_PER_S, SERIES_GAUGE, 8 },
	{ "node_cpu_scaling_frequency_hertz", "Clock of each CPU.", WIRE_CORE,
	  WIRE_CORE_HZ, SERIES_GAUGE },
	{ "node_softnet_processed", "Packets of each CPU.", WIRE_CORE,
	  WIRE_CORE_PACKETS, SERIES_COUNTER },
	{ "node_softnet_dropped", "Packets that each CPU dropped.", WIRE_CORE,
	  WIRE_CORE_DROPPED, SERIES_COUNTER },
	{ "node_softnet_times_squeezed", "Times a CPU's budget ran out.",
	  WIRE_CORE, WIRE_CORE_SQUEEZED, SERIES_COUNTER },
	{ "node_interrupts", "Interrupts, of all CPUs.", WIRE_IRQ,
	  WIRE_IRQ_COUNT, SERIES_COUNTER },
};

static void cell(struct page *p, const struct node *node,
		 const struct samples *s, const struct samples_row *row)
{
	uint64_t value = samples_cell(s, row, p->column);

	if (value == WIRE_ABSENT)
		return;
	series_begin_node(p, node);
	labels[p->kind](p, row);
	if (p->scale > 0)
		series_end_real(p, (double)(int64_t)value / p->scale);
	else if ((int64_t)value < 0)
		series_end_real(p, (double)(int64_t)value);
	else
		series_end_count(p, value);
}

/* A number that is made of several cells; NaN for none. */
typedef double made(const struct samples_row *row);

static double free_bytes(const struct samples_row *row)
{
	const uint64_t *c = row->cells;

	if (c[WIRE_MOUNT_SIZE_BYTES] == WIRE_ABSENT ||
	    c[WIRE_MOUNT_USED_BYTES] == WIRE_ABSENT)
		return NAN;
	return (double)(int64_t)(c[WIRE_MOUNT_SIZE_BYTES] -
				 c[WIRE_MOUNT_USED_BYTES]);
}

static double read_only(const struct samples_row *row)
{
	return !!(row->cells[WIRE_MOUNT_FLAGS] & WIRE_MOUNT_READ_ONLY);
}

static double failed(const struct samples_row *row)
{
	return !!(row->cells[WIRE_MOUNT_FLAGS] &
		  (WIRE_MOUNT_HUNG | WIRE_MOUNT_FAILED));
}

static double stacked(const struct samples_row *row)
{
	return row->stacked;
}

static double up(const struct samples_row *row)
{
	return !!(row->cells[WIRE_LINK_FLAGS] & WIRE_LINK_UP);
}

static double carrier(const struct samples_row *row)
{
	return !!(row->cells[WIRE_LINK_FLAGS] & WIRE_LINK_CARRIER);
}

static double of_type(const struct samples_row *row, uint64_t type,
		      uint32_t column)
{
	return row->cells[WIRE_SENSOR_TYPE] == type ?
		       sensor_value(row, column) :
		       NAN;
}

static double celsius_max(const struct samples_row *row)
{
	return of_type(row, WIRE_SENSOR_MILLI_CELSIUS, WIRE_SENSOR_MAX);
}

static double celsius_critical(const struct samples_row *row)
{
	return of_type(row, WIRE_SENSOR_MILLI_CELSIUS, WIRE_SENSOR_CRITICAL);
}

static double rpm(const struct samples_row *row)
{
	return of_type(row, WIRE_SENSOR_RPM, WIRE_SENSOR_VALUE);
}

static double volts(const struct samples_row *row)
{
	return of_type(row, WIRE_SENSOR_MILLI_VOLT, WIRE_SENSOR_VALUE);
}

static double watts(const struct samples_row *row)
{
	return of_type(row, WIRE_SENSOR_MICRO_WATT, WIRE_SENSOR_VALUE);
}

static double amperes(const struct samples_row *row)
{
	return of_type(row, WIRE_SENSOR_MILLI_AMPERE, WIRE_SENSOR_VALUE);
}

static double joules(const struct samples_row *row)
{
	return of_type(row, WIRE_SENSOR_MICRO_JOULE, WIRE_SENSOR_VALUE);
}

static const struct {
	const char *name;
	const char *help;
	uint32_t kind;
	made *made;
	enum series_type type;
} others[] = {
	{ "node_filesystem_free_bytes", "Room.", WIRE_MOUNT, free_bytes },
	{ "node_filesystem_readonly", "1 if it is.", WIRE_MOUNT, read_only },
	{ "node_filesystem_device_error",
	  "1 if it does not answer, or with an error.", WIRE_MOUNT, failed },
	{ "ktach_disk_stacked",
	  "1 if it lies on others, where the same bytes are counted.",
	  WIRE_DISK, stacked },
	{ "ktach_filesystem_stacked", "1 if its space is another mount's, too.",
	  WIRE_MOUNT, stacked },
	{ "ktach_network_stacked",
	  "1 if it lies on others, where the same packets are counted.",
	  WIRE_LINK, stacked },
	{ "node_network_up", "1 if it is.", WIRE_LINK, up },
	{ "node_network_carrier", "1 if there is one.", WIRE_LINK, carrier },
	{ "node_hwmon_temp_celsius", "Temperature.", WIRE_SENSOR,
	  sensor_celsius },
	{ "node_hwmon_temp_max_celsius", "Where it is to be kept below.",
	  WIRE_SENSOR, celsius_max },
	{ "node_hwmon_temp_crit_celsius", "Where damage is near.", WIRE_SENSOR,
	  celsius_critical },
	{ "node_hwmon_fan_rpm", "Speed of a fan.", WIRE_SENSOR, rpm },
	{ "node_hwmon_in_volts", "Voltage.", WIRE_SENSOR, volts },
	{ "node_hwmon_power_watt", "Power.", WIRE_SENSOR, watts },
	{ "node_hwmon_curr_amps", "Current.", WIRE_SENSOR, amperes },
	{ "ktach_energy_joules", "Energy used, as RAPL counts it.", WIRE_SENSOR,
	  joules, SERIES_COUNTER },
};

static void other(struct page *p, const struct node *node,
		  const struct samples *s, const struct samples_row *row)
{
	double value = others[p->column].made(row);

	if (isnan(value))
		return;
	series_begin_node(p, node);
	labels[p->kind](p, row);
	series_end_real(p, value);
}

/* What is no number of a link, as labels. */
static void link_info(struct page *p, const struct node *node,
		      const struct samples *s, const struct samples_row *row)
{
	const uint64_t flags = row->cells[WIRE_LINK_FLAGS];

	series_begin_node(p, node);
	link_labels(p, row);
	series_label(p, "address", samples_text(row, WIRE_LINK_MAC));
	series_label(p, "duplex",
		     flags & WIRE_LINK_FULL_DUPLEX ? "full" :
		     flags & WIRE_LINK_HALF_DUPLEX ? "half" :
						     "unknown");
	series_label(p, "driver", samples_text(row, WIRE_LINK_DRIVER));
	series_end_count(p, 1);
}

/* @p->column is the cell's, or the place in others[]. */
void openmetrics_rows(struct page *p)
{
	size_t i;

	for (i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		p->kind = cells[i].kind;
		p->column = cells[i].column;
		p->scale = cells[i].scale;
		series_family(p, cells[i].name, cells[i].type, cells[i].help);
		series_of_rows(p, p->kind, cell);
	}
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		p->kind = others[i].kind;
		p->column = (uint32_t)i;
		series_family(p, others[i].name, others[i].type,
			      others[i].help);
		series_of_rows(p, p->kind, other);
	}
	series_family(p, "node_network_info", SERIES_GAUGE,
		      "What a link is, as labels.");
	series_of_rows(p, WIRE_LINK, link_info);
}
