// SPDX-License-Identifier: GPL-2.0-or-later
/* Collector "agent": what agents that ktach-agentd looks after use, by their control
 * groups. It needs nothing of ktach-agentd.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/agent/agent_group.h"
#include "host/collector.h"
#include "host/file.h"
#include "host/rows.h"
#include "lib/base/clock.h"

#define INTERVAL_NS UINT64_C(10000000000)

/**
 * struct agents_read - the collector's state
 * @sys: where /sys is
 * @proc: where /proc is
 * @rows: the table
 * @trouble: whether it was told that they could not be read
 */
struct agents_read {
	const char *sys;
	const char *proc;
	struct rows rows;
	struct host_trouble trouble;
};

static int open_agents(void **state, const struct host_options *options)
{
	struct agents_read *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->sys = options->sys;
	a->proc = options->proc;
	a->rows.kind = WIRE_AGENT;
	*state = a;
	return 0;
}

static void close_agents(void *state)
{
	struct agents_read *a = state;

	rows_exit(&a->rows);
	free(a);
}

/* One that has just ended has no folder any more. */
static void add_agent(struct agents_read *a, int groups, const char *folder)
{
	const char *name;
	size_t size = agent_group_name(folder, &name);
	int dir = size ? openat(groups, folder,
				O_RDONLY | O_DIRECTORY | O_CLOEXEC) :
			 -1;
	uint64_t *row;

	if (dir < 0)
		return;
	row = rows_add(&a->rows, agent_group_key(name, size));
	if (row) {
		agent_group_read(dir, a->proc, row);
		rows_text(&a->rows, WIRE_AGENT_NAME, name, size);
	}
	close(dir);
}

static int list_agents(struct agents_read *a)
{
	int fd = host_dir(a->sys, AGENT_GROUPS);
	struct dirent *entry;
	DIR *groups;

	if (fd < 0) /* most hosts have none */
		return fd == -ENOENT || fd == -ENOTDIR ? 0 : fd;
	groups = fdopendir(fd);
	if (!groups) {
		close(fd);
		return -ENOMEM;
	}
	while ((entry = readdir(groups)))
		add_agent(a, fd, entry->d_name);
	closedir(groups);
	return 0;
}

static int read_agents(void *state, const struct host_sink *sink)
{
	struct agents_read *a = state;
	int err;

	rows_clear(&a->rows);
	err = list_agents(a);
	host_trouble(&a->trouble, "agent", AGENT_GROUPS, err);
	rows_put(&a->rows, sink, WIRE_ORIGIN_PROC, clock_real_ns(),
		 clock_mono_ns());
	return err;
}

const struct host_collector host_agent = {
	.name = "agent",
	.summary = "what the agents of ktach-agentd use",
	.interval_ns = INTERVAL_NS,
	.enabled = true,
	.open = open_agents,
	.read = read_agents,
	.close = close_agents,
};
