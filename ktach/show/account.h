/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a collector of host/ told, on paper, in JSON and in CSV. */
#ifndef KTACH_KTACH_SHOW_ACCOUNT_H
#define KTACH_KTACH_SHOW_ACCOUNT_H

#include "ktach/show/subject.h"
#include "ktach/show/views.h"

/**
 * struct account - what is told of a subject
 * @subject: which
 * @now: the newer reading
 * @before: the older one; empty where one says it all
 * @order: of its rows
 */
struct account {
	const struct subject *subject;
	const struct reading *now;
	const struct reading *before;
	enum order order;
};

/* Rows of @a in their order: numbers, to be freed; NULL without memory. */
uint32_t *account_order(const struct account *a);

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
