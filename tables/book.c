// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/wire/wire_schema.h"
#include "tables/book.h"
#include "tables/formulas.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define RISES(C)            \
	{                   \
		WIRE_##C, 1 \
	}
#define FALLS(C)             \
	{                    \
		WIRE_##C, -1 \
	}
#define MIXES(C)            \
	{                   \
		WIRE_##C, 0 \
	}

/* clang-format off */
#define ENTRY(k, w, n, u, t, s, h)                                 \
	.kind = (k), .what = BOOK_##w, .name = n, .unit = BOOK_##u, \
	.title = t, .series = s, .help = h
#define MADE(T, n, U, t, s, h, f, ...)                                \
	ENTRY(WIRE_##T, FIGURE, n, U, t, s, h), .type = WIRE_GAUGE,   \
	.formula = f, .inputs = { __VA_ARGS__ },                      \
	.count = COUNT(((struct book_input[]){ __VA_ARGS__ }))

const struct book_entry book[BOOK_ENTRIES] = {
#define COLUMN(T, C, n, TYPE, U, A, t, s, h)                         \
	{ ENTRY(WIRE_##T, COLUMN, #n, U, t, s, h), .adds = BOOK_##A, \
	  .type = WIRE_##TYPE, .column = WIRE_##T##_##C },
#define FLAG(T, C, BIT, n, t, s, h)                                   \
	{ ENTRY(WIRE_##T, FLAG, #n, TRUTH, t, s, h),                  \
	  .type = WIRE_STATE, .column = WIRE_##T##_##C, .bit = WIRE_##BIT },
#define FIGURE(T, n, U, A, t, s, h, f, ...) \
	{ MADE(T, #n, U, t, s, h, f, __VA_ARGS__), .adds = BOOK_##A },
#define QUIET(T, n, U, A, t, s, h, f, ...) \
	{ MADE(T, #n, U, t, s, h, f, __VA_ARGS__), .adds = BOOK_##A, .quiet = true },
#define GAUGE(K, G, n, U, t, s, h)                          \
	{ ENTRY(WIRE_GAUGES, VALUE, #n, U, t, s, h),        \
	  .type = WIRE_GAUGE, .column = WIRE_##K, .group = BOOK_##G },
#define COUNTER(K, G, n, U, t, s, h)                          \
	{ ENTRY(WIRE_COUNTERS, VALUE, #n, U, t, s, h),        \
	  .type = WIRE_COUNTER, .column = WIRE_##K, .group = BOOK_##G },
#define COMBINED(T, G, n, U, t, s, h, f, ...) \
	{ MADE(T, #n, U, t, s, h, f, __VA_ARGS__), .group = BOOK_##G },
#define OF_NODE(n, U, t, s, h) \
	{ ENTRY(0, OF_NODE, #n, U, t, s, h), .type = WIRE_GAUGE },
#include "tables/tables.def"
};

static const struct book_table tables[WIRE_KINDS] = {
#define TABLE(T, number, n, schema, r, o, t)                      \
	[WIRE_##T] = { .name = #n, .rows = #r, .over = #o, .title = t, \
		       .texts = {
#define TEXT(T, C, n, l, t) [WIRE_##T##_##C] = { #n, l, t },
#define WORDS(T, C, n, t) [WIRE_##T##_##C] = { #n, "", t, true },
#define TABLE_END(T) } },
#include "tables/tables.def"
};

const struct book_fact book_facts[WIRE_FACT_KEYS] = {
#define FACT(K, n, FORM, t) [WIRE_##K] = { #n, t, BOOK_##FORM },
#include "tables/tables.def"
};

static const char *const families[][2] = {
#define FAMILY(series, help) { series, help },
#include "tables/tables.def"
};

static const struct book_also also[] = {
#define ALSO(series, metric, help) { series, #metric, help },
#include "tables/tables.def"
};

static const char *const old_names[][2] = {
#define OLD_NAME(old, now) { old, now },
#include "tables/tables.def"
};
/* clang-format on */

const struct book_table *book_table(uint32_t kind)
{
	return kind < WIRE_KINDS && tables[kind].name ? &tables[kind] : NULL;
}

static const struct book_entry *next_of(const struct book_entry *e,
					uint32_t kind, bool is)
{
	while (e < book + BOOK_ENTRIES && (e->kind == kind) != is)
		e++;
	return e;
}

const struct book_entry *book_first(uint32_t kind)
{
	return next_of(book, kind, true);
}

const struct book_entry *book_end(uint32_t kind)
{
	return next_of(book_first(kind), kind, false);
}

const struct book_entry *book_column(uint32_t kind, uint32_t column)
{
	const struct book_entry *e;

	for (e = book; e < book + BOOK_ENTRIES; e++)
		if (e->kind == kind && e->what == BOOK_COLUMN &&
		    e->column == column)
			return e;
	return NULL;
}

static bool has_own_name(const struct book_entry *e)
{
	return e->group || e->what == BOOK_OF_NODE;
}

const char *book_metric(const struct book_entry *e, char name[BOOK_NAME_SIZE])
{
	if (has_own_name(e))
		return e->name;
	snprintf(name, BOOK_NAME_SIZE, "%s.%s", tables[e->kind].name, e->name);
	return name;
}

const char *book_member(const struct book_entry *e, char name[BOOK_NAME_SIZE])
{
	static const char *const objects[] = { [BOOK_MEMORY] = "memory",
					       [BOOK_PRESSURE] = "pressure",
					       [BOOK_MEMINFO] = "meminfo",
					       [BOOK_TIMEX] = "timex" };
	const char *object = e->group < COUNT(objects) ? objects[e->group] :
							 NULL;
	size_t size = object ? strlen(object) : 0;
	char *dot;

	if (size &&
	    (strncmp(e->name, object, size) || !strchr("_.", e->name[size])))
		size = 0;
	snprintf(name, BOOK_NAME_SIZE, "%s", e->name + (size ? size + 1 : 0));
	dot = strchr(name, '.');
	if (dot)
		*dot = '_';
	return name;
}

const char *book_rate_name(const struct book_entry *e,
			   char name[BOOK_NAME_SIZE])
{
	char member[BOOK_NAME_SIZE];
	const struct book_entry *other;

	snprintf(name, BOOK_NAME_SIZE, "%.56s_per_s", book_member(e, member));
	for (other = book_first(e->kind); other < book_end(e->kind); other++)
		if (!strcmp(other->name, name) && other->unit != BOOK_HIDDEN)
			return NULL;
	return name;
}

bool book_is_metric(const struct book_entry *e)
{
	return e->type != WIRE_KEY && e->what != BOOK_FLAG &&
	       e->unit != BOOK_HIDDEN;
}

static const struct book_entry *find_metric(const char *metric)
{
	const struct book_entry *e;
	char name[BOOK_NAME_SIZE];

	for (e = book; e < book + BOOK_ENTRIES; e++)
		if (book_is_metric(e) && !strcmp(book_metric(e, name), metric))
			return e;
	return NULL;
}

const struct book_entry *book_find(const char *metric)
{
	size_t i;

	for (i = 0; i < COUNT(old_names); i++)
		if (!strcmp(old_names[i][0], metric))
			return find_metric(old_names[i][1]);
	return find_metric(metric);
}

double book_unit_parts(enum book_unit unit)
{
	return unit == BOOK_SHARE ? 10000 : unit == BOOK_HUNDREDTHS ? 100 : 1;
}

/* Of the value, and of a counter's growth a second. */
static const struct {
	const char *name;
	const char *rate;
} units[BOOK_UNITS] = {
	[BOOK_NUMBER] = { "", "/s" },
	[BOOK_BYTES] = { "bytes", "bytes/s" },
	[BOOK_NS] = { "ns", "ns/s" },
	[BOOK_MS] = { "ms", "" },
	[BOOK_SHARE] = { "share", "" },
	[BOOK_HUNDREDTHS] = { "number", "" },
	[BOOK_HZ] = { "Hz", "" },
	[BOOK_BITS_PER_S] = { "bits/s", "" },
	[BOOK_BYTES_PER_S] = { "bytes/s", "" },
	[BOOK_PER_S] = { "/s", "" },
	[BOOK_SECONDS] = { "s", "" },
	[BOOK_REAL] = { "number", "" },
	[BOOK_CELSIUS] = { "celsius", "" },
	[BOOK_WATTS] = { "watts", "" },
	[BOOK_JOULES] = { "joules", "" },
	[BOOK_MEASURE] = { "by type", "" },
	[BOOK_SENSOR] = { "", "" },
	[BOOK_FLAGS] = { "", "" },
	[BOOK_TRUTH] = { "", "" },
	[BOOK_LETTER] = { "", "" },
	[BOOK_HIDDEN] = { "", "" },
};

const char *book_unit_name(const struct book_entry *e)
{
	return e->type == WIRE_COUNTER ? units[e->unit].rate :
					 units[e->unit].name;
}

double book_value(const struct book_entry *e, const struct book_row *r)
{
	double value;

	if (e->what == BOOK_FIGURE)
		return e->formula(e, r);
	value = r->value(r, e->column);
	if (e->what == BOOK_FLAG)
		return isnan(value) ? NAN : ((uint64_t)value & e->bit) != 0;
	return value / book_unit_parts(e->unit);
}

double book_now(const struct book_entry *e, const struct book_row *r)
{
	return e->type == WIRE_COUNTER ? r->rate(r, e->column) :
					 book_value(e, r);
}

double book_weight(const struct book_entry *e, const struct book_row *r)
{
	return e->adds == BOOK_MEAN ? formula_cpu_whole(e, r) : 1;
}

const struct book_also *book_also(size_t index)
{
	return index < COUNT(also) ? &also[index] : NULL;
}

const char *book_family(const char *series, size_t size)
{
	size_t i;

	for (i = 0; i < COUNT(families); i++)
		if (strlen(families[i][0]) == size &&
		    !memcmp(families[i][0], series, size))
			return families[i][1];
	return NULL;
}
