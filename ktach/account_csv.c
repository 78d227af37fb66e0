// SPDX-License-Identifier: GPL-2.0-or-later
/* A line a row where there are rows, else one of all metrics, or one a fact. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ktach/account.h"
#include "ktach/csv.h"

static void put_span(FILE *out, const struct span *s)
{
	fprintf(out, "%" PRIu64 ",%s", s->real_ns, origin_name(s->origin));
}

static void row_line(FILE *out, const struct account *a, uint32_t at)
{
	const struct subject *s = a->subject;
	struct change c = reading_change(a->now, a->before, s->kind, at);
	const struct field *f;
	struct value v;

	for (f = s->fields; f->name; f++) {
		if (!*f->name)
			continue;
		field_value(f, &c, &v);
		value_csv(out, &v);
	}
}

static void rows_csv(FILE *out, const struct account *a)
{
	uint32_t *numbers = account_order(a), i;
	struct span span = account_span(a);
	const struct field *f;

	for (f = a->subject->fields; f->name; f++)
		if (*f->name)
			fprintf(out, ",%s", f->name);
	fputc('\n', out);
	for (i = 0; numbers && i < a->now->table[a->subject->kind].rows.count;
	     i++) {
		put_span(out, &span);
		row_line(out, a, numbers[i]);
		fputc('\n', out);
	}
	free(numbers);
}

static void metric_titles(FILE *out, const struct metric *m)
{
	char name[FIELD_SIZE];

	for (; m->name; m++) {
		fprintf(out, ",%s", m->name);
		if (m->kind == WIRE_COUNTERS)
			fprintf(out, ",%s", metric_rate_name(m, name));
	}
	fputc('\n', out);
}

static void metric_cells(FILE *out, const struct account *a,
			 const struct metric *m)
{
	struct value value = { .type = VALUE_ABSENT };
	struct value rate = { .type = VALUE_ABSENT };
	struct change c;

	if (reading_find(a->now, a->before, m->kind, m->key, &c)) {
		metric_value(m, &c, &value);
		metric_rate(m, &c, &rate);
	}
	value_csv(out, &value);
	if (m->kind == WIRE_COUNTERS)
		value_csv(out, &rate);
}

static void metrics_csv(FILE *out, const struct account *a)
{
	struct span span = account_span(a);
	const struct metric *m;

	metric_titles(out, a->subject->metrics);
	put_span(out, &span);
	for (m = a->subject->metrics; m->name; m++)
		metric_cells(out, a, m);
	fputc('\n', out);
}

static void facts_csv(FILE *out, const struct account *a)
{
	struct span span = account_span(a);
	const struct fact *f;
	uint32_t i;

	fputs(",fact,text\n", out);
	for (f = a->subject->facts; f->name; f++) {
		for (i = 0; i < a->now->table[WIRE_FACTS].rows.count; i++) {
			struct change c = reading_change(a->now, a->before,
							 WIRE_FACTS, i);
			struct wire_text t = change_text(&c, WIRE_FACT);

			if (c.now[WIRE_FACT_KEY] != f->key)
				continue;
			put_span(out, &span);
			fprintf(out, ",%s", f->name);
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
	else if (a->subject->metrics)
		metrics_csv(out, a);
	else
		facts_csv(out, a);
}
