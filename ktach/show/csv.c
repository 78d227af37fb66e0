// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <string.h>

#include "ktach/show/csv.h"
#include "ktach/show/section.h"

/* A CPU's shares go by the book's names of states, other values in an object by its
 * name, too: "user", but "hi_per_s".
 */
static void put_title(void *out, const char *name, const struct value *v)
{
	const char *dot = strchr(name, '.');

	if (!dot)
		fprintf(out, ",%s", name);
	else if (!strncmp(name, "share.", 6))
		fprintf(out, ",%s", dot + 1);
	else
		fprintf(out, ",%s_%.*s", dot + 1, (int)(dot - name), name);
}

static void put_cell(void *out, const char *name, const struct value *v)
{
	value_csv(out, v);
}

void csv_titles(FILE *out, enum section section)
{
	static struct net_row interface;
	const struct figures none = { .net.row = &interface };

	fputs("real_ns,origin", out);
	if (section == SECTION_NET) {
		fputs(",name", out);
		section_row(&none, section, 0, put_title, out);
	} else {
		fputs(section <= SECTION_SOFTIRQ ? ",cpu" : "", out);
		section_total(&none, section, put_title, out);
	}
	fputc('\n', out);
}

static void put_span(FILE *out, const struct span *s, uint32_t origin)
{
	fprintf(out, "%" PRIu64 ",%s", s->real_ns, origin_name(origin));
}

static void put_total(FILE *out, const struct figures *f, enum section section,
		      const char *key)
{
	const struct span *span = figures_span(f, section);

	put_span(out, span, span->origin);
	fputs(key, out);
	section_total(f, section, put_cell, out);
	fputc('\n', out);
}

static void put_cpus(FILE *out, const struct figures *f, enum section section,
		     const struct cpu_figures *cpus)
{
	uint32_t i;

	put_total(out, f, section, ",all");
	for (i = 0; i < cpus->rows; i++) {
		if (!(cpus->row[i].flags & WIRE_CPU_ONLINE))
			continue;
		put_span(out, &cpus->span, cpus->span.origin);
		fprintf(out, ",%" PRIu32, cpus->row[i].cpu);
		section_row(f, section, i, put_cell, out);
		fputc('\n', out);
	}
}

static void put_interfaces(FILE *out, const struct figures *f)
{
	uint32_t i;

	for (i = 0; i < f->net.rows; i++) {
		const struct net_row *row = &f->net.row[i];

		put_span(out, &f->net.span, row->origin);
		csv_text(out, row->name, strlen(row->name));
		section_row(f, SECTION_NET, i, put_cell, out);
		fputc('\n', out);
	}
}

void csv_lines(FILE *out, const struct figures *f, enum section section)
{
	switch (section) {
	case SECTION_CPU:
		put_cpus(out, f, section, &f->cpu);
		break;
	case SECTION_SOFTIRQ:
		put_cpus(out, f, section, &f->softirq);
		break;
	case SECTION_NET:
		put_interfaces(out, f);
		break;
	default:
		put_total(out, f, section, "");
		break;
	}
}
