/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the book's entries (tables/book.h) are of a node's rows and values. NaN where
 * it isn't known (yet).
 */
#ifndef KTACH_COLLECTOR_FIGURES_TOLD_H
#define KTACH_COLLECTOR_FIGURES_TOLD_H

#include "collector/nodes/samples.h"
#include "collector/nodes/values.h"
#include "tables/book.h"

/* Whether it can be known here: of some counters only the newest value is kept. */
bool told_now(const struct book_entry *e);

/* Whether a row says something of now: a CPU that is offline keeps its last values. */
bool told_row_counts(const struct book_entry *e, const struct samples *s,
		     const struct samples_row *row);

/* Of a row: its value; of a counter its growth a second. */
double told_value(const struct book_entry *e, const struct samples *s,
		  const struct samples_row *row);
double told_metric(const struct book_entry *e, const struct samples *s,
		   const struct samples_row *row);

/**
 * struct told_rates - growth of a row's counters, which several metrics are made of
 * @known: a bit for each column that it is known of
 * @rates: by column
 */
struct told_rates {
	uint64_t known;
	double rates[64];
};

/* told_metric() of several entries of a row: @rates has nothing before the first. */
double told_metric_with(const struct book_entry *e, const struct samples *s,
			const struct samples_row *row,
			struct told_rates *rates);

/* What all rows make together. */
double told_of_rows(const struct book_entry *e, const struct samples *s);

/* Of what has a name of its own: a gauge, a counter's growth, what is made of both. */
double told_of_values(const struct book_entry *e, const struct gauges *g,
		      const struct counters *c);

#endif /* KTACH_COLLECTOR_FIGURES_TOLD_H */
