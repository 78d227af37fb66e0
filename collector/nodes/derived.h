/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What follows from the cells of a row. NaN where it isn't known (yet). */
#ifndef KTACH_COLLECTOR_NODES_DERIVED_H
#define KTACH_COLLECTOR_NODES_DERIVED_H

#include <stdbool.h>

#include "collector/nodes/samples.h"
#include "collector/nodes/values.h"

/* Memory that is not available, bytes; NaN where that can't be known: a kernel that
 * does not tell, or what is more than there is.
 */
double memory_used_bytes(const struct gauges *g);

/* A column of WIRE_NET. Rates that a sender works out itself, of counters that are
 * not ours, are not known before the second sample, and after these fell.
 */
double net_value(const struct samples *s, const struct samples_row *row,
		 uint32_t column);

/* Share of the window that a disk was busy, and requests in flight, on average
 * over the window.
 */
double disk_busy(const struct samples *s, const struct samples_row *row);
double disk_queue(const struct samples *s, const struct samples_row *row);

/* How long a request took, ns; NaN if there was none in the window. */
double disk_read_await_ns(const struct samples *s,
			  const struct samples_row *row);
double disk_write_await_ns(const struct samples *s,
			   const struct samples_row *row);
double disk_await_ns(const struct samples *s, const struct samples_row *row);

/* Share of a mount that is used, of what ordinary users can have, as df says. */
double mount_used(const struct samples_row *row);

/* Share of a mount's inodes that are used. */
double mount_inodes_used(const struct samples_row *row);

/* WIRE_SENSOR_VALUE, _MAX or _CRITICAL in degree Celsius, rpm, V, W, A or J. */
double sensor_value(const struct samples_row *row, uint32_t column);

/* The same; NaN unless it is a temperature. */
double sensor_celsius(const struct samples_row *row);

/* What it says, or the growth of its energy, W. */
double sensor_watts(const struct samples *s, const struct samples_row *row);

/* Of one CPU, of its interval. */
double process_cpu(const struct samples_row *row);

#endif /* KTACH_COLLECTOR_NODES_DERIVED_H */
