// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/nodes/visit.h"
#include "lib/base/barrier.h"

/* Take the serial first: what changes after that is looked at again by the next
 * visit.
 */
int visit_begin(struct visit *v, struct nodes *nodes)
{
	*v = (struct visit){ .nodes = nodes,
			     .serial = load_acquire(&nodes->serial),
			     .forgotten = load_acquire(&nodes->forgotten) };

	pthread_mutex_lock(&nodes->list_lock);
	v->list = malloc((nodes->count + 1) * sizeof(v->list[0]));
	if (v->list) {
		memcpy(v->list, nodes->list, nodes->count * sizeof(v->list[0]));
		v->count = nodes->count;
		nodes->visits++;
	}
	pthread_mutex_unlock(&nodes->list_lock);
	return v->list ? 0 : -ENOMEM;
}

void visit_end(struct visit *v)
{
	visit_leave(v);
	pthread_mutex_lock(&v->nodes->list_lock);
	v->nodes->visits--;
	pthread_mutex_unlock(&v->nodes->list_lock);
	free(v->list);
}

void visit_leave(struct visit *v)
{
	if (v->held)
		pthread_mutex_unlock(&v->nodes->locks[v->held->lock]);
	v->held = NULL;
}

struct node *visit_hold(struct visit *v, const struct node *node)
{
	visit_leave(v);
	pthread_mutex_lock(&v->nodes->locks[node->lock]);
	v->held = (struct node *)node;
	node_settle(v->held);
	return v->held;
}

struct node *visit_first(struct visit *v)
{
	v->at = 0;
	return visit_next(v);
}

/* Pass over nodes that were forgotten meanwhile. */
struct node *visit_next(struct visit *v)
{
	while (v->at < v->count)
		if (!visit_hold(v, v->list[v->at++])->forgotten)
			return v->held;
	visit_leave(v);
	return NULL;
}

struct node *visit_find(struct visit *v, const char *text, size_t *matches)
{
	struct node *node, *found = NULL;

	*matches = 0;
	for (node = visit_first(v); node; node = visit_next(v)) {
		if (!strcmp(node->id_text, text)) {
			*matches = 1;
			return node;
		}
		if (strcmp(node->name, text))
			continue;
		if (!found)
			found = node;
		++*matches;
	}
	return found ? visit_hold(v, found) : NULL;
}
