/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes that a question is about: those that are there now, and those that only the history
 * knows, by names, ids, and globs of stars.
 */
#ifndef KTACH_COLLECTOR_QUERY_ASKED_NODES_H
#define KTACH_COLLECTOR_QUERY_ASKED_NODES_H

#include <stdbool.h>

#include "collector/history/history.h"
#include "collector/nodes/visit.h"

/**
 * struct asked_node - one of them
 * @id: which it is
 * @id_text: the same as a text
 * @name: its name
 * @label: its value of the label that is asked for; NULL without
 * @live: in the visit; NULL: only the history knows it
 * @ahead_ns: how far its samples' times are ahead of ours, as far as is known
 */
struct asked_node {
	uint8_t id[WIRE_ID_SIZE];
	char id_text[NODE_ID_TEXT_SIZE];
	char *name;
	char *label;
	const struct node *live;
	int64_t ahead_ns;
};

/* @list: @count of them, in the order of their ids. All zeroes: none. */
struct asked_nodes {
	struct asked_node *list;
	size_t count;
	size_t room;
};

/**
 * asked_nodes_find() - find them
 * @n: filled
 * @v: a visit, that is to last as long as they are used
 * @h: the history; NULL: there is none
 * @names: as names_match() takes them
 * @labels: that nodes have to have, as labels_match() takes them; "": any
 * @label: whose value is to be known; "": of none
 *
 * Return: 0, -ENOMEM or -EIO.
 */
int asked_nodes_find(struct asked_nodes *n, struct visit *v, struct history *h,
		     const char *names, const char *labels, const char *label);

void asked_nodes_free(struct asked_nodes *n);

#endif /* KTACH_COLLECTOR_QUERY_ASKED_NODES_H */
