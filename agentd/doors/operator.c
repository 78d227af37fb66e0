// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "agentd/agents/find.h"
#include "agentd/agents/health.h"
#include "agentd/doors/operator.h"
#include "agentd/doors/describe.h"
#include "lib/base/container.h"
#include "lib/base/log.h"

enum {
	BACKLOG = 16,
	GROUPS_MAX = 1024,
};

static const char group_name[] = "ktach";

static const struct verb {
	const char *name;
	const char *method; /* of systemd; NULL: it changes nothing */
} verbs[] = {
	{ "list", NULL },
	{ "start", "StartUnit" },
	{ "stop", "StopUnit" },
	{ "restart", "RestartUnit" },
};

enum {
	VERBS = sizeof(verbs) / sizeof(verbs[0]),
};

/* A request that waits for systemd: of each agent that it is about. */
struct errand {
	struct bus_job job;
	struct errands *all;
	char name[AGENT_NAME_SIZE];
};

/* All of a visitor's. */
struct errands {
	struct visitor *visitor;
	struct agents *agents;
	size_t waiting;
	size_t count;
	char *problems;
	size_t size;
	FILE *out; /* to @problems */
	struct errand list[];
};

static void answer_text(struct visitor *v, const char *first, const char *rest)
{
	char *answer = NULL;
	int size = asprintf(&answer, "%s%s\n", first, rest);

	visitor_answer(v, size < 0 ? NULL : answer, (size_t)size);
}

static bool in_group(int fd, gid_t group)
{
	gid_t groups[GROUPS_MAX];
	socklen_t size = sizeof(groups);
	size_t i;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size))
		return false;
	for (i = 0; i < size / sizeof(groups[0]); i++)
		if (groups[i] == group)
			return true;
	return false;
}

/* Return NULL, or why not. */
static const char *may_ask(const struct visitor *v, const struct verb *verb)
{
	struct ucred who;
	socklen_t size = sizeof(who);
	const struct group *group;

	if (getsockopt(v->fd, SOL_SOCKET, SO_PEERCRED, &who, &size))
		return "who asks is not known";
	if (!who.uid)
		return NULL;
	if (verb->method)
		return "only root may start and stop agents";
	group = getgrnam(group_name);
	if (group &&
	    (who.gid == group->gr_gid || in_group(v->fd, group->gr_gid)))
		return NULL;
	return "only root and members of the group ktach may list agents";
}

static void answer_list(struct visitor *v, struct agents *l, const char *name)
{
	char *answer = NULL;
	size_t i, size = 0;
	FILE *out = open_memstream(&answer, &size);

	if (!out) {
		visitor_answer(v, NULL, 0);
		return;
	}
	fputs("ok\n", out);
	for (i = 0; i < l->count; i++)
		if (!l->all[i]->gone &&
		    (!*name || !strcmp(name, l->all[i]->record.name)))
			describe_agent(out, l->all[i]);
	fclose(out);
	visitor_answer(v, answer, size);
}

static void end_errands(struct errands *all)
{
	fclose(all->out);
	if (all->size)
		answer_text(all->visitor, "error ", all->problems);
	else
		answer_text(all->visitor, "ok", "");
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

/* What it is for becomes the reason of the end that follows. */
static void run_errand(struct errands *all, struct agent *a,
		       const struct verb *verb)
{
	struct errand *e = &all->list[all->count++];

	e->all = all;
	snprintf(e->name, sizeof(e->name), "%s", a->record.name);
	e->job.done = errand_done;
	if (unit_is_up(&a->unit.state) && strcmp(verb->name, "start"))
		snprintf(a->because, sizeof(a->because), "%s asked for",
			 verb->name);
	a->meant |= !strcmp(verb->name, "stop");
	health_forgive(a);
	a->want = WANT_NOTHING;
	if (strcmp(verb->name, "stop"))
		bus_reset_failed(&all->agents->bus, a->unit.unit);
	bus_unit_job(&all->agents->bus, &e->job, verb->method, a->unit.unit);
}

/* It waits for itself, too, so that nothing ends before all has begun. */
static void operate(struct visitor *v, struct agents *l,
		    const struct verb *verb, const char *name)
{
	bool every = !strcmp(name, "--all");
	struct errands *all =
		calloc(1, sizeof(*all) + (l->count + 1) * sizeof(all->list[0]));
	size_t i;

	if (all)
		all->out = open_memstream(&all->problems, &all->size);
	if (!all || !all->out) {
		free(all);
		visitor_answer(v, NULL, 0);
		return;
	}
	all->visitor = v;
	all->agents = l;
	all->waiting = 1;
	v->until_ns = UINT64_MAX;
	for (i = 0; i < l->count; i++) {
		struct agent *a = l->all[i];

		if (!a->good || a->gone ||
		    (every ? !a->definition.enabled &&
				     strcmp(verb->name, "stop") :
			     strcmp(a->record.name, name)))
			continue;
		all->waiting++;
		run_errand(all, a, verb);
	}
	if (!--all->waiting)
		end_errands(all);
}

static const struct verb *find_verb(const char *name)
{
	int i;

	for (i = 0; i < VERBS; i++)
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

static void take_line(struct visitor *v, struct agents *l)
{
	char *name = strchr(v->request, ' ');
	const struct verb *verb;
	const char *refused;

	if (name)
		*name++ = '\0';
	verb = find_verb(v->request);
	refused = verb ? may_ask(v, verb) : "no such verb";
	if (refused)
		answer_text(v, "error ", refused);
	else if (!verb->method && !name)
		answer_list(v, l, "");
	else if (!name)
		answer_text(v, "error ", "which agent?");
	else if (strcmp(name, "--all") && !agents_find(l, name) && verb->method)
		answer_text(v, "error ", "there is no such agent");
	else if (!verb->method)
		answer_list(v, l, name);
	else
		operate(v, l, verb, name);
}

static bool ready(struct visitor *v)
{
	struct operator* c = v->door->owner;
	char *end = strchr(v->request, '\n');

	if (!end)
		return false;
	*end = '\0';
	take_line(v, c->agents);
	return true;
}

static void full(struct visitor *v)
{
	answer_text(v, "error ", "the line is too long");
}

/* Everybody may connect: who may ask what is judged then. */
static int listen_at(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int err, fd = socket(AF_UNIX,
			     SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	strcpy(a.sun_path, path);
	unlink(path);
	if (!bind(fd, (struct sockaddr *)&a, sizeof(a)) && !chmod(path, 0666) &&
	    !listen(fd, BACKLOG))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int operator_open(struct operator* c, struct loop *loop, struct agents *agents,
		  const char *folder)
{
	int fd = -ENAMETOOLONG;

	c->agents = agents;
	c->door.owner = c;
	c->door.ready = ready;
	c->door.full = full;
	c->door.name = "agentd.sock";
	c->door.fd = -1;
	if (snprintf(c->path, sizeof(c->path), "%s/agentd.sock", folder) <
	    (int)sizeof(c->path))
		fd = listen_at(c->path);
	if (fd < 0) {
		log_error("%s: %s", c->path, strerror(-fd));
		return fd;
	}
	door_open(&c->door, loop, fd);
	return 0;
}

void operator_close(struct operator* c)
{
	if (c->door.fd >= 0)
		unlink(c->path);
	door_close(&c->door);
}
