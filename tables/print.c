// SPDX-License-Identifier: GPL-2.0-or-later
/* Prints the book: `print docs` for docs/metrics.md, `print page` for the page. */
#include <stdio.h>
#include <string.h>

#include "lib/wire/wire_schema.h"
#include "tables/book.h"
#include "tables/parts.h"

static const char *const adds[] = {
	[BOOK_NONE] = "",
	[BOOK_SUM] = "sum",
	[BOOK_OWN] = "sum of those that lie on no other",
	[BOOK_MEAN] = "mean",
	[BOOK_MAX] = "largest",
	[BOOK_WRITABLE] = "largest that can be written to",
};

static bool is_told(const struct book_entry *e)
{
	return e->type != WIRE_KEY && e->unit != BOOK_HIDDEN;
}

/* A counter's name without _total is not what Prometheus has. */
static void put_series(const struct book_entry *e)
{
	const char *series = e->series + (*e->series == '=');
	int size = (int)strcspn(series, "{/");
	bool counts = (e->type == WIRE_COUNTER || e->unit == BOOK_JOULES) &&
		      *e->series != '=';

	if (size)
		printf("`%.*s%s%.*s`", size, series, counts ? "_total" : "",
		       (int)strcspn(series + size, "/"), series + size);
}

static void put_also(const struct book_entry *e)
{
	const struct book_also *also;
	size_t i;

	for (i = 0; (also = book_also(i)); i++) {
		const char *series = also->series + (*also->series == '=');

		if (book_find(also->metric) == e)
			printf(", `%.*s`", (int)strcspn(series, "/"), series);
	}
}

static bool is_optional(const struct book_entry *e)
{
	return e->what == BOOK_COLUMN &&
	       e->column >= wire_schema(e->kind)->required;
}

static void put_entry(const struct book_entry *e, bool rows)
{
	char name[BOOK_NAME_SIZE], rate[BOOK_NAME_SIZE], member[BOOK_NAME_SIZE];

	printf("| %s%s%s | ", book_is_metric(e) ? "`" : "",
	       book_is_metric(e) ? book_metric(e, name) : "",
	       book_is_metric(e) ? "`" : "");
	if (!e->quiet && e->what != BOOK_OF_NODE && e->unit != BOOK_FLAGS)
		printf("`%s`", book_member(e, member));
	if (e->type == WIRE_COUNTER && e->kind > WIRE_SOFTIRQ &&
	    book_rate_name(e, rate))
		printf(", `%s`", rate);
	printf(" | %s | ", book_unit_name(e));
	if (rows)
		printf("%s | ", adds[e->adds]);
	put_series(e);
	put_also(e);
	printf(" | %s%s |\n", e->help, is_optional(e) ? "; optional" : "");
}

static void put_head(bool rows)
{
	printf("| metric | in JSON and CSV | unit | %sPrometheus | what it is |\n"
	       "|---|---|---|%s---|---|\n",
	       rows ? "rows together | " : "", rows ? "---|" : "");
}

static void put_table(uint32_t kind)
{
	const struct book_table *t = book_table(kind);
	const struct book_entry *e;
	uint32_t i;

	printf("\n## %s\n\nTable `%s`, ", t->title, t->name);
	if (kind == WIRE_NODE)
		printf("the object `%s`.", t->rows);
	else
		printf("rows in `%s`, told apart by `%s`.", t->rows,
		       book_first(kind)->name);
	for (i = 0; i < WIRE_TEXTS_MAX && t->texts[i].name; i++)
		printf("%s`%s`", i ? ", " : " Texts: ", t->texts[i].name);
	printf("%s\n\n", i ? "." : "");
	put_head(true);
	for (e = book_first(kind); e < book_end(kind); e++)
		if (is_told(e))
			put_entry(e, true);
}

static void put_group(const char *title, enum book_group group)
{
	const struct book_entry *e;

	printf("\n## %s\n\n", title);
	put_head(false);
	for (e = book; e < book + BOOK_ENTRIES; e++)
		if (group ? e->group == group : e->what == BOOK_OF_NODE)
			put_entry(e, false);
}

