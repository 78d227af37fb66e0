// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "collector/nodes/namesakes.h"
#include "collector/nodes/visit.h"
#include "lib/base/barrier.h"
#include "lib/base/log.h"

#define MINUTE_NS UINT64_C(60000000000)

struct named {
	char name[NODE_NAME_SIZE];
	const struct node *node;
	uint64_t renamed;
};

/* By name; of one name, the node that has had it for longest first. */
static int by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order)
		return order;
	return x->renamed < y->renamed ? -1 : x->renamed > y->renamed;
}

static size_t copy_names(struct visit *v, struct named *all)
{
	struct node *node;
	size_t count = 0;

	for (node = visit_first(v); node; node = visit_next(v)) {
		memcpy(all[count].name, node->name, sizeof(node->name));
		all[count].renamed = node->renamed;
		all[count++].node = node;
	}
	qsort(all, count, sizeof(*all), by_name);
	return count;
}

/* The one that took its name last of all that have another's; NULL: there is none. */
static const struct named *find_newest(const struct named *all, size_t count)
{
	const struct named *found = NULL;
	size_t i;

	for (i = 1; i < count; i++)
		if (!strcmp(all[i].name, all[i - 1].name) &&
		    (!found || all[i].renamed > found->renamed))
			found = &all[i];
	return found;
}

static void tell(struct visit *v, const struct named *second)
{
	char id[NODE_ID_TEXT_SIZE], address[sizeof(second->node->from.address)];
	struct node *node = visit_hold(v, second[-1].node);

	memcpy(id, node->id_text, sizeof(id));
	memcpy(address, node->from.address, sizeof(address));
	node = visit_hold(v, second->node);
	log_warn(
		"nodes %s at %s and %s at %s have one name, '%s': whoever asks for it gets neither, but their ids; rename one, or revoke its key if it is not yours",
		id, address, node->id_text, node->from.address, second->name);
	visit_leave(v);
}

bool namesakes_tell(struct nodes *nodes, uint64_t mono_ns)
{
	uint64_t renamed = load_acquire(&nodes->renamed);
	const struct named *found;
	struct named *all;
	struct visit v;

	if (renamed == nodes->renamed_seen ||
	    (nodes->namesakes_told_ns &&
	     mono_ns - nodes->namesakes_told_ns < MINUTE_NS) ||
	    visit_begin(&v, nodes))
		return false;
	all = malloc((v.count + 1) * sizeof(*all));
	found = all ? find_newest(all, copy_names(&v, all)) : NULL;
	if (all)
		nodes->renamed_seen = renamed;
	if (found) {
		tell(&v, found);
		nodes->namesakes_told_ns = mono_ns;
	}
	visit_end(&v);
	free(all);
	return found;
}
