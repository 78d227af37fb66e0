// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "host/cgroup/cgroup_files.h"
#include "host/group_stat.h"
#include "lib/kernel/proc.h"
#include "lib/wire/wire.h"

enum {
	TEXT_MAX = 16384,
	CONTROLLERS_MAX = 1024,
	US_NS = 1000,
	/* What the kernel says where there is no limit, of version 1: LONG_MAX in pages. */
	NO_LIMIT_PAGES = 4096,
};

static void set(uint64_t *row, uint32_t column, uint64_t value)
{
	if (row[column] == WIRE_ABSENT)
		row[column] = value;
}

/* --- version 2 ----------------------------------------------------------------- */

static void take_cpu(const char *text, uint64_t *row)
{
	static const struct {
		const char *name;
		uint32_t column;
	} times[] = {
		{ "usage_usec", WIRE_CGROUP_CPU_NS },
		{ "user_usec", WIRE_CGROUP_USER_NS },
		{ "system_usec", WIRE_CGROUP_SYSTEM_NS },
		{ "throttled_usec", WIRE_CGROUP_THROTTLED_NS },
	};
	size_t i;

	for (i = 0; i < sizeof(times) / sizeof(*times); i++)
		set(row, times[i].column,
		    group_stat_ns(group_stat_value(text, times[i].name),
				  US_NS));
	set(row, WIRE_CGROUP_PERIODS, group_stat_value(text, "nr_periods"));
	set(row, WIRE_CGROUP_THROTTLED, group_stat_value(text, "nr_throttled"));
}

/* A file of one number, or "max", which is none. */
static uint64_t number_of(const char *text)
{
	const char *at = text;
	uint64_t value;

	if (!proc_number(&at, &value) || *at != '\n' || value > INT64_MAX)
		return WIRE_ABSENT;
	return value;
}

static void take_memory(const char *text, uint64_t *row)
{
	set(row, WIRE_CGROUP_MEMORY_BYTES, number_of(text));
}

static void take_memory_limit(const char *text, uint64_t *row)
{
	uint64_t bytes = number_of(text);

	if (bytes <= INT64_MAX - NO_LIMIT_PAGES * (uint64_t)getpagesize())
		set(row, WIRE_CGROUP_MEMORY_LIMIT_BYTES, bytes);
}

static void take_swap(const char *text, uint64_t *row)
{
	set(row, WIRE_CGROUP_SWAP_BYTES, number_of(text));
}

/* What is used without pages of files that were not used lately. */
static void set_working_set(uint64_t *row, uint64_t inactive)
{
	uint64_t used = row[WIRE_CGROUP_MEMORY_BYTES];

	if (used != WIRE_ABSENT && inactive != WIRE_ABSENT)
		set(row, WIRE_CGROUP_WORKING_SET_BYTES,
		    used > inactive ? used - inactive : 0);
}

static void take_memory_stat(const char *text, uint64_t *row)
{
	set(row, WIRE_CGROUP_ANONYMOUS_BYTES, group_stat_value(text, "anon"));
	set(row, WIRE_CGROUP_FILE_BYTES, group_stat_value(text, "file"));
	set_working_set(row, group_stat_value(text, "inactive_file"));
}

static void take_memory_events(const char *text, uint64_t *row)
{
	set(row, WIRE_CGROUP_OOMS, group_stat_value(text, "oom"));
	set(row, WIRE_CGROUP_OOM_KILLS, group_stat_value(text, "oom_kill"));
	set(row, WIRE_CGROUP_AT_LIMIT, group_stat_value(text, "max"));
}

static void take_io(const char *text, uint64_t *row)
{
	set(row, WIRE_CGROUP_READ_BYTES, group_stat_sum(text, "rbytes"));
	set(row, WIRE_CGROUP_WRITTEN_BYTES, group_stat_sum(text, "wbytes"));
	set(row, WIRE_CGROUP_READS, group_stat_sum(text, "rios"));
	set(row, WIRE_CGROUP_WRITES, group_stat_sum(text, "wios"));
}

static void take_tasks(const char *text, uint64_t *row)
{
	set(row, WIRE_CGROUP_TASKS, number_of(text));
}

static uint64_t waited_ns(const char *text, const char *line)
{
	return group_stat_ns(group_stat_line(text, line, "total"), US_NS);
}

static void take_cpu_pressure(const char *text, uint64_t *row)
{
	set(row, WIRE_CGROUP_CPU_SOME_NS, waited_ns(text, "some"));
}

static void take_memory_pressure(const char *text, uint64_t *row)
{
	set(row, WIRE_CGROUP_MEMORY_SOME_NS, waited_ns(text, "some"));
	set(row, WIRE_CGROUP_MEMORY_FULL_NS, waited_ns(text, "full"));
}

static void take_io_pressure(const char *text, uint64_t *row)
{
	set(row, WIRE_CGROUP_IO_SOME_NS, waited_ns(text, "some"));
	set(row, WIRE_CGROUP_IO_FULL_NS, waited_ns(text, "full"));
}

static const struct cgroup_file unified[] = {
	{ "cpu.stat", NULL, take_cpu },
	{ "memory.current", "memory", take_memory },
	{ "memory.stat", "memory", take_memory_stat },
	{ "memory.events", "memory", take_memory_events },
	{ "memory.max", "memory", take_memory_limit },
	{ "memory.swap.current", "memory", take_swap },
	{ "pids.current", "pids", take_tasks },
	{ "io.stat", "io", take_io },
	{ "cpu.pressure", NULL, take_cpu_pressure },
	{ "memory.pressure", NULL, take_memory_pressure },
	{ "io.pressure", NULL, take_io_pressure },
	{ NULL },
};

