/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The largest, or smallest, of series by one value of each. */
#ifndef KTACH_COLLECTOR_QUERY_TOP_H
#define KTACH_COLLECTOR_QUERY_TOP_H

#include "collector/query/query.h"

/* One that is kept: a copy. */
struct top_series {
	struct query_series s;
	double rank;
	char *row;
	char *group;
	double *values;
};

/**
 * struct top - the best so far of an aggregate
 * @q: the question
 * @list: @count of them, the best first
 * @offered: how many there were
 * @failed: memory ran out
 */
struct top {
	const struct query *q;
	struct top_series *list;
	size_t count;
	size_t offered;
	bool failed;
};

void top_offer(struct top *t, const struct query_series *s);

/* Tell each, and begin anew. */
void top_tell(struct top *t,
	      void (*tell)(void *context, const struct query_series *s),
	      void *context);

void top_free(struct top *t);

#endif /* KTACH_COLLECTOR_QUERY_TOP_H */
