// SPDX-License-Identifier: GPL-2.0-or-later
/* Disks: rates, times and the queue by the formulas of iostat(1). */
#include <inttypes.h>
#include <stdio.h>

#include "ktach/fields.h"

#define S_NS 1000000000.0

static void stacked(const struct change *c, int column, struct value *v)
{
	if (c->now[column] != WIRE_ABSENT)
		value_truth(v, c->now[column]);
}

static void device_number(const struct change *c, int index, struct value *v)
{
	char text[FIELD_SIZE];

	snprintf(text, sizeof(text), "%" PRIu64 ":%" PRIu64, c->now[0] >> 20,
		 c->now[0] & 0xfffff);
	value_text(v, text);
}

/* Share of the interval that a time in ns grew by. */
static void time_share(const struct change *c, int column, struct value *v)
{
	field_rate(c, column, v);
	v->real /= S_NS;
}

/* Mean time of the operations that ended: @column counts them, and their time
 * is in the column that @time_of() tells.
 */
static int time_of(int column)
{
	switch (column) {
	case WIRE_DISK_READS:
		return WIRE_DISK_READ_NS;
	case WIRE_DISK_WRITES:
		return WIRE_DISK_WRITE_NS;
	case WIRE_DISK_DISCARDS:
		return WIRE_DISK_DISCARD_NS;
	default:
		return WIRE_DISK_FLUSH_NS;
	}
}

static void await(const struct change *c, int column, struct value *v)
{
	uint64_t operations, ns;

	if (change_growth(c, (uint32_t)column, &operations) &&
	    change_growth(c, (uint32_t)time_of(column), &ns))
		value_number(v, (int64_t)(operations ? ns / operations : 0));
}

const struct field disk_fields[] = {
	{ "name", "disk", 0, UNIT_TEXT, field_text, WIRE_DISK_NAME },
	{ "device", NULL, 0, UNIT_TEXT, device_number },
	{ "reads_per_s", "read/s", 7, UNIT_COUNT, field_rate, WIRE_DISK_READS },
	{ "read_bytes_per_s", "rd B/s", 7, UNIT_COUNT, field_rate,
	  WIRE_DISK_READ_BYTES },
	{ "read_await_ns", "rd ms", 7, UNIT_NS, await, WIRE_DISK_READS },
	{ "writes_per_s", "write/s", 8, UNIT_COUNT, field_rate,
	  WIRE_DISK_WRITES },
	{ "written_bytes_per_s", "wr B/s", 7, UNIT_COUNT, field_rate,
	  WIRE_DISK_WRITTEN_BYTES },
	{ "write_await_ns", "wr ms", 7, UNIT_NS, await, WIRE_DISK_WRITES },
	{ "queue", "queue", 6, UNIT_TENTHS, time_share, WIRE_DISK_QUEUE_NS },
	{ "utilisation", "util %", 6, UNIT_SHARE, time_share, WIRE_DISK_BUSY_NS,
	  0, 0.9 },
	{ "size_bytes", "size", 8, UNIT_BYTES, field_cell, WIRE_DISK_SIZE_BYTES,
	  WIDE },
	{ "reads_merged_per_s", "rmerge/s", 8, UNIT_COUNT, field_rate,
	  WIRE_DISK_READS_MERGED, WIDER },
	{ "writes_merged_per_s", "wmerge/s", 8, UNIT_COUNT, field_rate,
	  WIRE_DISK_WRITES_MERGED, WIDER },
	{ "discards_per_s", "disc/s", 7, UNIT_COUNT, field_rate,
	  WIRE_DISK_DISCARDS, WIDER },
	RATE("discarded_bytes_per_s", WIRE_DISK_DISCARDED_BYTES),
	{ "discard_await_ns", NULL, 0, UNIT_NS, await, WIRE_DISK_DISCARDS },
	{ "flushes_per_s", "flush/s", 7, UNIT_COUNT, field_rate,
	  WIRE_DISK_FLUSHES, WIDER },
	{ "flush_await_ns", NULL, 0, UNIT_NS, await, WIRE_DISK_FLUSHES },
	{ "stacked", NULL, 0, UNIT_TRUTH, stacked, WIRE_DISK_STACKED },
	CELL("in_flight", WIRE_DISK_IN_FLIGHT),
	CELL("reads", WIRE_DISK_READS),
	CELL("reads_merged", WIRE_DISK_READS_MERGED),
	CELL("read_bytes", WIRE_DISK_READ_BYTES),
	CELL("read_ns", WIRE_DISK_READ_NS),
	CELL("writes", WIRE_DISK_WRITES),
	CELL("writes_merged", WIRE_DISK_WRITES_MERGED),
	CELL("written_bytes", WIRE_DISK_WRITTEN_BYTES),
	CELL("write_ns", WIRE_DISK_WRITE_NS),
	CELL("busy_ns", WIRE_DISK_BUSY_NS),
	CELL("queue_ns", WIRE_DISK_QUEUE_NS),
	CELL("discards", WIRE_DISK_DISCARDS),
	CELL("discarded_bytes", WIRE_DISK_DISCARDED_BYTES),
	CELL("discard_ns", WIRE_DISK_DISCARD_NS),
	CELL("flushes", WIRE_DISK_FLUSHES),
	CELL("flush_ns", WIRE_DISK_FLUSH_NS),
	{ 0 },
};
