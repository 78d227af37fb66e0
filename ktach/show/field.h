/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a row or a reading tells, by the book (tables/book.h): under one name in JSON
 * and CSV, and on paper. A value that is not known is null, empty, or a dash.
 */
#ifndef KTACH_KTACH_SHOW_FIELD_H
#define KTACH_KTACH_SHOW_FIELD_H

#include <jansson.h>

#include "ktach/figures/reading.h"
#include "tables/book.h"

/* How a value is written on paper. */
enum unit {
	UNIT_BOOK,		/* by its unit in the book */
	UNIT_PLAIN,		/* a number as it is */
	UNIT_COUNT,		/* three digits and a decimal prefix */
	UNIT_BYTES,		/* of memory or of a disk: "1.50 GiB" */
	UNIT_BYTES_SHORT,	/* "1.50Gi", in columns */
	UNIT_SHARE,		/* of 1: per cent */
	UNIT_NS,		/* milliseconds */
	UNIT_US,		/* ns, as microseconds */
	UNIT_S,			/* seconds: hours and minutes */
	UNIT_HZ,		/* MHz */
	UNIT_TENTHS,		/* a real with one digit */
	UNIT_TEXT,
};

enum field_limits {
	FIELD_SIZE = 64,	/* a value that is no text, as text */
};

struct value {
	enum value_type {
		VALUE_ABSENT,
		VALUE_NUMBER,
		VALUE_REAL,
		VALUE_TEXT,
		VALUE_WORDS,	/* separated by spaces: an array in JSON */
		VALUE_TRUTH,
	} type;
	int64_t number;		/* a truth, too */
	double real;
	struct wire_text text;
	char room[FIELD_SIZE];	/* of a text that was made */
};

/**
 * struct field - a column on paper; a table ends with a NULL title
 * @title: of the column
 * @columns: its width, of a text that stands right less than 0; 0: what the others
 *           leave, for one text a row
 * @name: of the value in JSON; NULL: @make tells it
 * @unit: how it is written; of what @make tells it is needed
 * @from: paper must be that wide
 * @warn: values from here on are coloured; 0: none are
 * @make: its value
 */
struct field {
	const char *title;
	int columns;
	const char *name;
	enum unit unit;
	int from;
	double warn;
	void (*make)(const struct change *c, struct value *v);
};

/* Told each value of a row, or of a reading. */
typedef void put_member(void *arg, const char *name, const struct value *v);

/* All that the book has of a row of @kind; @c NULL: absent values, for their names. */
void row_members(const struct change *c, uint32_t kind, put_member *put,
		 void *arg);

/* The one of that name; absent if there is none. Return how it is written. */
enum unit row_member(const struct change *c, uint32_t kind, const char *name,
		     struct value *v);

/* The same of values with names of their own that are together; of those that nothing
 * was told of only with @all.
 */
void group_members(const struct reading *now, const struct reading *before,
		   enum book_group group, bool all, put_member *put, void *arg);

/* One of these: its value, of a counter its growth a second with @rate. Return whether
 * anything was told of it.
 */
bool group_value(const struct reading *now, const struct reading *before,
		 const struct book_entry *e, bool rate, struct value *v);

/* How a value of an entry is written, or its growth a second. */
enum unit unit_of(const struct book_entry *e, bool rate);

/* What values are made of. */
void value_number(struct value *v, int64_t number);
void value_real(struct value *v, double real);
void value_truth(struct value *v, bool truth);
void value_text(struct value *v, const char *text);

/* A value that is no text, for paper; "-" if it is absent. */
const char *value_format(const struct value *v, enum unit unit,
			 char text[FIELD_SIZE]);
json_t *value_json(const struct value *v);
void value_csv(FILE *out, const struct value *v);

/* A text as a cell of CSV that is not the first one. */
void csv_text(FILE *out, const char *text, size_t size);

/* The value as a number, to sort by or to compare with a limit. */
double value_weight(const struct value *v);

#endif /* KTACH_KTACH_SHOW_FIELD_H */
