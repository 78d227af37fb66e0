// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "ktach/subject.h"

/* Not on the wire: what is not available, as free(1) has it. */
enum {
	MEMORY_USED_BYTES = WIRE_GAUGE_KEYS,
};

static uint64_t gauge(const struct reading *r, uint64_t key)
{
	struct change c;

	return reading_find(r, r, WIRE_GAUGES, key, &c) ? c.now[WIRE_VALUE] :
							  WIRE_ABSENT;
}

static void add_used(struct reading *r, const struct host_options *o)
{
	uint64_t total = gauge(r, WIRE_MEMORY_TOTAL_BYTES);
	uint64_t available = gauge(r, WIRE_MEMORY_AVAILABLE_BYTES);

	if (total != WIRE_ABSENT && available <= total)
		rows_value(&r->table[WIRE_GAUGES].rows, MEMORY_USED_BYTES,
			   total - available);
}

static const struct metric memory_metrics[] = {
	{ WIRE_GAUGES, WIRE_MEMORY_TOTAL_BYTES, "total_bytes", "total",
	  UNIT_BYTES },
	{ WIRE_GAUGES, MEMORY_USED_BYTES, "used_bytes", "used", UNIT_BYTES },
	{ WIRE_GAUGES, WIRE_MEMORY_AVAILABLE_BYTES, "available_bytes",
	  "available", UNIT_BYTES },
	{ WIRE_GAUGES, WIRE_MEMORY_FREE_BYTES, "free_bytes", "free",
	  UNIT_BYTES },
	{ WIRE_GAUGES, WIRE_MEMORY_BUFFERS_BYTES, "buffers_bytes", "buffers",
	  UNIT_BYTES },
	{ WIRE_GAUGES, WIRE_MEMORY_CACHED_BYTES, "cached_bytes", "cached",
	  UNIT_BYTES },
	{ WIRE_GAUGES, WIRE_MEMORY_SHARED_BYTES, "shared_bytes", "shared",
	  UNIT_BYTES },
	{ WIRE_GAUGES, WIRE_MEMORY_SLAB_BYTES, "slab_bytes", "slab",
	  UNIT_BYTES },
	{ WIRE_GAUGES, WIRE_MEMORY_RECLAIMABLE_BYTES, "reclaimable_bytes",
	  "reclaimable", UNIT_BYTES },
	{ WIRE_GAUGES, WIRE_MEMORY_DIRTY_BYTES, "dirty_bytes", "dirty",
	  UNIT_BYTES },
	{ WIRE_GAUGES, WIRE_MEMORY_WRITEBACK_BYTES, "writeback_bytes",
	  "writeback", UNIT_BYTES },
	{ WIRE_GAUGES, WIRE_MEMORY_HUGE_TOTAL_BYTES, "huge_total_bytes",
	  "huge pages", UNIT_BYTES },
	{ WIRE_GAUGES, WIRE_MEMORY_HUGE_FREE_BYTES, "huge_free_bytes",
	  "huge free", UNIT_BYTES },
	{ WIRE_GAUGES, WIRE_SWAP_TOTAL_BYTES, "swap_total_bytes", "swap total",
	  UNIT_BYTES },
	{ WIRE_GAUGES, WIRE_SWAP_FREE_BYTES, "swap_free_bytes", "swap free",
	  UNIT_BYTES },
	{ WIRE_COUNTERS, WIRE_PAGES_IN_BYTES, "pages_in_bytes", "paged in",
	  UNIT_BYTES },
	{ WIRE_COUNTERS, WIRE_PAGES_OUT_BYTES, "pages_out_bytes", "paged out",
	  UNIT_BYTES },
	{ WIRE_COUNTERS, WIRE_SWAPPED_IN_BYTES, "swapped_in_bytes",
	  "swapped in", UNIT_BYTES },
	{ WIRE_COUNTERS, WIRE_SWAPPED_OUT_BYTES, "swapped_out_bytes",
	  "swapped out", UNIT_BYTES },
	{ WIRE_COUNTERS, WIRE_FAULTS, "faults", "page faults", UNIT_COUNT },
	{ WIRE_COUNTERS, WIRE_MAJOR_FAULTS, "major_faults", "major faults",
	  UNIT_COUNT },
	{ WIRE_COUNTERS, WIRE_OOM_KILLS, "oom_kills", "OOM kills", UNIT_COUNT },
	{ 0 },
};

static const struct metric system_metrics[] = {
	{ WIRE_COUNTERS, WIRE_CONTEXT_SWITCHES, "context_switches",
	  "context switches", UNIT_COUNT },
	{ WIRE_COUNTERS, WIRE_INTERRUPTS, "interrupts", "interrupts",
	  UNIT_COUNT },
	{ WIRE_COUNTERS, WIRE_FORKS, "forks", "forks", UNIT_COUNT },
	{ WIRE_GAUGES, WIRE_TASKS_RUNNING, "running", "tasks running",
	  UNIT_PLAIN },
	{ WIRE_GAUGES, WIRE_TASKS_BLOCKED, "blocked", "tasks blocked",
	  UNIT_PLAIN },
	{ 0 },
};

