/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The book, to be asked: what tables/tables.def says of each value, and what the
 * formulas there make of a row.
 */
#ifndef KTACH_TABLES_BOOK_H
#define KTACH_TABLES_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tables/entry.h"
#include "tables/sensor.h"

/**
 * struct book_text - a text of each row of a kind
 * @label: of its series; "": none
 * @words: it is several, separated by spaces
 */
struct book_text {
	const char *name;
	const char *label;
	const char *title;
	bool words;
};

/**
 * struct book_table - a kind
 * @name: "disk", as its metrics begin
 * @rows: "disks": the array of its rows in JSON
 * @over: the things that its rows belong to: "cpus", "interfaces", "nodes" ...
 * @title: for people
 * @texts: of each row
 */
struct book_table {
	const char *name;
	const char *rows;
	const char *over;
	const char *title;
	struct book_text texts[WIRE_TEXTS_MAX];
};

/* How a fact is told. */
enum book_form {
	BOOK_TEXT,
	BOOK_WHOLE,		/* a whole number */
	BOOK_LIST,		/* there may be several */
};

struct book_fact {
	const char *name;
	const char *title;
	enum book_form form;
};

extern const struct book_entry book[BOOK_ENTRIES];
extern const struct book_fact book_facts[WIRE_FACT_KEYS];

/* NULL for a kind that there is none of. */
const struct book_table *book_table(uint32_t kind);

/* The entries of a table stand together: the first of them, and after the last. */
const struct book_entry *book_first(uint32_t kind);
const struct book_entry *book_end(uint32_t kind);

/* What stands in a column; NULL if nothing does. */
const struct book_entry *book_column(uint32_t kind, uint32_t column);

/* Its metric: "disk.reads", "load_1min". */
const char *book_metric(const struct book_entry *e, char name[BOOK_NAME_SIZE]);

/* Its name in JSON and CSV: without that of the object that it is in. */
const char *book_member(const struct book_entry *e, char name[BOOK_NAME_SIZE]);

/* The name of a counter's growth there; NULL if an entry of its own tells it. */
const char *book_rate_name(const struct book_entry *e,
			   char name[BOOK_NAME_SIZE]);

/* Whether it has a metric: keys, flags and what figures tell of have none. */
bool book_is_metric(const struct book_entry *e);

/* By the metric's name, or one that it had before; NULL. */
const struct book_entry *book_find(const char *metric);

/* How many of the wire's units are one of the unit's. */
double book_unit_parts(enum book_unit unit);

/* "bytes", "ns", "share", ...; of a counter's growth a second: "bytes/s", "share" ... */
const char *book_unit_name(const struct book_entry *e);

/* The value of a row, or of a value with a name; NaN. */
double book_value(const struct book_entry *e, const struct book_row *r);

/* What a metric is: the value; of a counter its growth a second. */
double book_now(const struct book_entry *e, const struct book_row *r);

/* How much a row's share says among those of others: what it is a part of. */
double book_weight(const struct book_entry *e, const struct book_row *r);

/**
 * struct book_also - a second series of a value with a name of its own
 * @series: see tables.def
 * @metric: that value's
 * @help: what it is, in a sentence without its end
 */
struct book_also {
	const char *series;
	const char *metric;
	const char *help;
};

/* The @index-th of them; NULL after the last one. */
const struct book_also *book_also(size_t index);

/* Help of a family of series with several members; NULL: its only member's. */
const char *book_family(const char *series, size_t size);

#endif /* KTACH_TABLES_BOOK_H */
