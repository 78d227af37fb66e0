/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For tests of agentd: agents of a folder of files, on a loop, without a bus to systemd.
 * What it would say is put into the agents.
 */
#ifndef KTACH_TESTS_UNIT_AGENTD_FOLDER_H
#define KTACH_TESTS_UNIT_AGENTD_FOLDER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agentd/agents/agents.h"
#include "agentd/agents/find.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "tests/unit/scratch.h"

#define S_NS UINT64_C(1000000000)
#define LEAST "exec = /bin/true\nuser = daemon\n"

static char work[64], folder[80];
static struct loop loop;
static struct agents agents;

static inline const char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static inline void put(const char *name, const char *text)
{
	FILE *f = fopen(path_of(name), "w");

	assert_non_null(f);
	fchmod(fileno(f), 0644);
	fputs(text, f);
	fclose(f);
}

static inline void start(void)
{
	assert_int_equal(agents_open(&agents, &loop, folder, work), 0);
}

static inline int begin(void **state)
{
	log_init("test", LOG_ERROR);
	if (!scratch_folder(work) || loop_init_polled(&loop, 32))
		return -1;
	snprintf(folder, sizeof(folder), "%s/agents.d", work);
	return mkdir(folder, 0755);
}

static inline int end(void **state)
{
	char command[128];

	agents_close(&agents);
	loop_exit(&loop);
	snprintf(command, sizeof(command), "rm -rf %s", work);
	return system(command);
}

/* What has happened to the folder is seen; then a second passes. */
static inline void tick(uint64_t now_ns)
{
	loop_run_once(&loop, false);
	agents_tick(&agents, now_ns);
}

static inline struct agent *find(const char *name)
{
	struct agent *a = agents_find(&agents, name);

	assert_non_null(a);
	return a;
}

/* systemd says that it has started it; now. Returns when. */
static inline uint64_t run(struct agent *a, uint8_t number)
{
	struct unit_state before = a->unit.state, *s = &a->unit.state;

	s->known = true;
	strcpy(s->load, "loaded");
	strcpy(s->active, "active");
	s->start_us = 1000U * number;
	s->n_restarts = 0;
	memset(s->invocation, number, sizeof(s->invocation));
	a->unit.changed(&a->unit, &before);
	return clock_mono_ns();
}

#endif /* KTACH_TESTS_UNIT_AGENTD_FOLDER_H */