const struct cgroup_hierarchy cgroup_unified[] = {
	{ "fs/cgroup", unified },
	{ NULL },
};

/* --- version 1 ----------------------------------------------------------------- */

static void take_cpu_ns(const char *text, uint64_t *row)
{
	set(row, WIRE_CGROUP_CPU_NS, number_of(text));
}

/* In ticks. */
static void take_cpu_ticks(const char *text, uint64_t *row)
{
	const uint64_t tick_ns = 1000000000 / (uint64_t)sysconf(_SC_CLK_TCK);

	set(row, WIRE_CGROUP_USER_NS,
	    group_stat_ns(group_stat_value(text, "user"), tick_ns));
	set(row, WIRE_CGROUP_SYSTEM_NS,
	    group_stat_ns(group_stat_value(text, "system"), tick_ns));
}

static void take_cpu_limits(const char *text, uint64_t *row)
{
	set(row, WIRE_CGROUP_PERIODS, group_stat_value(text, "nr_periods"));
	set(row, WIRE_CGROUP_THROTTLED, group_stat_value(text, "nr_throttled"));
	set(row, WIRE_CGROUP_THROTTLED_NS,
	    group_stat_value(text, "throttled_time"));
}

static void take_old_memory_stat(const char *text, uint64_t *row)
{
	set(row, WIRE_CGROUP_ANONYMOUS_BYTES,
	    group_stat_value(text, "total_rss"));
	set(row, WIRE_CGROUP_FILE_BYTES, group_stat_value(text, "total_cache"));
	set(row, WIRE_CGROUP_SWAP_BYTES, group_stat_value(text, "total_swap"));
	set_working_set(row, group_stat_value(text, "total_inactive_file"));
}

static void take_oom_control(const char *text, uint64_t *row)
{
	set(row, WIRE_CGROUP_OOM_KILLS, group_stat_value(text, "oom_kill"));
}

/* "8:0 Read 4096" of each device, and at the end "Total 4096". */
static uint64_t device_sum(const char *text, const char *what)
{
	uint64_t value, all = 0;
	const char *at;
	bool whole = false;

	for (; *text; text = proc_next_line(text)) {
		whole |= proc_behind(text, "Total ") != NULL;
		at = text + strcspn(text, " \n");
		at = *at == ' ' ? proc_behind(at + 1, what) : NULL;
		if (!at || *at != ' ')
			continue;
		if (!proc_number(&at, &value) || *at != '\n' ||
		    __builtin_add_overflow(all, value, &all))
			return WIRE_ABSENT;
	}
	return !whole || all > INT64_MAX ? WIRE_ABSENT : all;
}

static void take_io_bytes(const char *text, uint64_t *row)
{
	set(row, WIRE_CGROUP_READ_BYTES, device_sum(text, "Read"));
	set(row, WIRE_CGROUP_WRITTEN_BYTES, device_sum(text, "Write"));
}

static void take_io_requests(const char *text, uint64_t *row)
{
	set(row, WIRE_CGROUP_READS, device_sum(text, "Read"));
	set(row, WIRE_CGROUP_WRITES, device_sum(text, "Write"));
}

static const struct cgroup_file old_cpu[] = {
	{ "cpu.stat", NULL, take_cpu_limits },
	{ NULL },
};

static const struct cgroup_file old_times[] = {
	{ "cpuacct.usage", NULL, take_cpu_ns },
	{ "cpuacct.stat", NULL, take_cpu_ticks },
	{ NULL },
};

static const struct cgroup_file old_memory[] = {
	{ "memory.usage_in_bytes", NULL, take_memory },
	{ "memory.stat", NULL, take_old_memory_stat },
	{ "memory.limit_in_bytes", NULL, take_memory_limit },
	{ "memory.oom_control", NULL, take_oom_control },
	{ NULL },
};

static const struct cgroup_file old_io[] = {
	{ "blkio.throttle.io_service_bytes_recursive", NULL, take_io_bytes },
	{ "blkio.throttle.io_serviced_recursive", NULL, take_io_requests },
	{ NULL },
};

static const struct cgroup_file old_tasks[] = {
	{ "pids.current", NULL, take_tasks },
	{ NULL },
};

const struct cgroup_hierarchy cgroup_legacy[] = {
	{ "fs/cgroup/cpuacct", old_times },
	{ "fs/cgroup/cpu", old_cpu },
	{ "fs/cgroup/memory", old_memory },
	{ "fs/cgroup/blkio", old_io },
	{ "fs/cgroup/pids", old_tasks },
	{ "fs/cgroup/unified", unified },
	{ NULL },
};

/* --- both ---------------------------------------------------------------------- */

static bool has_word(const char *text, const char *word)
{
	size_t size = strlen(word);

	for (; *text; text += strspn(text, " \n")) {
		if (!strncmp(text, word, size) && strchr(" \n", text[size]))
			return true;
		text += strcspn(text, " \n");
	}
	return false;
}

uint32_t cgroup_files_there(const struct cgroup_file *files, int root)
{
	char controllers[CONTROLLERS_MAX];
	uint32_t there = 0, bit;
	bool told = group_stat_text(root, "cgroup.controllers", controllers,
				    sizeof(controllers));

	for (bit = 1; files->name; files++, bit <<= 1)
		if (!files->controller || !told ||
		    has_word(controllers, files->controller))
			there |= bit;
	return there;
}

void cgroup_files_read(const struct cgroup_file *files, uint32_t there, int dir,
		       uint64_t *row)
{
	char text[TEXT_MAX];

	for (; files->name; files++, there >>= 1)
		if (there & 1 &&
		    group_stat_text(dir, files->name, text, sizeof(text)))
			files->take(text, row);
}
