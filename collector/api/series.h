/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How /metrics is written: families and their series. */
#ifndef KTACH_COLLECTOR_API_SERIES_H
#define KTACH_COLLECTOR_API_SERIES_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/base/document.h"
#include "collector/nodes/visit.h"

enum series_type {
	SERIES_GAUGE,
	SERIES_COUNTER, /* its name gets _total */
	SERIES_UNTYPED, /* a counter that node_exporter calls none */
};

enum series_limits {
	SERIES_OF_NODE =
		20000, /* that a node may have, unless told otherwise */
	SERIES_OF_NODE_MIN = 100,
	SERIES_MAX = 1000000,
	SERIES_FIXED = 16, /* of them are kept for those that each node has */
};

/* Of a node in an answer. */
struct series_count {
	uint64_t written;
	uint64_t left_out;
};

/**
 * struct page - what is being written
 * @w: where it goes
 * @visit: to the nodes that it is about
 * @now: when
 * @openmetrics: its format, else Prometheus' own
 * @type: of the family that is being written
 * @name: the same
 * @family: room for that name
 * @process: series of single processes are asked for
 * @interrupt: series of single interrupts are asked for
 * @per_node: series that a node may have
 * @names: families that are asked for, as names_match() takes them; "": all
 * @counts: of each node of the visit; NULL: without memory
 */
struct page {
	struct document *w;
	struct visit *visit;
	const struct node_time *now;
	bool openmetrics;
	enum series_type type;
	const char *name;
	char family[128];
	bool process;
	bool interrupt;
	uint64_t per_node;
	const char *names;
	struct series_count *counts;
};

/* Begin a family. Return false if it is not asked for: nothing of it is written then. */
bool series_family(struct page *p, const char *name, enum series_type type,
		   const char *help);

/* Whether the node that is visited may have another series of a row; counted if not. */
bool series_allowed(struct page *p);

/* Of the node that is visited; NULL without memory. */
const struct series_count *series_count(const struct page *p);

/* A series: its begin, labels, its value. */
void series_begin_node(struct page *p, const struct node *node);
void series_label(struct page *p, const char *name, const char *value);
void series_number_label(struct page *p, const char *name, uint64_t value);
void series_end_count(struct page *p, uint64_t value);
void series_end_real(struct page *p, double value);

/* The same with all its digits, not six behind the point. */
void series_end_exact(struct page *p, double value);

/* One number a node. @value may give NaN: none. */
void series_of_nodes(struct page *p, double (*value)(const struct page *p,
						     const struct node *node));

/* Rows of a kind, of all nodes that are there. */
void series_of_rows(struct page *p, uint32_t kind,
		    void (*row)(struct page *p, const struct node *node,
				const struct samples *s,
				const struct samples_row *row));

/* What the book has a series of (openmetrics_book.c). */
void openmetrics_book(struct page *p);

/* Series of one's own, and parts of hosts (openmetrics_own.c). */
void openmetrics_own(struct page *p);

#endif /* KTACH_COLLECTOR_API_SERIES_H */
