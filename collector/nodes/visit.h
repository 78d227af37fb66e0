/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking at nodes while others take frames of them: one node at a time, under
 * its lock, in the order of their ids.
 *
 *   visit_begin(&v, nodes)
 *     for (node = visit_first(&v); node; node = visit_next(&v))
 *       ... of this node only; before a break: visit_leave(&v)
 *   visit_end(&v)
 *
 * Nodes that come after visit_begin() are not in it; those that are in it stay in
 * memory until visit_end(). Their ids may be read without the lock.
 */
#ifndef KTACH_COLLECTOR_NODES_VISIT_H
#define KTACH_COLLECTOR_NODES_VISIT_H

#include "collector/nodes/node.h"

/**
 * struct visit - of one thread
 * @nodes: the table
 * @list: its list, as it was when the visit began
 * @count: of @list
 * @at: the next one
 * @held: whose lock is held; NULL: none
 * @serial: nodes->serial then
 * @forgotten: nodes->forgotten then
 */
struct visit {
	struct nodes *nodes;
	struct node **list;
	size_t count;
	size_t at;
	struct node *held;
	uint64_t serial;
	uint64_t forgotten;
};

/* Return 0 or -ENOMEM; the visit has not begun then. */
int visit_begin(struct visit *v, struct nodes *nodes);
void visit_end(struct visit *v);

/* NULL at the end, where nothing is held any more. */
struct node *visit_first(struct visit *v);
struct node *visit_next(struct visit *v);

/* Hold this one of the list. */
struct node *visit_hold(struct visit *v, const struct node *node);

/* Hold none. */
void visit_leave(struct visit *v);

/**
 * visit_find() - by name or id
 * @v: the visit
 * @text: a name, or an id as in id_text
 * @matches: set to how many nodes have that name
 *
 * Return: the node, held, or the first one of several; NULL if there is none.
 */
struct node *visit_find(struct visit *v, const char *text, size_t *matches);

#endif /* KTACH_COLLECTOR_NODES_VISIT_H */
