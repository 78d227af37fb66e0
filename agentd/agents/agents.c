// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>

#include "agentd/agents/agent.h"
#include "agentd/agents/agents.h"
#include "agentd/agents/boot.h"
#include "agentd/agents/follow.h"
#include "agentd/agents/health.h"
#include "agentd/agents/units.h"

/* Heartbeats alone are written so seldom. */
#define SAVE_NS UINT64_C(60000000000)

/* Once it is stopped. */
static void forget_gone(struct agents *l)
{
	size_t i, kept = 0;

	for (i = 0; i < l->count; i++) {
		struct agent *a = l->all[i];

		if (a->gone && (!a->good || (a->want == WANT_NOTHING &&
					     a->unit.state.known &&
					     !list_has(&a->follow.link)))) {
			if (a->good)
				records_put(&l->records, &a->record);
			agent_free(a);
		} else {
			l->all[kept++] = a;
		}
	}
	l->count = kept;
}

static void save_records(struct agents *l, uint64_t now_ns)
{
	bool all = now_ns - l->saved_ns >= SAVE_NS, begun = false;
	size_t i;

	if (all)
		l->saved_ns = now_ns;
	for (i = 0; i < l->count; i++) {
		struct agent *a = l->all[i];

		if (!a->good || !(a->stale || (all && a->beat.pid)))
			continue;
		if (!begun)
			records_begin(&l->records);
		begun = true;
		if (!records_put(&l->records, &a->record))
			a->stale = false;
	}
	if (begun)
		records_end(&l->records);
}

void agents_tick(struct agents *l, uint64_t now_ns)
{
	size_t i;

	follow_tick(l);
	units_tick(l);
	for (i = 0; i < l->count; i++) {
		if (!l->all[i]->good)
			continue;
		agent_look_for_end(l->all[i]);
		health_tick(l->all[i], now_ns);
	}
	forget_gone(l);
	save_records(l, now_ns);
}

int agents_open(struct agents *l, struct loop *loop, const char *folder,
		const char *state)
{
	int err;

	*l = (struct agents){ .loop = loop, .folder = folder };
	boot_id_read(l->boot);
	err = records_open(&l->records, state);
	if (err)
		return err;
	units_open(l);
	err = follow_open(l);
	if (err)
		records_close(&l->records);
	return err;
}

void agents_close(struct agents *l)
{
	size_t i;

	save_records(l, UINT64_MAX);
	bus_close(&l->bus);
	for (i = 0; i < l->count; i++)
		agent_free(l->all[i]);
	free(l->all);
	follow_close(l);
	records_close(&l->records);
}
