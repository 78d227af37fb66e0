/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known now, for Prometheus: in OpenMetrics, or in its older text
 * format. Where the meaning is node_exporter's, so is the name, and the host is
 * in the label "instance": with honor_labels in the scrape's configuration,
 * dashboards for node_exporter work. "node_id" tells hosts of one name apart.
 */
#ifndef KTACH_COLLECTOR_API_OPENMETRICS_H
#define KTACH_COLLECTOR_API_OPENMETRICS_H

#include <stdbool.h>

#include "collector/feed/ingest.h"
#include "collector/nodes/judge.h"
#include "collector/nodes/visit.h"
#include "collector/history/store.h"
#include "collector/base/document.h"

/* For the Content-Type header. */
const char *openmetrics_type(bool openmetrics);

/**
 * struct openmetrics_wish - what is asked for
 * @openmetrics: that format, else Prometheus' own
 * @process: series of single processes, too
 * @interrupt: series of single interrupts, too
 * @per_node: series that a node may have
 * @names: of families, as names_match() takes them; NULL: all
 * @nodes_only: without what is of the collector itself
 */
struct openmetrics_wish {
	bool openmetrics;
	bool process;
	bool interrupt;
	uint64_t per_node;
	const char *names;
	bool nodes_only;
};

struct outlets;
struct warden;

/* @warden, @outlets: may be NULL. Nodes that are gone have no series but that they are. */
void openmetrics_write(struct document *w, struct visit *v,
		       const struct ingest_counts *counts,
		       const struct store_stats *stats,
		       const struct judge *judge, struct warden *warden,
		       struct outlets *outlets,
		       const struct node_time *now,
		       const struct openmetrics_wish *wish);

/* The part about the collector itself (openmetrics_self.c). */
void openmetrics_self(struct document *w, const struct ingest_counts *counts,
		      const struct store_stats *stats,
		      const struct judge *judge, bool openmetrics);

/* About who is told of alarms (openmetrics_outlets.c). */
void openmetrics_outlets(struct document *w, struct outlets *outlets,
			 bool openmetrics);

/**
 * struct openmetrics_family - a metric of the collector's own
 * @name: without the _total of a counter
 * @help: for people
 * @counter: it counts
 */
struct openmetrics_family {
	const char *name;
	const char *help;
	bool counter;
};

void openmetrics_head(struct document *w, const struct openmetrics_family *f,
		      bool openmetrics);

#endif /* KTACH_COLLECTOR_API_OPENMETRICS_H */
