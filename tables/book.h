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

#include <ktach/wire.h>

enum book_limits {
	BOOK_NAME_SIZE = 64,	/* of a metric */
	BOOK_INPUTS = 10,	/* of a formula */
	BOOK_ENTRIES = 0
#define COLUMN(...) + 1
#define FLAG(...) + 1
#define FIGURE(...) + 1
#define QUIET(...) + 1
#define GAUGE(...) + 1
#define COUNTER(...) + 1
#define COMBINED(...) + 1
#define OF_NODE(...) + 1
#include "tables/tables.def"
};

/* Of a value as it is told, in JSON, CSV, history and on the page. */
enum book_unit {
	BOOK_NUMBER,
	BOOK_BYTES,
	BOOK_NS,
	BOOK_MS,		/* a moment, ms since boot */
	BOOK_SHARE,		/* 1 is all; on the wire 10000 is */
	BOOK_HUNDREDTHS,	/* a number of which the wire has 100 for 1 */
	BOOK_HZ,
	BOOK_BITS_PER_S,
	BOOK_BYTES_PER_S,
	BOOK_PER_S,
	BOOK_SECONDS,
	BOOK_REAL,		/* a number with decimals */
	BOOK_CELSIUS,
	BOOK_WATTS,
	BOOK_JOULES,		/* they are counted */
	BOOK_MEASURE,		/* its row's type says of what */
	BOOK_SENSOR,		/* that type */
	BOOK_FLAGS,		/* told by the book's flags */
	BOOK_TRUTH,
	BOOK_LETTER,		/* a character's code */
	BOOK_HIDDEN,		/* told by figures only */
	BOOK_UNITS
};

/* What a node's rows make together. */
enum book_adds {
	BOOK_NONE,		/* nothing */
	BOOK_SUM,
	BOOK_OWN,		/* the sum of those that lie on no other */
	BOOK_MEAN,
	BOOK_MAX,
	BOOK_WRITABLE,		/* the largest of those that can be written to */
};

/* Values with a name of their own that are shown together. */
enum book_group {
	BOOK_ROWS,		/* what rows have, which is in none */
	BOOK_LOAD,
	BOOK_MEMORY,
	BOOK_PRESSURE,
	BOOK_SYSTEM,
	BOOK_PROCESS,
};

enum book_what {
	BOOK_COLUMN,		/* an integer of each row */
	BOOK_FLAG,		/* a bit of one */
	BOOK_FIGURE,		/* what a formula makes of a row, or of values */
	BOOK_VALUE,		/* a row of WIRE_GAUGES or WIRE_COUNTERS */
	BOOK_OF_NODE,		/* the collector knows it of a node */
};

/**
 * struct book_row - what formulas look at: a row, or values with names
 * @value: of a column (of such a value: its key), as on the wire; NaN without
 * @rate: growth of a counter a second; NaN if that is not known
 */
struct book_row {
	double (*value)(const struct book_row *r, uint32_t column);
	double (*rate)(const struct book_row *r, uint32_t column);
};

struct book_entry;

/* NaN where it is not known. */
typedef double book_formula(const struct book_entry *e,
			    const struct book_row *r);

/**
 * struct book_input - what a formula needs
 * @column: of its table; or a key
 * @rises: 1 if the figure grows with it, -1 if it falls, 0 if that depends: then its
 *	   extremes don't follow from those of its inputs
 */
struct book_input {
	uint16_t column;
	int8_t rises;
};

/**
 * struct book_entry - a value
 * @name: of the value in its row; of one with a name of its own its metric's
 * @title: for people
 * @series: for Prometheus, see tables.def
 * @help: what it is, in a sentence without its end
 * @kind: enum wire_table_kind
 * @what: enum book_what
 * @type: enum wire_type; of a figure WIRE_GAUGE
 * @unit: enum book_unit
 * @adds: enum book_adds
 * @group: enum book_group
 * @quiet: it is a metric, but not told with its row
 * @column: of its table; its key, if it has a name of its own
 * @bit: of a flag
 * @formula: of a figure
 * @inputs: of the formula
 * @count: of @inputs
 */
struct book_entry {
	const char *name;
	const char *title;
	const char *series;
	const char *help;
	uint8_t kind;
	uint8_t what;
	uint8_t type;
	uint8_t unit;
	uint8_t adds;
	uint8_t group;
	bool quiet;
	uint16_t column;
	uint64_t bit;
	book_formula *formula;
	struct book_input inputs[BOOK_INPUTS];
	uint8_t count;
};

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

/* What stands in a column, or under a key of WIRE_GAUGES or WIRE_COUNTERS; NULL if
 * nothing does.
 */
const struct book_entry *book_column(uint32_t kind, uint32_t column);
const struct book_entry *book_key(uint32_t kind, uint64_t key);

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

/* What a sensor is, by enum wire_sensor_type; the last ones' are empty. */
struct book_sensor {
	const char *type;	/* "temperature" */
	const char *unit;	/* "celsius" */
	const char *sign;	/* "°C" */
	double parts;		/* how many of the wire's units are one of its own */
};

const struct book_sensor *book_sensor(uint64_t type);

/* How many of the wire's units are one of the unit's, or of the entry's. */
double book_unit_parts(enum book_unit unit);
double book_parts(const struct book_entry *e);

/* "bytes", "ns", "share", ...; of a counter's growth a second: "bytes/s", "share" ... */
const char *book_unit_name(const struct book_entry *e);

/* The value of a row, or of a value with a name; NaN. */
double book_value(const struct book_entry *e, const struct book_row *r);

/* What a metric is: the value; of a counter its growth a second. */
double book_now(const struct book_entry *e, const struct book_row *r);

/* Help of a family of series with several members; NULL: its only member's. */
const char *book_family(const char *series, size_t size);

#endif /* KTACH_TABLES_BOOK_H */
