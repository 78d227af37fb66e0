// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agentd/agents/errand.h"
#include "agentd/agents/health.h"
#include "lib/base/container.h"

static const struct errand_verb verbs[] = {
	{ "start", "StartUnit" },
	{ "stop", "StopUnit" },
	{ "restart", "RestartUnit" },
	{ "reload", "ReloadUnit" },
};

/* Of one agent. */
struct errand {
	struct bus_job job;
	struct errands *all;
	char name[AGENT_NAME_SIZE];
};

/* All that were asked for at once. */
struct errands {
	struct agents *agents;
	const struct errand_verb *verb;
	void (*done)(void *owner, const char *problems);
	void *owner;
	size_t waiting;
	size_t count;
	char *problems;
	size_t size;
	FILE *out; /* to @problems */
	struct errand list[];
};

const struct errand_verb *errand_verb(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

static void end_errands(struct errands *all)
{
	fclose(all->out);
	all->done(all->owner, all->problems);
	free(all->problems);
	free(all);
}

static void errand_done(struct bus_job *job, const char *problem)
{
	struct errand *e = container_of(job, struct errand, job);
	struct errands *all = e->all;

	if (problem)
		fprintf(all->out, "%s%s: %s", ftell(all->out) > 0 ? "; " : "",
			e->name, problem);
	fflush(all->out);
	if (!--all->waiting)
		end_errands(all);
}

static bool is_verb(const struct errands *all, const char *name)
{
	return !strcmp(all->verb->name, name);
}

/* What it is for becomes the reason of the end that follows. */
static void note_why(struct errands *all, struct agent *a)
{
	if (is_verb(all, "reload"))
		return;
	if (unit_is_up(&a->unit.state) && !is_verb(all, "start"))
		snprintf(a->because, sizeof(a->because), "%s asked for",
			 all->verb->name);
	if (a->wish.state && !is_verb(all, "restart"))
		a->wish.held = !strcmp(a->wish.state, is_verb(all, "stop") ?
							      "running" :
							      "stopped");
	a->meant |= is_verb(all, "stop");
	health_forgive(a);
	a->want = WANT_NOTHING;
	if (!is_verb(all, "stop"))
		bus_reset_failed(&all->agents->bus, a->unit.unit);
}

static void run_one(struct errands *all, struct agent *a)
{
	struct errand *e = &all->list[all->count++];

	e->all = all;
	snprintf(e->name, sizeof(e->name), "%s", a->record.name);
	e->job.done = errand_done;
	note_why(all, a);
	if (is_verb(all, "reload") && !strcmp(a->definition.reload, "no"))
		errand_done(&e->job,
			    "its file names no signal that reloads it");
	else
		bus_unit_job(&all->agents->bus, &e->job, all->verb->method,
			     a->unit.unit);
}

/* Of all agents those that it makes sense for. */
static bool is_meant(const struct errands *all, const struct agent *a,
		     const char *name)
{
	if (!a->good || a->gone)
		return false;
	if (name)
		return !strcmp(a->record.name, name);
	if (is_verb(all, "reload"))
		return strcmp(a->definition.reload, "no") &&
		       unit_is_up(&a->unit.state);
	return a->definition.enabled || is_verb(all, "stop");
}

/* It waits for itself, too, so that nothing ends before all has begun. */
int errand_run(struct agents *l, const struct errand_verb *verb,
	       const char *name,
	       void (*done)(void *owner, const char *problems), void *owner)
{
	struct errands *all =
		calloc(1, sizeof(*all) + (l->count + 1) * sizeof(all->list[0]));
	size_t i;

	if (all)
		all->out = open_memstream(&all->problems, &all->size);
	if (!all || !all->out) {
		free(all);
		return -ENOMEM;
	}
	all->agents = l;
	all->verb = verb;
	all->done = done;
	all->owner = owner;
	all->waiting = 1;
	for (i = 0; i < l->count; i++) {
		if (!is_meant(all, l->all[i], name))
			continue;
		all->waiting++;
		run_one(all, l->all[i]);
	}
	if (!--all->waiting)
		end_errands(all);
	return 0;
}
