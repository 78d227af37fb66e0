// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agentd/bus/unit_watch.h"

#define PROPERTIES "org.freedesktop.DBus.Properties"
#define SERVICE "org.freedesktop.systemd1.Service"

#define TEXT(name, field)                                       \
	{                                                       \
		name, "s", offsetof(struct unit_state, field),  \
			sizeof(((struct unit_state *)0)->field) \
	}
#define NUMBER(name, type, field)                                 \
	{                                                         \
		name, type, offsetof(struct unit_state, field), 0 \
	}

static const struct property {
	const char *name;
	const char *type;
	size_t offset;
	size_t size;
} properties[] = {
	TEXT("LoadState", load),
	TEXT("ActiveState", active),
	TEXT("SubState", sub),
	TEXT("Result", result),
	NUMBER("MainPID", "u", main_pid),
	NUMBER("NRestarts", "u", n_restarts),
	NUMBER("ExecMainCode", "i", exit_code),
	NUMBER("ExecMainStatus", "i", exit_status),
	NUMBER("ExecMainStartTimestamp", "t", start_us),
	NUMBER("ExecMainExitTimestamp", "t", exit_us),
};

enum {
	PROPERTIES_COUNT = sizeof(properties) / sizeof(properties[0]),
};

static int take_invocation(sd_bus_message *m, struct unit_state *s)
{
	const void *bytes;
	size_t size;
	int err = sd_bus_message_enter_container(m, 'v', "ay");

	if (err >= 0)
		err = sd_bus_message_read_array(m, 'y', &bytes, &size);
	if (err < 0)
		return err;
	if (size == sizeof(s->invocation))
		memcpy(s->invocation, bytes, size);
	return sd_bus_message_exit_container(m);
}

static int take_property(sd_bus_message *m, struct unit_state *s,
			 const struct property *p)
{
	char *field = (char *)s + p->offset;
	const char *text;
	int err;

	if (!p->size)
		return sd_bus_message_read(m, "v", p->type, field);
	err = sd_bus_message_read(m, "v", p->type, &text);
	if (err >= 0)
		snprintf(field, p->size, "%s", text);
	return err;
}

static int take_named(sd_bus_message *m, struct unit_state *s, const char *name)
{
	size_t i;

	if (!strcmp(name, "InvocationID"))
		return take_invocation(m, s);
	for (i = 0; i < PROPERTIES_COUNT; i++)
		if (!strcmp(name, properties[i].name))
			return take_property(m, s, &properties[i]);
	return sd_bus_message_skip(m, "v");
}

/* An array of names with their values. */
static int take_all(sd_bus_message *m, struct unit_state *s)
{
	const char *name;
	int err = sd_bus_message_enter_container(m, 'a', "{sv}");

	while (err >= 0) {
		err = sd_bus_message_enter_container(m, 'e', "sv");
		if (err <= 0)
			break;
		err = sd_bus_message_read(m, "s", &name);
		if (err >= 0)
			err = take_named(m, s, name);
		if (err >= 0)
			err = sd_bus_message_exit_container(m);
	}
	return err < 0 ? err : sd_bus_message_exit_container(m);
}

static int call_unit(struct unit_watch *w, sd_bus_slot **slot,
		     sd_bus_message_handler_t answered, const char *method,
		     const char *types, const char *one, const char *two)
{
	const char *to = "org.freedesktop.systemd1";
	char *path = NULL;
	int err = sd_bus_path_encode(SYSTEMD_PATH "/unit", w->unit, &path);

	*slot = sd_bus_slot_unref(*slot);
	if (err >= 0)
		err = sd_bus_call_method_async(w->bus->bus, slot, to, path,
					       PROPERTIES, method, answered, w,
					       types, one, two);
	free(path);
	return err;
}

static int on_group(sd_bus_message *m, void *owner, sd_bus_error *error)
{
	struct unit_watch *w = owner;
	const char *group;

	if (!sd_bus_message_is_method_error(m, NULL) &&
	    sd_bus_message_read(m, "v", "s", &group) >= 0)
		snprintf(w->state.group, sizeof(w->state.group), "%s", group);
	return 0;
}

/* Nobody is told when the group changes, which a start may do. */
static void take_message(struct unit_watch *w, sd_bus_message *m)
{
	struct unit_state before = w->state;

	if (take_all(m, &w->state) < 0)
		return;
	if (w->state.main_pid && w->state.main_pid != before.main_pid)
		call_unit(w, &w->group_answer, on_group, "Get", "ss", SERVICE,
			  "ControlGroup");
	w->changed(w, &before);
}

static int on_all(sd_bus_message *m, void *owner, sd_bus_error *error)
{
	struct unit_watch *w = owner;

	if (sd_bus_message_is_method_error(m, NULL))
		return 0;
	w->state.known = true;
	take_message(w, m);
	return 0;
}

static int on_signal(sd_bus_message *m, void *owner, sd_bus_error *error)
{
	struct unit_watch *w = owner;
	const char *interface;

	if (w->state.known && sd_bus_message_read(m, "s", &interface) >= 0)
		take_message(w, m);
	return 0;
}

void unit_watch_ask(struct unit_watch *w)
{
	if (w->bus)
		call_unit(w, &w->answer, on_all, "GetAll", "s", "", NULL);
}

int unit_watch_begin(struct unit_watch *w, struct bus *bus)
{
	char *path = NULL;
	int err = sd_bus_path_encode(SYSTEMD_PATH "/unit", w->unit, &path);

	unit_watch_end(w);
	w->bus = bus;
	if (err >= 0)
		err = sd_bus_match_signal_async(bus->bus, &w->signals,
						bus_sender(bus), path,
						PROPERTIES, "PropertiesChanged",
						on_signal, NULL, w);
	free(path);
	unit_watch_ask(w);
	return err < 0 ? err : 0;
}

void unit_watch_end(struct unit_watch *w)
{
	w->signals = sd_bus_slot_unref(w->signals);
	w->answer = sd_bus_slot_unref(w->answer);
	w->group_answer = sd_bus_slot_unref(w->group_answer);
	w->state.known = false;
	w->bus = NULL;
}

bool unit_is_up(const struct unit_state *s)
{
	return !strcmp(s->active, "active") || !strcmp(s->active, "reloading");
}
