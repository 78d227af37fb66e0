// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agentd/agents/errand.h"
#include "agentd/agents/find.h"
#include "agentd/doors/caller.h"
#include "agentd/doors/operator.h"
#include "agentd/doors/describe.h"
#include "lib/base/log.h"

enum {
	ORDERS_SHOWN = 100,
};

static void answer_text(struct visitor *v, const char *first, const char *rest)
{
	char *answer = NULL;
	int size = asprintf(&answer, "%s%s\n", first, rest);

	visitor_answer(v, size < 0 ? NULL : answer, (size_t)size);
}

/* Return NULL, or why not. */
static const char *may_ask(const struct visitor *v, bool changes)
{
	enum caller who = caller_of(v->fd);

	if (who == CALLER_ROOT)
		return NULL;
	if (changes)
		return "only root may start and stop agents";
	return who == CALLER_GROUP ?
		       NULL :
		       "only root and members of the group ktach may list agents";
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

/* What came from afar. */
static void answer_orders(struct visitor *v, struct gate *g)
{
	char *answer = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&answer, &size);

	if (!out) {
		visitor_answer(v, NULL, 0);
		return;
	}
	fputs("ok\n", out);
	if (g->setup.mode != GATE_NONE)
		orders_show(&g->orders, out, ORDERS_SHOWN);
	fclose(out);
	visitor_answer(v, answer, size);
}

static void operated(void *owner, const char *problems)
{
	struct visitor *v = owner;

	if (*problems)
		answer_text(v, "error ", problems);
	else
		answer_text(v, "ok", "");
}

static void operate(struct visitor *v, struct agents *l, const char *verb,
		    const char *name)
{
	v->until_ns = UINT64_MAX;
	if (errand_run(l, errand_verb(verb),
		       strcmp(name, "--all") ? name : NULL, operated, v))
		visitor_answer(v, NULL, 0);
}

static void take_line(struct visitor *v, struct operator* c)
{
	const char *verb = v->request, *refused = "no such verb";
	char *name = strchr(v->request, ' ');
	struct agents *l = c->agents;
	bool changes, list, orders;

	if (name)
		*name++ = '\0';
	changes = errand_verb(verb);
	list = !strcmp(verb, "list");
	orders = !strcmp(verb, "orders");
	if (changes || list || orders)
		refused = may_ask(v, changes);
	if (refused)
		answer_text(v, "error ", refused);
	else if (orders)
		answer_orders(v, c->gate);
	else if (list)
		answer_list(v, l, name ? name : "");
	else if (!name)
		answer_text(v, "error ", "which agent?");
	else if (strcmp(name, "--all") && !agents_find(l, name))
		answer_text(v, "error ", "there is no such agent");
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
	take_line(v, c);
	return true;
}

static void full(struct visitor *v)
{
	answer_text(v, "error ", "the line is too long");
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
		fd = door_listen(c->path);
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
