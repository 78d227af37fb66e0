/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known, as JSON. Times and counts are exact integers; a share is a
 * number from 0 to 1; a rate is a number a second, null where two samples are
 * not there yet.
 */
#ifndef KTACH_COLLECTOR_API_JSON_H
#define KTACH_COLLECTOR_API_JSON_H

#include "collector/feed/ingest.h"
#include "collector/nodes/visit.h"
#include "collector/history/store.h"
#include "collector/base/document.h"
#include "tables/book.h"

/* Members of a node in the list of them. */
void json_summary_members(struct document *w, const struct node *node,
			  const struct node_time *now);

/* The list, with what was dropped and how the history does. */
void json_nodes(struct document *w, struct visit *v,
		const struct ingest_counts *counts,
		const struct store_stats *stats, const struct node_time *now);

/* Everything about one node, or only some parts (json_node.c): a bit each. */
#define JSON_ALL_PARTS UINT64_MAX
void json_node(struct document *w, const struct node *node,
	       const struct node_time *now, uint64_t which);
void json_parts(struct document *w, const struct node *node,
		const struct node_time *now, uint64_t which);

/* By its name; 0: there is none. */
uint64_t json_part(const char *name);
void json_senders(struct document *w, const struct node *node);
void json_shared(struct document *w, const struct node *node);

/* What was dropped, by reason; how the history does. */
void json_dropped(struct document *w, const struct ingest_counts *counts);

/* Connections that were refused or closed, by door and reason. */
void json_refused(struct document *w);
void json_store(struct document *w, const struct store_stats *stats);

/* Frames of a node that came, came wrongly, or did not. */
void json_loss(struct document *w, const struct node *node);

/* How a node does: its state, score and number of alarms; and these (api_alerts.c). */
void json_health(struct document *w, const struct node *node);
void json_alarms(struct document *w, const struct node *node);

/* How many nodes do how, and those that need attention first. */
void json_fleet_health(struct document *w, struct visit *v);

/* Parts of a node (json_samples.c); null before the first sample. */
void json_cpu(struct document *w, const struct samples *s);
void json_softirq(struct document *w, const struct samples *s);

/* What all tables have in common: members of an object; null before the first sample. */
void json_samples_head(struct document *w, const struct samples *s);

/* The rows of a kind, each with all that the book says of it (json_rows.c); null
 * without any.
 */
void json_rows(struct document *w, const struct node *node, uint32_t kind);

/* The member that has all rows that are current. */
void json_each_row(struct document *w, const struct samples *s, uint32_t kind,
		   void (*write)(struct document *w, const struct samples *s,
				 const struct samples_row *row, uint32_t kind));

/* A cell of a row by its name. */
void json_cell(struct document *w, const struct book_entry *e, uint64_t value);

/* More of a node (json_host.c); null if it sends none. */
void json_facts(struct document *w, const struct facts *f,
		const struct node_time *now);
void json_group(struct document *w, const struct node *node,
		enum book_group group);

/* Whether it sends any of them. */
bool json_group_known(const struct node *node, enum book_group group);

/* Its members only. */
void json_group_members(struct document *w, const struct node *node,
			enum book_group group);

/* What a node's shipper says of itself. */
void json_shipper(struct document *w, const struct node *node);

/* Gauges, or growth of counters a second, that it sends. */
void json_values(struct document *w, const struct node *node, uint32_t kind);

#endif /* KTACH_COLLECTOR_API_JSON_H */
