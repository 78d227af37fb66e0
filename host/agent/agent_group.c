// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/agent/agent_group.h"
#include "host/file.h"
#include "host/group_stat.h"
#include "lib/wire/wire.h"

enum {
	TEXT_MAX = 4096,
	US_NS = 1000,
};

static const char prefix[] = "ktach-agent@";
static const char suffix[] = ".service";

size_t agent_group_name(const char *folder, const char **name)
{
	size_t size = strlen(folder), around = strlen(prefix) + strlen(suffix);

	if (size <= around || strncmp(folder, prefix, strlen(prefix)) ||
	    strcmp(folder + size - strlen(suffix), suffix))
		return 0;
	*name = folder + strlen(prefix);
	return size - around;
}

/* From 6.2 on the folder's size is how many there are, for everybody; before it is 0. */
static uint64_t count_descriptors(const char *proc, long pid)
{
	char path[280];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%ld/fd", proc, pid);
	return stat(path, &st) ? 0 : (uint64_t)st.st_size;
}

static void read_processes(int dir, const char *proc, uint64_t *row)
{
	char text[TEXT_MAX], *at = text, *end;
	int size =
		(int)host_bytes_at(dir, "cgroup.procs", text, sizeof(text) - 1);
	uint64_t count = 0, descriptors = 0;
	long pid;

	if (size < 0)
		return;
	text[size] = '\0';
	for (; (pid = strtol(at, &end, 10)) > 0; at = end) {
		count++;
		descriptors += count_descriptors(proc, pid);
	}
	if ((size_t)size == sizeof(text) - 1)
		return; /* there are more */
	row[WIRE_AGENT_PROCESSES] = count;
	if (descriptors)
		row[WIRE_AGENT_DESCRIPTORS] = descriptors;
}

void agent_group_read(int dir, const char *proc, uint64_t *row)
{
	char text[TEXT_MAX];

	if (group_stat_text(dir, "cpu.stat", text, sizeof(text)))
		row[WIRE_AGENT_CPU_NS] = group_stat_ns(
			group_stat_value(text, "usage_usec"), US_NS);
	if (group_stat_text(dir, "memory.events", text, sizeof(text)))
		row[WIRE_AGENT_OOM_KILLS] = group_stat_value(text, "oom_kill");
	if (group_stat_text(dir, "io.stat", text, sizeof(text))) {
		row[WIRE_AGENT_READ_BYTES] = group_stat_sum(text, "rbytes");
		row[WIRE_AGENT_WRITTEN_BYTES] = group_stat_sum(text, "wbytes");
	}
	row[WIRE_AGENT_MEMORY_BYTES] = group_stat_number(dir, "memory.current");
	row[WIRE_AGENT_THREADS] = group_stat_number(dir, "pids.current");
	read_processes(dir, proc, row);
}
