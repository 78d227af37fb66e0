// SPDX-License-Identifier: GPL-2.0-or-later
#include "ktach/show/account.h"

struct span account_span(const struct account *a)
{
	struct span span = { 0 };
	int kind;

	for (kind = 0; kind < WIRE_KINDS; kind++) {
		const struct reading_table *now = &a->now->table[kind];
		const struct reading_table *before = &a->before->table[kind];

		if (!now->rows.count || now->mono_ns < span.mono_ns)
			continue;
		span.origin = now->origin;
		span.real_ns = now->real_ns;
		span.mono_ns = now->mono_ns;
		span.interval_ns =
			before->rows.count ? now->mono_ns - before->mono_ns : 0;
	}
	return span;
}

static void view_span(struct paper *p, const struct account *a)
{
	struct span span = account_span(a);

	if (!span.origin) {
		paper_put(p, STYLE_DIM, "%s: nothing to show",
			  a->subject->name);
		paper_line(p);
		return;
	}
	paper_put(p, STYLE_DIM, "from     %s %s", a->subject->name,
		  origin_name(span.origin));
	if (span.interval_ns)
		paper_put(p, STYLE_DIM, " (%.0f ms)",
			  (double)span.interval_ns / 1000000);
	paper_line(p);
}

void view_account(struct paper *p, const struct account *a)
{
	const struct subject *s = a->subject;

	if (s->group)
		view_group(p, a);
	if (s->facts)
		view_facts(p, a);
	if (s->kind && a->now->table[s->kind].rows.count) {
		if (s->group)
			paper_line(p);
		view_rows(p, a);
	}
	view_span(p, a);
}
