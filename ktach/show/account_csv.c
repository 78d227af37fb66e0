// SPDX-License-Identifier: GPL-2.0-or-later
/* A line a row where there are rows, else one of all metrics, or one a fact. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ktach/show/account.h"

static void put_span(FILE *out, const struct span *s)
{
	fprintf(out, "%" PRIu64 ",%s", s->real_ns, origin_name(s->origin));
}

static void put_name(void *out, const char *name, const struct value *v)
{
	fprintf(out, ",%s", name);
}

static void put_cell(void *out, const char *name, const struct value *v)
{
	value_csv(out, v);
}

static void rows_csv(FILE *out, const struct account *a)
{
	const uint32_t kind = a->subject->kind;
	uint32_t count, i;
	uint32_t *numbers = account_order(a, &count);
	struct span span = account_span(a);

	row_members(NULL, kind, put_name, out);
	fputc('\n', out);
	for (i = 0; i < count; i++) {
		struct change c =
			reading_change(a->now, a->before, kind, numbers[i]);

		put_span(out, &span);
		row_members(&c, kind, put_cell, out);
		fputc('\n', out);
	}
	free(numbers);
}

static void group_csv(FILE *out, const struct account *a)
{
	const enum book_group group = a->subject->group;
	struct span span = account_span(a);

	group_members(a->now, a->before, group, true, put_name, out);
	fputc('\n', out);
	put_span(out, &span);
	group_members(a->now, a->before, group, true, put_cell, out);
	fputc('\n', out);
}

static void facts_csv(FILE *out, const struct account *a)
{
	struct span span = account_span(a);
	struct fact f;
	uint32_t i, n;

	fputs(",fact,text\n", out);
	for (n = 0; (f = fact_at(n)).name; n++) {
		for (i = 0; i < a->now->table[WIRE_FACTS].rows.count; i++) {
			struct change c = reading_change(a->now, a->before,
							 WIRE_FACTS, i);
			struct wire_text t = change_text(&c, WIRE_FACT);

			if (c.now[WIRE_FACT_KEY] != f.key)
				continue;
			put_span(out, &span);
			fprintf(out, ",%s", f.name);
			csv_text(out, t.data, t.size);
			fputc('\n', out);
		}
	}
}

void account_csv(FILE *out, const struct account *a)
{
	fputs("real_ns,origin", out);
	if (a->subject->kind)
		rows_csv(out, a);
	else if (a->subject->group)
		group_csv(out, a);
	else
		facts_csv(out, a);
}
