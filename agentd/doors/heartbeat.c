// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "agentd/agents/find.h"
#include "agentd/agents/process.h"
#include "agentd/doors/heartbeat.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum {
	STATUS_OK = 200,
	STATUS_BAD = 400,
	STATUS_TOKEN = 401,
	STATUS_REFUSED = 403,
	US_NS = 1000,
};

#define TELL_EVERY_NS UINT64_C(60000000000)

/* What it says. */
struct said {
	const char *agent;
	json_int_t pid;
	double cpu;
	double memory;
};

static bool __attribute__((format(printf, 4, 5)))
wrong(struct heartbeat *h, int status, const char *field, const char *format,
      ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(h->problem, sizeof(h->problem), format, args);
	va_end(args);
	h->field = field;
	h->status = status;
	return false;
}

/* A figure that need not be there. */
static bool take_figure(struct heartbeat *h, const json_t *all,
			const char *field, double *value)
{
	const json_t *v = json_object_get(all, field);

	*value = -1;
	if (!v)
		return true;
	*value = json_number_value(v);
	if (json_is_number(v) && *value >= 0)
		return true;
	return wrong(h, STATUS_BAD, field,
		     "expected a number that is not negative");
}

static bool take_said(struct heartbeat *h, const json_t *all, struct said *s)
{
	const json_t *pid = json_object_get(all, "pid");

	if (!json_is_object(all))
		return wrong(h, STATUS_BAD, NULL, "expected a JSON object");
	s->agent = json_string_value(json_object_get(all, "agent_id"));
	if (!s->agent || !*s->agent)
		return wrong(h, STATUS_BAD, "agent_id",
			     "expected the name of an agent");
	s->pid = json_integer_value(pid);
	if (!json_is_integer(pid) || s->pid <= 0 || s->pid > INT_MAX)
		return wrong(h, STATUS_BAD, "pid",
			     "expected the id of a process");
	return take_figure(h, all, "cpu", &s->cpu) &&
	       take_figure(h, all, "memory", &s->memory);
}

/* Hashes are compared, so that the time it takes tells nothing of the token. */
static bool same_token(const char *got, const char *want)
{
	unsigned char one[crypto_generichash_BYTES],
		other[crypto_generichash_BYTES];

	crypto_generichash(one, sizeof(one), (const unsigned char *)got,
			   strlen(got), NULL, 0);
	crypto_generichash(other, sizeof(other), (const unsigned char *)want,
			   strlen(want), NULL, 0);
	return !sodium_memcmp(one, other, sizeof(one));
}

static bool pid_is_of(const struct agent *a, int pid)
{
	char group[PROCESS_GROUP_SIZE];

	return !process_group(pid, group, sizeof(group)) &&
	       process_group_within(group, a->unit.state.group);
}

static bool same_user(int pid, uid_t uid)
{
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d", pid);
	return !stat(path, &st) && st.st_uid == uid;
}

/*
 * A process cannot choose its control group, so who sends in another agent's name is
 * found out. One that has ended since has none: then its user has to be that of the
 * process it named, which is the agent's.
 */
static bool is_own(const struct heartbeat *h, const struct agent *a, int pid)
{
	char group[PROCESS_GROUP_SIZE];

	/* As systemd says; the others are looked up. */
	if (h->sender && h->sender == (pid_t)a->unit.state.main_pid)
		return true;
	if (h->sender && !process_group(h->sender, group, sizeof(group)))
		return process_group_within(group, a->unit.state.group);
	return pid_is_of(a, pid) && (!h->sender || same_user(pid, h->uid));
}

/* The log tells of one a minute, whatever name it gives. */
static void count_refused(struct agents *agents, struct agent *a,
			  const struct heartbeat *h)
{
	uint64_t now_ns = clock_mono_ns();

	a->beat.refused++;
	if (agents->refused_told_ns &&
	    now_ns - agents->refused_told_ns < TELL_EVERY_NS)
		return;
	agents->refused_told_ns = now_ns;
	log_warn("%s: a heartbeat in its name was refused: %s (%" PRIu64
		 " so far; the next line comes in a minute at the earliest)",
		 a->record.name, h->problem, a->beat.refused);
}

static bool judge(struct heartbeat *h, const struct agent *a,
		  const struct said *s)
{
	const char *token = a->definition.token;

	if (!h->sender && token && !(h->token && same_token(h->token, token)))
		return wrong(h, STATUS_TOKEN, NULL,
			     "the agent's token is missing or wrong");
	if (!is_own(h, a, (int)s->pid))
		return wrong(h, STATUS_REFUSED, "pid",
			     "no process of this agent");
	return true;
}

static void take_beat(struct agent *a, const struct said *s)
{
	a->beat.at_ns = clock_mono_ns();
	a->beat.pid = (int)s->pid;
	a->beat.cpu = s->cpu;
	a->beat.memory = s->memory;
	a->record.beat_us = clock_real_ns() / US_NS;
}

static void take_object(struct heartbeat *h, struct agents *agents,
			const json_t *all)
{
	struct said s;
	struct agent *a;

	if (!take_said(h, all, &s))
		return;
	a = agents_find(agents, s.agent);
	if (!a)
		wrong(h, STATUS_BAD, "agent_id", "there is no such agent");
	else if (judge(h, a, &s))
		take_beat(a, &s);
	else
		count_refused(agents, a, h);
}

void heartbeat_take(struct heartbeat *h, struct agents *agents)
{
	json_error_t error;
	json_t *all =
		json_loadb(h->text, h->size, JSON_REJECT_DUPLICATES, &error);

	h->status = STATUS_OK;
	h->field = NULL;
	h->problem[0] = '\0';
	if (all)
		take_object(h, agents, all);
	else
		wrong(h, STATUS_BAD, NULL, "not JSON: %.100s", error.text);
	json_decref(all);
}
