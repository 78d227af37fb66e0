// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agentd/agents/agent.h"
#include "agentd/agents/health.h"
#include "agentd/agents/life.h"
#include "lib/base/clock.h"
#include "lib/base/container.h"
#include "lib/base/log.h"
#include "lib/base/resized.h"

/* One that systemd does not know is new: it has to read its units, once. */
static void look_for_unit(struct agent *a)
{
	if (strcmp(a->unit.state.load, "not-found") || a->gone) {
		a->missed = 0;
		return;
	}
	if (++a->missed == 1)
		a->list->reload = true;
	else if (a->missed == 2)
		log_error(
			"%s: systemd has no unit of it; is ktach-agent-generator installed among its generators?",
			a->record.name);
}

static void unit_changed(struct unit_watch *w, const struct unit_state *before)
{
	struct agent *a = container_of(w, struct agent, unit);
	struct record *r = &a->record;
	unsigned int events =
		life_take(r, &w->state, a->list->boot, a->because);

	look_for_unit(a);
	if (events & LIFE_ENDED) {
		log_info("%s: %s (%s)", r->name, r->exit, r->reason);
		a->because[0] = '\0';
	}
	if (events & LIFE_STARTED) {
		snprintf(r->version, sizeof(r->version), "%s",
			 a->definition.version ? a->definition.version : "");
		a->changed = false;
		a->meant = false;
		a->beat = (struct beat){ .refused = a->beat.refused };
		health_started(a, clock_mono_ns());
		a->beat.at_ns = clock_mono_ns(); /* it has so long */
	}
	a->stale |= events != 0;
}

/* A unit is in the state "failed" for a moment before each restart, too. */
void agent_look_for_end(struct agent *a)
{
	struct record *r = &a->record;

	if (!a->unit.state.known || a->meant ||
	    strcmp(a->unit.state.active, "failed")) {
		a->failed_ticks = 0;
		return;
	}
	if (++a->failed_ticks < 2 || !life_give_up(r, &a->unit.state))
		return;
	log_error("%s: failed: %s; 'ktach agent start %s' tries again", r->name,
		  r->failure, r->name);
	a->stale = true;
}

/* The file is gone or disabled; what systemd answers its state tells, too. */
static void followed(struct bus_job *job, const char *problem)
{
	struct agent *a = container_of(job, struct agent, follow);

	if (problem)
		log_warn("%s: could not be started or stopped: %s",
			 a->record.name, problem);
}

struct agent *agent_new(struct agents *l, const struct folder_entry *e)
{
	struct agent **all = grown(l->all, l->count, &l->room, sizeof(*all));
	struct agent *a = all ? calloc(1, sizeof(*a)) : NULL;

	if (all)
		l->all = all;
	if (!a)
		return NULL;
	a->list = l;
	a->definition = e->definition;
	snprintf(a->record.name, sizeof(a->record.name), "%s",
		 e->definition.name);
	health_open(a);
	a->follow.done = followed;
	a->unit.changed = unit_changed;
	l->all[l->count++] = a;
	return a;
}

void agent_free(struct agent *a)
{
	unit_watch_end(&a->unit);
	if (list_has(&a->follow.link))
		bus_leave_job(&a->follow);
	health_close(a);
	free(a);
}
