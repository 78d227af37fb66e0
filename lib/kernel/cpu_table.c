// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "lib/kernel/cpu_table.h"

_Static_assert((int)WIRE_CPU_ONLINE == (int)KTACH_CPU_ONLINE, "flags differ");
_Static_assert((int)WIRE_CPU_SEEN == (int)KTACH_CPU_SEEN, "flags differ");

/* A record of either ring: the two have one shape. */
struct record {
	uint32_t cpu;
	uint32_t flags;
	uint64_t values[CPU_TABLE_VALUES];
};

enum {
	RECORD_VALUES = offsetof(struct record, values),
};

_Static_assert(sizeof(struct record) == sizeof(struct ktach_cpustat_record),
	       "cpustat record");
_Static_assert(sizeof(struct record) == sizeof(struct ktach_softirq_record),
	       "softirq record");
/* Exact times follow the record without a gap, in the order of the columns. */
_Static_assert(sizeof(struct ktach_cpustat_timing) ==
		       (WIRE_CPU_COLUMNS - CPU_TABLE_COLUMNS) * 8,
	       "cpustat timing");
_Static_assert(sizeof(struct ktach_softirq_timing) ==
		       (WIRE_SOFTIRQ_COLUMNS - CPU_TABLE_COLUMNS) * 8,
	       "softirq timing");

static int times_parse(const char *text, uint64_t *cells, uint32_t max)
{
	static long hz = -1; /* not 0: it would be in a page of its own */

	if (hz < 0)
		hz = sysconf(_SC_CLK_TCK);
	return stat_parse(text, (uint64_t)hz, cells, max);
}

const struct cpu_source_spec cpu_source_times = {
	.title = "cpu times",
	.table = WIRE_CPU,
	.columns_max = WIRE_CPU_COLUMNS,
	.ring = KTACH_RING_CPUSTAT,
	.device = "/dev/cpu_stat_monitor",
	.module = "ktach_cpustat",
	.pins = "cpustat",
	.proc = "/proc/stat",
	.parse = times_parse,
	.holds = true,
};

const struct cpu_source_spec cpu_source_softirqs = {
	.title = "softirqs",
	.table = WIRE_SOFTIRQ,
	.columns_max = WIRE_SOFTIRQ_COLUMNS,
	.ring = KTACH_RING_SOFTIRQ,
	.device = "/dev/cpu_softirq_monitor",
	.module = "ktach_softirq",
	.pins = "softirq",
	.proc = "/proc/softirqs",
	.parse = softirqs_parse,
};

/* A value that falls by more than this was not just an estimate that was too high: it
 * was counted anew.
 */
#define HOLD_MAX_NS UINT64_C(3000000000)

static void hold(uint64_t *held, uint64_t *now)
{
	if (*now < *held && *held - *now <= HOLD_MAX_NS)
		*now = *held;
	*held = *now;
}

void stat_hold(struct cpu_held *held, uint32_t max, uint64_t *cells,
	       uint32_t rows)
{
	uint32_t i;

	for (i = 0; i < rows; i++, cells += CPU_TABLE_COLUMNS) {
		if (cells[WIRE_CPU_KEY] >= max)
			continue;
		hold(&held[cells[WIRE_CPU_KEY]].ns[0],
		     &cells[WIRE_CPU_IDLE_NS]);
		hold(&held[cells[WIRE_CPU_KEY]].ns[1],
		     &cells[WIRE_CPU_IOWAIT_NS]);
	}
}

int cpu_table_ring_open(const struct cpu_source_spec *spec, struct ring *r)
{
	return ring_open(r, spec->device, spec->ring, sizeof(struct record));
}

uint32_t cpu_table_columns(const struct cpu_source_spec *spec,
			   const struct ring *r)
{
	size_t timing =
		(spec->columns_max - CPU_TABLE_COLUMNS) * sizeof(uint64_t);

	if (r->layout.features & KTACH_RING_TIMING &&
	    r->layout.record_size >= sizeof(struct record) + timing)
		return spec->columns_max;
	return CPU_TABLE_COLUMNS;
}

/* Called with a constant for the usual number of columns, for which the compiler
 * unrolls the loop.
 */
static inline __attribute__((always_inline)) void
copy_rows(const struct ring *r, const struct ring_sample *s, uint32_t columns,
	  uint64_t *cells)
{
	uint32_t i;

	for (i = 0; i < s->seen; i++, cells += columns) {
		const struct record *record = ring_record(r, s, i);

		cells[0] = i;
		cells[1] = record->flags;
		memcpy(cells + 2, (const uint8_t *)record + RECORD_VALUES,
		       (columns - 2) * sizeof(*cells));
	}
	for (; i < r->layout.records; i++, cells += columns) {
		memset(cells, 0, columns * sizeof(*cells));
		cells[0] = i;
	}
}

int cpu_table_from_ring(const struct ring *r, uint64_t number, uint32_t columns,
			struct ring_sample *s, uint64_t *cells)
{
	int err = ring_begin(r, number, s);

	if (err)
		return err;
	if (columns == CPU_TABLE_COLUMNS)
		copy_rows(r, s, CPU_TABLE_COLUMNS, cells);
	else
		copy_rows(r, s, columns, cells);
	return ring_end(r, s);
}
