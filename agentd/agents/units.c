// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "agentd/agents/find.h"
#include "agentd/agents/units.h"
#include "lib/base/log.h"

/* A unit whose file went while nobody looked. */
static void stop_stray(struct agents *l, const char *unit)
{
	char name[AGENT_NAME_SIZE];
	sd_bus_message *m;

	if (sscanf(unit, UNIT_PREFIX "%63[^@]", name) != 1 ||
	    strlen(name) < strlen(".service"))
		return;
	name[strlen(name) - strlen(".service")] = '\0';
	if (agents_find(l, name))
		return;
	m = bus_call(&l->bus, "StopUnit");
	if (!m)
		return;
	log_info("%s: there is no file of it any more; it is stopped", name);
	sd_bus_message_append(m, "ss", unit, "replace");
	sd_bus_send(l->bus.bus, m, NULL);
	sd_bus_message_unref(m);
}

static int on_listed(sd_bus_message *m, void *owner, sd_bus_error *error)
{
	struct agents *l = owner;
	const char *unit, *active, *skipped[5];
	uint32_t job;
	int err;

	if (sd_bus_message_is_method_error(m, NULL) ||
	    sd_bus_message_enter_container(m, 'a', "(ssssssouso)") < 0)
		return 0;
	while ((err = sd_bus_message_read(m, "(ssssssouso)", &unit, &skipped[0],
					  &skipped[1], &active, &skipped[2],
					  &skipped[3], &skipped[4], &job,
					  &skipped[0], &skipped[1])) > 0)
		if (strcmp(active, "inactive") && strcmp(active, "failed"))
			stop_stray(l, unit);
	return 0;
}

static void list_units(struct agents *l)
{
	sd_bus_message *m = bus_call(&l->bus, "ListUnitsByPatterns");

	l->listed = sd_bus_slot_unref(l->listed);
	if (m && sd_bus_message_append(m, "asas", 0, 1,
				       UNIT_PREFIX "*.service") >= 0)
		sd_bus_call_async(l->bus.bus, &l->listed, m, on_listed, l, 0);
	sd_bus_message_unref(m);
}

static void bus_came(void *owner)
{
	struct agents *l = owner;
	size_t i;

	for (i = 0; i < l->count; i++)
		if (l->all[i]->good)
			unit_watch_begin(&l->all[i]->unit, &l->bus);
	list_units(l);
}

static void bus_went(void *owner)
{
	struct agents *l = owner;
	size_t i;

	l->reloading = false;
	l->reloaded = sd_bus_slot_unref(l->reloaded);
	l->listed = sd_bus_slot_unref(l->listed);
	for (i = 0; i < l->count; i++)
		unit_watch_end(&l->all[i]->unit);
}

static int on_reloaded(sd_bus_message *m, void *owner, sd_bus_error *error)
{
	struct agents *l = owner;
	size_t i;

	l->reloading = false;
	if (sd_bus_message_is_method_error(m, NULL))
		log_error("systemd does not read its units: %s",
			  sd_bus_message_get_error(m)->message);
	for (i = 0; i < l->count; i++)
		unit_watch_ask(&l->all[i]->unit);
	return 0;
}

static void reload_units(struct agents *l)
{
	sd_bus_message *m = bus_call(&l->bus, "Reload");

	l->reload = false;
	l->reloaded = sd_bus_slot_unref(l->reloaded);
	if (m && sd_bus_call_async(l->bus.bus, &l->reloaded, m, on_reloaded, l,
				   0) >= 0)
		l->reloading = true;
	sd_bus_message_unref(m);
}

static void follow_file(struct agent *a)
{
	struct agents *l = a->list;
	const struct unit_state *s = &a->unit.state;
	bool idle = !strcmp(s->active, "inactive") ||
		    !strcmp(s->active, "failed");

	if (a->want == WANT_NOTHING || !s->known || list_has(&a->follow.link))
		return;
	if (a->want == WANT_START && strcmp(s->load, "loaded"))
		return;
	if (a->want == WANT_START && idle) {
		bus_reset_failed(&l->bus, a->unit.unit);
		bus_unit_job(&l->bus, &a->follow, "StartUnit", a->unit.unit);
	} else if (a->want == WANT_STOP && !idle) {
		if (!a->because[0])
			snprintf(a->because, sizeof(a->because), "disabled");
		a->meant = true;
		bus_unit_job(&l->bus, &a->follow, "StopUnit", a->unit.unit);
	}
	a->want = WANT_NOTHING;
}

void units_open(struct agents *l)
{
	l->bus.owner = l;
	l->bus.came = bus_came;
	l->bus.went = bus_went;
	bus_open(&l->bus, l->loop);
}

void units_tick(struct agents *l)
{
	size_t i;

	if (!l->bus.ready)
		return;
	if (l->reload && !l->reloading)
		reload_units(l);
	for (i = 0; i < l->count && !l->reloading; i++)
		if (l->all[i]->good)
			follow_file(l->all[i]);
}
