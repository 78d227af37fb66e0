// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/nodes/labels.h"
#include "collector/query/asked_nodes.h"
#include "lib/base/globs.h"

/* Those of the history come once those that are there now are known. */
struct finding {
	struct asked_nodes *n;
	struct visit *visit;
	const char *names;
	const char *labels;
	const char *label;
	int err;
};

static bool is_asked(const struct finding *f, const char *name,
		     const char *id_text)
{
	return names_match(f->names, name) || names_match(f->names, id_text);
}

static struct asked_node *add_node(struct finding *f, const uint8_t *id,
				   const char *name)
{
	struct asked_nodes *n = f->n;
	struct asked_node *list = n->list, *node;
	size_t room = n->room ? n->room * 2 : 64;

	if (n->count == n->room) {
		list = realloc(list, room * sizeof(*list));
		if (!list)
			goto fail;
		n->list = list;
		n->room = room;
	}
	node = &n->list[n->count];
	*node = (struct asked_node){ .name = strdup(name) };
	if (!node->name)
		goto fail;
	memcpy(node->id, id, sizeof(node->id));
	node_id_format(id, node->id_text);
	n->count++;
	return node;
fail:
	f->err = -ENOMEM;
	return NULL;
}

static void add_live(struct finding *f, const struct node *node)
{
	const char *label = NULL;
	struct asked_node *asked;

	if (!is_asked(f, node->name, node->id_text) ||
	    !labels_match(&node->facts, f->labels))
		return;
	asked = add_node(f, node->id, node->name);
	if (!asked)
		return;
	if (*f->label)
		label = labels_find(&node->facts, f->label);
	asked->label = label ? strdup(label) : NULL;
	if (label && !asked->label)
		f->err = -ENOMEM;
	asked->live = node;
	if (clock_known(&node->clock) && !node->redated_ns)
		asked->ahead_ns = node->clock.offset_ns;
}

/* The visit's list is in the order of ids. */
static bool is_live(const struct visit *v, const uint8_t *id)
{
	size_t low = 0, high = v->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = memcmp(v->list[middle]->id, id, WIRE_ID_SIZE);

		if (!order)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static void add_past(void *context, const struct history_node *n)
{
	struct finding *f = context;
	char id_text[NODE_ID_TEXT_SIZE];

	node_id_format(n->id, id_text);
	if (!f->err && is_asked(f, n->name, id_text) &&
	    !is_live(f->visit, n->id))
		add_node(f, n->id, n->name);
}

static int compare_ids(const void *a, const void *b)
{
	return memcmp(((const struct asked_node *)a)->id,
		      ((const struct asked_node *)b)->id, WIRE_ID_SIZE);
}

int asked_nodes_find(struct asked_nodes *n, struct visit *v, struct history *h,
		     const char *names, const char *labels, const char *label)
{
	struct finding f = { n, v, names, labels, label, 0 };
	const struct node *node;

	*n = (struct asked_nodes){ 0 };
	for (node = visit_first(v); node && !f.err; node = visit_next(v))
		add_live(&f, node);
	visit_leave(v);
	/* What the history knows has no labels. */
	if (!f.err && h && !*labels && history_nodes(h, add_past, &f))
		f.err = -EIO;
	if (f.err)
		asked_nodes_free(n);
	else if (n->count)
		qsort(n->list, n->count, sizeof(*n->list), compare_ids);
	return f.err;
}

void asked_nodes_free(struct asked_nodes *n)
{
	while (n->count) {
		n->count--;
		free(n->list[n->count].name);
		free(n->list[n->count].label);
	}
	free(n->list);
	*n = (struct asked_nodes){ 0 };
}
