// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "ktach/show/subject.h"

static const char *const memory_first[] = {
	"total_bytes", "used_bytes", "used", "available_bytes", NULL,
};

static const char *const process_first[] = {
	"processes_all",
	"processes_running",
	"processes_blocked",
	NULL,
};

const struct subject subjects[] = {
	{ "disk", NULL, WIRE_DISK, disk_fields, "busy" },
	{ "mount", NULL, WIRE_MOUNT, mount_fields, "used", .settled = true },
	{ "link", NULL, WIRE_LINK, link_fields, "bytes_per_s" },
	{ "sensor", NULL, WIRE_SENSOR, sensor_fields },
	{ "process", NULL, WIRE_PROCESS, process_fields, "cpu_share", true,
	  BOOK_PROCESS, process_first },
	{ "memory", "mem", .group = BOOK_MEMORY, .first = memory_first },
	{ "pressure", NULL, .group = BOOK_PRESSURE },
	{ "system", NULL, .group = BOOK_SYSTEM },
	{ "meminfo", NULL, .group = BOOK_MEMINFO },
	{ "protocol", NULL, .group = BOOK_PROTOCOL },
	{ "limit", NULL, .group = BOOK_LIMIT },
	{ "timex", NULL, .group = BOOK_TIMEX },
	{ "core", NULL, WIRE_CORE, core_fields, "packets_per_s" },
	{ "interrupts", NULL, WIRE_IRQ, irq_fields, "count_per_s", true },
	{ "agent", NULL, WIRE_AGENT, agent_fields, "cpu_share" },
	{ "cgroup", NULL, WIRE_CGROUP, cgroup_fields, "cpu_share" },
	{ "own", NULL, WIRE_OWN, own_fields },
	{ "part", NULL, WIRE_PART, own_fields },
	{ "latency", NULL, WIRE_LATENCY, latency_fields },
	{ "facts", NULL, .facts = true, .settled = true, .add = facts_add },
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
