/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A list whose links are in its members: a head is a link, too, and an empty
 * list is one that is linked to itself. A member is in no list while its next
 * is NULL.
 */
#ifndef KTACH_LIB_BASE_LIST_H
#define KTACH_LIB_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/container.h"

struct list {
	struct list *next;
	struct list *before;
};

static inline void list_init(struct list *head)
{
	head->next = head;
	head->before = head;
}

static inline bool list_has(const struct list *link)
{
	return link->next;
}

/* The member that was appended first; NULL: there is none. */
static inline struct list *list_first(const struct list *head)
{
	return head->next == head ? NULL : head->next;
}

static inline void list_append(struct list *head, struct list *link)
{
	link->next = head;
	link->before = head->before;
	head->before->next = link;
	head->before = link;
}

/* Does nothing to a member that is in no list. */
static inline void list_remove(struct list *link)
{
	if (!link->next)
		return;
	link->before->next = link->next;
	link->next->before = link->before;
	link->next = NULL;
}

#endif /* KTACH_LIB_BASE_LIST_H */
