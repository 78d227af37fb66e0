// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/memory/load.h"
#include "host/process/process_exits.h"
#include "host/memory/system.h"
#include "lib/kernel/proc.h"

/* Of digits alone, and with something behind it: else it may be cut off. */
static int parse_number(const char *at, uint64_t *value, const char **end)
{
	char *after;

	if (!isdigit((unsigned char)*at))
		return -EINVAL;
	errno = 0;
	*value = strtoull(at, &after, 10);
	*end = after;
	return errno || *value > INT64_MAX ? -EINVAL : 0;
}

/* "0-3" or "0,2-7": numbers rise, and have no gaps where it matters here. */
int process_cpus_parse(const char *text, uint64_t *cpus)
{
	const char *end = text + strlen(text), *at;

	while (end > text && !isdigit((unsigned char)end[-1]))
		end--;
	for (at = end; at > text && isdigit((unsigned char)at[-1]); at--)
		;
	if (parse_number(at, cpus, &end))
		return -EINVAL;
	(*cpus)++;
	return 0;
}

static int idle_tasks(const char *sys, uint64_t *idle)
{
	int dir = host_dir(sys, "devices/system/cpu"), err;
	char text[256];

	if (dir < 0)
		return dir;
	err = host_text_at(dir, "possible", text, sizeof(text));
	close(dir);
	if (err < 0)
		return err;
	err = process_cpus_parse(text, idle);
	(*idle)--;
	return err;
}

int process_exits_open(struct process_exits *e, const struct host_options *o)
{
	int err = idle_tasks(o->sys, &e->idle);

	if (err)
		return err;
	err = host_file_open(&e->stat, o->proc, "stat");
	if (err)
		return err;
	err = host_file_open(&e->loadavg, o->proc, "loadavg");
	if (err)
		host_file_close(&e->stat);
	e->stat.at_once = e->loadavg.at_once = true;
	e->last = 0;
	return err;
}

void process_exits_close(struct process_exits *e)
{
	host_file_close(&e->stat);
	host_file_close(&e->loadavg);
}

int process_exits_read(struct process_exits *e, uint64_t *exits)
{
	struct loadavg load;
	uint64_t forks;
	int err = host_file_read(&e->stat);

	if (!err)
		err = host_file_read(&e->loadavg);
	if (!err)
		err = system_forks(e->stat.text, &forks);
	if (!err)
		err = loadavg_parse(e->loadavg.text, &load);
	if (err)
		return err;
	if (forks < load.threads + e->idle)
		return -ERANGE;
	*exits = forks - load.threads - e->idle;
	if (*exits < e->last)
		*exits = e->last;
	e->last = *exits;
	return 0;
}
