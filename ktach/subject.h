/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Subjects: what `ktach show` knows of the collectors of host/. A subject has
 * rows of one kind of table, or metrics, or both, or facts.
 */
#ifndef KTACH_KTACH_SUBJECT_H
#define KTACH_KTACH_SUBJECT_H

#include "ktach/field.h"
#include "ktach/format.h"

/**
 * struct metric - a gauge or a counter; a table ends with a NULL name
 * @kind: WIRE_GAUGES or WIRE_COUNTERS
 * @key: enum wire_gauge or wire_counter
 * @name: in JSON and CSV; a counter has its growth per second, too, as
 *        NAME_per_s, or NAME_share of the time for a NAME_ns
 * @title: on paper
 * @unit: of a gauge, or of a counter's growth per second
 * @parts: how many of the wire's units are one: 100 for hundredths; 0: 1
 */
struct metric {
	uint32_t kind;
	uint32_t key;
	const char *name;
	const char *title;
	enum unit unit;
	uint32_t parts;
};

/**
 * struct fact - a row of WIRE_FACTS; a table ends with a NULL name
 * @key: enum wire_fact
 * @name: in JSON and CSV
 * @title: on paper
 * @number: its text is one
 * @many: there may be several: an array in JSON
 * @format: how a number is written on paper; NULL: as it is
 */
struct fact {
	uint32_t key;
	const char *name;
	const char *title;
	bool number;
	bool many;
	char *(*format)(char text[FORMAT_SIZE], uint64_t number);
};

/**
 * struct subject - one of them; a table ends with a NULL name
 * @name: as typed: the collector's
 * @alias: another name for it, or NULL
 * @member: of the answer in JSON
 * @kind: of its rows; 0: it has none
 * @rows: the array of rows in JSON
 * @fields: of a row
 * @weight: name of the field that `--sort activity` goes by; NULL: none
 * @busiest: sort that way always
 * @metrics: NULL: none
 * @facts: NULL: none
 * @settled: one reading says it all
 * @add: adds what no collector has to tell; NULL: nothing
 * @waits: whether answers of it are still to come, or to be given up; NULL: never
 */
struct subject {
	const char *name;
	const char *alias;
	const char *member;
	uint32_t kind;
	const char *rows;
	const struct field *fields;
	const char *weight;
	bool busiest;
	const struct metric *metrics;
	const struct fact *facts;
	bool settled;
	void (*add)(struct reading *r, const struct host_options *o);
	bool (*waits)(const struct reading *r);
};

extern const struct subject subjects[];

/* NULL if there is no such. */
const struct subject *subject_find(const char *name);

extern const struct field disk_fields[];
extern const struct field mount_fields[];
extern const struct field link_fields[];
extern const struct field sensor_fields[];
extern const struct field process_fields[];
extern const struct field core_fields[];
extern const struct field irq_fields[];

extern const struct fact facts[];

/* What this program knows of itself and its host beside. */
void facts_add(struct reading *r, const struct host_options *o);

/* Whether a mount has neither answered nor been given up. */
bool mount_waits(const struct reading *r);

/* Whether there are sensors, and none of them has answered yet. */
bool sensor_waits(const struct reading *r);

/* A metric's value, and of a counter what it grows by in a second. */
void metric_value(const struct metric *m, const struct change *c,
		  struct value *v);
void metric_rate(const struct metric *m, const struct change *c,
		 struct value *v);

/* The name of that growth, in @name. */
const char *metric_rate_name(const struct metric *m, char name[FIELD_SIZE]);

#endif /* KTACH_KTACH_SUBJECT_H */
