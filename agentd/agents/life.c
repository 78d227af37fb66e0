// SPDX-License-Identifier: GPL-2.0-or-later
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "agentd/agents/life.h"

static const uint8_t never[INVOCATION_SIZE];

/*
 * systemd counts the restarts that it makes itself, and begins anew when somebody
 * starts the unit. So what it counts beyond the last time was made by it; where it
 * counts less, somebody has started it in between; where it counts the same, somebody
 * has just now.
 */
static uint64_t count_starts(const struct record *r, const struct unit_state *s)
{
	if (s->n_restarts > r->n_restarts)
		return s->n_restarts - r->n_restarts;
	return s->n_restarts < r->n_restarts ? s->n_restarts + 1 : 1;
}

static void take_start(struct record *r, const struct unit_state *s,
		       const char *boot)
{
	uint64_t starts;

	if (strcmp(r->boot, boot)) {
		starts = s->n_restarts + 1;
		r->restarts += s->n_restarts;
		snprintf(r->boot, sizeof(r->boot), "%s", boot);
	} else {
		starts = count_starts(r, s);
		r->restarts += starts;
	}
	r->starts += starts;
	r->n_restarts = s->n_restarts;
	memcpy(r->invocation, s->invocation, sizeof(r->invocation));
}

static void describe_exit(struct record *r, const struct unit_state *s)
{
	const char *name = sigabbrev_np(s->exit_status);
	const char *how = s->exit_code == CLD_DUMPED ? "dumped core by" :
						       "killed by";

	if (s->exit_code == CLD_EXITED)
		snprintf(r->exit, sizeof(r->exit), "exited with %d",
			 s->exit_status);
	else if (name)
		snprintf(r->exit, sizeof(r->exit), "%s SIG%s", how, name);
	else
		snprintf(r->exit, sizeof(r->exit), "%s signal %d", how,
			 s->exit_status);
}

static void take_end(struct record *r, const struct unit_state *s,
		     const char *because)
{
	const char *reason = s->result;

	r->exit_us = s->exit_us;
	describe_exit(r, s);

	if (*because)
		reason = because;
	else if (!strcmp(s->result, "success"))
		reason = s->exit_code == CLD_EXITED ? "by itself" : "stopped";
	snprintf(r->reason, sizeof(r->reason), "%s", reason);
}

static bool is_new_start(const struct record *r, const struct unit_state *s)
{
	return memcmp(s->invocation, never, sizeof(never)) &&
	       memcmp(s->invocation, r->invocation, sizeof(r->invocation)) &&
	       s->start_us;
}

unsigned int life_take(struct record *r, const struct unit_state *s,
		       const char *boot, const char *because)
{
	unsigned int events = 0;

	if (is_new_start(r, s)) {
		take_start(r, s, boot);
		events |= LIFE_STARTED;
	}
	if (s->start_us && s->start_us != r->started_us)
		r->started_us = s->start_us;
	if (s->exit_us && s->exit_us != r->exit_us) {
		take_end(r, s, because);
		events |= LIFE_ENDED;
	}
	if (events & LIFE_STARTED)
		r->failed = false;
	return events;
}

bool life_give_up(struct record *r, const struct unit_state *s)
{
	if (r->failed)
		return false;
	snprintf(r->failure, sizeof(r->failure), "systemd: %s", s->result);
	r->failed = true;
	return true;
}
