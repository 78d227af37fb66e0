/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the book says of a value, and what formulas look at. Others include book.h. */
#ifndef KTACH_TABLES_ENTRY_H
#define KTACH_TABLES_ENTRY_H

#include <stdbool.h>
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
	BOOK_MEAN,		/* each counts by its book_weight() */
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
	BOOK_MEMINFO,
	BOOK_PROTOCOL,
	BOOK_LIMIT,
	BOOK_TIMEX,
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
 * @rate: growth of a counter a second; NaN if that is not known. Where an extreme is
 *	  asked of many samples, it is that of this counter
 * @mean: the growth over all these samples; NULL where it is @rate
 */
struct book_row {
	double (*value)(const struct book_row *r, uint32_t column);
	double (*rate)(const struct book_row *r, uint32_t column);
	double (*mean)(const struct book_row *r, uint32_t column);
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

#endif /* KTACH_TABLES_ENTRY_H */
