// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/agent/agent_group.h"
#include "host/file.h"
#include "lib/wire/wire.h"

enum {
	TEXT_MAX = 4096,
	US_NS = 1000,
	KEY_BITS = 53, /* that a double holds */
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

/* FNV-1a */
uint64_t agent_group_key(const char *name, size_t size)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	size_t i;

	for (i = 0; i < size; i++)
		hash = (hash ^ (unsigned char)name[i]) *
		       UINT64_C(1099511628211);
	return hash >> (64 - KEY_BITS);
}

/* "KEY NUMBER", in a line of its own. */
static uint64_t read_key(const char *text, const char *key)
{
	size_t size = strlen(key);
	uint64_t value;

	for (; text; text = strchr(text, '\n'), text += text != NULL)
		if (!strncmp(text, key, size) &&
		    sscanf(text + size, " %" SCNu64, &value) == 1)
			return value;
	return WIRE_ABSENT;
}

/* "8:0 rbytes=N wbytes=N ..." of each device, added up. A group that has done no I/O
 * has no line.
 */
static uint64_t add_devices(const char *text, const char *key)
{
	uint64_t value, all = 0;

	while ((text = strstr(text, key))) {
		text += strlen(key);
		if (sscanf(text, "%" SCNu64, &value) == 1)
			all += value;
	}
	return all;
}

static void read_number(int dir, const char *name, uint64_t *cell)
{
	int64_t value;

	if (!host_number_at(dir, name, &value))
		*cell = (uint64_t)value;
}

static void read_io(int dir, uint64_t *row)
{
	char text[TEXT_MAX];
	int size = (int)host_bytes_at(dir, "io.stat", text, sizeof(text) - 1);

	if (size < 0)
		return;
	text[size] = '\0';
	row[WIRE_AGENT_READ_BYTES] = add_devices(text, "rbytes=");
	row[WIRE_AGENT_WRITTEN_BYTES] = add_devices(text, "wbytes=");
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
	uint64_t us;

	if (host_text_at(dir, "cpu.stat", text, sizeof(text)) > 0) {
		us = read_key(text, "usage_usec");
		if (us < UINT64_MAX / US_NS)
			row[WIRE_AGENT_CPU_NS] = us * US_NS;
	}
	if (host_text_at(dir, "memory.events", text, sizeof(text)) > 0)
		row[WIRE_AGENT_OOM_KILLS] = read_key(text, "oom_kill ");
	read_number(dir, "memory.current", &row[WIRE_AGENT_MEMORY_BYTES]);
	read_number(dir, "pids.current", &row[WIRE_AGENT_THREADS]);
	read_io(dir, row);
	read_processes(dir, proc, row);
}
