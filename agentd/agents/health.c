// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agentd/agents/model.h"
#include "agentd/agents/health.h"
#include "agentd/bus/transient.h"
#include "lib/base/clock.h"
#include "lib/base/container.h"
#include "lib/base/log.h"

#define S_NS UINT64_C(1000000000)

uint64_t health_delay_ns(const struct definition *d, unsigned int restarts)
{
	uint64_t ns = d->delay_ns;

	while (restarts-- && ns < d->delay_max_ns)
		ns *= 2;
	return ns < d->delay_max_ns ? ns : d->delay_max_ns;
}

/* The next check goes on where it failed, or tells that it does not. */
static void restart_over(struct bus_job *job, const char *problem)
{
	struct agent *a = container_of(job, struct agent, restart);

	if (problem)
		log_warn("%s: could not be restarted: %s", a->record.name,
			 problem);
}

static void give_up(struct agent *a)
{
	snprintf(a->record.failure, sizeof(a->record.failure), "health: %.140s",
		 a->health.last);
	a->record.failed = true;
	a->stale = true;
	log_error(
		"%s: failed: %s; restarted %u times in vain, left as it is until somebody restarts it",
		a->record.name, a->health.last, a->health.restarts);
}

static void restart(struct agent *a, uint64_t now_ns)
{
	struct health *h = &a->health;

	log_warn("%s: %s, %u times in a row; it is restarted", a->record.name,
		 h->last, h->failures);
	snprintf(a->because, sizeof(a->because), "health check failed: %.100s",
		 h->last);
	h->not_before_ns =
		now_ns + health_delay_ns(&a->definition, h->restarts + 1);
	h->restarted_ns = now_ns;
	h->restarts++;
	h->failures = 0;
	a->record.health_restarts++;
	a->stale = true;
	bus_unit_job(&a->list->bus, &a->restart, "RestartUnit", a->unit.unit);
}

static void take_failure(struct agent *a, const char *problem, uint64_t now_ns)
{
	const struct definition *d = &a->definition;
	struct health *h = &a->health;

	snprintf(h->last, sizeof(h->last), "%.120s", problem);
	h->failures++;
	log_debug("%s: %s (%u of %" PRIu64 ")", a->record.name, problem,
		  h->failures, d->retries);
	if (h->failures < d->retries || a->record.failed ||
	    list_has(&a->restart.link))
		return;
	if (!strcmp(d->policy, "no") || h->restarts >= d->limit)
		give_up(a);
	else if (now_ns >= h->not_before_ns)
		restart(a, now_ns);
}

static void take_success(struct agent *a, uint64_t now_ns)
{
	struct health *h = &a->health;

	if (a->record.failed) {
		log_info("%s: is well again", a->record.name);
		a->record.failed = false;
		a->stale = true;
	}
	h->last[0] = '\0';
	h->failures = 0;
	if (now_ns - h->restarted_ns > a->definition.within_ns)
		h->restarts = 0;
}

/* What was begun before it ended, or before it was started again, tells nothing. */
static void take_result(struct agent *a, const char *problem)
{
	uint64_t now_ns = clock_mono_ns();

	if (!a->health.busy)
		return;
	a->health.busy = false;
	a->health.checks++;
	if (problem)
		take_failure(a, problem, now_ns);
	else
		take_success(a, now_ns);
}

static void probed(struct probe *p, const char *problem)
{
	char text[RECORD_TEXT_SIZE];

	snprintf(text, sizeof(text), "health URL: %s", problem ? problem : "");
	take_result(container_of(p, struct agent, probe),
		    problem ? text : NULL);
}

static void commanded(struct bus_job *job, const char *problem)
{
	char text[RECORD_TEXT_SIZE];

	snprintf(text, sizeof(text), "health command: %.120s",
		 problem ? problem : "");
	take_result(container_of(job, struct agent, command),
		    problem ? text : NULL);
}

/* While a check of an earlier start still runs, none is begun beside it. */
static void check(struct agent *a, uint64_t now_ns)
{
	const struct definition *d = &a->definition;
	uint64_t silent_ns;
	const char *problem;

	if (a->probe.fd >= 0 || list_has(&a->command.link))
		return;
	a->health.busy = true;
	switch (d->check) {
	case HEALTH_COMMAND:
		transient_start(&a->list->bus, &a->command, d);
		break;
	case HEALTH_HTTP:
		probe_http(&a->probe, a->list->loop, d->url,
			   now_ns + d->timeout_ns);
		break;
	case HEALTH_UNIX:
		problem = probe_unix(d->socket);
		take_result(a, problem);
		break;
	case HEALTH_HEARTBEAT:
		silent_ns = now_ns - a->beat.at_ns;
		take_result(a, silent_ns > d->interval_ns + d->timeout_ns ?
				       "no heartbeat" :
				       NULL);
		break;
	case HEALTH_NONE:
	case HEALTH_WATCHDOG:
		break;
	}
}

void health_tick(struct agent *a, uint64_t now_ns)
{
	struct health *h = &a->health;

	probe_sweep(&a->probe, now_ns);
	if (a->definition.check == HEALTH_NONE ||
	    a->definition.check == HEALTH_WATCHDOG || !a->unit.state.known ||
	    !unit_is_up(&a->unit.state) || h->busy || now_ns < h->next_ns)
		return;
	h->next_ns = now_ns + a->definition.interval_ns;
	check(a, now_ns);
}

void health_started(struct agent *a, uint64_t now_ns)
{
	struct health *h = &a->health;

	h->busy = false;
	h->failures = 0;
	h->last[0] = '\0';
	h->next_ns = now_ns + a->definition.interval_ns;
}

void health_forgive(struct agent *a)
{
	a->health.restarts = 0;
	a->health.not_before_ns = 0;
}

void health_open(struct agent *a)
{
	a->probe.fd = -1;
	a->probe.done = probed;
	a->command.done = commanded;
	a->restart.done = restart_over;
}

void health_close(struct agent *a)
{
	if (list_has(&a->command.link))
		bus_leave_job(&a->command);
	if (list_has(&a->restart.link))
		bus_leave_job(&a->restart);
	probe_close(&a->probe);
}
