/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A page as JSON, NDJSON or CSV. */
#ifndef KTACH_COLLECTOR_QUERY_OUT_H
#define KTACH_COLLECTOR_QUERY_OUT_H

#include "collector/query/query.h"

/**
 * struct out - what is written
 * @q: the question
 * @w: where it goes
 * @series: so many
 * @values: of all of them
 * @oldest_ns: of the series that still get values, the step where one had its last: from
 *             there on more is to come; 0: none did
 */
struct out {
	const struct query *q;
	struct document w;
	size_t series;
	size_t values;
	uint64_t oldest_ns;
};

void out_begin(struct out *o);
void out_series(struct out *o, const struct query_series *s);

/* @next: where the next page begins, "" for none. Return the text, or NULL. */
struct text *out_end(struct out *o, const char *next);

#endif /* KTACH_COLLECTOR_QUERY_OUT_H */
