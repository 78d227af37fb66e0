/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules: when a node needs attention, why, and what to look at. They stand in files
 * of a folder (ktach.rules(5)), or are those that ktach comes with
 * (collector/alarms/default.rules).
 */
#ifndef KTACH_COLLECTOR_ALARMS_RULE_H
#define KTACH_COLLECTOR_ALARMS_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/nodes/node.h"
#include "tables/book.h"

struct figure;
struct told_rates;

enum rule_limits {
	RULES_MAX = 4096,
	RULE_TEXT_MAX = 512,
};

/* The text of those that ktach comes with. */
extern const char rules_default[], rules_default_end[];

/* How bad it is; in the order of it. */
enum severity {
	SEVERITY_NOTICE,
	SEVERITY_WARNING,
	SEVERITY_CRITICAL,
	SEVERITIES
};

/* "notice", "warning", "critical" */
extern const char *const severity_names[SEVERITIES];

/**
 * struct rule - one of them
 * @name: of its section
 * @origin: "file:line" of it
 * @kind: table that it looks at; 0: it looks at how long the node has been silent
 * @entry: what is compared; NULL for silence
 * @figure: of the node; NULL: @entry is told of each row
 * @of: what it is compared with, of the same row or node; NULL: @limit alone
 * @of_figure: the same as @figure
 * @limit: value, in the metric's unit; with @of that times this
 * @below: true below the limit, else above
 * @once_good: only where the value was on the other side before
 * @margin: it is over when the value is back by so much, in the metric's unit
 * @keep_ns: for so long it goes on after it held last
 * @within_ns: of a value that will be over the limit in this time, if it grows as it
 *	       did in @window_ns; 0: it has to be over it
 * @per_ns: what is compared is how much the value grows in this time, by that line;
 *	    0: the value
 * @window_ns: see @within_ns
 * @for_ns: as long as this it has to be so
 * @silent_ns: without @entry: of this time the node has sent nothing
 * @absent: it holds while the value of the node, or of any row that it is for, is not
 *	    known, and the node sends
 * @share: it is about the fleet: it fires when it holds of more than this share of the
 *	   nodes; 0: it is about each
 * @only: a flag that rows have to have; NULL: none
 * @unless: a flag that rows must not have; NULL: none
 * @rows: globs of their first text; NULL: all
 * @not_rows: globs of those that are left out; NULL: none
 * @nodes: globs of their names; NULL: all
 * @subject: what it looks at: one of struct rules'
 * @severity: how bad it is
 * @weight: what it takes from the node's score of 100
 * @text: what is said, with {node}, {row}, {value} and {limit}
 * @why: why that matters
 * @look: what to look at
 */
struct rule {
	char *name;
	char *origin;
	uint32_t kind;
	const struct book_entry *entry;
	const struct figure *figure;
	const struct book_entry *of;
	const struct figure *of_figure;
	double limit;
	bool below;
	bool once_good;
	double margin;
	uint64_t keep_ns;
	uint64_t within_ns;
	uint64_t per_ns;
	uint64_t window_ns;
	uint64_t for_ns;
	uint64_t silent_ns;
	bool absent;
	double share;
	const struct book_entry *only;
	const struct book_entry *unless;
	char *rows;
	char *not_rows;
	char *nodes;
	size_t subject;
	enum severity severity;
	uint64_t weight;
	char *text;
	char *why;
	char *look;
};

/* Whether it looks at a line through its values. */
static inline bool rule_has_line(const struct rule *r)
{
	return r->within_ns || r->per_ns;
}

/* Whether values are followed although nothing is wrong. */
static inline bool rule_follows(const struct rule *r)
{
	return rule_has_line(r) || r->once_good;
}

/* Whether it is looked at by the clock, not when a table comes. */
static inline bool rule_by_clock(const struct rule *r)
{
	return !r->entry || r->absent;
}

/**
 * struct subject - what several rules look at: it is worked out once for all of them
 * @kind: a table; 0: the clock
 * @entry: NULL: the clock
 * @figure: of the node; NULL: @entry of each row
 * @first: of its rules, in struct rules' @limits
 * @count: of them
 * @above: the least limit of a rule that has a fixed one; a value that is not above it
 *	   concerns none of these
 * @below: the same of rules that look for less
 * @always: some rule has another kind of limit, or looks along a line
 */
