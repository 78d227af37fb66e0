// SPDX-License-Identifier: GPL-2.0-or-later
/* Collector "agent": what agents that ktach-agentd looks after use, by their control
 * groups, and how they are, as it says itself while it runs.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/agent/agent_group.h"
#include "host/collector.h"
#include "host/file.h"
#include "host/group_stat.h"
#include "host/rows.h"
#include "lib/base/clock.h"
#include "lib/kernel/proc.h"

#define INTERVAL_NS UINT64_C(10000000000)
#define STATUS_OLD_NS INT64_C(30000000000)

/**
 * struct status_line - of the file of ktach-agentd (agentd/doors/status.h)
 * @name: the agent's; in the text of the file, as @state
 * @failures: checks that failed in a row
 * @restarts: in all
 * @health_restarts: of these, because its health failed
 */
struct status_line {
	const char *name;
	size_t name_size;
	const char *state;
	size_t state_size;
	uint64_t failures;
	uint64_t restarts;
	uint64_t health_restarts;
};

/**
 * struct agents_read - the collector's state
 * @sys: where /sys is
 * @proc: where /proc is
 * @root: where files are that only the host's root has
 * @rows: the table
 * @trouble: whether it was told that they could not be read
 * @no_status: the same, of what ktach-agentd says
 */
struct agents_read {
	const char *sys;
	const char *proc;
	const char *root;
	struct rows rows;
	struct host_trouble trouble;
	struct host_trouble no_status;
};

static int open_agents(void **state, const struct host_options *options)
{
	struct agents_read *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->sys = options->sys;
	a->proc = options->proc;
	a->root = host_options_root(options);
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
	row = rows_add(&a->rows, group_stat_key(name, size));
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

/* --- what ktach-agentd says of them ------------------------------------------ */

/* "NAME STATE FAILURES RESTARTS HEALTH-RESTARTS". */
static bool parse_line(const char *at, struct status_line *l)
{
	l->name = at;
	l->name_size = strcspn(at, " \n");
	at += l->name_size;
	if (*at++ != ' ' || !l->name_size || l->name_size > WIRE_TEXT_MAX)
		return false;
	l->state = at;
	l->state_size = strcspn(at, " \n");
	at += l->state_size;
	return *at == ' ' && proc_number(&at, &l->failures) && *at == ' ' &&
	       proc_number(&at, &l->restarts) && *at == ' ' &&
	       proc_number(&at, &l->health_restarts) && *at == '\n' &&
	       (l->failures | l->restarts | l->health_restarts) <= INT64_MAX;
}

static bool is_state(const struct status_line *l, const char *state)
{
	return l->state_size == strlen(state) &&
	       !memcmp(l->state, state, l->state_size);
}

/* One that does not run has no control group. */
static void take_line(struct agents_read *a, const struct status_line *l)
{
	uint64_t key = group_stat_key(l->name, l->name_size);
	uint64_t *row = rows_find(&a->rows, key);

	if (!row) {
		row = rows_add(&a->rows, key);
		if (!row)
			return;
		rows_text(&a->rows, WIRE_AGENT_NAME, l->name, l->name_size);
	}
	row[WIRE_AGENT_FAILURES] = l->failures;
	row[WIRE_AGENT_RESTARTS] = l->restarts;
	row[WIRE_AGENT_HEALTH_RESTARTS] = l->health_restarts;
	if (is_state(l, "unknown"))
		return;
	row[WIRE_AGENT_UP] = is_state(l, "running") || is_state(l, "unhealthy");
	row[WIRE_AGENT_FAILED] = is_state(l, "failed");
}

static bool is_fresh(const struct host_file *f)
{
	struct stat s;
	int64_t age_ns;

	if (fstat(f->fd, &s))
		return false;
	age_ns = (int64_t)(clock_real_ns() -
			   (uint64_t)s.st_mtim.tv_sec * 1000000000 -
			   (uint64_t)s.st_mtim.tv_nsec);
	return age_ns < STATUS_OLD_NS && age_ns > -STATUS_OLD_NS;
}

/* Where ktach-agentd does not run there is none, or an old one. */
static void read_status(struct agents_read *a)
{
	struct host_file f = { 0 };
	struct status_line line;
	const char *at;
	int err = host_file_open(&f, a->root, "run/ktach/agents");

	if (err) {
		host_trouble(&a->no_status, "agent", "run/ktach/agents",
			     err == -ENOENT || err == -ENOTDIR ? 0 : err);
		return;
	}
	err = host_file_read(&f);
	host_trouble(&a->no_status, "agent", f.path, err);
	for (at = err || !is_fresh(&f) ? "" : f.text; *at;
	     at = proc_next_line(at))
		if (parse_line(at, &line))
			take_line(a, &line);
	host_file_close(&f);
}

static int read_agents(void *state, const struct host_sink *sink)
{
	struct agents_read *a = state;
	int err;

	rows_clear(&a->rows);
	err = list_agents(a);
	read_status(a);
	host_trouble(&a->trouble, "agent", AGENT_GROUPS, err);
	rows_put(&a->rows, sink, WIRE_ORIGIN_PROC, clock_real_ns(),
		 clock_mono_ns());
	return err;
}

const struct host_collector host_agent = {
	.name = "agent",
	.summary = "how the agents of ktach-agentd are, and what they use",
	.interval_ns = INTERVAL_NS,
	.enabled = true,
	.open = open_agents,
	.read = read_agents,
	.close = close_agents,
};