static const struct metric process_metrics[] = {
	{ WIRE_GAUGES, WIRE_PROCESSES, "count", "processes", UNIT_PLAIN },
	{ WIRE_GAUGES, WIRE_PROCESSES_RUNNING, "running", "running",
	  UNIT_PLAIN },
	{ WIRE_GAUGES, WIRE_PROCESSES_BLOCKED, "blocked", "blocked",
	  UNIT_PLAIN },
	{ WIRE_GAUGES, WIRE_TASKS_SLEEPING, "sleeping", "sleeping",
	  UNIT_PLAIN },
	{ WIRE_GAUGES, WIRE_TASKS_STOPPED, "stopped", "stopped", UNIT_PLAIN },
	{ WIRE_GAUGES, WIRE_TASKS_ZOMBIE, "zombie", "zombie", UNIT_PLAIN },
	{ WIRE_COUNTERS, WIRE_EXITS, "exits", "exits", UNIT_COUNT },
	{ 0 },
};

/* What of the time was lost to waiting: the last 10, 60 and 300 s, and since
 * boot. The view takes a line of each four.
 */
#define PRESSURE(NAME, name, title)                                           \
	{ WIRE_GAUGES, WIRE_PSI_##NAME##_10S, name "_10s", title, UNIT_SHARE, \
	  SHARE_PARTS },                                                      \
		{ WIRE_GAUGES, WIRE_PSI_##NAME##_60S,                         \
		  name "_60s", title,                                         \
		  UNIT_SHARE,  SHARE_PARTS },                                 \
		{ WIRE_GAUGES,	WIRE_PSI_##NAME##_300S,                       \
		  name "_300s", title,                                        \
		  UNIT_SHARE,	SHARE_PARTS },                                \
	{                                                                     \
		WIRE_COUNTERS, WIRE_PSI_##NAME##_NS, name "_ns", title,       \
			UNIT_SHARE                                            \
	}

enum {
	SHARE_PARTS = 10000, /* hundredths of a per cent */
};

static const struct metric pressure_metrics[] = {
	PRESSURE(CPU_SOME, "cpu_some", "cpu, some"),
	PRESSURE(MEMORY_SOME, "memory_some", "memory, some"),
	PRESSURE(MEMORY_FULL, "memory_full", "memory, full"),
	PRESSURE(IO_SOME, "io_some", "I/O, some"),
	PRESSURE(IO_FULL, "io_full", "I/O, full"),
	{ 0 },
};

const struct subject subjects[] = {
	{ "disk", NULL, "disk", WIRE_DISK, "disks", disk_fields,
	  "utilisation" },
	{ "mount", NULL, "mount", WIRE_MOUNT, "mounts", mount_fields,
	  "used_share", .settled = true, .waits = mount_waits },
	{ "link", NULL, "link", WIRE_LINK, "links", link_fields,
	  "bytes_per_s" },
	{ "sensor", NULL, "sensor", WIRE_SENSOR, "sensors", sensor_fields,
	  .waits = sensor_waits },
	{ "process", NULL, "process", WIRE_PROCESS, "processes", process_fields,
	  "cpu_share", true, process_metrics },
	{ "memory", "mem", "mem", .metrics = memory_metrics, .add = add_used },
	{ "pressure", NULL, "pressure", .metrics = pressure_metrics },
	{ "system", NULL, "system", .metrics = system_metrics },
	{ "core", NULL, "core", WIRE_CORE, "cores", core_fields,
	  "packets_per_s" },
	{ "interrupts", NULL, "interrupts", WIRE_IRQ, "interrupts", irq_fields,
	  "per_s", true },
	{ "facts", NULL, "facts", .facts = facts, .settled = true,
	  .add = facts_add },
	{ 0 },
};

const struct subject *subject_find(const char *name)
{
	const struct subject *s;

	for (s = subjects; s->name; s++)
		if (!strcmp(name, s->name) ||
		    (s->alias && !strcmp(name, s->alias)))
			break;
	return s->name ? s : NULL;
}

void metric_value(const struct metric *m, const struct change *c,
		  struct value *v)
{
	v->type = VALUE_ABSENT;
	if (c->now[WIRE_VALUE] == WIRE_ABSENT)
		return;
	if (m->parts)
		value_real(v, (double)c->now[WIRE_VALUE] / m->parts);
	else
		value_number(v, (int64_t)c->now[WIRE_VALUE]);
}

void metric_rate(const struct metric *m, const struct change *c,
		 struct value *v)
{
	v->type = VALUE_ABSENT;
	field_rate(c, WIRE_VALUE, v);
	if (v->type && m->unit == UNIT_SHARE)
		v->real /= 1000000000;
}

const char *metric_rate_name(const struct metric *m, char name[FIELD_SIZE])
{
	int size = (int)strlen(m->name);

	if (m->unit == UNIT_SHARE)
		snprintf(name, FIELD_SIZE, "%.*s_share", size - 3, m->name);
	else
		snprintf(name, FIELD_SIZE, "%s_per_s", m->name);
	return name;
}