static void put_facts(void)
{
	static const char *const forms[] = {
		[BOOK_TEXT] = "text", [BOOK_WHOLE] = "number", [BOOK_LIST] = "list"
	};
	uint32_t key;

	printf("\n## Facts\n\n| in JSON and CSV | | title |\n|---|---|---|\n");
	for (key = 0; key < WIRE_FACT_KEYS; key++)
		printf("| `%s` | %s | %s |\n", book_facts[key].name,
		       forms[book_facts[key].form], book_facts[key].title);
}

static void put_parts(void)
{
	const struct book_part *p;
	size_t i;

	printf("\n## Series of parts\n\n"
	       "Rows of `parts`, and series of `/metrics`: names and labels are node_exporter's where it has them. By groups, which `--part-include` and\n"
	       "`--part-exclude` choose from. A group with a star was not seen on a real machine, but on trees of files made from the kernel's documentation.\n");
	for (i = 0; (p = book_part(i)); i++)
		if (p->group)
			printf("\n### `%s`%s: %s\n\n| series | what it is |\n|---|---|\n",
			       p->group, p->trees ? "*" : "", p->name);
		else
			printf("| `%s` | %s |\n", p->name, p->help);
}

static void print_docs(void)
{
	uint32_t kind;

	printf("# What is measured\n\n"
	       "Made from tables/tables.def by `make docs`; a test holds it up to date.\n\n"
	       "A metric's name is the same in the live API, the history, the WebSocket and `/metrics`' tables below; in JSON and CSV of the API and of\n"
	       "`ktach` a value goes by its own name, in its row. A metric that counts is told as its growth a second, and its count since boot in JSON.\n"
	       "Times are in ns and shares from 0 to 1, for Prometheus in seconds. What is not known is null, empty, or not there. In JSON the states of a CPU\n"
	       "stand in an object `share`, and softirqs by vector in `count`, `per_s`, `time_ns` and `max_ns`.\n\n"
	       "*Extremes over time.* `min` and `max` of a step are exact where samples are kept. From rollups they are known of a metric that is a column of\n"
	       "its own or follows from one; of one that mixes several columns, such as `cpu.busy`, they are null then.\n");
	for (kind = 0; kind < WIRE_KINDS; kind++)
		if (book_table(kind) && kind != WIRE_GAUGES &&
		    kind != WIRE_COUNTERS && kind != WIRE_FACTS)
			put_table(kind);
	put_group("Load", BOOK_LOAD);
	put_group("Memory", BOOK_MEMORY);
	put_group("Pressure", BOOK_PRESSURE);
	put_group("System", BOOK_SYSTEM);
	put_group("Processes of all", BOOK_PROCESS);
	put_group("More of memory", BOOK_MEMINFO);
	put_group("Protocols and sockets", BOOK_PROTOCOL);
	put_group("Limits of the kernel", BOOK_LIMIT);
	put_group("Keeping time", BOOK_TIMEX);
	put_group("Of a node, by the collector", BOOK_ROWS);
	put_facts();
	put_parts();
}

static void put_js(const char *name, const char *title, const char *unit)
{
	printf("\"%s\":[\"%s\",\"%s\"],", name, title, unit);
}

/* By table, what JSON has: a title and a unit. */
static void print_page(void)
{
	char name[BOOK_NAME_SIZE];
	const struct book_entry *e;
	uint32_t kind = 0;

	printf("export const BOOK = {");
	for (e = book; e < book + BOOK_ENTRIES; e++) {
		if (!is_told(e) || e->quiet || e->unit == BOOK_FLAGS ||
		    !e->kind || e->group || e->kind == WIRE_NODE)
			continue;
		if (e->kind != kind)
			printf("%s%s:{", kind ? "},\n" : "\n",
			       book_table(e->kind)->name);
		kind = e->kind;
		put_js(e->name, e->title,
		       e->type == WIRE_COUNTER && e->unit == BOOK_NUMBER ?
			       "" :
		       e->type == WIRE_COUNTER && e->unit == BOOK_BYTES ?
			       "bytes" :
		       e->type == WIRE_COUNTER ? "ns" :
						 book_unit_name(e));
		if (e->type == WIRE_COUNTER && book_rate_name(e, name))
			put_js(name, e->title, book_unit_name(e));
	}
	printf("}};\n");
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "docs"))
		print_docs();
	else if (argc == 2 && !strcmp(argv[1], "page"))
		print_page();
	else
		return 2;
	return fflush(stdout) ? 1 : 0;
}
