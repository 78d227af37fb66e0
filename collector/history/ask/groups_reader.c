// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/base/buffer.h"
#include "collector/history/ask/groups_reader.h"
#include "collector/history/engines/engines.h"
#include "lib/base/log.h"

int groups_open(struct groups_reader *g, const char *folder)
{
	unsigned int folders = groups_folders(folder);
	char path[PATH_MAX];
	int err = 0;

	*g = (struct groups_reader){ .groups = groups_get(folder) };
	while (!err && g->count < folders) {
		err = groups_folder(path, folder, g->count);
		if (!err)
			err = engines_read(&g->e[g->count], path);
		g->count += !err;
	}
	if (!err && g->groups > g->count) {
		log_error("data folder '%s': %u of its %u groups are missing",
			  folder, g->groups - g->count, g->groups);
		err = -ENOENT;
	}
	return err;
}

void groups_close(struct groups_reader *g)
{
	while (g->count) {
		struct engine *e = g->e[--g->count];

		e->ops->close(e);
	}
}

int groups_hold(struct groups_reader *g)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < g->count; i++)
		err = g->e[i]->ops->hold(g->e[i]);
	if (err)
		groups_let_go(g);
	return err;
}

void groups_let_go(struct groups_reader *g)
{
	unsigned int i;

	for (i = 0; i < g->count; i++)
		g->e[i]->ops->let_go(g->e[i]);
}

struct engine *groups_own(const struct groups_reader *g, const uint8_t *node)
{
	return g->e[g->groups == 1 ? 0 : groups_of(node, g->groups)];
}

static int find_in(struct engine *e, const uint8_t *node, struct groups_node *n)
{
	struct engine_node found;
	int err = e->ops->find(e, node, &found);

	if (err)
		return err == -ENOENT ? 0 : err;
	n->e[n->count++] = e;
	if (found.first_ns < n->first_ns)
		n->first_ns = found.first_ns;
	if (found.last_ns > n->last_ns)
		n->last_ns = found.last_ns;
	return 0;
}

int groups_find(const struct groups_reader *g, const uint8_t *node,
		struct groups_node *n)
{
	struct engine *own = groups_own(g, node);
	unsigned int i;
	int err = 0;

	n->count = 0;
	n->first_ns = UINT64_MAX;
	n->last_ns = 0;
	for (i = 0; !err && i < g->count; i++)
		if (g->e[i] != own)
			err = find_in(g->e[i], node, n);
	return err ? err : find_in(own, node, n);
}

int groups_next(const struct groups_node *n, const struct engine_key *key,
		uint64_t *first)
{
	uint64_t one;
	unsigned int i;
	int err = 0;

	*first = UINT64_MAX;
	for (i = 0; !err && i < n->count; i++) {
		err = n->e[i]->ops->next(n->e[i], key->node, key->hour, &one);
		if (!err && one < *first)
			*first = one;
	}
	return err;
}

/* Nodes of one engine. */
struct listing {
	const struct groups_reader *g;
	struct engine *e;
	void (*found)(void *context, const struct history_node *n);
	void *context;
};

/* One that moves is told by the group that it belongs to, once that knows of it. */
static void list(void *context, const struct engine_node *n)
{
	const struct listing *l = context;
	struct engine *own = groups_own(l->g, n->id);
	struct history_node node = { .name = n->name,
				     .version = n->version,
				     .first_ns = n->first_ns,
				     .last_ns = n->last_ns };
	struct engine_node other;

	if (own != l->e && !own->ops->find(own, n->id, &other))
		return;
	memcpy(node.id, n->id, sizeof(node.id));
	l->found(l->context, &node);
}

int groups_nodes(const struct groups_reader *g,
		 void (*found)(void *context, const struct history_node *n),
		 void *context)
{
	struct listing l = { g, NULL, found, context };
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < g->count; i++) {
		l.e = g->e[i];
		err = l.e->ops->nodes(l.e, list, &l);
	}
	return err;
}

/* What one engine told of a node. */
struct state {
	uint8_t id[WIRE_ID_SIZE];
	void *data;
	size_t size;
};

static void keep_state(void *context, const uint8_t *id, const void *data,
		       size_t size)
{
	struct state s = { .data = malloc(size + 1), .size = size };
	struct buffer *all = context;

	if (!s.data)
		return;
	memcpy(s.id, id, sizeof(s.id));
	memcpy(s.data, data, size);
	if (buffer_put(all, &s, sizeof(s)))
		free(s.data);
}

static int by_id(const void *a, const void *b)
{
	return memcmp(((const struct state *)a)->id,
		      ((const struct state *)b)->id, WIRE_ID_SIZE);
}

/* Tell the first @count, all if it is 0, in the order of their ids. */
static void tell_states(struct buffer *all, size_t count, history_state *found,
			void *context)
{
	struct state *s = (struct state *)all->data;
	size_t n = all->used / sizeof(*s), i;

	if (n)
		qsort(s, n, sizeof(*s), by_id);
	for (i = 0; i < n; i++) {
		if (!count || i < count)
			found(context, s[i].id, s[i].data, s[i].size);
		free(s[i].data);
	}
	buffer_free(all);
}

/* So many of each group: what has more is told all the same. */
int groups_accounts(const struct groups_reader *g, size_t count,
		    history_state *found, void *context)
{
	struct buffer all = { 0 };
	unsigned int i;
	int err = 0;

	if (g->count == 1)
		return g->e[0]->ops->accounts(g->e[0], count, found, context);
	for (i = 0; !err && i < g->count; i++)
		err = g->e[i]->ops->accounts(g->e[i], count, keep_state, &all);
	tell_states(&all, 0, found, context);
	return err;
}

int groups_latest(const struct groups_reader *g, const uint8_t *after,
		  size_t count, history_state *found, void *context)
{
	struct buffer all = { 0 };
	unsigned int i;
	int err = 0;

	if (g->count == 1)
		return g->e[0]->ops->latest(g->e[0], after, count, found,
					    context);
	for (i = 0; !err && i < g->count; i++)
		err = g->e[i]->ops->latest(g->e[i], after, count, keep_state,
					   &all);
	tell_states(&all, count, found, context);
	return err;
}
