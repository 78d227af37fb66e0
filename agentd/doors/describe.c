// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <string.h>

#include "agentd/agents/model.h"
#include "agentd/doors/describe.h"

const char *describe_state(const struct agent *a)
{
	const struct unit_state *s = &a->unit.state;

	if (!a->good)
		return "broken";
	if (!s->known)
		return "unknown";
	if (a->record.failed)
		return "failed";
	if (unit_is_up(s))
		return a->health.failures ? "unhealthy" : "running";
	if (!strcmp(s->active, "failed") && !a->meant)
		return "restarting";
	if (!strcmp(s->active, "activating"))
		return strcmp(s->sub, "auto-restart") ? "starting" :
							"restarting";
	if (!strcmp(s->active, "deactivating"))
		return "stopping";
	return a->definition.enabled ? "stopped" : "disabled";
}

static void text(FILE *out, const char *key, const char *value)
{
	if (value && *value)
		fprintf(out, "%s %s\n", key, value);
}

static void number(FILE *out, const char *key, uint64_t value)
{
	fprintf(out, "%s %" PRIu64 "\n", key, value);
}

static void moment(FILE *out, const char *key, uint64_t us)
{
	if (us)
		number(out, key, us);
}

static void describe_record(FILE *out, const struct record *r)
{
	moment(out, "started_us", r->started_us);
	number(out, "starts", r->starts);
	number(out, "restarts", r->restarts);
	number(out, "health_restarts", r->health_restarts);
	moment(out, "exit_us", r->exit_us);
	text(out, "exit", r->exit);
	text(out, "exit_reason", r->reason);
	text(out, "failure", r->failed ? r->failure : NULL);
	moment(out, "heartbeat_us", r->beat_us);
}

static void describe_health(FILE *out, const struct agent *a)
{
	text(out, "check", a->definition.check_name);
	number(out, "checks", a->health.checks);
	number(out, "failures", a->health.failures);
	text(out, "health", a->health.last);
	if (a->beat.pid) {
		if (a->beat.cpu >= 0)
			fprintf(out, "said_cpu %.3f\n", a->beat.cpu);
		if (a->beat.memory >= 0)
			fprintf(out, "said_memory %.0f\n", a->beat.memory);
	}
	number(out, "refused_heartbeats", a->beat.refused);
}

void describe_agent(FILE *out, const struct agent *a)
{
	const struct unit_state *s = &a->unit.state;

	text(out, "agent", a->record.name);
	text(out, "state", describe_state(a));
	text(out, "file", a->definition.path);
	text(out, "problem", a->problem);
	if (a->good) {
		text(out, "type", a->definition.type);
		text(out, "version", a->definition.version);
		text(out, "user", a->definition.user);
		text(out, "enabled", a->definition.enabled ? "yes" : "no");
		text(out, "changed", a->changed ? "yes" : "no");
		text(out, "unit", a->unit.unit);
		if (s->main_pid)
			number(out, "pid", s->main_pid);
		describe_record(out, &a->record);
		describe_health(out, a);
		text(out, "desired", a->wish.state);
		text(out, "differs", a->wish.why);
	}
	fputc('\n', out);
}
