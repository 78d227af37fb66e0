// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "agentd/agents/agent.h"
#include "agentd/agents/find.h"
#include "agentd/agents/follow.h"
#include "lib/base/container.h"
#include "lib/base/log.h"

/* From now on it has a unit. At the start of ktach-agentd it is started only if it
 * never was: else somebody may have stopped it.
 */
static void make_good(struct agent *a, const struct folder_entry *e)
{
	struct agents *l = a->list;

	a->definition = e->definition;
	a->good = true;
	records_get(&l->records, &a->record, e->definition.name);
	unit_name(a->unit.unit, e->definition.name);
	if (e->definition.enabled && (l->watching || !a->record.starts))
		a->want = WANT_START;
	if (l->bus.ready)
		unit_watch_begin(&a->unit, &l->bus);
	if (!strcmp(e->definition.user, "root"))
		log_warn("%s: runs as root, and so does its health command",
			 e->definition.name);
}

static void renew(struct agent *a, const struct definition *d)
{
	struct agents *l = a->list;

	if (a->definition.enabled != d->enabled)
		a->want = d->enabled ? WANT_START : WANT_STOP;
	if (!definition_same(&a->definition, d)) {
		log_info("%s: %s has changed; it counts with the next start",
			 d->name, d->path);
		a->changed = unit_is_up(&a->unit.state);
	} else if (a->definition.enabled == d->enabled &&
		   !strcmp(a->definition.path, d->path)) {
		return;
	}
	l->reload = true;
	a->missed = 0;
	a->definition = *d;
}

static struct agent *find_path(const struct agents *l, const char *path)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		if (!l->all[i]->seen && !l->all[i]->gone &&
		    !strcmp(l->all[i]->definition.path, path))
			return l->all[i];
	return NULL;
}

static void take_good(struct agents *l, const struct folder_entry *e)
{
	struct agent *a = agents_find(l, e->definition.name);

	if (a) {
		renew(a, &e->definition);
	} else {
		a = find_path(l, e->definition.path);
		if (!a || a->good)
			a = agent_new(l, e);
		if (!a)
			return;
		make_good(a, e);
		log_info("%s: registered by %s", e->definition.name,
			 e->definition.path);
	}
	a->seen = true;
	a->problem[0] = '\0';
}

/* The file is wrong: an agent that there was goes on with what the file said before. */
static void take_broken(struct agents *l, const struct folder_entry *e)
{
	struct agent *a = find_path(l, e->definition.path);

	if (!a)
		a = agent_new(l, e);
	if (!a)
		return;
	a->seen = true;
	if (strcmp(a->problem, e->problem))
		log_error("%s; the agent %s", e->problem,
			  a->good ? "goes on as before" : "is left out");
	snprintf(a->problem, sizeof(a->problem), "%s", e->problem);
}

static void take_missing(struct agent *a)
{
	a->gone = true;
	if (!a->good)
		return;
	log_info("%s: its file is gone; it is stopped", a->record.name);
	snprintf(a->because, sizeof(a->because), "its file is gone");
	a->want = WANT_STOP;
	a->list->reload = true;
}

static int by_name(const void *a, const void *b)
{
	const struct agent *one = *(struct agent *const *)a;
	const struct agent *other = *(struct agent *const *)b;
	int order = strcmp(one->record.name, other->record.name);

	return order ? order :
		       strcmp(one->definition.path, other->definition.path);
}

static void take_folder(struct agents *l, const struct folder *f)
{
	size_t i, count = f->count < AGENTS_MAX ? f->count : AGENTS_MAX;

	if (f->count > AGENTS_MAX)
		log_error("%s: more than %d agents; the others are left out",
			  l->folder, AGENTS_MAX);
	for (i = 0; i < l->count; i++)
		l->all[i]->seen = false;
	for (i = 0; i < count; i++)
		if (!f->entries[i].problem[0])
			take_good(l, &f->entries[i]);
	for (i = 0; i < count; i++)
		if (f->entries[i].problem[0])
			take_broken(l, &f->entries[i]);
	for (i = 0; i < l->count; i++)
		if (!l->all[i]->seen && !l->all[i]->gone)
			take_missing(l->all[i]);
	if (l->count)
		qsort(l->all, l->count, sizeof(*l->all), by_name);
}

static void read_folder(struct agents *l)
{
	struct folder f;
	int err = folder_read(&f, l->folder);

	l->read_again = false;
	if (err)
		log_error("%s: %s; agents stay as they are", l->folder,
			  strerror(-err));
	else
		take_folder(l, &f);
	folder_free(&f);
}

/* Removed, or another name's by now: what comes to the old name is followed anew. */
static void take_event(struct agents *l, const struct inotify_event *e)
{
	if (e->mask & IN_MOVE_SELF)
		inotify_rm_watch(l->watch_fd, e->wd);
	if (e->mask & (IN_IGNORED | IN_MOVE_SELF))
		l->watching = false;
}

/* Whatever it was: the folder is read with the next tick. */
static void folder_changed(struct loop_op *op, int result, uint32_t flags)
{
	struct agents *l = container_of(op, struct agents, watch);
	char events[4096]
		__attribute__((aligned(__alignof__(struct inotify_event))));
	const struct inotify_event *e;
	ssize_t n, at;

	while ((n = read(l->watch_fd, events, sizeof(events))) > 0)
		for (at = 0; at < n; at += (ssize_t)(sizeof(*e) + e->len)) {
			e = (const struct inotify_event *)(events + at);
			take_event(l, e);
		}
	l->read_again = true;
	loop_poll(l->loop, op, l->watch_fd, POLLIN);
}

/* A folder that is not there yet may come. */
static void watch_folder(struct agents *l)
{
	const uint32_t mask = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM |
			      IN_DELETE | IN_ATTRIB | IN_DELETE_SELF |
			      IN_MOVE_SELF | IN_ONLYDIR;

	if (l->watching)
		return;
	if (inotify_add_watch(l->watch_fd, l->folder, mask) < 0)
		return;
	read_folder(l);
	l->watching = true;
}

int follow_open(struct agents *l)
{
	int err;

	l->watch.done = folder_changed;
	l->watch_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (l->watch_fd < 0) {
		err = -errno;
		log_error("inotify: %s", strerror(-err));
		return err;
	}
	loop_poll(l->loop, &l->watch, l->watch_fd, POLLIN);
	watch_folder(l);
	if (!l->watching)
		log_warn("%s: %s; agents come once it is there", l->folder,
			 strerror(errno));
	return 0;
}

void follow_tick(struct agents *l)
{
	watch_folder(l);
	if (l->read_again)
		read_folder(l);
}

void follow_close(struct agents *l)
{
	close(l->watch_fd);
}
