// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>

#include "collector/nodes/derived.h"

static double share_of_time(const struct samples *s,
			    const struct samples_row *row, uint32_t column)
{
	return samples_rate(s, row, column) / 1e9;
}

double disk_busy(const struct samples *s, const struct samples_row *row)
{
	double share = share_of_time(s, row, WIRE_DISK_BUSY_NS);

	/* The kernel counts in ms, at another moment than the clock is read. */
	return share > 1 ? 1 : share;
}

double disk_queue(const struct samples *s, const struct samples_row *row)
{
	return share_of_time(s, row, WIRE_DISK_QUEUE_NS);
}

static double per_request(double ns_per_s, double requests_per_s)
{
	return requests_per_s > 0 ? ns_per_s / requests_per_s : NAN;
}

double disk_read_await_ns(const struct samples *s,
			  const struct samples_row *row)
{
	return per_request(samples_rate(s, row, WIRE_DISK_READ_NS),
			   samples_rate(s, row, WIRE_DISK_READS));
}

double disk_write_await_ns(const struct samples *s,
			   const struct samples_row *row)
{
	return per_request(samples_rate(s, row, WIRE_DISK_WRITE_NS),
			   samples_rate(s, row, WIRE_DISK_WRITES));
}

double disk_await_ns(const struct samples *s, const struct samples_row *row)
{
	return per_request(samples_rate(s, row, WIRE_DISK_READ_NS) +
				   samples_rate(s, row, WIRE_DISK_WRITE_NS),
			   samples_rate(s, row, WIRE_DISK_READS) +
				   samples_rate(s, row, WIRE_DISK_WRITES));
}

static double cell(const struct samples_row *row, uint32_t column)
{
	uint64_t value = row->cells[column];

	return value == WIRE_ABSENT ? NAN : (double)(int64_t)value;
}

static double part_of(double part, double all)
{
	return all > 0 && part >= 0 && part <= all ? part / all : NAN;
}

double net_value(const struct samples *s, const struct samples_row *row,
		 uint32_t column)
{
	enum {
		RATE = WIRE_NET_RX_BYTES_PER_S - WIRE_NET_RX_BYTES,
	};
	uint64_t value = samples_cell(s, row, column);
	bool is_rate = (column >= WIRE_NET_RX_BYTES_PER_S &&
			column <= WIRE_NET_RX_PACKETS_PER_S) ||
		       (column >= WIRE_NET_TX_BYTES_PER_S &&
			column <= WIRE_NET_TX_PACKETS_PER_S);

	if (value == WIRE_ABSENT ||
	    (is_rate && samples_cell(s, row, WIRE_NET_RX_MORE) == WIRE_ABSENT &&
	     isnan(samples_rate(s, row, column - RATE))))
		return NAN;
	return (double)(int64_t)value;
}

/* What is kept for root is neither used nor available. */
double mount_used(const struct samples_row *row)
{
	double used = cell(row, WIRE_MOUNT_USED_BYTES);

	return part_of(used, used + cell(row, WIRE_MOUNT_AVAILABLE_BYTES));
}

double mount_inodes_used(const struct samples_row *row)
{
	double all = cell(row, WIRE_MOUNT_INODES);

	return part_of(all - cell(row, WIRE_MOUNT_INODES_FREE), all);
}

double sensor_value(const struct samples_row *row, uint32_t column)
{
	double value = cell(row, column);

	switch (row->cells[WIRE_SENSOR_TYPE]) {
	case WIRE_SENSOR_MILLI_CELSIUS:
	case WIRE_SENSOR_MILLI_VOLT:
	case WIRE_SENSOR_MILLI_AMPERE:
		return value / 1e3;
	case WIRE_SENSOR_MICRO_WATT:
	case WIRE_SENSOR_MICRO_JOULE:
		return value / 1e6;
	default:
		return value;
	}
}

double sensor_celsius(const struct samples_row *row)
{
	return row->cells[WIRE_SENSOR_TYPE] == WIRE_SENSOR_MILLI_CELSIUS ?
		       sensor_value(row, WIRE_SENSOR_VALUE) :
		       NAN;
}

double sensor_watts(const struct samples *s, const struct samples_row *row)
{
	switch (row->cells[WIRE_SENSOR_TYPE]) {
	case WIRE_SENSOR_MICRO_WATT:
		return sensor_value(row, WIRE_SENSOR_VALUE);
	case WIRE_SENSOR_MICRO_JOULE:
		return samples_rate(s, row, WIRE_SENSOR_VALUE) / 1e6;
	default:
		return NAN;
	}
}

double memory_used_bytes(const struct gauges *g)
{
	double total = gauges_value(g, WIRE_MEMORY_TOTAL_BYTES);
	double available = gauges_value(g, WIRE_MEMORY_AVAILABLE_BYTES);

	return available >= 0 && available <= total ? total - available : NAN;
}

double process_cpu(const struct samples_row *row)
{
	return cell(row, WIRE_PROCESS_CPU_SHARE) / 10000;
}
