/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Subjects: what `ktach show` knows of the collectors of host/. A subject has
 * rows of one kind of table, or values with names of their own, or both, or facts.
 */
#ifndef KTACH_KTACH_SHOW_SUBJECT_H
#define KTACH_KTACH_SHOW_SUBJECT_H

#include "ktach/show/field.h"
#include "ktach/figures/format.h"

/**
 * struct fact - a row of WIRE_FACTS; a table ends with a NULL name
 * @key: enum wire_fact
 * @name: in JSON and CSV; of one of the book its own
 * @title: on paper; the same
 * @form: enum book_form
 * @format: how a number is written on paper; NULL: as it is
 */
struct fact {
	uint32_t key;
	const char *name;
	const char *title;
	enum book_form form;
	char *(*format)(char text[FORMAT_SIZE], uint64_t number);
};

/**
 * struct subject - one of them; a table ends with a NULL name
 * @name: as typed: the collector's
 * @alias: another name for it, or NULL
 * @kind: of its rows; 0: it has none
 * @fields: of a row on paper
 * @weight: the value that `--sort activity` goes by; NULL: none
 * @busiest: sort that way always
 * @group: of its values with names; 0: it has none
 * @first: those of them that come first on paper, up to a NULL
 * @facts: it has those of facts()
 * @settled: one reading says it all
 * @add: adds what no collector has to tell; NULL: nothing
 */
struct subject {
	const char *name;
	const char *alias;
	uint32_t kind;
	const struct field *fields;
	const char *weight;
	bool busiest;
	enum book_group group;
	const char *const *first;
	bool facts;
	bool settled;
	void (*add)(struct reading *r, const struct host_options *o);
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
extern const struct field agent_fields[];
extern const struct field cgroup_fields[];
extern const struct field latency_fields[];
extern const struct field own_fields[];

/* Number @i of the facts; one with a NULL name after the last. */
struct fact fact_at(uint32_t i);

/* What this program knows of itself and its host beside. */
void facts_add(struct reading *r, const struct host_options *o);

#endif /* KTACH_KTACH_SHOW_SUBJECT_H */
