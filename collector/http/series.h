/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pen that /metrics is written with: families and their series. */
#ifndef KTACH_COLLECTOR_HTTP_SERIES_H
#define KTACH_COLLECTOR_HTTP_SERIES_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/document.h"
#include "collector/nodes/visit.h"

enum series_type {
	SERIES_GAUGE,
	SERIES_COUNTER, /* its name gets _total */
	SERIES_UNTYPED, /* a counter that node_exporter calls none */
};

/**
 * struct page - under the pen
 * @w: where it goes
 * @visit: to the nodes that it is about
 * @now: when
 * @openmetrics: its format, else Prometheus' own
 * @type: of the family that is being written
 * @name: the same
 * @kind: that its rows are of
 * @column: which of their cells
 * @scale: what cells are divided by; 0: by nothing
 */
struct page {
	struct document *w;
	struct visit *visit;
	const struct node_time *now;
	bool openmetrics;
	enum series_type type;
	const char *name;
	uint32_t kind;
	uint32_t column;
	double scale;
};

/* Begin a family. */
void series_family(struct page *p, const char *name, enum series_type type,
		   const char *help);

/* A series: its begin, labels, its value. */
void series_page_begin(struct page *p);
void series_begin_node(struct page *p, const struct node *node);
void series_first_label(struct page *p, const char *name, const char *value);
void series_label(struct page *p, const char *name, const char *value);
void series_number_label(struct page *p, const char *name, uint64_t value);
void series_end_count(struct page *p, uint64_t value);
void series_end_real(struct page *p, double value);

/* One number a node. @value may give NaN: none. */
void series_of_nodes(struct page *p,
		     double (*value)(const struct page *p,
				     const struct node *node, uint64_t key),
		     uint64_t key);

/* Rows of a kind, of all nodes that are there. */
void series_of_rows(struct page *p, uint32_t kind,
		    void (*row)(struct page *p, const struct node *node,
				const struct samples *s,
				const struct samples_row *row));

/* The whole host (openmetrics_host.c), and its part that has rows
 * (openmetrics_rows.c).
 */
void openmetrics_host(struct page *p);
void openmetrics_rows(struct page *p);

#endif /* KTACH_COLLECTOR_HTTP_SERIES_H */
