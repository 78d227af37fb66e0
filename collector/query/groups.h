/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Series that become one: what they have at a step is added up as it comes. */
#ifndef KTACH_COLLECTOR_QUERY_GROUPS_H
#define KTACH_COLLECTOR_QUERY_GROUPS_H

#include "collector/history/ask/spread.h"
#include "collector/query/query.h"

struct query_group;

/**
 * struct groups - those of a metric
 * @q: the question
 * @list: @count of them, as they came
 * @cells: that they have
 */
struct groups {
	const struct query *q;
	struct query_group **list;
	size_t count;
	size_t room;
	size_t cells;
};

/* How several series of a metric become one. */
enum query_combine groups_combine(const struct query *q,
				  const struct book_entry *metric);

/* Add a series to the group of that name; its node is the group's if @of_node. Return 0,
 * -ENOMEM, or -E2BIG: too many groups.
 */
int groups_add(struct groups *g, const struct query_series *s, const char *name,
	       bool of_node);

/* Tell each, and begin anew. */
void groups_tell(struct groups *g,
		 void (*tell)(void *context, const struct query_series *s),
		 void *context);

void groups_free(struct groups *g);

#endif /* KTACH_COLLECTOR_QUERY_GROUPS_H */