struct subject {
	uint32_t kind;
	const struct book_entry *entry;
	const struct figure *figure;
	size_t first;
	size_t count;
	double above;
	double below;
	bool always;
};

/**
 * struct rule_limit - what a look at a value needs of a rule
 * @limit: see struct rule
 * @rule: index of it
 * @below: see struct rule
 * @always: it has another kind of limit, or looks along a line
 */
struct rule_limit {
	double limit;
	uint32_t rule;
	bool below;
	bool always;
};

/**
 * struct rules - all of them
 * @all: in the order of their files and lines
 * @count: of @all
 * @subjects: what they look at
 * @subject_count: of @subjects, which stand in the order of their kinds
 * @limits: of all, those of a subject side by side
 * @kinds: a bit for each enum wire_table_kind that some rule looks at
 * @of_fleet: indices in @all of those about the fleet
 * @of_fleet_count: of them
 */
struct rules {
	struct rule *all;
	size_t count;
	struct subject *subjects;
	size_t subject_count;
	struct rule_limit *limits;
	uint32_t kinds;
	uint32_t *of_fleet;
	size_t of_fleet_count;
};

/**
 * struct extremes - of a subject of a node; NaN, or none: nothing is known
 * @least: value, of all its rows
 * @most: the same
 */
struct extremes {
	double least;
	double most;
};

/* Of all subjects that are of the kind of the first one, of which there are @count: each row is
 * read once.
 */
void subject_extremes(const struct subject *first, size_t count,
		      const struct node *node, struct extremes *extremes);

/* Of a row, whose @rates are kept; NaN where nothing is known. */
double subject_value(const struct subject *u, const struct samples *s,
		     const struct samples_row *row, struct told_rates *rates);

/* Whether values may concern a rule that has no alarm of them. */
static inline bool rule_may_hold(const struct rule_limit *l,
				 const struct extremes *e)
{
	return l->always ||
	       (l->below ? e->least < l->limit : e->most > l->limit);
}

/* Find out what they look at (rules_index.c). Return 0 or -ENOMEM. */
int rules_index(struct rules *r);

/**
 * rules_load() - read the rules
 * @r: filled
 * @folder: its files *.rules, in the order of their names; NULL, or one that is not
 *	    there: those that ktach comes with
 * @named: @folder was asked for: it has to be there
 * @problem: set after an error to "file:line: key: what was expected"
 * @size: room there
 *
 * Return: 0; or -errno, with @problem and nothing in @r.
 */
int rules_load(struct rules *r, const char *folder, bool named, char *problem,
	       unsigned int size);

/* The same of one file. */
int rules_load_file(struct rules *r, const char *path, char *problem,
		    unsigned int size);
void rules_free(struct rules *r);

/* By its name; NULL. */
const struct rule *rules_find(const struct rules *r, const char *name);

/* What it looks at, of a node that is locked, or of a row of one of its tables; NaN
 * where nothing is known.
 */
double rule_value(const struct rule *r, const struct node *node,
		  const struct samples *s, const struct samples_row *row);
double rule_limit(const struct rule *r, const struct node *node,
		  const struct samples *s, const struct samples_row *row);

/* Whether it is for a node, by its name. */
bool rule_is_for_node(const struct rule *r, const struct node *node);

/* Whether it is for such a row. */
bool rule_wants_row(const struct rule *r, const struct samples *s,
		    const struct samples_row *row);

/* What a row is called: "sda", "CPU 3". */
void rule_row(const struct rule *r, const struct samples_row *row, char *text,
	      size_t size);

/* A value for people, in the unit of the rule's metric: "95.3 %", "4.2 GiB". */
void rule_format(const struct rule *r, double value, char *text, size_t size);

/* The rule's sentence with its values in it. */
void rule_say(const struct rule *r, const char *node, const char *row,
	      double value, double limit, char *text, size_t size);

/* What an alarm of a node says now. */
void rule_say_alarm(const struct node *node, const struct alarm *alarm,
		    char *text, size_t size);

#endif /* KTACH_COLLECTOR_ALARMS_RULE_H */
