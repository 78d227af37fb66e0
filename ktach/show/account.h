/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a collector of host/ told, on paper, in JSON and in CSV. */
#ifndef KTACH_KTACH_SHOW_ACCOUNT_H
#define KTACH_KTACH_SHOW_ACCOUNT_H

#include "ktach/show/subject.h"
#include "ktach/show/views.h"

/**
 * struct row_wish - which rows are shown, and how; zeroes: all, as the subject has them
 * @sort: name of the value that they are sorted by, the largest first; NULL: as @order of
 *	the account has it
 * @reverse: the other way round
 * @filter: those only one of whose texts has this in it, or whose number it is
 * @rows: so many at most; 0: all
 * @first: on paper so many are passed over
 * @mark: on paper this one, from 1, is marked; 0: none
 */
struct row_wish {
	const char *sort;
	bool reverse;
	const char *filter;
	uint32_t rows;
	uint32_t first;
	uint32_t mark;
};

/**
 * struct account - what is told of a subject
 * @subject: which
 * @now: the newer reading
 * @before: the older one; empty where one says it all
 * @order: of its rows
 * @wish: which of them
 */
struct account {
	const struct subject *subject;
	const struct reading *now;
	const struct reading *before;
	enum order order;
	struct row_wish wish;
};

/* The rows of @a that are wanted, in their order: @count numbers, to be freed; NULL
 * without memory.
 */
uint32_t *account_order(const struct account *a, uint32_t *count);

/* Whether rows of @kind have a value of this name. */
bool row_has(uint32_t kind, const char *name);

/* When, and from where: of the newest of its tables. */
struct span account_span(const struct account *a);

void view_account(struct paper *p, const struct account *a);

/* Its parts. */
void view_group(struct paper *p, const struct account *a);
void view_facts(struct paper *p, const struct account *a);
void view_rows(struct paper *p, const struct account *a);

/* The member of an answer; a new reference. */
json_t *account_json(const struct account *a);
void account_csv(FILE *out, const struct account *a);

#endif /* KTACH_KTACH_SHOW_ACCOUNT_H */
