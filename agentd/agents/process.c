// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agentd/agents/process.h"

/* The unified hierarchy, or the one of version 1 that systemd named. */
static const char *of_systemd(const char *line)
{
	const char *names = strchr(line, ':'), *path;

	path = names ? strchr(names + 1, ':') : NULL;
	if (!path)
		return NULL;
	if (!strncmp(names, ":name=systemd:", strlen(":name=systemd:")) ||
	    (!strncmp(line, "0::/", strlen("0::/")) && path[2]))
		return path + 1;
	return NULL;
}

int process_group(int pid, char *group, size_t size)
{
	char path[64], line[PROCESS_GROUP_SIZE];
	const char *found;
	FILE *f;
	int err = -ENOENT;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (err && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		found = of_systemd(line);
		if (!found)
			continue;
		snprintf(group, size, "%s", found);
		err = 0;
	}
	fclose(f);
	return err;
}

bool process_group_within(const char *group, const char *outer)
{
	size_t size = strlen(outer);

	return size > 1 && !strncmp(group, outer, size) &&
	       (!group[size] || group[size] == '/');
}
