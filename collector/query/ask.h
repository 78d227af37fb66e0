/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A question is answered: a page of it. */
#ifndef KTACH_COLLECTOR_QUERY_ASK_H
#define KTACH_COLLECTOR_QUERY_ASK_H

#include "collector/query/query.h"

/**
 * struct query_page - an answer
 * @text: of it; to be put
 * @next: where the next one begins; "": this is the last one
 */
struct query_page {
	struct text *text;
	char next[QUERY_PAGE_SIZE];
};

/**
 * query_ask() - answer a page
 * @q: the question
 * @h: the history
 * @v: a visit of all nodes
 * @nodes: those that are asked for
 * @page: filled
 *
 * Return: 0; -ETIME or -E2BIG where not even one series could be told, or all together are
 * too much; otherwise as history_query(), or -ENOMEM.
 */
int query_ask(const struct query *q, struct history *h, struct visit *v,
	      const struct asked_nodes *nodes, struct query_page *page);

#endif /* KTACH_COLLECTOR_QUERY_ASK_H */
