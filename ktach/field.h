/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fields: what is shown of a row of a table, under one name in JSON and CSV and
 * one title on paper. A value that is not known is null, empty, or a dash.
 */
#ifndef KTACH_KTACH_FIELD_H
#define KTACH_KTACH_FIELD_H

#include <jansson.h>

#include "ktach/reading.h"

enum unit {
	UNIT_PLAIN,		/* a number as it is */
	UNIT_COUNT,		/* three digits and a decimal prefix */
	UNIT_BYTES,		/* of memory or of a disk */
	UNIT_SHARE,		/* of 1: per cent on paper */
	UNIT_NS,		/* milliseconds on paper */
	UNIT_S,			/* seconds: hours and minutes on paper */
	UNIT_HZ,		/* MHz on paper */
	UNIT_TENTHS,		/* a real with one digit */
	UNIT_TEXT,
	UNIT_LIST,		/* words: an array in JSON */
	UNIT_TRUTH,
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
		VALUE_TRUTH,
	} type;
	int64_t number;		/* a truth, too */
	double real;
	struct wire_text text;
	char room[FIELD_SIZE];	/* of a text that was made */
};

/**
 * struct field - one of them; a table ends with a NULL name
 * @name: in JSON and CSV; "": not there
 * @title: on paper; NULL: not there
 * @columns: on paper, of a text that stands right less than 0; 0: what the
 *           others leave, for one text a row
 * @unit: how it is written
 * @make: its value
 * @index: column or text, for @make
 * @from: paper must be that wide
 * @warn: values from here on are coloured; 0: none are
 */
struct field {
	const char *name;
	const char *title;
	int columns;
	enum unit unit;
	void (*make)(const struct change *c, int index, struct value *v);
	int index;
	int from;
	double warn;
};

/* Values of common fields. */
void field_cell(const struct change *c, int column, struct value *v);
void field_share(const struct change *c, int column, struct value *v);
void field_rate(const struct change *c, int column, struct value *v);
void field_text(const struct change *c, int index, struct value *v);

/* What they are made of. */
void value_number(struct value *v, int64_t number);
void value_real(struct value *v, double real);
void value_truth(struct value *v, bool truth);
void value_text(struct value *v, const char *text);

/* What @f says of a row; absent if @f can't tell. */
void field_value(const struct field *f, const struct change *c,
		 struct value *v);

/* A value that is no text, for paper; "-" if it is absent. */
const char *value_format(const struct value *v, enum unit unit,
			 char text[FIELD_SIZE]);
json_t *value_json(const struct value *v, enum unit unit);
void value_csv(FILE *out, const struct value *v);

/* The value as a number, to sort by or to compare with a limit. */
double value_weight(const struct value *v);

#endif /* KTACH_KTACH_FIELD_H */
