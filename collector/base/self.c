// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "collector/base/self.h"
#include "lib/base/clock.h"

enum {
	RETURN_PART = 32, /* of our memory: so much is worth giving back */
};

#define RETURN_MIN_NS UINT64_C(10000000000)
#define RETURN_MAX_NS UINT64_C(30000000000)

/* The second number of statm, in pages. */
static uint64_t resident_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	uint64_t pages = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%*u %" SCNu64, &pages) != 1)
		pages = 0;
	fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

void self_look(struct self *self)
{
	*self = (struct self){ .cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID),
			       .memory_bytes = resident_bytes() };
}

/* malloc_trim() looks at all free memory, which takes time. So it is not called while
 * memory is near its least, and seldom where it gave nothing back.
 */
void self_return_memory(uint64_t mono_ns)
{
	static uint64_t after_ns, wait_ns = RETURN_MIN_NS, least = UINT64_MAX;
	uint64_t before, now;

	if (mono_ns < after_ns)
		return;
	now = before = resident_bytes();
	if (before > least && before - least > least / RETURN_PART) {
		malloc_trim(0);
		now = resident_bytes();
		wait_ns = now + now / RETURN_PART < before ? RETURN_MIN_NS :
							     2 * wait_ns;
		if (wait_ns > RETURN_MAX_NS)
			wait_ns = RETURN_MAX_NS;
	}
	if (now < least)
		least = now;
	after_ns = mono_ns + wait_ns;
}

/* "max", or a file that is not there, is no limit. */
static uint64_t read_limit(const char *root, const char *group,
			   const char *file)
{
	uint64_t limit = UINT64_MAX;
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s%s/%s", root, group, file);
	f = fopen(path, "re");
	if (!f)
		return limit;
	if (fscanf(f, "%" SCNu64, &limit) != 1)
		limit = UINT64_MAX;
	fclose(f);
	return limit;
}

/* Of the group, and of those above it. */
static uint64_t group_limit(const char *root, char *group, const char *file)
{
	uint64_t least = read_limit(root, group, file), limit;
	char *slash;

	while ((slash = strrchr(group, '/'))) {
		*slash = '\0';
		limit = read_limit(root, group, file);
		if (limit < least)
			least = limit;
	}
	return least;
}

/* A line of /proc/self/cgroup: of version 2, or of the memory controller of 1. */
static uint64_t line_limit(char *line)
{
	char *group = strchr(line, ':');

	if (group && !strncmp(group, "::", 2))
		return group_limit("/sys/fs/cgroup", group + 2, "memory.max");
	if (group && !strncmp(group, ":memory:", 8))
		return group_limit("/sys/fs/cgroup/memory", group + 8,
				   "memory.limit_in_bytes");
	return UINT64_MAX;
}

uint64_t self_memory_limit(void)
{
	long pages = sysconf(_SC_PHYS_PAGES);
	uint64_t bytes = 0, limit;
	FILE *f = fopen("/proc/self/cgroup", "re");
	struct rlimit space;
	char line[1024];

	if (pages > 0)
		bytes = (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		limit = line_limit(line);
		if (limit < bytes)
			bytes = limit;
	}
	if (f)
		fclose(f);
	if (!getrlimit(RLIMIT_AS, &space) && space.rlim_cur < bytes)
		bytes = space.rlim_cur;
	return bytes;
}
